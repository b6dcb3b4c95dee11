"""One native connection of a device, in asyncio and JSON: commands out, replies and pushes in. It knows no chat."""

import asyncio
import itertools
import json
from collections.abc import Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

Frame = dict[str, Any]

# Beyond the server's interval. The SDKs have 10 s; a run is short.
_PATIENCE_SECONDS = 4.0


class Gone(Exception):
    """The connection has ended: with this code, 1006 for none, 0 when we gave it up."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason


class CommandFailed(Exception):
    def __init__(self, error: Frame) -> None:
        super().__init__(str(error))
        self.code: int = error.get("code", 0)
        self.is_temporary = bool(error.get("temporary"))


class Wire:
    """`on_push` is called with each push, in the order in which they come; replies wake who asked."""

    def __init__(self, socket: ClientConnection, on_push: Callable[[Frame], None]) -> None:
        self._socket = socket
        self._on_push = on_push
        self._on_connected: Callable[[Frame], None] | None = None
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Frame]] = {}
        self._out: list[str] = []
        self._ping_seconds = 25.0
        self._may_read = asyncio.Event()
        self._may_read.set()

    @classmethod
    async def open(cls, url: str, on_push: Callable[[Frame], None], *, seconds: float) -> "Wire":
        try:
            socket = await connect(
                url,
                compression=None,
                proxy=None,
                ping_interval=None,
                open_timeout=seconds,
                close_timeout=1,
                max_queue=4,
                max_size=4_194_304,
            )
        except (OSError, InvalidHandshake, TimeoutError, EOFError, ConnectionClosed) as error:
            raise Gone(0, type(error).__name__) from None
        return cls(socket, on_push)

    async def connect(self, token: str, subs: Frame, on_connected: Callable[[Frame], None], *, seconds: float) -> None:
        """
        `on_connected` is called with the result, before any push that came with it. Raises Gone, CommandFailed.
        """
        self._on_connected = on_connected
        future = self._say("connect", {"token": token, "subs": subs})
        try:
            async with asyncio.timeout(seconds):
                await self._flush()
                while not future.done():
                    self._take(await self._socket.recv())
        except TimeoutError:
            raise Gone(0, "no answer to connect") from None
        except ConnectionClosed as error:
            raise _gone(error) from None
        self._ping_seconds = future.result().get("ping", 25)

    async def read(self) -> None:
        """Until it ends, which raises Gone."""
        try:
            while True:
                await self._may_read.wait()
                async with asyncio.timeout(self._ping_seconds + _PATIENCE_SECONDS):
                    frame = await self._socket.recv()
                self._take(frame)
                await self._flush()
        except TimeoutError:
            raise Gone(0, "no ping") from None
        except ConnectionClosed as error:
            raise _gone(error) from None
        finally:
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(Gone(0, "the connection ended"))
                    # Nobody may be waiting any more.
                    future.exception()

    async def ask(self, method: str, request: Frame, *, seconds: float) -> Frame:
        """Raises Gone, CommandFailed, TimeoutError."""
        future = self._say(method, request)
        try:
            await self._flush()
            async with asyncio.timeout(seconds):
                return await future
        except ConnectionClosed as error:
            raise _gone(error) from None

    def stall(self) -> None:
        """Read nothing more, until `resume`; what has been read from the socket already is less than 4 frames."""
        self._may_read.clear()

    def resume(self) -> None:
        self._may_read.set()

    async def close(self) -> None:
        self._socket.transport.abort()

    def _say(self, method: str, request: Frame) -> "asyncio.Future[Frame]":
        number = next(self._ids)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        self._out.append(json.dumps({"id": number, method: request}, ensure_ascii=False))
        return self._waiting[number]

    def _take(self, frame: str | bytes) -> None:
        for line in (frame.decode() if isinstance(frame, bytes) else frame).split("\n"):
            if not line:
                continue
            reply: Frame = json.loads(line)
            if not reply:
                self._out.append("{}")
            elif "push" in reply:
                self._on_push(reply["push"])
            elif (future := self._waiting.pop(reply.get("id", 0), None)) is not None and not future.done():
                if "error" in reply:
                    future.set_exception(CommandFailed(reply["error"]))
                else:
                    future.set_result(next(value for key, value in reply.items() if key != "id"))
                    if "connect" in reply and self._on_connected is not None:
                        self._on_connected(reply["connect"])

    async def _flush(self) -> None:
        while self._out:
            await self._socket.send(self._out.pop(0))


def _gone(error: ConnectionClosed) -> Gone:
    return Gone(error.rcvd.code, error.rcvd.reason) if error.rcvd is not None else Gone(1006)
