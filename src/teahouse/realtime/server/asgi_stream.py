"""
One native connection over http_stream or SSE: a response without end, on any ASGI server. What its client sends comes
in other requests, by `offer`.
"""

import asyncio
import collections
import contextlib
import time
from collections.abc import Sequence

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable

from teahouse.realtime.server.asgi_connection import send_quietly
from teahouse.realtime.server.asgi_native import ASGINative
from teahouse.realtime.server.emulation import Emulation, Outcome
from teahouse.realtime.server.outlet import Frame
from teahouse.realtime.wire.centrifuge.codec import Codec, JSONCodec
from teahouse.realtime.wire.centrifuge.frames import Disconnect, Push
from teahouse.realtime.wire.centrifuge.protobuf import PROTOBUF
from teahouse.realtime.wire.codes import Ending, may_return
from teahouse.realtime.wire.pace import Pace

# What a client may have sent that waits for its turn; browsers have far fewer requests at once.
_MOST_OFFERED = 64
# Requests, after as many at once: each costs as much as twenty commands over a WebSocket.
_TAKEN_PER_SECOND = 256
_END_SECONDS = 1.0
# A reader that is cut has until then to be gone: our own server cuts it before, others drop it when we return.
_CUT_SECONDS = 20.0


class Lines(JSONCodec):
    """What http_stream sends in JSON: each message on a line."""

    def join(self, messages: Sequence[bytes]) -> bytes:
        return b"".join([message + b"\n" for message in messages])


class Events(JSONCodec):
    """What SSE sends: each message an event (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

    def join(self, messages: Sequence[bytes]) -> bytes:
        # Between tokens JSON may have a \r, which would end the line here; in strings it is escaped.
        return b"".join([b"data: %b\n\n" % message.replace(b"\r", b"") for message in messages])


class Kind:
    """How a stream looks on the wire. `beginning` is sent first: with it, proxies and browsers begin to show it."""

    def __init__(self, codec: Codec, content_type: bytes, *, beginning: bytes = b"") -> None:
        self.codec = codec
        self.content_type = content_type
        self.beginning = beginning


LINES = Kind(Lines(), b"application/x-ndjson")
BINARY = Kind(PROTOBUF, b"application/octet-stream")
EVENTS = Kind(Events(), b"text/event-stream", beginning=b"\r\n")


class ASGIStream(ASGINative):
    """`frame` are the commands it begins with, `headers` those of its response."""

    def __init__(
        self,
        emulation: Emulation,
        kind: Kind,
        send: ASGISendCallable,
        *,
        frame: bytes,
        headers: Sequence[tuple[bytes, bytes]],
    ) -> None:
        super().__init__(emulation.engine, kind.codec, send)
        self._emulation = emulation
        self._kind = kind
        self._first = frame
        self._headers = headers
        self._offered: collections.deque[tuple[bytes, asyncio.Future[Outcome]]] = collections.deque()
        self._pace = Pace(per_second=_TAKEN_PER_SECOND, burst=_MOST_OFFERED, now=time.monotonic())
        # While it is others' turn, nothing is taken.
        self._rest: asyncio.TimerHandle | None = None
        self._has_left = asyncio.Event()
        self.native.is_emulated = True
        self.native.session_id = emulation.open(self)

    # What the client sends.

    def offer(self, frame: bytes) -> asyncio.Future[Outcome]:
        """
        While too much is not done, or was done within a short time, it waits, and so does the client's request: that is
        all that slows clients. For commands the limits are those of a WebSocket.
        """
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        if self._goodbye is not None:
            outcome.set_result(Outcome.GONE)
        elif len(self._offered) >= _MOST_OFFERED:
            outcome.set_result(Outcome.FULL)
        else:
            self._offered.append((frame, outcome))
            self._take_offered()
        return outcome

    def _take_offered(self) -> None:
        while self._offered and self._goodbye is None and self._rest is None and not self.native.is_full:
            frame, outcome = self._offered.popleft()
            # The request may have been given up; its commands are here all the same.
            if not outcome.done():
                outcome.set_result(Outcome.TAKEN)
            self._receive(frame)
            seconds = max(self.native.rest_seconds(), self._pace.take(time.monotonic()))
            if seconds:
                self._rest = asyncio.get_running_loop().call_later(seconds, self._has_rested)

    def _has_rested(self) -> None:
        self._rest = None
        self._take_offered()

    def _receive(self, frame: bytes) -> None:
        if not self._codec.is_text:
            self.native.receive(frame)
            return
        try:
            text = frame.decode()
        except UnicodeDecodeError:
            self.close(Ending.BAD_REQUEST)
        else:
            self.native.receive(text)

    # For the native connection and the hub.

    def send(self, payload: bytes) -> None:
        if payload and self._goodbye is None:
            self._outlet.put(payload)

    def go_on(self) -> None:
        self._take_offered()

    def tick(self, now: float) -> None:
        super().tick(now)
        # Another connection of this person may have been what was waited for.
        self._take_offered()

    def end(self, code: int, reason: str, *, is_slow: bool = False) -> None:
        if self._goodbye is None and not is_slow:
            # There is no close frame: a push says it.
            self.native.session.push(Push(disconnect=Disconnect(code, reason, may_return(code))))
            self.send(self.native.session.payload())
        super().end(code, reason, is_slow=is_slow)

    # Its life.

    async def _accept(self) -> None:
        headers = [(b"content-type", self._kind.content_type), *self._headers]
        await self._send({"type": "http.response.start", "status": 200, "headers": headers, "trailers": False})
        if self._kind.beginning:
            await self._send_frame(self._kind.beginning)

    def _opened(self) -> None:
        super()._opened()
        self._receive(self._first)

    async def _read(self, receive: ASGIReceiveCallable) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._has_left.set()

    async def _send_frame(self, frame: Frame) -> None:
        body = frame.encode() if isinstance(frame, str) else frame
        await self._send({"type": "http.response.body", "body": body, "more_body": True})

    async def _say_goodbye(self, code: int, reason: str, flush: bool) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_END_SECONDS if flush else _CUT_SECONDS):
                if flush:
                    await self._outlet.flush()
                    await send_quietly(self._send, {"type": "http.response.body", "body": b"", "more_body": False})
                else:
                    # An end would stand behind all that is not read, and returning without one is logged as a fault.
                    await self._has_left.wait()

    def _left(self) -> None:
        super()._left()
        self._emulation.close(self.native.session_id)
        while self._offered:
            _, outcome = self._offered.popleft()
            if not outcome.done():
                outcome.set_result(Outcome.GONE)
