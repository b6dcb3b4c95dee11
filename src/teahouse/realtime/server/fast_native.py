"""The native door in the fast server: frames to and from a `Native`."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import cast

from teahouse.realtime import metrics
from teahouse.realtime.encoding import Item
from teahouse.realtime.engine import Engine
from teahouse.realtime.native.connection import Native
from teahouse.realtime.passes import Batch
from teahouse.realtime.server.fast_connection import FastConnection, State
from teahouse.realtime.server.uvicorn_seam import ServerState
from teahouse.realtime.wire import framing
from teahouse.realtime.wire.centrifuge.codec import Codec
from teahouse.realtime.wire.codes import Ending

_OPEN = State.OPEN


class FastNative(FastConnection):
    __slots__ = ("_encoding", "native")

    protocol = "native"

    def __init__(self, engine: Engine, transport: asyncio.Transport, server_state: ServerState, codec: Codec) -> None:
        super().__init__(engine, transport, server_state)
        self._encoding = engine.json_encoding if codec.is_text else engine.protobuf_encoding
        self.native = Native(engine, self, codec)

    def open(self) -> None:
        super().open()
        self._engine.enter(self)
        self.due_at = self.native.due_at

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        # They hold each other: without this a connection would wait for the garbage collector.
        self.native = cast(Native, None)

    # The hub's side.

    def channels(self) -> Iterable[str]:
        return self.native.channels()

    def deliver(self, batches: Sequence[Batch[Item]]) -> None:
        # Nothing is called more often than this: `write` stands here once more for that.
        if self._state is not _OPEN:
            return
        encoding = self._encoding
        if len(batches) == 1:
            wire = batches[0].wire(encoding)
        else:
            wire = b"".join([batch.wire(encoding) for batch in batches])
        self._transport.write(wire)
        self._traffic.sent_bytes += len(wire)
        if self._paused_at is not None:
            self.judge_reader(time.monotonic())

    def lose(self, channel: str) -> None:
        if self._state is State.OPEN:
            self.native.lose(channel)

    def close(self, ending: Ending) -> None:
        if self._state is not State.OPEN:
            return
        self.native.close(ending)
        metrics.ended.labels(ending.name.lower()).inc()
        if ending is Ending.SLOW:
            self.cut()
            return
        if payload := self.native.session.payload():
            self.send(payload)
        self.end(ending.native, ending.sentence)

    def tick(self, now: float) -> None:
        if self._state is not State.OPEN:
            return
        self.judge_reader(now)
        self.native.tick(now)
        # Another connection of this person may have been what was waited for.
        self.go_on()
        self.due_at = 0.0 if self._paused_at is not None or self._is_reading_paused else self.native.due_at

    # For the native connection.

    def send(self, payload: bytes) -> None:
        if self._state is State.OPEN:
            codec = self._encoding.codec
            self.write(framing.text_frame(payload) if codec.is_text else framing.binary_frame(payload))

    def end(self, code: int, reason: str) -> None:
        if self._state is State.OPEN:
            self.send_close(code, reason)

    def go_on(self) -> None:
        if self._is_reading_paused and not self.native.is_full:
            self._resume_reading()
        self.due_at = min(self.due_at, self.native.due_at)

    # Frames.

    def _text(self, text: str) -> None:
        self.native.receive(text)

    def _binary(self, data: bytes) -> None:
        self.native.receive(data)

    def _after_frames(self) -> None:
        if self._state is State.OPEN:
            self.due_at = min(self.due_at, self.native.due_at)
            if self.native.is_full:
                self._pause_reading()
                self.due_at = 0.0

    def _rest_seconds(self) -> float:
        return self.native.rest_seconds() if self._state is State.OPEN else 0.0

    def _left(self) -> None:
        if not self.native.is_gone:
            self.native.leave()
