"""
What both doors of the fast server have in common once they are open: frames, closing, and readers that do not read.

Holds no rule of a protocol: what a frame means is the subclass's business.
"""

import asyncio
import enum
import time

from teahouse.realtime import metrics
from teahouse.realtime.application import Admission
from teahouse.realtime.engine import Engine
from teahouse.realtime.server.uvicorn_seam import ServerState
from teahouse.realtime.wire import framing
from teahouse.realtime.wire.codes import Ending
from teahouse.realtime.wire.pace import Pace

# How long the peer may take to answer a close frame (RFC 6455 §7.1.1 lets us close then), and what may still come
# before it: more is a flood, which must not be read at the cost of others.
_CLOSE_SECONDS = 2.0
_CLOSE_BYTES = 262_144
# Pings and pongs that a peer may send: far more than any client does, far less than keeps others waiting.
_CONTROL_PER_SECOND = 20
_CONTROL_BURST = 100
# One read may bring 40,000 empty frames: after so many of whatever kind it is everybody else's turn.
_FRAMES_AT_ONCE = 128
_BEHIND_SECONDS = 0.05
# Above this much unsent, the transport says so and the limits are looked at.
_HIGH_WATER_BYTES = 65_536


class State(enum.Enum):
    # The handshake is not answered yet.
    HELD = enum.auto()
    OPEN = enum.auto()
    # Our close frame is on its way; only the peer's is waited for.
    CLOSING = enum.auto()
    CLOSED = enum.auto()


