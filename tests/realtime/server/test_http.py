"""
The times of one HTTP connection, asked about moments to come, and what is left of it after a handshake.

Real sockets on a loop of the test's own; what a whole server answers is in `tests/live/test_http_door.py`.
"""

import asyncio
import gc
import logging
import socket
import time
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
import uvicorn

from teahouse.realtime.server.http import BoundedHttp
from teahouse.realtime.server.uvicorn_seam import ServerState

_HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
_HANDSHAKE = b"GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
_MIB = 1_048_576


class _Socket(asyncio.Protocol):
    """A WebSocket class of uvicorn as far as the HTTP side sees it."""

    def __init__(self, config: object, server_state: ServerState, app_state: dict[str, Any]) -> None:
        self.heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._transport.write(b"<" + data + b">")


class _Site:
    """An application whose answers come when the test says so. `large` answers have 16 MiB."""

    def __init__(self) -> None:
        self.may_answer = asyncio.Event()
        self.asked = 0
        self.is_large = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        await self.may_answer.wait()
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(256 if self.is_large else 1):
            await send({"type": "http.response.body", "body": bytes(65_536), "more_body": True})
        await send({"type": "http.response.body", "body": b"."})


class _Peer:
    def __init__(self, loop: asyncio.AbstractEventLoop, raw: socket.socket) -> None:
        self._loop, self.raw = loop, raw

    async def send(self, data: bytes) -> None:
        await self._loop.sock_sendall(self.raw, data)

    async def read(self, size: int = 65_536) -> bytes:
        """b"" at the end of the connection."""
        try:
            return await asyncio.wait_for(self._loop.sock_recv(self.raw, size), 10)
        except ConnectionResetError:
            return b""

    async def rest(self) -> bytes:
        data = b""
        while part := await self.read():
            data += part
        return data


class _Door:
    """A server of BoundedHttp; `connect` gives both ends of a connection."""

    def __init__(self, site: _Site, state: ServerState, port: int) -> None:
        self.site, self.state, self._port = site, state, port
        self._peers: list[_Peer] = []

    async def connect(self) -> tuple[_Peer, BoundedHttp]:
        loop, before = asyncio.get_running_loop(), set(self.state.connections)
        raw = socket.socket()
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        raw.setblocking(False)
        await loop.sock_connect(raw, ("127.0.0.1", self._port))
        peer = _Peer(loop, raw)
        self._peers.append(peer)
        await until(lambda: len(self.state.connections) > len(before))
        (connection,) = set(self.state.connections) - before
        assert isinstance(connection, BoundedHttp)
        return peer, connection

    def close(self) -> None:
        for peer in self._peers:
            peer.raw.close()


@asynccontextmanager
async def _door() -> AsyncIterator[_Door]:
    site, state = _Site(), ServerState()
    config = uvicorn.Config(site, http=BoundedHttp, ws=_Socket, lifespan="off", log_config=None)
    server = await asyncio.get_running_loop().create_server(lambda: BoundedHttp(config, state, {}), "127.0.0.1", 0)
    door = _Door(site, state, server.sockets[0].getsockname()[1])
    try:
        yield door
    finally:
        door.close()
        server.close()
        site.may_answer.set()
        await until(lambda: not state.connections and not state.tasks)


async def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, condition
        await asyncio.sleep(0.005)


def run(test: Callable[[_Door], Awaitable[None]]) -> None:
    async def main() -> None:
        async with _door() as door:
            await test(door)

    with asyncio.Runner(loop_factory=uvicorn.Config("", log_config=None).get_loop_factory()) as runner:
        runner.run(main())


def later(seconds: float) -> float:
    return time.monotonic() + seconds


# Heads and bodies.


def test_who_says_nothing_is_let_go_after_ten_seconds_without_a_word() -> None:
    async def test(door: _Door) -> None:
        peer, connection = await door.connect()
        connection.judge(later(9.5))
        assert not connection.transport.is_closing()

        connection.judge(later(10.5))
        assert b"" == await peer.rest()

    run(test)


@pytest.mark.parametrize("begun", [b"G", b"GET / HTTP/1.1\r\nHost: x\r\n"])
def test_a_head_has_to_be_whole_ten_seconds_after_connecting(begun: bytes) -> None:
    async def test(door: _Door) -> None:
        peer, connection = await door.connect()
        await peer.send(begun)
        await until(lambda: connection.is_in_message)
        connection.judge(later(9.5))
        assert not connection.transport.is_closing()

        connection.judge(later(10.5))
        assert (await peer.rest()).startswith(b"HTTP/1.1 408 ")

    run(test)


