"""
The article's door on any ASGI server: a Channels consumer that drives a classic session. Holds no rule.

It has no channel layer: who hears what is the hub's business. Channels' own dispatch makes a thread hop for every
message and skips the cleaning up when a handler fails, so `__call__` is ours from end to end.
"""

import asyncio
import contextlib
import logging
import time
from typing import Any

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, WebSocketScope
from channels.consumer import AsyncConsumer

from teahouse.realtime import metrics
from teahouse.realtime.application import Admission, Refused
from teahouse.realtime.engine import Engine, started_engine
from teahouse.realtime.passes import Batch
from teahouse.realtime.server.admission import admit
from teahouse.realtime.server.commands import Commands
from teahouse.realtime.server.handshake import header, origin_of_scope_is_allowed
from teahouse.realtime.server.outlet import Outlet
from teahouse.realtime.wire.classic.session import ClassicSession
from teahouse.realtime.wire.codes import Ending

logger = logging.getLogger(__name__)

_CLOSE_SECONDS = 1.0


class ClassicConsumer(AsyncConsumer):  # type: ignore[misc]
    async def __call__(self, scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        event = await receive()
        if event["type"] != "websocket.connect":
            return
        engine = await started_engine()
        if not origin_of_scope_is_allowed(scope, engine.conf):
            metrics.refused.labels("origin").inc()
            logger.warning(
                "A page of %r may not open a socket here; TEAHOUSE_ALLOWED_ORIGINS says who may.",
                header(scope, b"origin"),
            )
            await _send_quietly(send, {"type": "websocket.close", "code": Ending.BAD_TOKEN.classic})
            return
        try:
            connection = await admit(
                engine, scope["query_string"], lambda admission: _Connection(engine, admission, send)
            )
        except Refused as refused:
            # A code sent before the handshake is done reaches the browser only as 1006, so accept, then close.
            await _send_quietly(send, {"type": "websocket.accept"})
            await _close(send, refused.ending)
        else:
            await connection.live(receive)


class _Connection:
    """One connection from its admission to its end: a reader, a writer, and a task while there are commands."""

    def __init__(self, engine: Engine, admission: Admission, send: ASGISendCallable) -> None:
        self.admission = admission
        self._engine = engine
        self._send = send
        expires_in = None if admission.expires_at is None else admission.expires_at - time.time()
        self._session = ClassicSession(
            limits=engine.conf.limits,
            expires_at=None if expires_in is None else time.monotonic() + expires_in,
        )
        self._outlet = Outlet(
            self._send_text,
            max_bytes=engine.conf.max_unsent_bytes,
            max_seconds=engine.conf.max_unread_seconds,
        )
        self._command_done = asyncio.Event()
        self._commands = Commands(engine, admission, self._session, close=self.close, done=self._command_done.set)
        self._ended = asyncio.Event()

    # For the hub.

    def deliver(self, batch: Batch) -> None:
        if self._session.ending is None:
            for frame in batch.frames:
                self._outlet.put(frame)
            if self._outlet.is_stuck(time.monotonic()):
                self.close(Ending.SLOW)

    def close(self, ending: Ending) -> None:
        self._session.close(ending)
        # Nothing more is delivered from here on, so others need not wait for this one to be gone.
        self._engine.leave(self)
        self._ended.set()

    def tick(self, now: float) -> None:
        self._session.tick(now)
        if self._outlet.is_stuck(now):
            self._session.close(Ending.SLOW)
        self._follow_session()

    # Its life.

    async def live(self, receive: ASGIReceiveCallable) -> None:
        gauge = metrics.connections.labels("classic")
        gauge.inc()
        tasks: list[asyncio.Task[Any]] = []
        try:
            await self._send({"type": "websocket.accept", "subprotocol": None, "headers": []})
            tasks = [
                asyncio.create_task(self._read(receive)),
                asyncio.create_task(self._outlet.run()),
                asyncio.create_task(self._ended.wait()),
            ]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if self._session.ending is not None:
                await self._say_goodbye(self._session.ending)
        except OSError:
            pass  # The client left during the handshake.
        finally:
            self._engine.leave(self)
            gauge.dec()
            for task in tasks:
                task.cancel()
            for outcome in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(outcome, Exception) and not isinstance(outcome, OSError):
                    logger.error("A connection ended by a fault of ours.", exc_info=outcome)
            for reason, count in self._session.ignored.items():
                metrics.ignored.labels(reason).inc(count)

    async def _read(self, receive: ASGIReceiveCallable) -> None:
        while True:
            event = await receive()
            if event["type"] == "websocket.disconnect":
                return
            if event["type"] != "websocket.receive":
                continue
            text = event.get("text")
            if text is not None:
                self._session.receive_text(text)
            else:
                self._session.receive_bytes(event.get("bytes") or b"")
            self._follow_session()
            while self._commands.are_too_many and self._session.ending is None:
                self._command_done.clear()
                # Another connection of this person may be what is waited for.
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._command_done.wait(), 1)

    def _follow_session(self) -> None:
        for frame in self._session.frames_to_send():
            self._outlet.put(frame)
        self._commands.add(self._session.commands())
        if self._session.ending is not None:
            self.close(self._session.ending)

    async def _say_goodbye(self, ending: Ending) -> None:
        metrics.ended.labels(ending.name.lower()).inc()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                if ending is not Ending.SLOW:
                    await self._outlet.flush()
                await _close(self._send, ending)

    async def _send_text(self, frame: str) -> None:
        await self._send({"type": "websocket.send", "bytes": None, "text": frame})


async def _close(send: ASGISendCallable, ending: Ending) -> None:
    # daphne refuses to send a code below 3000, and would then leave the connection open.
    for code in (ending.classic, Ending.FAULT.classic):
        if await _send_quietly(send, {"type": "websocket.close", "code": code, "reason": ending.sentence}):
            return


async def _send_quietly(send: ASGISendCallable, event: Any) -> bool:
    # The other side may be gone already, which each server says in a way of its own.
    try:
        await send(event)
    except Exception:
        return False
    return True