class FastConnection(asyncio.Protocol):
    """One connection from its handshake to its end."""

    __slots__ = (
        "_behind_timer", "_close_bytes", "_close_timer", "_control_pace", "_engine", "_is_reading_paused",
        "_paused_at", "_reader", "_server_state", "_state", "_traffic", "_transport", "admission", "due_at",
    )  # fmt: skip

    # For counting.
    protocol = ""

    def __init__(self, engine: Engine, transport: asyncio.Transport, server_state: ServerState) -> None:
        limits = engine.conf.limits
        self.admission: Admission | None = None
        self.due_at = 0.0
        self._engine = engine
        self._traffic = engine.traffic
        self._transport = transport
        self._server_state = server_state
        self._state = State.HELD
        self._reader = framing.FrameReader(max_bytes=limits.max_frame_bytes, max_fragments=limits.max_fragments)
        self._behind_timer: asyncio.TimerHandle | None = None
        self._close_timer: asyncio.TimerHandle | None = None
        self._close_bytes = 0
        self._control_pace: Pace | None = None
        self._paused_at: float | None = None
        self._is_reading_paused = False

    def open(self) -> None:
        """The handshake is answered."""
        self._state = State.OPEN
        self._transport.set_write_buffer_limits(high=_HIGH_WATER_BYTES)
        metrics.connections_of[self.protocol].inc()

    # For the subclasses.

    def _text(self, text: str) -> None:
        raise NotImplementedError

    def _binary(self, data: bytes) -> None:
        raise NotImplementedError

    def _after_frames(self) -> None:
        """All that one read has brought was handed over."""

    def _rest_seconds(self) -> float:
        """How long others should have their turn, after what one read has brought."""
        return 0.0

    def _heard(self) -> None:
        """The peer has sent something."""

    def _left(self) -> None:
        """It has ended: hear nothing more. May be called again."""

    # The transport's side.

    def data_received(self, data: bytes) -> None:
        if self._state is State.OPEN:
            self._heard()
            self._read(data)
        elif self._state is State.CLOSING:
            self._read_the_end(data)

    def eof_received(self) -> None:
        return None  # The transport closes itself.

    def connection_lost(self, error: Exception | None) -> None:
        self._server_state.connections.discard(self)
        if self._close_timer is not None:
            self._close_timer.cancel()
            self._close_timer = None
        if self._behind_timer is not None:
            self._behind_timer.cancel()
            self._behind_timer = None
        self._leave(State.CLOSED)

    def pause_writing(self) -> None:
        self._paused_at = time.monotonic()
        self.due_at = 0.0

    def resume_writing(self) -> None:
        self._paused_at = None

    def shutdown(self) -> None:
        """uvicorn asks this of everything that is still connected when it ends."""
        self.close(Ending.DRAIN)
        self._transport.close()

    # The hub's side.

    def close(self, ending: Ending) -> None:
        raise NotImplementedError

    def write(self, wire: bytes) -> None:
        """Frames, in their order behind what was written before."""
        self._transport.write(wire)
        self._traffic.sent_bytes += len(wire)
        if self._paused_at is not None:
            self.judge_reader(time.monotonic())

    def judge_reader(self, now: float) -> None:
        """Closes the connection if it reads too slowly."""
        if self._paused_at is None:
            return
        conf = self._engine.conf
        is_stuck = now - self._paused_at > conf.max_unread_seconds
        if is_stuck or self._transport.get_write_buffer_size() > conf.max_unsent_bytes:
            metrics.slow.inc()
            self.close(Ending.SLOW)

    @property
    def unsent_bytes(self) -> int:
        return self._transport.get_write_buffer_size() if self._paused_at is not None else 0

    # Reading.

    def _read(self, data: bytes) -> None:
        reader = self._reader
        self._traffic.received_bytes += len(data)
        for frame in reader.receive(data, most=_FRAMES_AT_ONCE):
            if frame.kind is framing.Kind.TEXT:
                self._text(frame.text)
            elif frame.kind is framing.Kind.BINARY:
                self._binary(frame.data)
            elif frame.kind is framing.Kind.CLOSE:
                self._answer_close(frame)
                return
            elif self._is_control_flood():
                metrics.ended.labels("control_flood").inc()
                self.send_close(framing.POLICY, "Too many control frames.")
                return
            elif frame.kind is framing.Kind.PING:
                self._transport.write(framing.pong_frame(frame.data))
            if self._state is not State.OPEN:
                return
        self._after_frames()
        rest = self._rest_seconds()
        if reader.failure is not None and self._state is State.OPEN:
            metrics.ended.labels("bad_framing").inc()
            self.send_close(reader.failure.code, str(reader.failure))
        elif reader.is_behind or rest:
            self._read_behind_later(rest)

    def _read_behind_later(self, seconds: float = 0) -> None:
        if self._state is State.OPEN and self._behind_timer is None:
            self._transport.pause_reading()
            self._behind_timer = self._engine.loop.call_later(max(seconds, _BEHIND_SECONDS), self._read_behind)

    def _read_behind(self) -> None:
        self._behind_timer = None
        # Where reading is paused, `_resume_reading` comes back to this.
        if self._state is State.OPEN and not self._is_reading_paused:
            self._heard()
            self._read(b"")
            if self._state is State.OPEN and not self._is_reading_paused and self._behind_timer is None:
                self._transport.resume_reading()

    def _pause_reading(self) -> None:
        if not self._is_reading_paused and self._state is State.OPEN:
            self._is_reading_paused = True
            self._transport.pause_reading()

    def _resume_reading(self) -> None:
        if self._is_reading_paused and self._state is State.OPEN:
            self._is_reading_paused = False
            self._heard()
            if self._reader.is_behind or self._behind_timer is not None:
                self._read_behind_later()
            else:
                self._transport.resume_reading()

    def _is_control_flood(self) -> bool:
        now = time.monotonic()
        if self._control_pace is None:
            self._control_pace = Pace(per_second=_CONTROL_PER_SECOND, burst=_CONTROL_BURST, now=now)
        return self._control_pace.take(now) > 0

    # Ending.

    def send_close(self, code: int, reason: str) -> None:
        self._leave(State.CLOSING)
        self._transport.write(framing.close_frame(code, reason))
        if self._is_reading_paused or self._behind_timer is not None:
            self._transport.resume_reading()
        self._close_timer = self._engine.loop.call_later(_CLOSE_SECONDS, self._transport.abort)

    def cut(self) -> None:
        """Without a close frame, which would stand behind all that is not read."""
        self._leave(State.CLOSED)
        self._transport.abort()

    def _answer_close(self, frame: framing.Frame) -> None:
        self._leave(State.CLOSED)
        self._transport.write(framing.close_frame(frame.code))
        self._transport.close()

    def _read_the_end(self, data: bytes) -> None:
        self._close_bytes += len(data)
        if self._close_bytes > _CLOSE_BYTES:
            self._state = State.CLOSED
            self._transport.abort()
            return
        # Only the peer's close frame matters now; a peer that breaks the protocol here is past caring for.
        frames = self._reader.receive(data)
        if self._reader.failure is not None or any(frame.kind is framing.Kind.CLOSE for frame in frames):
            self._state = State.CLOSED
            self._transport.close()

    def _leave(self, state: State) -> None:
        was, self._state = self._state, state
        self._left()
        if was is State.OPEN:
            metrics.connections_of[self.protocol].dec()


class _Closing(FastConnection):
    """One that was refused: it says why, and waits for the peer's close frame."""

    __slots__ = ()

    def close(self, ending: Ending) -> None:
        pass


def closed_at_once(
    engine: Engine, transport: asyncio.Transport, server_state: ServerState, code: int, reason: str
) -> FastConnection:
    connection = _Closing(engine, transport, server_state)
    connection.send_close(code, reason)
    return connection
