"""
The HTTP side of the fast server, with the limits that people get: what is too slow, too large or no HTTP is ended, and
soon (checklist rows: slow headers, silence, handshakes of 100 KiB).
"""

import contextlib
import os
import pathlib
import re
import selectors
import socket
import time
from collections.abc import Iterator, Sequence

import psutil
import pytest

from tests.live.server import Server, running
from tests.services import wait_until

_ROOT = pathlib.Path(__file__).parents[2]
_HEADERS = (
    b"Host: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
)
_PLAIN = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def _handshake(*, more: bytes = b"", query: bytes = b"token=x", version: bytes = b"1.1") -> bytes:
    return b"GET /infra/ws?%b HTTP/%b\r\n%b%b\r\n" % (query, version, _HEADERS, more)


def _chunked(body: bytes) -> bytes:
    return b"POST /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n" + body


def _connected(house: Server, address: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", house.port), 5, (address, 0))


def _answer(house: Server, request: bytes) -> bytes:
    """All that comes until the server closes, which has to be at once. b"" where it is reset."""
    answer = b""
    with _connected(house) as raw:
        raw.settimeout(4)
        with contextlib.suppress(ConnectionError):
            raw.sendall(request)
        with contextlib.suppress(ConnectionResetError):
            while part := raw.recv(65_536):
                answer += part
    return answer


def _status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def _whole_answer(raw: socket.socket) -> bytes:
    """Of a kept connection, which nothing but its length ends."""
    answer = b""
    while True:
        head, found, body = answer.partition(b"\r\n\r\n")
        length = re.search(rb"(?im)^content-length: (\d+)", head)
        if found and length is not None and len(body) >= int(length[1]):
            return answer
        more = raw.recv(65_536)
        assert more, answer
        answer += more


def test_a_connection_that_was_kept_may_still_become_a_socket(fast_house: Server) -> None:
    with _connected(fast_house) as raw:
        raw.settimeout(5)
        raw.sendall(_PLAIN)
        # Small, and written at once.
        assert 200 == _status(_whole_answer(raw))
        raw.sendall(_handshake().replace(b"/infra/ws?token=x", b"/connection/websocket"))
        assert 101 == _status(raw.recv(65_536))


_MUCH = b"a" * 100_000
_REFUSED = [
    pytest.param(_handshake(more=b"X: " + _MUCH + b"\r\n"), 431, id="a header of 100 KiB"),
    pytest.param(_handshake(more=b"X: " + _MUCH)[:-2], 431, id="a header of 100 KiB that does not end"),
    pytest.param(_handshake(more=b"X: " + _MUCH * 50 + b"\r\n"), 431, id="a header of 5 MB"),
    pytest.param(_handshake(query=_MUCH), 431, id="an address of 100 KiB"),
    pytest.param(b"GET /" + _MUCH, 431, id="an address that does not end"),
    pytest.param(_handshake(more=b"X: " + b"a" * 17_000 + b"\r\n"), 431, id="a header of 17,000 bytes"),
    pytest.param(_handshake(more=b"X: a\r\n" * 96), 431, id="101 headers"),
    pytest.param(_PLAIN[:-2] + b"X: a\r\n" * 100 + b"\r\n", 431, id="101 headers of a plain request"),
    pytest.param(_handshake(more=b"Content-Length: 5\r\n"), 400, id="a handshake with a body to come"),
    pytest.param(_handshake(more=b"Content-Length: 5\r\n") + b"12345", 400, id="a handshake with a body"),
    pytest.param(_handshake(more=b"Transfer-Encoding: chunked\r\n"), 400, id="a handshake with a body in chunks"),
    pytest.param(_handshake(version=b"1.0"), 400, id="HTTP/1.0"),
    pytest.param(_handshake().replace(b"dGhl", b"\xe9\xe9\xe9\xe9"), 400, id="a key that is not ASCII"),
    pytest.param(_handshake().replace(b"dGhl", b"(**)"), 400, id="a key that is not base64"),
    pytest.param(_handshake() + b"\x81\x84\0\0\0\0ping", 400, id="a frame before the answer"),
    pytest.param(b"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n", 400, id="CONNECT"),
    pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 400, id="TLS"),
    pytest.param(b"GET / HTTP/9.9\r\n\r\n", 400, id="HTTP/9.9"),
    pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", 400, id="a folded header"),
    pytest.param(_chunked(b"zz\r\n"), None, id="a size of a chunk that is none"),
    pytest.param(_chunked(b"0\r\n" + b"a: b\r\n" * 200), None, id="trailers without end"),
    pytest.param(_chunked(b"0\r\na: " + _MUCH), None, id="a trailer without end"),
    pytest.param(_chunked(b"5;" + _MUCH), None, id="an extension of a chunk without end"),
]


