"""
The article's door as a WebSocket protocol class of uvicorn: `--ws teahouse.realtime.server.fast:FastWebSocket`.

After the handshake a connection is this object and nothing else: no task, no queue, no ASGI message. Paths that are
not the engine's go to uvicorn's own class, and so to the site's ProtocolTypeRouter. It drives the same sessions as
`consumer.py` and holds no rule.
"""

import asyncio
import base64
import binascii
import enum
import hashlib
import logging
import time
from typing import Any, cast

import uvicorn
from asgiref.typing import WebSocketScope

from teahouse.realtime import metrics
from teahouse.realtime.application import Admission, Refused
from teahouse.realtime.engine import Engine, running_engine
from teahouse.realtime.passes import Batch
from teahouse.realtime.server.admission import admit
from teahouse.realtime.server.commands import Commands
from teahouse.realtime.server.handshake import header, origin_of_scope_is_allowed
from teahouse.realtime.server.uvicorn_seam import PlainWebSocket, ServerState, scheme_of
from teahouse.realtime.wire import framing
from teahouse.realtime.wire.classic.session import ClassicSession
from teahouse.realtime.wire.codes import Ending
from teahouse.realtime.wire.pace import Pace

logger = logging.getLogger(__name__)

_PATHS = frozenset((b"/infra/ws", b"/infra/ws/"))
_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
# How long the peer may take to answer a close frame (RFC 6455 §7.1.1 lets us close then).
_CLOSE_SECONDS = 2.0
# Pings and pongs that a peer may send: far more than any client does, far less than keeps others waiting.
_CONTROL_PER_SECOND = 20
_CONTROL_BURST = 100
# Above this much unsent, the transport says so and the limits are looked at.
_HIGH_WATER_BYTES = 65_536


class _State(enum.Enum):
    HANDSHAKE = enum.auto()
    ADMITTING = enum.auto()
    OPEN = enum.auto()
    # Our close frame is on its way; only the peer's is waited for.
    CLOSING = enum.auto()
    CLOSED = enum.auto()