@pytest.mark.parametrize("begun", [b"\r\n", b"GET / HTTP/1.1\r\n"], ids=["a line break", "half a head"])
def test_a_further_head_has_ten_seconds_from_its_first_byte(begun: bytes) -> None:
    async def test(door: _Door) -> None:
        door.site.may_answer.set()
        peer, connection = await door.connect()
        await peer.send(_HEAD)
        await until(lambda: connection.has_asked and not connection.is_answering)
        # Between two requests uvicorn's own limit holds.
        connection.judge(later(60))
        assert not connection.transport.is_closing()
        await peer.send(begun)
        await until(lambda: connection.owes_a_head)

        connection.judge(later(10.5))
        assert (await peer.rest()).count(b"HTTP/1.1 408 ") == (begun != b"\r\n")

    run(test)


def test_a_body_may_take_as_long_as_it_keeps_coming() -> None:
    async def test(door: _Door) -> None:
        door.site.may_answer.set()
        peer, connection = await door.connect()
        await peer.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + bytes(50_000))
        await until(lambda: connection.patience_seconds == 40 + 100)
        connection.judge(later(139))
        assert not connection.transport.is_closing()

        connection.judge(later(141))
        assert b"" == await peer.rest()

    run(test)


def test_the_application_may_take_its_time() -> None:
    async def test(door: _Door) -> None:
        peer, connection = await door.connect()
        await peer.send(_HEAD)
        await until(lambda: door.site.asked)
        connection.judge(later(10_000))
        door.site.may_answer.set()

        assert (await peer.read()).startswith(b"HTTP/1.1 200 ")

    run(test)


# Answers.


def test_who_reads_slowly_is_served_and_who_does_not_read_is_cut(caplog: pytest.LogCaptureFixture) -> None:
    async def test(door: _Door) -> None:
        door.site.may_answer.set()
        door.site.is_large = True
        peer, connection = await door.connect()
        await peer.send(_HEAD)
        now, read = time.monotonic(), 0
        while read < 4 * _MIB:
            # A third of a megabyte in 14 seconds.
            for _ in range(5):
                read += len(await peer.read())
            now += 14
            connection.judge(now)
            assert not connection.transport.is_closing()

        connection.judge(now + 14)
        connection.judge(now + 28)
        await until(lambda: connection.transport.is_closing() and not door.state.tasks)
        assert len(await peer.rest()) < 8 * _MIB

    run(test)
    assert [] == [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_what_is_queued_for_one_who_does_not_read_does_not_keep_a_finished_connection() -> None:
    async def test(door: _Door) -> None:
        door.site.may_answer.set()
        _, connection = await door.connect()
        # Answers that fit into what is written without waiting, and then the end of the connection.
        connection.transport.write(bytes(8 * _MIB))
        connection.transport.close()
        connection.judge(later(0))
        connection.judge(later(14))
        assert connection in door.state.connections

        connection.judge(later(16))
        await until(lambda: connection not in door.state.connections)

    run(test)


# Several requests at once.


def test_a_few_requests_at_once_are_answered_in_order() -> None:
    async def test(door: _Door) -> None:
        peer, _ = await door.connect()
        await peer.send(_HEAD * 5)
        await until(lambda: door.site.asked == 1)
        door.site.may_answer.set()
        answers = b""
        while answers.count(b"HTTP/1.1 200 ") < 5:
            answers += await peer.read()

        assert 5 == door.site.asked

    run(test)


def test_a_flood_of_requests_at_once_is_cut_and_none_but_the_first_is_begun(caplog: pytest.LogCaptureFixture) -> None:
    async def test(door: _Door) -> None:
        peer, _ = await door.connect()
        await peer.send(_HEAD * 5000)
        assert b"" == await peer.rest()
        door.site.may_answer.set()
        await until(lambda: not door.state.tasks)

        assert door.site.asked <= 1

    run(test)
    assert [] == [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


# Handing over.


@pytest.fixture
def _no_garbage_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


async def _asked_once(peer: _Peer, connection: BoundedHttp, door: _Door) -> None:
    await peer.send(_HEAD)
    while not (await peer.read()).endswith(b"\r\n0\r\n\r\n"):
        pass
    await until(lambda: not connection.is_answering and not door.state.tasks)


@pytest.mark.parametrize("has_asked", [False, True], ids=["at once", "after a request"])
@pytest.mark.usefixtures("_no_garbage_collection")
def test_nothing_of_the_http_side_is_left_when_the_connection_is_a_websocket(has_asked: bool) -> None:
    async def test(door: _Door) -> None:
        door.site.may_answer.set()
        peer, connection = await door.connect()
        if has_asked:
            await _asked_once(peer, connection, door)
        gone = weakref.ref(connection)
        del connection
        await peer.send(_HANDSHAKE)

        assert (await peer.read()).startswith(b"<GET /ws HTTP/1.1\r\n")
        await until(lambda: gone() is None)
        assert set() == door.state.connections
        await peer.send(b"frame")
        assert b"<frame>" == await peer.read()

    run(test)


def test_a_connection_on_which_an_answer_is_due_does_not_become_a_websocket() -> None:
    async def test(door: _Door) -> None:
        peer, _ = await door.connect()
        await peer.send(_HEAD + _HANDSHAKE)

        assert b"" == await peer.rest()

    run(test)
