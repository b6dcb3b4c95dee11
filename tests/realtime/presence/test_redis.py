"""Presence of several processes in a real Redis."""

import asyncio
import time

import pytest
import redis

from teahouse.realtime.application import ClientInfo
from teahouse.realtime.broker.base import BrokerAway
from teahouse.realtime.presence.records import Field, Records
from teahouse.realtime.presence.redis_once import present_once
from tests.realtime.fakes import until
from tests.realtime.presence.nodes import (
    ANNE,
    BOB,
    CAROL,
    SEAL,
    Wire,
    clients_in,
    presently,
    redis_presence,
    run,
    started,
    two,
)
from tests.services import Redis


def test_every_process_sees_and_tells_those_of_all(redis_url: str, prefix: str) -> None:
    async def test() -> None:
        async with two(Wire(), redis_url, prefix) as (one, other):
            assert {"a": ANNE, "b": BOB} == await other.presence.present("room:1")
            assert (2, 2) == await other.presence.stats("room:1")

            one.presence.depart("room:1", "a")
            await until(lambda: other.left == ["a"])
            await presently(lambda: clients_in(other, "room:1"), {"b"})
            await presently(lambda: other.presence.stats("room:1"), (1, 1))
            assert ["a"] == one.left

    run(test())


def test_who_listens_later_is_told_nothing_and_knows_who_goes(redis_url: str, prefix: str) -> None:
    async def test() -> None:
        wire = Wire()
        async with (
            two(wire, redis_url, prefix) as (one, _),
            started(wire, "n3", redis_presence(redis_url, prefix)) as late,
        ):
            late.watch.begin("room:1")
            await until(lambda: late.has_read("room:1"))
            one.presence.arrive("room:1", CAROL)
            await until(lambda: late.joined)
            one.presence.depart("room:1", "a")
            await until(lambda: late.left)

            assert ["c"] == late.joined
            assert ["a"] == late.left

    run(test())


def test_a_process_that_ends_takes_its_people_with_it_at_once(redis_url: str, prefix: str) -> None:
    async def test() -> None:
        async with two(Wire(), redis_url, prefix) as (one, other):
            await one.presence.stop()

            assert {"b": BOB} == await other.presence.present("room:1")
            await until(lambda: other.left == ["a"])
            with redis.Redis.from_url(redis_url) as client:
                assert 1 == client.hlen(f"{prefix}:presence:{{room:1}}")
                assert not client.exists(f"{prefix}:{{node-lease}}:n1")

    run(test())


def test_the_people_of_a_killed_process_are_gone_within_the_expiry(redis_url: str, prefix: str) -> None:
    async def test() -> None:
        async with two(Wire(), redis_url, prefix, expiry_seconds=2) as (one, other):
            await one.kill()
            killed_at = time.monotonic()
            await until(lambda: other.left == ["a"], seconds=4)

            assert time.monotonic() - killed_at < 2.2
            assert {"b": BOB} == await other.presence.present("room:1")
            assert (1, 1) == await other.presence.stats("room:1")
            assert ["b"] == list(other.there["room:1"])
            with redis.Redis.from_url(redis_url) as client:
                assert 1 == client.hlen(f"{prefix}:presence:{{room:1}}"), "reading has removed the others"

    run(test())


def test_a_channel_that_nobody_reads_is_swept(redis_url: str, prefix: str) -> None:
    async def test() -> None:
        wire = Wire()
        async with (
            started(wire, "n1", redis_presence(redis_url, prefix, expiry_seconds=1)) as one,
            started(wire, "n2", redis_presence(redis_url, prefix, expiry_seconds=1)) as other,
        ):
            one.presence.arrive("room:1", ANNE)
            other.presence.arrive("room:1", BOB)
            with redis.Redis.from_url(redis_url) as client:
                await until(lambda: client.hlen(f"{prefix}:presence:{{room:1}}") == 2)
                await one.kill()
                await until(lambda: client.hlen(f"{prefix}:presence:{{room:1}}") == 1)
                assert client.ttl(f"{prefix}:presence:{{room:1}}") > 3600

    run(test())


def test_a_hostile_redis_invents_nobody(redis_url: str, prefix: str) -> None:
    async def test() -> None:
        key = f"{prefix}:presence:{{room:1}}"
        async with two(Wire(), redis_url, prefix) as (one, other):
            with redis.Redis.from_url(redis_url) as client:
                [(field, value)] = [
                    (field, value) for field, value in client.hgetall(key).items() if field.startswith(b"n1:")
                ]
                client.hset(key, field.replace(b":a", b":x"), value)
                client.hset(key, b"n1:1:y", b"anything")
                client.hset(key, b"nonsense", b"anything")
                client.hset(f"{prefix}:presence:{{room:2}}", field, value)

            assert {"a", "b"} == await clients_in(other, "room:1")
            assert (2, 2) == await other.presence.stats("room:1")
            assert set() == await clients_in(other, "room:2")
            assert {"a", "b"} == await clients_in(one, "room:1")

    run(test())


