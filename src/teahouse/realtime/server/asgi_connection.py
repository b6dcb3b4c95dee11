"""What both doors have in common on any ASGI server: a reader, a writer, and how it ends."""

import asyncio
import contextlib
import logging
import time
from typing import Any

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable

from teahouse.realtime import metrics
from teahouse.realtime.application import Admission
from teahouse.realtime.engine import Engine
from teahouse.realtime.server.outlet import Outlet
from teahouse.realtime.wire.codes import Ending

logger = logging.getLogger(__name__)

_CLOSE_SECONDS = 1.0


class ASGIConnection:
    """One connection from its admission to its end."""

    # For counting.
    protocol = ""

    def __init__(self, engine: Engine, send: ASGISendCallable, *, subprotocol: str | None = None) -> None:
        self.admission: Admission | None = None
        # Its limits are looked at each second.
        self.due_at = 0.0
        self._engine = engine
        self._send = send
        self._subprotocol = subprotocol
        self._outlet = Outlet(
            self._send_frame, max_bytes=engine.conf.max_unsent_bytes, max_seconds=engine.conf.max_unread_seconds
        )
        self._reading: asyncio.Task[None]
        self._command_done = asyncio.Event()
        self._ended = asyncio.Event()
        # Code, reason, and whether what was put before should be sent first.
        self._goodbye: tuple[int, str, bool] | None = None

    # For the subclasses.

    def _text(self, text: str) -> None:
        raise NotImplementedError

    def _binary(self, data: bytes) -> None:
        raise NotImplementedError

    def _opened(self) -> None:
        """The handshake is answered."""

    def _are_too_many(self) -> bool:
        """Whether reading should pause."""
        raise NotImplementedError

    def _rest_seconds(self) -> float:
        """How long others should have their turn, after what one frame has brought."""
        return 0.0

    def _left(self) -> None:
        """It has ended: hear nothing more. May be called again."""

    # The hub's side.

    @property
    def unsent_bytes(self) -> int:
        return self._outlet.unsent_bytes

    def end(self, code: int, reason: str, *, is_slow: bool = False) -> None:
        """Once; again changes nothing."""
        if self._goodbye is None:
            self._goodbye = (code, reason, not is_slow)
            # Nothing more is delivered from here on, so others need not wait for this one to be gone.
            self._left()
            self._ended.set()

    def judge_reader(self, now: float) -> bool:
        """Whether it reads too slowly."""
        return self._outlet.is_stuck(now)

    # Its life.

    async def live(self, receive: ASGIReceiveCallable) -> None:
        gauge = metrics.connections.labels(self.protocol)
        gauge.inc()
        tasks: list[asyncio.Task[Any]] = []
        try:
            await self._accept()
            self._opened()
            self._reading = asyncio.create_task(self._read(receive))
            tasks = [
                self._reading,
                asyncio.create_task(self._outlet.run()),
                asyncio.create_task(self._ended.wait()),
            ]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if self._goodbye is not None:
                await self._say_goodbye(*self._goodbye)
        except OSError:
            pass  # The client left during the handshake.
        finally:
            self._left()
            gauge.dec()
            for task in tasks:
                task.cancel()
            for outcome in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(outcome, Exception) and not isinstance(outcome, OSError):
                    logger.error("A connection ended by a fault of ours.", exc_info=outcome)

    async def _accept(self) -> None:
        await self._send({"type": "websocket.accept", "subprotocol": self._subprotocol, "headers": []})

    async def _read(self, receive: ASGIReceiveCallable) -> None:
        while True:
            event = await receive()
            if event["type"] == "websocket.disconnect":
                return
            if event["type"] != "websocket.receive":
                continue
            text = event.get("text")
            if text is not None:
                self._text(text)
            else:
                self._binary(event.get("bytes") or b"")
            if rest := self._rest_seconds():
                await asyncio.sleep(rest)
            while self._are_too_many() and self._goodbye is None:
                self._command_done.clear()
                # Another connection of this person may be what is waited for.
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._command_done.wait(), 1)

    async def _say_goodbye(self, code: int, reason: str, flush: bool) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                if flush:
                    await self._outlet.flush()
                # granian sends no close frame while somebody waits for the next event.
                self._reading.cancel()
                await asyncio.wait([self._reading])
                await close(self._send, code, reason)

    async def _send_frame(self, frame: str | bytes) -> None:
        if isinstance(frame, str):
            await self._send({"type": "websocket.send", "bytes": None, "text": frame})
        else:
            await self._send({"type": "websocket.send", "bytes": frame, "text": None})


async def close(send: ASGISendCallable, code: int, reason: str) -> None:
    # daphne refuses to send a code below 3000, and would then leave the connection open.
    for one in (code, Ending.FAULT.classic):
        if await send_quietly(send, {"type": "websocket.close", "code": one, "reason": reason}):
            return


async def send_quietly(send: ASGISendCallable, event: Any) -> bool:
    # The other side may be gone already, which each server says in a way of its own.
    try:
        await send(event)
    except Exception:
        return False
    return True


def monotonic_end(expires_at: float | None) -> float | None:
    """A time of the wall clock as one of the monotonic clock."""
    return None if expires_at is None else time.monotonic() + expires_at - time.time()
