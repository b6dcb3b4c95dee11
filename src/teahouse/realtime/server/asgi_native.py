"""The native door on any ASGI server: frames to and from a `Native`."""

import time
from collections.abc import Iterable, Sequence

from asgiref.typing import ASGISendCallable

from teahouse.realtime import metrics
from teahouse.realtime.encoding import Item
from teahouse.realtime.engine import Engine
from teahouse.realtime.native.connection import Native
from teahouse.realtime.passes import Batch
from teahouse.realtime.server.asgi_connection import ASGIConnection
from teahouse.realtime.wire.centrifuge.codec import Codec
from teahouse.realtime.wire.centrifuge.frames import Disconnect, Push
from teahouse.realtime.wire.codes import Ending, may_return


class ASGINative(ASGIConnection):
    """`pushes_end`: whether a client that is to stay away is told by a push too, before the close frame."""

    protocol = "native"

    def __init__(
        self,
        engine: Engine,
        codec: Codec,
        send: ASGISendCallable,
        *,
        subprotocol: str | None = None,
        pushes_end: bool = False,
    ) -> None:
        super().__init__(engine, send, subprotocol=subprotocol)
        self._pushes_end = pushes_end
        self._codec = codec
        self._encoding = engine.json_encoding if codec.is_text else engine.protobuf_encoding
        self.native = Native(engine, self, codec)

    def _opened(self) -> None:
        self._engine.enter(self)

    # The hub's side.

    def channels(self) -> Iterable[str]:
        return self.native.channels()

    def deliver(self, batches: Sequence[Batch[Item]]) -> None:
        if self._goodbye is not None:
            return
        self.send(self._codec.join([message for batch in batches for message in batch.messages(self._encoding)]))
        if self.judge_reader(time.monotonic()):
            self.close(Ending.SLOW)

    def lose(self, channel: str) -> None:
        self.native.lose(channel)

    def close(self, ending: Ending) -> None:
        if self._goodbye is not None:
            return
        self.native.close(ending)
        metrics.ended.labels(ending.name.lower()).inc()
        if ending is Ending.SLOW:
            metrics.slow.inc()
        elif payload := self.native.session.payload():
            self.send(payload)
        self.end(ending.native, ending.sentence, is_slow=ending is Ending.SLOW)

    def tick(self, now: float) -> None:
        if self._goodbye is not None:
            return
        if self.judge_reader(now):
            self.close(Ending.SLOW)
        else:
            self.native.tick(now)

    def end(self, code: int, reason: str, *, is_slow: bool = False) -> None:
        if self._pushes_end and not may_return(code) and self._goodbye is None:
            self.native.session.push(Push(disconnect=Disconnect(code, reason, False)))
            self.send(self.native.session.payload())
        super().end(code, reason, is_slow=is_slow)

    # For the native connection.

    def send(self, payload: bytes) -> None:
        if payload and self._goodbye is None:
            self._outlet.put(payload.decode() if self._codec.is_text else payload)

    def go_on(self) -> None:
        self._command_done.set()

    # Frames.

    def _text(self, text: str) -> None:
        limit = self._engine.conf.limits.max_frame_bytes
        # A character has at most 4 bytes, so most frames are judged without encoding them.
        if len(text) * 4 > limit and len(text.encode()) > limit:
            self.close(Ending.FRAME_TOO_BIG)
        else:
            self.native.receive(text)

    def _binary(self, data: bytes) -> None:
        if len(data) > self._engine.conf.limits.max_frame_bytes:
            self.close(Ending.FRAME_TOO_BIG)
        else:
            self.native.receive(data)

    def _are_too_many(self) -> bool:
        return self.native.is_full

    def _rest_seconds(self) -> float:
        return self.native.rest_seconds()

    def _left(self) -> None:
        if not self.native.is_gone:
            self.native.leave()
