"""
The native door over http_stream and SSE: what comes, ends, the heartbeat, readers. What clients send beside them is in
`test_emulation.py`.
"""

import json
import pathlib
import signal
import socket
from collections.abc import Iterator

import pytest

from tests.live.native import NAMESPACES, channel_in, connection_token, native_as
from tests.live.server import Server, running
from tests.live.streams import KINDS, Stream, emulation, stream_as
from tests.services import wait_until

_PLAIN = ("teahouse.site.asgi:application",)
_SERVERS = {
    "daphne": ("daphne", "-b", "127.0.0.1", "-p", "{port}", *_PLAIN),
    "hypercorn": ("hypercorn", "-b", "127.0.0.1:{port}", *_PLAIN),
}
_ALL_KINDS = pytest.mark.parametrize("kind", KINDS)
_CONNECT = json.dumps({"id": 1, "connect": {}})


# Streams.


@_ALL_KINDS
def test_a_stream_is_a_connection_like_any_other(native_house: Server, kind: str) -> None:
    before = native_house.metric("teahouse_connections", protocol="native")
    channel = channel_in("kept")
    with stream_as(native_house, kind=kind) as alice, native_as(native_house, "bob") as bob:
        assert {} == alice.ask("subscribe", channel=channel).get("error", {})
        bob.ask("publish", channel=channel, data={"text": "你好\r\n"})
        alice.ask("publish", channel=channel, data="back")

        assert [({"text": "你好\r\n"}, 1), ("back", 2)] == [
            (pub["data"], pub["offset"]) for pub in (alice.published(), alice.published())
        ]
        assert before + 2 == native_house.metric("teahouse_connections", protocol="native")
    # Its leaving is noticed at once, not at the next ping.
    wait_until(lambda: native_house.metric("teahouse_connections", protocol="native") == before)
    late = native_house.http("POST", "/emulation", **emulation(_CONNECT, session=alice.session, node=alice.node))
    assert 404 == late.status_code


@pytest.mark.parametrize("server", _SERVERS)
def test_streams_run_under(data: pathlib.Path, server: str) -> None:
    with running(data, *_SERVERS[server], TEAHOUSE_NAMESPACES=json.dumps(NAMESPACES)) as house:
        for kind in KINDS:
            with stream_as(house, kind=kind) as alice:
                alice.ask("subscribe", channel="plain:1")
                alice.say("publish", channel="plain:1", data="大家好")
                assert "大家好" == alice.published()["data"]
        wait_until(lambda: house.metric("teahouse_connections", protocol="native") == 0)
        with Stream(house.address, token="garbage") as nobody:
            assert 3500 == nobody.disconnected()["code"]
        assert 413 == house.http("POST", "/emulation", content=b"x" * 70_000).status_code
        assert "Traceback" not in house.log


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [
        ("http_stream", "application/x-ndjson"),
        ("protobuf", "application/octet-stream"),
        ("sse", "text/event-stream"),
        ("sse by POST", "text/event-stream"),
    ],
)
def test_nobody_on_the_way_may_keep_or_change_a_stream(native_house: Server, kind: str, content_type: str) -> None:
    with stream_as(native_house, kind=kind) as alice:
        headers = alice.response.headers

    assert content_type == headers["content-type"]
    assert "no-store, no-transform" == headers["cache-control"]
    assert "no" == headers["x-accel-buffering"]
    assert "chunked" == headers["transfer-encoding"]
    # Who is sent elsewhere must not come back over the same connection.
    assert "close" == headers["connection"]


def test_several_commands_may_come_in_the_first_frame(native_house: Server) -> None:
    channel = channel_in("plain")
    commands = [
        {"id": 1, "connect": {"token": connection_token(native_house, user="2")}},
        {"id": 2, "subscribe": {"channel": channel}},
        {"id": 3, "publish": {"channel": channel, "data": 1}},
    ]
    with Stream(native_house.address, frame="\n".join(map(json.dumps, commands))) as alice:
        alice.begin()
        assert {} == alice.answer(2, "subscribe")
        assert 1 == alice.published()["data"]


def test_a_line_break_between_tokens_does_not_break_events(native_house: Server) -> None:
    channel = channel_in("plain")
    with stream_as(native_house, kind="sse") as alice, native_as(native_house, "bob") as bob:
        alice.ask("subscribe", channel=channel)
        command = json.dumps({"id": 9, "publish": {"channel": channel, "data": {"a": 1, "b": 2}}})
        bob.send_raw(command.replace(" ", "\r"))

        assert {"a": 1, "b": 2} == alice.published()["data"]


# Ends.


