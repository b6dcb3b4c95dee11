"""Pings and pongs of the native door, and the end of tokens that nobody renews."""

import pathlib
import shutil
from collections.abc import Iterator
from concurrent import futures

import pytest
from websockets.exceptions import ConnectionClosed

from tests.live.native import Frame, Native, channel_in, connection_token, door, native_as, subscription_token
from tests.live.server import Server, running

CODECS = pytest.mark.parametrize("protobuf", [False, True], ids=["json", "protobuf"])
_QUICK = {"TEAHOUSE_PING_INTERVAL_SECONDS": "1", "TEAHOUSE_PING_TIMEOUT_SECONDS": "0.5"}


@pytest.fixture(scope="module")
def fast_quick_house(_fresh_data: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("quick") / "data"
    shutil.copytree(_fresh_data, data)
    with running(data, **_QUICK) as server:
        yield server


@pytest.fixture(scope="module")
def consumer_quick_house(_fresh_data: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("quick-consumer") / "data"
    shutil.copytree(_fresh_data, data)
    command = ("uvicorn", "teahouse.site.asgi:application", "--host", "127.0.0.1", "--port", "{port}")
    with running(data, *command, **_QUICK) as server:
        yield server


@pytest.fixture(params=["fast", "consumer"])
def quick_house(request: pytest.FixtureRequest) -> Server:
    server: Server = request.getfixturevalue(f"{request.param}_quick_house")
    return server


def test_the_server_pings_and_who_answers_stays(quick_house: Server) -> None:
    with door(quick_house) as alice, native_as(quick_house, "alice", protobuf=True) as other:
        result = alice.connect(connection_token(quick_house, user="2"))
        assert (1, True) == (result["ping"], result["pong"])
        for _ in range(2):
            for client in (alice, other):
                assert {} == client.next(4)
                client.send({})
        assert 104 == alice.refused("rpc", method="x")


@CODECS
def test_who_does_not_answer_a_ping_is_sent_back(quick_house: Server, protobuf: bool) -> None:
    with native_as(quick_house, "alice", protobuf=protobuf) as alice:
        assert {} == alice.next(4)
        # Only a pong is an answer.
        alice.say("rpc", method="x")

        assert 3012 == alice.closed()


def test_a_pong_too_many_ends_the_connection(quick_house: Server) -> None:
    with native_as(quick_house, "alice") as alice:
        assert {} == alice.next(4)
        alice.send({}, {})

        assert 3501 == alice.closed()


def test_what_ends_by_itself(fast_native_house: Server, consumer_native_house: Server) -> None:
    # 10 seconds for the first command, 25 for a new token: all of it, on both servers, in one go, since it is long.
    channel = channel_in("strict")
    houses = (fast_native_house, consumer_native_house)
    silent, refused, mortal = ([door(house) for house in houses] for _ in range(3))
    subscribed = [native_as(house, "alice", protobuf=True) for house in houses]
    for number, house in enumerate(houses):
        mortal[number].connect(connection_token(house, user="2", seconds=5))
        assert 109 == refused[number].refused("connect", token=connection_token(house, user="2", seconds=-1))
        token = subscription_token(house, user="2", channel=channel, seconds=5)
        taken = subscribed[number].ask("subscribe", channel=channel, token=token)
        assert taken["expires"]
        assert 0 < taken["ttl"] <= 5

    clients = (*silent, *refused, *mortal, *subscribed)
    with futures.ThreadPoolExecutor(len(clients)) as pool:
        ends = list(pool.map(_end_of, clients))
    assert [3502] * 4 + [3005] * 2 == ends[:6]
    for client, taken in zip(subscribed, ends[6:], strict=True):
        assert {"push": {"channel": channel, "unsubscribe": {"code": 2501, "reason": "subscription expired"}}} == taken
        assert "error" not in client.ask("publish", channel=channel_in("plain"), data=1)
    for client in clients:
        client.close()


def _end_of(client: Native) -> Frame | int:
    """The first thing that is no ping, or the close code; pings are answered."""
    try:
        while (reply := client.next(35)) == {}:
            client.send({})
    except ConnectionClosed:
        return client.closed()
    return reply