class FastWebSocket(asyncio.Protocol):
    """One connection from its handshake to its end."""

    __slots__ = (
        "_app_state", "_asked_at", "_close_timer", "_commands", "_config", "_control_pace", "_engine", "_heard",
        "_held", "_is_full", "_paused_at", "_reader", "_server_state", "_session", "_silent_since", "_state",
        "_task", "_transport", "admission",
    )  # fmt: skip

    def __init__(
        self, config: uvicorn.Config, server_state: ServerState, app_state: dict[str, Any], _loop: object = None
    ) -> None:
        self.admission = cast(Admission, None)
        self._config = config
        self._server_state = server_state
        self._app_state = app_state
        self._state = _State.HANDSHAKE
        self._engine = cast(Engine, None)
        self._transport = cast(asyncio.Transport, None)
        self._reader = cast(framing.FrameReader, None)
        self._session = cast(ClassicSession, None)
        self._commands = cast(Commands, None)
        self._task: asyncio.Task[None] | None = None
        self._close_timer: asyncio.TimerHandle | None = None
        self._control_pace: Pace | None = None
        # What is published between joining and the answer to the handshake.
        self._held: list[bytes] | None = None
        self._paused_at: float | None = None
        self._is_full = False
        # For the server's own pings: whether anything came since the last tick, since when not, when it was asked.
        self._heard = True
        self._silent_since = 0.0
        self._asked_at: float | None = None

    # The transport's side.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._server_state.connections.add(self)  # type: ignore[arg-type]

    def data_received(self, data: bytes) -> None:
        if self._state is _State.OPEN:
            self._heard = True
            self._read(data)
        elif self._state is _State.HANDSHAKE:
            self._shake_hands(data)
        elif self._state is _State.CLOSING:
            self._read_the_end(data)

    def eof_received(self) -> None:
        return None  # The transport closes itself.

    def connection_lost(self, error: Exception | None) -> None:
        self._server_state.connections.discard(self)
        if self._task is not None:
            self._task.cancel()
        if self._close_timer is not None:
            self._close_timer.cancel()
        self._leave(_State.CLOSED)

    def pause_writing(self) -> None:
        self._paused_at = time.monotonic()

    def resume_writing(self) -> None:
        self._paused_at = None

    def shutdown(self) -> None:
        """uvicorn asks this of everything that is still connected when it ends."""
        self.close(Ending.DRAIN)
        self._transport.close()

    # The hub's side.

    def deliver(self, batch: Batch) -> None:
        if self._session.ending is not None:
            return
        if self._held is not None:
            self._held.append(batch.wire)
            return
        self._transport.write(batch.wire)
        if self._paused_at is not None:
            self._judge_reader(time.monotonic())

    def close(self, ending: Ending) -> None:
        if self._state is _State.ADMITTING and self._session is not None:
            self._session.close(ending)
        if self._state is not _State.OPEN:
            return
        self._session.close(ending)
        metrics.ended.labels(ending.name.lower()).inc()
        if ending is Ending.SLOW:
            # A frame that says so would stand behind all that is not read.
            self._cut()
        else:
            self._send_close(ending.classic, ending.sentence)

    def tick(self, now: float) -> None:
        if self._state is not _State.OPEN:
            return
        self._session.tick(now)
        if self._session.ending is not None:
            self.close(self._session.ending)
            return
        if self._paused_at is not None:
            self._judge_reader(now)
        if self._is_full:
            # Another connection of this person may have been what was waited for.
            self._read_on()
        else:
            self._judge_silence(now)

    # The handshake (RFC 6455 §4.2).

    def _shake_hands(self, data: bytes) -> None:
        # uvicorn hands over the whole request in one piece; its HTTP side has parsed and limited it.
        head = data.partition(b"\r\n\r\n")[0].split(b"\r\n")
        method, target, _ = head[0].split(b" ", 2)
        path, _, query = target.partition(b"?")
        engine = running_engine()
        if path not in _PATHS or engine is None:
            self._hand_over(data)
            return
        self._engine = engine
        headers = [
            (name.strip().lower(), value.strip()) for name, _, value in (line.partition(b":") for line in head[1:])
        ]
        scope = cast(
            WebSocketScope,
            {"headers": headers, "scheme": scheme_of(self._config, self._transport, headers), "query_string": query},
        )
        key = header(scope, b"sec-websocket-key") or ""
        if method != b"GET" or not _is_key(key):
            self._refuse(b"400 Bad Request")
        elif header(scope, b"sec-websocket-version") != "13":
            self._refuse(b"426 Upgrade Required", b"sec-websocket-version: 13\r\n")
        elif not origin_of_scope_is_allowed(scope, engine.conf):
            metrics.refused.labels("origin").inc()
            logger.warning(
                "A page of %r may not open a socket here; TEAHOUSE_ALLOWED_ORIGINS says who may.",
                header(scope, b"origin"),
            )
            self._refuse(b"403 Forbidden")
        else:
            self._state = _State.ADMITTING
            # Whatever comes early waits in the kernel.
            self._transport.pause_reading()
            self._task = asyncio.get_running_loop().create_task(self._admit(engine, query, key))

    async def _admit(self, engine: Engine, query: bytes, key: str) -> None:
        refused: Ending | None = None
        try:
            await admit(engine, query, self._become)
        except Refused as error:
            refused = error.ending
        self._task = None
        if self._transport.is_closing():
            return
        accept = base64.b64encode(hashlib.sha1(key.encode() + _MAGIC, usedforsecurity=False).digest())
        self._transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        self._reader = framing.FrameReader(
            max_bytes=engine.conf.limits.max_frame_bytes, max_fragments=engine.conf.limits.max_fragments
        )
        if refused is not None:
            # A code sent before the handshake is done reaches the browser only as 1006, so accept, then close.
            self._send_close(refused.classic, refused.sentence)
        else:
            self._open()
        self._transport.resume_reading()

    def _become(self, admission: Admission) -> "FastWebSocket":
        expires_at = None
        if admission.expires_at is not None:
            expires_at = time.monotonic() + admission.expires_at - time.time()
        self.admission = admission
        self._session = ClassicSession(limits=self._engine.conf.limits, expires_at=expires_at)
        self._commands = Commands(self._engine, admission, self._session, close=self.close, done=self._read_on)
        self._held = []
        return self

    def _open(self) -> None:
        self._state = _State.OPEN
        self._transport.set_write_buffer_limits(high=_HIGH_WATER_BYTES)
        metrics.connections.labels("classic").inc()
        held, self._held = self._held, None
        if held:
            self._transport.write(b"".join(held))
        if self._session.ending is not None:
            self.close(self._session.ending)

    def _hand_over(self, data: bytes) -> None:
        self._server_state.connections.discard(self)
        plain = PlainWebSocket(self._config, self._server_state, self._app_state)
        plain.connection_made(self._transport)
        # uvicorn makes us the transport's protocol as soon as we return.
        asyncio.get_running_loop().call_soon(self._transport.set_protocol, plain)
        plain.data_received(data)
        self._state = _State.CLOSED

    def _refuse(self, status: bytes, headers: bytes = b"") -> None:
        self._state = _State.CLOSED
        self._transport.write(
            b"HTTP/1.1 " + status + b"\r\n" + headers + b"content-length: 0\r\nconnection: close\r\n\r\n"
        )
        self._transport.close()

    # Reading.

    def _read(self, data: bytes) -> None:
        reader = self._reader
        for frame in reader.receive(data):
            if frame.kind is framing.Kind.TEXT:
                self._session.receive_text(frame.text)
            elif frame.kind is framing.Kind.BINARY:
                self._session.receive_bytes(frame.data)
            elif frame.kind is framing.Kind.CLOSE:
                self._answer_close(frame)
                return
            elif self._is_control_flood():
                metrics.ended.labels("control_flood").inc()
                self._send_close(framing.POLICY, "Too many control frames.")
                return
            elif frame.kind is framing.Kind.PING:
                self._transport.write(framing.pong_frame(frame.data))
        self._follow_session()
        if reader.failure is not None and self._state is _State.OPEN:
            metrics.ended.labels("bad_framing").inc()
            self._send_close(reader.failure.code, str(reader.failure))

    def _follow_session(self) -> None:
        session = self._session
        for frame in session.frames_to_send():
            self._transport.write(framing.text_frame(frame))
        self._commands.add(session.commands())
        if session.ending is not None:
            self.close(session.ending)
        elif self._commands.are_too_many and not self._is_full:
            self._is_full = True
            self._transport.pause_reading()

    def _read_on(self) -> None:
        if self._is_full and not self._commands.are_too_many and self._state is _State.OPEN:
            self._is_full = False
            self._heard = True
            self._transport.resume_reading()

    def _is_control_flood(self) -> bool:
        now = time.monotonic()
        if self._control_pace is None:
            self._control_pace = Pace(per_second=_CONTROL_PER_SECOND, burst=_CONTROL_BURST, now=now)
        return self._control_pace.take(now) > 0

    # Ending.

    def _send_close(self, code: int, reason: str) -> None:
        self._leave(_State.CLOSING)
        self._transport.write(framing.close_frame(code, reason))
        if self._is_full:
            self._transport.resume_reading()
        self._close_timer = asyncio.get_running_loop().call_later(_CLOSE_SECONDS, self._transport.abort)

    def _answer_close(self, frame: framing.Frame) -> None:
        self._leave(_State.CLOSED)
        self._transport.write(framing.close_frame(frame.code))
        self._transport.close()

    def _cut(self) -> None:
        self._leave(_State.CLOSED)
        self._transport.abort()

    def _read_the_end(self, data: bytes) -> None:
        # Only the peer's close frame matters now; a peer that breaks the protocol here is past caring for.
        frames = self._reader.receive(data)
        if self._reader.failure is not None or any(frame.kind is framing.Kind.CLOSE for frame in frames):
            self._state = _State.CLOSED
            self._transport.close()

    def _leave(self, state: _State) -> None:
        was, self._state = self._state, state
        if self._session is not None:
            self._engine.leave(self)
        if was is _State.OPEN:
            metrics.connections.labels("classic").dec()
            for reason, count in self._session.ignored.items():
                metrics.ignored.labels(reason).inc(count)

    # Limits.

    def _judge_reader(self, now: float) -> None:
        conf = self._engine.conf
        unread_for = 0.0 if self._paused_at is None else now - self._paused_at
        if unread_for > conf.max_unread_seconds or self._transport.get_write_buffer_size() > conf.max_unsent_bytes:
            self.close(Ending.SLOW)

    def _judge_silence(self, now: float) -> None:
        conf = self._engine.conf
        if self._heard:
            self._heard = False
            self._silent_since = now
            self._asked_at = None
        elif self._asked_at is not None:
            if now - self._asked_at > conf.ping_timeout_seconds:
                metrics.ended.labels("no_pong").inc()
                self._cut()
        elif now - self._silent_since >= conf.ping_interval_seconds:
            self._asked_at = now
            self._transport.write(framing.ping_frame())


def _is_key(key: str) -> bool:
    try:
        return len(base64.b64decode(key, validate=True)) == 16
    except binascii.Error:
        return False
