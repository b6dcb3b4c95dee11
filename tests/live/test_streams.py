"""The native door over http_stream and SSE: streams, what their clients send beside them, origins, ends."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx
import psutil
import pytest

from tests.live.native import NAMESPACES, channel_in, connection_token, native_as, protobuf_of
from tests.live.server import Server, running
from tests.live.streams import BINARY, KINDS, Stream, emulation
from tests.services import wait_until

_PLAIN = ("teahouse.site.asgi:application",)
_SERVERS = {
    "daphne": ("daphne", "-b", "127.0.0.1", "-p", "{port}", *_PLAIN),
    "hypercorn": ("hypercorn", "-b", "127.0.0.1:{port}", *_PLAIN),
}
_ALL_KINDS = pytest.mark.parametrize("kind", KINDS)
_CONNECT = json.dumps({"id": 1, "connect": {}})


def _stream_as(house: Server, user: str = "2", kind: str = "http_stream", **options: Any) -> Stream:
    stream = Stream(house.address, kind, token=connection_token(house, user=user), **options)
    stream.begin()
    return stream


# Streams.


@_ALL_KINDS
def test_a_stream_is_a_connection_like_any_other(native_house: Server, kind: str) -> None:
    before = native_house.metric("teahouse_connections", protocol="native")
    channel = channel_in("kept")
    with _stream_as(native_house, kind=kind) as alice, native_as(native_house, "bob") as bob:
        assert {} == alice.ask("subscribe", channel=channel).get("error", {})
        bob.ask("publish", channel=channel, data={"text": "你好\r\n"})
        alice.ask("publish", channel=channel, data="back")

        assert [({"text": "你好\r\n"}, 1), ("back", 2)] == [
            (pub["data"], pub["offset"]) for pub in (alice.published(), alice.published())
        ]
        assert before + 2 == native_house.metric("teahouse_connections", protocol="native")
    # Its leaving is noticed at once, not at the next ping.
    wait_until(lambda: native_house.metric("teahouse_connections", protocol="native") == before)
    assert 404 == _status(native_house, emulation(_CONNECT, session=alice.session, node=alice.node))


@pytest.mark.parametrize("server", _SERVERS)
def test_streams_run_under(data: pathlib.Path, server: str) -> None:
    with running(data, *_SERVERS[server], TEAHOUSE_NAMESPACES=json.dumps(NAMESPACES)) as house:
        for kind in KINDS:
            with _stream_as(house, kind=kind) as alice:
                alice.ask("subscribe", channel="plain:1")
                alice.say("publish", channel="plain:1", data="大家好")
                assert "大家好" == alice.published()["data"]
        wait_until(lambda: house.metric("teahouse_connections", protocol="native") == 0)
        with Stream(house.address, token="garbage") as nobody:
            assert 3500 == nobody.disconnected()["code"]
        assert 413 == _status(house, {"content": b"x" * 70_000})
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
    with _stream_as(native_house, kind=kind) as alice:
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
    with _stream_as(native_house, kind="sse") as alice, native_as(native_house, "bob") as bob:
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
    streams = [_stream_as(own_house, kind=kind) for kind in KINDS for _ in range(5)]
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
    with _stream_as(lively_house, kind=kind) as alice:
        for _ in range(3):
            assert {} == alice.next()
            alice.send({})
        # The fourth is not answered.
        assert {"code": 3012, "reconnect": True} == {
            name: value for name, value in alice.disconnected().items() if name != "reason"
        }


def test_a_pong_that_nobody_asked_for_ends_the_stream(native_house: Server) -> None:
    with _stream_as(native_house) as alice:
        alice.send({})
        assert 3501 == alice.disconnected()["code"]


# What clients send.


def test_commands_over_many_connections_are_done_in_the_order_they_came(native_house: Server) -> None:
    channel = channel_in("kept")
    with _stream_as(native_house) as alice, contextlib.ExitStack() as stack:
        alice.ask("subscribe", channel=channel)
        others = [stack.enter_context(httpx.Client(base_url=native_house.address)) for _ in range(10)]
        for number in range(100):
            frame = json.dumps({"id": 100 + number, "publish": {"channel": channel, "data": number}})
            assert 204 == alice.emulate(frame, over=others[number % 10])

        assert list(range(100)) == [alice.published()["data"] for _ in range(100)]


def test_a_session_needs_nothing_but_its_name_and_its_name_is_its_own(native_house: Server) -> None:
    with _stream_as(native_house, "2") as alice, _stream_as(native_house, "3") as bob:
        assert alice.session != bob.session
        name, _, signature = alice.session.partition(".")
        # 16 random bytes, and what shows that they are of this site.
        assert (22, 32) == (len(name), len(signature))
        frame = json.dumps({"id": 5, "rpc": {"method": "x"}})
        for session, node in (
            ("", alice.node),
            ("x", alice.node),
            (alice.session[:-1], alice.node),
            (name, alice.node),
            (f"{name}.{bob.session.partition('.')[2]}", alice.node),
            (alice.session, ""),
            (alice.session, "0123456789abcdef"),
            ("名字", "名字"),
        ):
            assert 404 == alice.emulate(frame, session=session, node=node), (session, node)
        assert 204 == alice.emulate(frame)
        assert "error" in alice.answer(5, "rpc")


def _status(house: Server, options: dict[str, Any]) -> int:
    return house.http("POST", "/emulation", **options).status_code


@pytest.mark.parametrize(
    ("options", "status"),
    [
        pytest.param({"content": b""}, 400, id="nothing"),
        pytest.param({"content": b"[]"}, 400, id="no object"),
        pytest.param({"content": b"{}"}, 404, id="no session"),
        pytest.param({"json": {"session": 1, "node": "", "data": ""}}, 400, id="a number for a name"),
        pytest.param({"json": {"session": "", "node": "", "data": {}}}, 400, id="commands that are no text"),
        pytest.param({"content": b'{"session":"\\ud800"}'}, 400, id="half a character"),
        pytest.param({"content": b"[" * 60_000}, 400, id="deep"),
        pytest.param({"content": b"\xff" * 9, "headers": BINARY}, 400, id="no protobuf"),
        pytest.param({"content": b" " * 65_536}, 400, id="as large as it may be"),
        pytest.param({"content": b" " * 65_537}, 413, id="declared too large"),
        pytest.param({"content": iter([b" " * 30_000] * 3)}, 413, id="counted too large"),
    ],
)
def test_what_is_no_request_is_refused(fast_native_house: Server, options: dict[str, Any], status: int) -> None:
    answer = fast_native_house.http("POST", "/emulation", **options)

    assert status == answer.status_code
    assert status == answer.json()["status"]
    assert "application/problem+json" == answer.headers["content-type"]


@pytest.mark.parametrize("path", ["/connection/http_stream", "/connection/sse"])
def test_what_is_too_large_opens_no_stream(fast_native_house: Server, path: str) -> None:
    for content in (b" " * 65_537, iter([b" " * 30_000] * 3)):
        assert 413 == fast_native_house.http("POST", path, content=content).status_code


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/connection/http_stream", "POST"),
        ("HEAD", "/connection/sse", "GET, POST"),
        ("PUT", "/connection/sse/", "GET, POST"),
        ("GET", "/emulation", "POST"),
    ],
)
def test_other_methods_are_refused(fast_native_house: Server, method: str, path: str, allowed: str) -> None:
    answer = fast_native_house.http(method, path)

    assert 405 == answer.status_code
    assert allowed == answer.headers["allow"]


def test_commands_in_an_address_are_in_no_log(native_house: Server) -> None:
    token = connection_token(native_house, user="2")
    with Stream(native_house.address, "sse", token=token) as alice:
        alice.begin()

    assert token.split(".")[1] not in native_house.log
    assert token.split(".")[2] not in native_house.log


# Origins.


@pytest.mark.parametrize("path", ["/connection/http_stream", "/connection/sse", "/emulation"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example", "", "nonsense"])
@pytest.mark.parametrize("method", ["POST", "GET", "OPTIONS"])
def test_pages_of_others_are_refused(fast_native_house: Server, path: str, origin: str, method: str) -> None:
    answer = fast_native_house.http(method, path, headers={"Origin": origin}, content=b"{}")

    assert 403 == answer.status_code
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/connection/http_stream", "/connection/sse", "/emulation"])
def test_a_preflight_of_an_allowed_page_is_answered(fast_native_house: Server, path: str) -> None:
    # As the page of a development server on this machine.
    asked = {
        "Origin": "http://localhost:5173",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    answer = fast_native_house.http("OPTIONS", path, headers=asked)

    assert 204 == answer.status_code
    assert "http://localhost:5173" == answer.headers["access-control-allow-origin"]
    assert "true" == answer.headers["access-control-allow-credentials"]
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "content-type" in answer.headers["access-control-allow-headers"]
    assert "300" == answer.headers["access-control-max-age"]
    assert "origin" == answer.headers["vary"]


def test_an_allowed_page_may_read_what_is_answered(fast_native_house: Server) -> None:
    page = {"Origin": fast_native_house.address}
    with _stream_as(fast_native_house, headers=page) as alice:
        assert fast_native_house.address == alice.response.headers["access-control-allow-origin"]
        options = emulation("{}", session=alice.session, node=alice.node) | {"headers": page}
        taken = fast_native_house.http("POST", "/emulation", **options)
        refused = fast_native_house.http("POST", "/emulation", headers=page, content=b"{}")

    assert (204, 404) == (taken.status_code, refused.status_code)
    for answer in (taken, refused):
        assert fast_native_house.address == answer.headers["access-control-allow-origin"]


def test_a_strangers_name_that_leads_here_is_refused(fast_native_house: Server) -> None:
    # A page of that name would be of the same origin, and a GET of its own origin names none.
    answer = fast_native_house.http("GET", "/connection/sse", headers={"Host": "evil.example"})

    assert 400 == answer.status_code


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
    with _silent_reader(house, "plain:1"), _stream_as(house) as alice, native_as(house, "alice") as publisher:
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


# Several processes.


class _Workers:
    """Two workers, with a stream and a kept HTTP connection at each, by the worker's process id."""

    def __init__(self, house: Server, kind: str, stack: contextlib.ExitStack) -> None:
        self.house = house
        self.streams: dict[int, Stream] = {}
        self.http: dict[int, httpx.Client] = {}
        wait_until(lambda: self._has_streams(kind, stack), seconds=40, what="a stream in each worker")
        wait_until(lambda: self._has_http(stack), seconds=40, what="an HTTP connection in each worker")

    def _has_streams(self, kind: str, stack: contextlib.ExitStack) -> bool:
        stream = stack.enter_context(_stream_as(self.house, kind=kind))
        self.streams.setdefault(self._worker_of(stream.port()), stream)
        return len(self.streams) == 2

    def _has_http(self, stack: contextlib.ExitStack) -> bool:
        http = stack.enter_context(httpx.Client(base_url=self.house.address, timeout=10))
        with http.stream("OPTIONS", "/emulation") as answer:
            port = answer.extensions["network_stream"].get_extra_info("socket").getsockname()[1]
            self.http.setdefault(self._worker_of(port), http)
        return len(self.http) == 2

    def _worker_of(self, port: int) -> int:
        for worker in psutil.Process(self.house.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if any(c.raddr and c.raddr.port == port for c in worker.net_connections("tcp")):
                    return int(worker.pid)
        raise AssertionError("no worker has this connection")


@contextlib.contextmanager
def _two_workers(data: pathlib.Path, database_url: str, redis_url: str, *command: str) -> Iterator[Server]:
    environment = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "TEAHOUSE_REDIS_PREFIX": f"test-{os.getpid()}-{time.monotonic_ns()}",
        "TEAHOUSE_NAMESPACES": json.dumps(NAMESPACES),
    }
    with running(data, **environment) as alone:
        alone.stop()
    with running(data, *command, **environment) as house:
        yield house