@_ALL_KINDS
def test_a_refusal_is_told_by_a_push_and_ends_the_stream(native_house: Server, kind: str) -> None:
    with Stream(native_house.address, kind, token="garbage") as nobody:
        ending = nobody.disconnected()

    assert 3500 == ending["code"]
    assert ending["reason"]
    assert "reconnect" not in ending


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        pytest.param("", 3501, id="nothing"),
        pytest.param("{}", 3501, id="a pong"),
        pytest.param("nonsense", 3501, id="no JSON"),
        pytest.param('{"id":1,"subscribe":{"channel":"plain:1"}}', 3501, id="no connect command"),
        pytest.param(_CONNECT, 3500, id="no token"),
        pytest.param(b'{"id":1,"connect":{"token":"\xff"}}', 3501, id="no UTF-8"),
    ],
)
@pytest.mark.parametrize("kind", ["http_stream", "sse by POST"])
def test_who_does_not_connect_is_told_to_stay_away(
    native_house: Server, kind: str, frame: str | bytes, code: int
) -> None:
    with Stream(native_house.address, kind, frame=frame) as nobody:
        assert code == nobody.disconnected()["code"]


def test_what_is_no_protobuf_ends_a_binary_stream(native_house: Server) -> None:
    with Stream(native_house.address, "protobuf", frame=b"\xff\xff\xff") as nobody:
        assert 3501 == nobody.disconnected()["code"]


def test_an_expired_token_is_answered_and_the_client_may_ask_for_another(native_house: Server) -> None:
    with Stream(native_house.address, token=connection_token(native_house, user="2", seconds=-60)) as alice:
        assert 109 == alice.answer(1, "connect")["error"]["code"]


def test_signing_out_ends_streams(own_house: Server) -> None:
    access = {"Authorization": f"Bearer {own_house.tokens('alice')['access']}"}
    token = own_house.http("POST", "/api/auth/connection-token", headers=access).json()["token"]
    with Stream(own_house.address, token=token) as alice:
        alice.begin()
        assert 204 == own_house.http("POST", "/api/auth/logout", headers=access).status_code

        assert 3503 == alice.disconnected()["code"]


def test_a_process_that_ends_says_come_back_to_every_stream(own_house: Server) -> None:
    streams = [stream_as(own_house, kind=kind) for kind in KINDS for _ in range(5)]
    assert 0 == own_house.stop(signal.SIGTERM, seconds=8)

    assert [(3001, True)] * len(streams) == [
        (ending["code"], ending["reconnect"]) for ending in (stream.disconnected() for stream in streams)
    ]
    assert "ERROR" not in own_house.log


# The heartbeat.


@pytest.fixture
def lively_house(data: pathlib.Path) -> Iterator[Server]:
    with running(data, TEAHOUSE_PING_INTERVAL_SECONDS="2", TEAHOUSE_PING_TIMEOUT_SECONDS="1") as house:
        yield house


@pytest.mark.parametrize("kind", ["http_stream", "protobuf", "sse"])
def test_pings_are_answered_by_emulation(lively_house: Server, kind: str) -> None:
    with stream_as(lively_house, kind=kind) as alice:
        for _ in range(3):
            assert {} == alice.next()
            alice.send({})
        # The fourth is not answered.
        assert {"code": 3012, "reconnect": True} == {
            name: value for name, value in alice.disconnected().items() if name != "reason"
        }


def test_a_pong_that_nobody_asked_for_ends_the_stream(native_house: Server) -> None:
    with stream_as(native_house) as alice:
        alice.send({})
        assert 3501 == alice.disconnected()["code"]


# Readers.


def _silent_reader(house: Server, channel: str) -> socket.socket:
    """Opens a stream, subscribes to `channel`, and never reads."""
    commands = [
        {"id": 1, "connect": {"token": connection_token(house, user="3")}},
        {"id": 2, "subscribe": {"channel": channel}},
    ]
    body = "\n".join(map(json.dumps, commands)).encode()
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", house.port))
    raw.sendall(
        b"POST /connection/http_stream HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: %d\r\n\r\n%b"
        % (house.port, len(body), body)
    )
    return raw


def test_who_reads_too_slowly_is_cut_and_nobody_else_waits(own_house_with_channels: Server) -> None:
    house = own_house_with_channels
    with _silent_reader(house, "plain:1"), stream_as(house) as alice, native_as(house, "alice") as publisher:
        alice.ask("subscribe", channel="plain:1")
        wait_until(lambda: house.metric("teahouse_connections", protocol="native") == 3)
        sent = 0
        while not house.metric("teahouse_slow_total") and sent < 200:
            for _ in range(10):
                publisher.ask("publish", channel="plain:1", data="x" * 60_000)
                assert 60_000 == len(alice.published()["data"])
                sent += 1
        assert 1 == house.metric("teahouse_slow_total")
        # Our server cuts the TCP connection when nothing of the rest is taken for long.
        wait_until(lambda: house.metric("teahouse_connections", protocol="native") == 2, seconds=25)
        alice.say("publish", channel="plain:1", data="still here")
        assert "still here" == alice.published()["data"]
    assert "ERROR" not in house.log


@pytest.fixture
def own_house_with_channels(data: pathlib.Path) -> Iterator[Server]:
    environment = {"TEAHOUSE_SENDS_PER_SECOND": "1000", "TEAHOUSE_SEND_BURST": "1000"}
    with running(data, TEAHOUSE_NAMESPACES=json.dumps(NAMESPACES), **environment) as house:
        yield house