@pytest.mark.parametrize(("request_bytes", "status"), _REFUSED)
def test_what_is_too_large_or_no_http_is_refused_and_ended_at_once(
    fast_house: Server, request_bytes: bytes, status: int | None
) -> None:
    answer = _answer(fast_house, request_bytes)

    # Without a status: the request has already been passed on, and its answer is not to be mixed with another.
    assert status == (_status(answer) if answer else None)
    assert answer.count(b"HTTP/1.1 ") == (status is not None)
    assert 200 == fast_house.http("GET", "/healthz").status_code
    assert "Traceback" not in fast_house.log


def test_the_largest_token_and_the_cookies_of_a_page_fit(fast_house: Server) -> None:
    token, cookie = b"t" * 4096, b"Cookie: c=" + b"x" * 8000 + b"\r\n"
    with _connected(fast_house) as raw:
        raw.sendall(_handshake(query=b"token=" + token, more=cookie + b"X: a\r\n" * 90))

        assert 101 == _status(raw.recv(4096))


def test_a_handshake_that_comes_byte_by_byte_is_a_handshake(fast_house: Server) -> None:
    request = _handshake()
    with _connected(fast_house) as raw:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in request:
            raw.sendall(bytes([byte]))

        assert 101 == _status(raw.recv(4096))


def test_an_upgrade_to_something_else_is_answered_as_if_it_were_not_asked_for(fast_house: Server) -> None:
    asking = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    with _connected(fast_house) as raw:
        raw.sendall(asking * 2 + _PLAIN)
        answers = b""
        while answers.count(b"HTTP/1.1 200 ") < 3:
            part = raw.recv(4096)
            assert part
            answers += part


