"""The article's door in the fast server: drives a classic session."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import cast

from teahouse.realtime import metrics
from teahouse.realtime.application import Admission
from teahouse.realtime.encoding import Item
from teahouse.realtime.engine import Engine
from teahouse.realtime.passes import Batch
from teahouse.realtime.server.commands import Commands
from teahouse.realtime.server.fast_connection import FastConnection, State
from teahouse.realtime.server.uvicorn_seam import ServerState
from teahouse.realtime.wire import framing
from teahouse.realtime.wire.classic.session import ClassicSession
from teahouse.realtime.wire.codes import Ending


class FastClassic(FastConnection):
    __slots__ = ("_asked_at", "_commands", "_held", "_is_heard", "_session", "_silent_since")

    protocol = "classic"

    def __init__(
        self, engine: Engine, transport: asyncio.Transport, server_state: ServerState, admission: Admission
    ) -> None:
        super().__init__(engine, transport, server_state)
        expires_at = None
        if admission.expires_at is not None:
            expires_at = time.monotonic() + admission.expires_at - time.time()
        self.admission = admission
        self._session = ClassicSession(limits=engine.conf.limits, expires_at=expires_at)
        self._commands = Commands(engine, admission, self._session, close=self.close, done=self._read_on)
        # What is published between joining and the answer to the handshake.
        self._held: list[bytes] = []
        # For the server's own pings: whether anything came since the last tick, since when not, when it was asked.
        self._is_heard = True
        self._silent_since = 0.0
        self._asked_at: float | None = None

    def open(self) -> None:
        super().open()
        if self._held:
            self.write(b"".join(self._held))
            self._held = []
        if self._session.ending is not None:
            self.close(self._session.ending)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        # They hold each other: without this a connection would wait for the garbage collector.
        self._commands = cast(Commands, None)

    # The hub's side.

    def channels(self) -> Iterable[str]:
        return () if self.admission is None else self.admission.channels

    def deliver(self, batches: Sequence[Batch[Item]]) -> None:
        if self._session.ending is not None:
            return
        wire = b"".join([batch.wire(self._engine.classic_encoding) for batch in batches])
        if self._state is State.HELD:
            self._held.append(wire)
        elif wire:
            self.write(wire)

    def close(self, ending: Ending) -> None:
        self._session.close(ending)
        if self._state is not State.OPEN:
            return
        metrics.ended.labels(ending.name.lower()).inc()
        if ending is Ending.SLOW:
            self.cut()
        else:
            self.send_close(ending.classic, ending.sentence)

    def tick(self, now: float) -> None:
        if self._state is not State.OPEN:
            return
        self._session.tick(now)
        if self._session.ending is not None:
            self.close(self._session.ending)
            return
        self.judge_reader(now)
        if self._is_reading_paused:
            # Another connection of this person may have been what was waited for.
            self._read_on()
        else:
            self._judge_silence(now)

    # Frames.

    def _text(self, text: str) -> None:
        self._session.receive_text(text)

    def _binary(self, data: bytes) -> None:
        self._session.receive_bytes(data)

    def _heard(self) -> None:
        self._is_heard = True

    def _after_frames(self) -> None:
        session = self._session
        for frame in session.frames_to_send():
            self._transport.write(framing.text_frame(frame.encode()))
        self._commands.add(session.commands())
        if session.ending is not None:
            self.close(session.ending)
        elif self._commands.are_too_many:
            self._pause_reading()

    def _read_on(self) -> None:
        # Also told of commands that are done after the end.
        if self._state is State.OPEN and not self._commands.are_too_many:
            self._resume_reading()

    def _left(self) -> None:
        self._engine.exit(self)
        for reason, count in self._session.ignored.items():
            metrics.ignored.labels(reason).inc(count)
        self._session.ignored.clear()

    def _judge_silence(self, now: float) -> None:
        conf = self._engine.conf
        if self._is_heard:
            self._is_heard = False
            self._silent_since = now
            self._asked_at = None
        elif self._asked_at is not None:
            if now - self._asked_at > conf.ping_timeout_seconds:
                metrics.ended.labels("no_pong").inc()
                self.cut()
        elif now - self._silent_since >= conf.ping_interval_seconds:
            self._asked_at = now
            self._transport.write(framing.ping_frame())