_GUNICORN = str(pathlib.Path(__file__).parents[2] / "deploy" / "gunicorn" / "run.sh")


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        pytest.param("http_stream", ("teahouse", "serve", "--workers", "2"), id="serve"),
        pytest.param("protobuf", ("teahouse", "serve", "--workers", "2"), id="serve, protobuf"),
        pytest.param("sse", (_GUNICORN, "--workers", "2", "--bind", "127.0.0.1:{port}"), id="gunicorn, SSE"),
    ],
)
def test_what_a_client_sends_may_come_in_at_any_worker(
    tmp_path: pathlib.Path, kind: str, command: tuple[str, ...], database_url: str, redis_url: str
) -> None:
    with _two_workers(tmp_path / "data", database_url, redis_url, *command) as house, contextlib.ExitStack() as stack:
        workers = _Workers(house, kind, stack)
        first, second = workers.streams
        for here, there in ((first, second), (second, first)):
            stream, http = workers.streams[here], workers.http[there]
            assert {} == stream.ask("subscribe", channel="plain:1")
            # From both workers in turn: each is taken before it is answered, so they are in order.
            for number in range(20):
                command_ = {"id": 100 + number, "publish": {"channel": "plain:1", "data": number}}
                frame = protobuf_of(command_) if kind == "protobuf" else json.dumps(command_)
                assert 204 == stream.emulate(frame, over=workers.http[here] if number % 2 else http)
            assert list(range(20)) == [stream.published()["data"] for _ in range(20)]
            # Of the site, and of a process that is there; but no session there has this name.
            assert 404 == workers.streams[there].emulate("{}", over=http, node=stream.node)
            stream.ask("unsubscribe", channel="plain:1")


def test_a_session_that_has_ended_elsewhere_is_not_found_and_one_of_a_dead_process_is_not_answered(
    tmp_path: pathlib.Path, database_url: str, redis_url: str
) -> None:
    command = ("teahouse", "serve", "--workers", "2")
    with _two_workers(tmp_path / "data", database_url, redis_url, *command) as house, contextlib.ExitStack() as stack:
        workers = _Workers(house, "http_stream", stack)
        first, second = workers.streams
        ended, other = workers.streams[first], workers.http[second]
        ended.response.close()
        wait_until(lambda: ended.emulate("{}", over=other) == 404)
        os.kill(first, signal.SIGKILL)

        assert 504 == ended.emulate("{}", over=other)
        assert 204 == workers.streams[second].emulate('{"id":7,"rpc":{"method":"x"}}', over=other)