def test_people_of_a_life_that_is_not_whole_yet_do_not_count(redis_url: str, prefix: str) -> None:
    async def test() -> None:
        records = Records(prefix=prefix, seal=SEAL)
        async with started(Wire(), "n1", redis_presence(redis_url, prefix)) as one:
            with redis.Redis.from_url(redis_url) as client:
                for life in (4, 5):
                    field = Field("n9", life, f"life-{life}").encoded()
                    info = ClientInfo("9", f"life-{life}")
                    client.hset(records.channel_key("room:1"), field, records.close_info("room:1", field, info))
                client.set(records.lease_key("n9"), records.close_lease("n9", 0), ex=60)
                assert set() == await clients_in(one, "room:1")
                assert {} == await one.presence.others("room:1", expected=["n9"])

                client.set(records.lease_key("n9"), records.close_lease("n9", 5), ex=60)
                assert {"life-5"} == await clients_in(one, "room:1")
                assert {"n9": {}} == await one.presence.others("room:2", expected=["n9"])
                assert 1 == client.hlen(records.channel_key("room:1")), "what is over is removed"

    run(test())


def test_a_crowd_is_written_read_and_counted_with_few_commands(own: Redis, prefix: str) -> None:
    async def test() -> None:
        wire = Wire()
        crowd = [ClientInfo(str(number // 2), f"c{number}") for number in range(3_000)]
        async with (
            started(wire, "n1", redis_presence(own.url, prefix)) as one,
            started(wire, "n2", redis_presence(own.url, prefix)) as other,
        ):
            other.watch.begin("room:1")
            await until(lambda: other.has_read("room:1"))
            for info in crowd:
                one.presence.arrive("room:1", info)
            await until(lambda: len(other.joined) == 3_000)
            with redis.Redis.from_url(own.url) as client:
                before = calls_of(client, "hgetall")
                assert [(3_000, 1_500)] * 50 == await asyncio.gather(
                    *(other.presence.stats("room:1") for _ in range(50))
                )
                assert calls_of(client, "hgetall") - before <= 2
                assert calls_of(client, "hset") <= 10
            assert {info.client for info in crowd} == await clients_in(other, "room:1")

    run(test())


def test_changes_of_a_busy_channel_are_few_hints(redis_url: str, prefix: str) -> None:
    async def test() -> None:
        wire = Wire()
        async with two(wire, redis_url, prefix) as (one, other):
            hints = []
            carry = wire.receivers["n2"]
            wire.receivers["n2"] = lambda hint: (hints.append(hint), carry(hint))[1]
            began = time.monotonic()
            for number in range(200):
                one.presence.arrive("room:1", ClientInfo("", f"x{number}"))
                await asyncio.sleep(0.001)
            await until(lambda: len(other.joined) == 202)

            assert len(hints) <= 2 + (time.monotonic() - began) / 0.1

    run(test())


def test_a_process_without_an_engine_sees_the_same(redis_url: str, prefix: str) -> None:
    def look(channel: str) -> dict[str, ClientInfo]:
        return present_once(redis_url, prefix=prefix, seal=SEAL, channel=channel)

    async def test() -> None:
        async with two(Wire(), redis_url, prefix) as (one, _):
            assert {"a": ANNE, "b": BOB} == await asyncio.to_thread(look, "room:1")
            assert {} == await asyncio.to_thread(look, "room:2")
            with redis.Redis.from_url(redis_url) as client:
                client.delete(f"{prefix}:{{node-lease}}:n1")
                client.hset(f"{prefix}:presence:{{room:1}}", "n2:1:x", b"anything")
            assert {"b": BOB} == await asyncio.to_thread(look, "room:1")
            assert one.left == []

    run(test())


def test_a_process_without_an_engine_is_told_that_redis_is_away(own: Redis, prefix: str) -> None:
    own.stop()

    with pytest.raises(BrokerAway):
        present_once(own.url, prefix=prefix, seal=SEAL, channel="room:1")


def test_a_name_with_a_colon_is_no_name_of_a_process(redis_url: str, prefix: str) -> None:
    with pytest.raises(ValueError, match="colon"):
        run(redis_presence(redis_url, prefix).start(node="a:b", publish=lambda _: None))


def calls_of(client: "redis.Redis", command: str) -> int:
    figures = client.info("commandstats").get(f"cmdstat_{command}", {"calls": 0})
    return int(figures["calls"])