def test_hundreds_that_only_wait_are_let_go_after_ten_seconds_and_nobody_else_notices(fast_house: Server) -> None:
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        kinds = {
            "silent": [stack.enter_context(_connected(fast_house)) for _ in range(100)],
            "half a head": [stack.enter_context(_connected(fast_house)) for _ in range(75)],
            "slow": [stack.enter_context(_connected(fast_house)) for _ in range(20)],
        }
        for raw in (*kinds["half a head"], *kinds["slow"]):
            raw.sendall(b"GET /infra/ws?token=x HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        kept = stack.enter_context(fast_house.connect_as("bob"))
        ended: dict[socket.socket, float] = {}
        while len(ended) < 195:
            assert time.monotonic() < started + 14, f"{195 - len(ended)} are still there"
            for raw in kinds["slow"]:
                with contextlib.suppress(OSError):
                    raw.send(b"X: y\r\n" if raw not in ended else b"")
            for raw in _ended([raw for raws in kinds.values() for raw in raws if raw not in ended]):
                ended[raw] = time.monotonic() - started
            kept.ping(1)
            with fast_house.connect_as("alice", open_timeout=2) as new:
                new.ping(2)

    assert 9.5 < min(ended.values())


def _ended(connections: Sequence[socket.socket]) -> list[socket.socket]:
    """Those of them that the server has closed, after half a second of watching at most."""
    with selectors.DefaultSelector() as selector:
        for raw in connections:
            selector.register(raw, selectors.EVENT_READ)
        readable = [key.fileobj for key, _ in selector.select(0.5)]
    return [raw for raw in connections if raw in readable and _is_at_its_end(raw)]


def _is_at_its_end(raw: socket.socket) -> bool:
    raw.setblocking(False)
    try:
        while raw.recv(4096):
            pass
    except BlockingIOError:
        return False
    except ConnectionResetError:
        pass
    finally:
        raw.setblocking(True)
    return True


def test_where_one_address_has_too_many_that_ask_for_nothing_the_oldest_go(fast_house: Server) -> None:
    with contextlib.ExitStack() as stack:
        other = [stack.enter_context(_connected(fast_house, "127.0.0.2")) for _ in range(20)]
        ours = [stack.enter_context(_connected(fast_house)) for _ in range(250)]
        gone: set[socket.socket] = set()

        def enough_are_gone() -> bool:
            gone.update(_ended([raw for raw in ours if raw not in gone]))
            return len(gone) >= 50

        # Long before the ten seconds that each of them has.
        wait_until(enough_are_gone, seconds=6)
        assert set(ours[:50]) == gone
        assert [] == _ended(other)
        for raw in (ours[60], ours[-1], other[0]):
            raw.sendall(_PLAIN)
            assert 200 == _status(raw.recv(4096))


def test_who_never_reads_an_answer_is_cut(fast_house: Server) -> None:
    with socket.socket() as raw:
        # A small window, and as many answers as may wait: far more than the kernel keeps for somebody.
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.connect(("127.0.0.1", fast_house.port))
        raw.sendall(f"GET {_largest_static_path()} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode() * 16)
        raw.recv(1, socket.MSG_PEEK)
        started = time.monotonic()

        wait_until(lambda: _is_gone(fast_house, raw.getsockname()[1]), seconds=20, what="the end of who never reads")
        assert time.monotonic() > started + 14


def _is_gone(house: Server, port: int) -> bool:
    return not any(
        connection.raddr and connection.raddr.port == port
        for connection in psutil.Process(house.pid).net_connections("tcp")
    )


def _largest_static_path() -> str:
    import django.contrib.admin

    folder = pathlib.Path(django.contrib.admin.__file__).parent / "static"
    largest = max((path for path in folder.rglob("*.js")), key=lambda path: path.stat().st_size)
    return f"/static/{largest.relative_to(folder)}"


_UVICORN = (
    "uvicorn", "teahouse.site.asgi:application", "--host", "127.0.0.1", "--port", "{port}",
    "--http", "teahouse.realtime.server.http:BoundedHttp", "--ws", "teahouse.realtime.server.fast:FastWebSocket",
)  # fmt: skip
_GUNICORN = (str(_ROOT / "deploy" / "gunicorn" / "run.sh"), "--bind", "127.0.0.1:{port}", "--workers")


def _assert_bounded(house: Server) -> None:
    for _ in range(4):
        assert 431 == _status(_answer(house, _handshake(more=b"X: " + _MUCH + b"\r\n")))
    with house.connect_as("alice") as alice:
        alice.ping()


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(_UVICORN, id="uvicorn"),
        pytest.param(("teahouse", "serve"), id="serve"),
        pytest.param((*_GUNICORN, "1"), id="gunicorn"),
    ],
)
def test_the_limits_are_those_of(data: pathlib.Path, command: tuple[str, ...]) -> None:
    with running(data, *command) as house:
        _assert_bounded(house)


@pytest.mark.parametrize(
    "command",
    [pytest.param(("teahouse", "serve", "--workers", "2"), id="serve"), pytest.param((*_GUNICORN, "2"), id="gunicorn")],
)
def test_the_limits_are_those_of_several_workers(
    tmp_path: pathlib.Path, command: tuple[str, ...], database_url: str, redis_url: str
) -> None:
    environment = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "TEAHOUSE_REDIS_PREFIX": f"test-{os.getpid()}"}
    with running(tmp_path / "data", **environment) as alone:
        alone.stop()
    with running(tmp_path / "data", *command, **environment) as house:
        _assert_bounded(house)


@pytest.fixture(autouse=True)
def _no_trace(fast_house: Server) -> Iterator[None]:
    yield
    assert "Traceback" not in fast_house.log
