"""
A cable between two processes that can be damaged on command: cut, silent in one direction or both, slow, narrow. In
asyncio; `tests.live.cable` is its sibling for tests without a loop.
"""

import asyncio
import contextlib
import socket
import struct
from typing import Literal, TypeAlias

Direction: TypeAlias = Literal["there", "back"]

_AT_ONCE = 65_536
_RESET = struct.pack("ii", 1, 0)
_BOTH: tuple[Direction, ...] = ("there", "back")


class Proxy:
    """
    Passes bytes from `port` to `target_port` ("there") and back. While it is cut, whoever connects is reset. While a
    direction is silent, its bytes wait and nobody is told, and they arrive afterwards, as TCP sends them again.
    """

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self.port = 0
        self._server: asyncio.Server | None = None
        self._links: set[_Link] = set()
        self._accepted: set[asyncio.Task[None]] = set()
        self._is_cut = False
        self._passes = {direction: asyncio.Event() for direction in _BOTH}
        self._delay_seconds = 0.0
        self._bytes_per_second: float | None = None
        self.heal()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self.heal()
        self._is_cut = True
        self.reset()
        await asyncio.gather(*self._accepted, return_exceptions=True)

    # Faults.

    def heal(self) -> None:
        """All faults are over; connections that were reset stay so."""
        self._is_cut = False
        self._delay_seconds = 0.0
        self._bytes_per_second = None
        for event in self._passes.values():
            event.set()

    def reset(self) -> int:
        """End every connection by RST, to both ends; new ones are welcome. How many there were."""
        links = list(self._links)
        for link in links:
            link.reset()
        return len(links)

    def cut(self) -> None:
        self._is_cut = True
        self.reset()

    def silence(self, *directions: Direction) -> None:
        for direction in directions or _BOTH:
            self._passes[direction].clear()

    def delay(self, seconds: float) -> None:
        """Each way."""
        self._delay_seconds = seconds

    def throttle(self, bytes_per_second: float) -> None:
        """Each connection and each way."""
        self._bytes_per_second = bytes_per_second

    # Passing on.

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        near = _End(reader, writer)
        task = asyncio.current_task()
        assert task is not None
        self._accepted.add(task)
        task.add_done_callback(self._accepted.discard)
        if self._is_cut:
            near.reset()
            return
        # Who connects through a silent cable has shaken hands with us only.
        await self._passes["there"].wait()
        try:
            far = _End(*await asyncio.open_connection("127.0.0.1", self._target_port))
        except OSError:
            near.reset()
            return
        link = _Link(near, far)
        self._links.add(link)
        link.tasks = [
            asyncio.create_task(self._pass_on(near, far, "there")),
            asyncio.create_task(self._pass_on(far, near, "back")),
        ]
        if self._is_cut:
            link.reset()
        try:
            await asyncio.wait(link.tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # Whatever ended one direction ends the other: nobody here talks to half a connection.
            link.reset()
            self._links.discard(link)

    async def _pass_on(self, source: "_End", to: "_End", direction: Direction) -> None:
        """What is under way while the cable is slow stays in order, and more may set out behind it."""
        on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=16)
        arriving = asyncio.create_task(self._arrive(on_the_way, to, direction))
        try:
            with contextlib.suppress(OSError):
                while data := await source.reader.read(_AT_ONCE):
                    await on_the_way.put((asyncio.get_running_loop().time() + self._delay_seconds, data))
                    if arriving.done():
                        return
            # An orderly end arrives behind what was said before it.
            await on_the_way.put((asyncio.get_running_loop().time() + self._delay_seconds, b""))
            await arriving
        finally:
            arriving.cancel()

    async def _arrive(self, on_the_way: asyncio.Queue[tuple[float, bytes]], to: "_End", direction: Direction) -> None:
        clock = asyncio.get_running_loop().time
        with contextlib.suppress(OSError):
            while True:
                due, data = await on_the_way.get()
                if due > clock():
                    await asyncio.sleep(due - clock())
                await self._passes[direction].wait()
                if not data:
                    to.writer.close()
                    return
                if self._bytes_per_second:
                    await asyncio.sleep(len(data) / self._bytes_per_second)
                to.writer.write(data)
                await to.writer.drain()


class _End:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def reset(self) -> None:
        with contextlib.suppress(OSError):
            self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.writer.transport.abort()


class _Link:
    def __init__(self, near: _End, far: _End) -> None:
        self.near = near
        self.far = far
        self.tasks: list[asyncio.Task[None]] = []

    def reset(self) -> None:
        self.near.reset()
        self.far.reset()
        for task in self.tasks:
            task.cancel()
