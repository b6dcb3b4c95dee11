"""URLs of Redis, and whom to ask where it is; nothing connects."""

from typing import Any

import pytest
from redis.asyncio.connection import SSLConnection, UnixDomainSocketConnection

from teahouse.realtime.broker.base import BrokerAway
from teahouse.realtime.broker.redis_topology import (
    Answer,
    ClusterTopology,
    Place,
    SentinelTopology,
    Topology,
    topology_from,
)


def asked(topology: Topology, answers: dict[Place, Answer]) -> list[Place]:
    """Whom it asks, when these answer."""
    places = []
    asking = topology.asking()
    try:
        place, _ = next(asking)
        while True:
            places.append(place)
            place, _ = asking.send(answers.get(place))
    except StopIteration:
        return places


@pytest.mark.parametrize(
    ("url", "place", "options", "sharded"),
    [
        pytest.param("redis://", Place("localhost", 6379), {}, False, id="the shortest"),
        pytest.param("redis://r:1234/2", Place("r", 1234), {"db": 2}, False, id="port and database"),
        pytest.param("redis://tea:s%40x@r", Place("r", 6379), {"username": "tea", "password": "s@x"}, False, id="user"),
        pytest.param(
            "rediss://r?ssl_ca_certs=/etc/ca.pem&ssl_check_hostname=false",
            Place("r", 6379),
            {"connection_class": SSLConnection, "ssl_ca_certs": "/etc/ca.pem", "ssl_check_hostname": False},
            False,
            id="TLS",
        ),
        pytest.param(
            "unix://:secret@/run/redis.sock?db=1",
            Place("/run/redis.sock", 0),
            {
                "connection_class": UnixDomainSocketConnection,
                "path": "/run/redis.sock",
                "db": 1,
                "password": "secret",
            },
            False,
            id="unix socket",
        ),
        pytest.param("redis://r?sharded=1", Place("r", 6379), {}, True, id="sharded"),
        pytest.param(
            "redis://r?socket_timeout=60&protocol=3&max_connections=9",
            Place("r", 6379),
            {},
            False,
            id="limits are ours",
        ),
    ],
)
def test_one_server(url: str, place: Place, options: dict[str, Any], sharded: bool) -> None:
    topology = topology_from(url)

    assert (options, sharded) == (topology.options, topology.is_sharded)
    assert place == topology.place_of("a") == topology.listening_place_of("b")
    assert [] == asked(topology, {})


def test_a_sentinel_is_asked_for_the_master_one_after_the_other_and_the_one_that_answered_first() -> None:
    topology = topology_from("redis+sentinel://:secret@a,b:1,c/tea/3?sentinel_password=other&client_name=tea")
    a, b, c = Place("a", 26379), Place("b", 1), Place("c", 26379)

    assert isinstance(topology, SentinelTopology)
    assert topology.place_of("x") is None
    assert [a, b] == asked(topology, {b: [b"10.0.0.1", b"6380"]})
    assert Place("10.0.0.1", 6380) == topology.place_of("x")
    assert [b, a, c] == asked(topology, {c: [b"10.0.0.2", b"6380"]})
    assert [c] == asked(topology, {c: [b"10.0.0.2", b"6380"]})
    assert {"password": "secret", "db": 3, "client_name": "tea", "host": "h", "port": 1} == topology.options_of(
        Place("h", 1)
    )
    assert {"password": "other", "client_name": "tea", "host": "a", "port": 26379} == topology.asking_options_of(a)


def test_a_cluster_is_asked_for_its_slots_and_a_key_belongs_to_the_owner_of_its_slot() -> None:
    topology = topology_from("rediss+cluster://tea:secret@a:1,b")
    assert isinstance(topology, ClusterTopology)
    assert {Place("a", 1), Place("b", 6379)} == set(topology._seeds)
    assert "connection_class" in topology.options
    slots = [[0, 8000, [b"10.0.0.1", 1, b"id"], [b"10.0.0.9", 1, b"replica"]], [8001, 16383, [b"", 2, b"id"]]]

    asked(topology, {Place("a", 1): slots, Place("b", 6379): slots})
    # The slot of "a" is 15495, that of "b" 3300.
    assert Place("10.0.0.1", 1) == topology.place_of("b")
    assert topology.place_of("a") in (Place("a", 2), Place("b", 2))
    assert topology.place_of("a") == topology.place_of("x{a}y")
    assert topology.listening_place_of("a") == topology.listening_place_of("b")
    topology.note_move(3300, Place("c", 3))
    assert Place("c", 3) == topology.place_of("b")

    sharded = topology_from("redis+cluster://a?sharded=1")
    asked(sharded, {Place("a", 6379): slots})
    assert Place("10.0.0.1", 1) == sharded.listening_place_of("b")


def test_another_ear_is_found_when_one_does_not_answer() -> None:
    topology = topology_from("redis+cluster://a")
    asked(topology, {Place("a", 6379): [[0, 8000, [b"x", 1]], [8001, 16383, [b"y", 1]]]})
    first = topology.listening_place_of("a")
    assert first is not None
    topology.avoid(first)

    assert {Place("x", 1), Place("y", 1)} == {first, topology.listening_place_of("a")}


@pytest.mark.parametrize("url", ["redis+sentinel://a,b/tea", "redis+cluster://a,b"])
def test_when_nobody_answers_that_is_said(url: str) -> None:
    with pytest.raises(BrokerAway):
        asked(topology_from(url), {})


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://r", id="no Redis"),
        pytest.param("redis+other://r", id="no way that we know"),
        pytest.param("redis+sentinel://r", id="no master"),
        pytest.param("redis+cluster://", id="no node"),
        pytest.param("redis+cluster://a:x", id="no port"),
        pytest.param("redis://r?db=x", id="no database"),
    ],
)
def test_a_url_that_says_nothing_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        topology_from(url)
