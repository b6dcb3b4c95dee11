"""The article's door on any ASGI server: drives a classic session."""

import time
from collections.abc import Iterable, Sequence

from asgiref.typing import ASGISendCallable

from teahouse.realtime import metrics
from teahouse.realtime.application import Admission
from teahouse.realtime.encoding import Item
from teahouse.realtime.engine import Engine
from teahouse.realtime.passes import Batch
from teahouse.realtime.server.asgi_connection import ASGIConnection, monotonic_end
from teahouse.realtime.server.commands import Commands
from teahouse.realtime.wire.classic.session import ClassicSession
from teahouse.realtime.wire.codes import Ending


class ASGIClassic(ASGIConnection):
    protocol = "classic"

    def __init__(self, engine: Engine, admission: Admission, send: ASGISendCallable) -> None:
        super().__init__(engine, send)
        self.admission = admission
        self._session = ClassicSession(limits=engine.conf.limits, expires_at=monotonic_end(admission.expires_at))
        self._commands = Commands(engine, admission, self._session, close=self.close, done=self._command_done.set)

    # The hub's side.

    def channels(self) -> Iterable[str]:
        return () if self.admission is None else self.admission.channels

    def deliver(self, batches: Sequence[Batch[Item]]) -> None:
        if self._session.ending is not None:
            return
        for batch in batches:
            for message in batch.messages(self._engine.classic_encoding):
                self._outlet.put(message.decode())
        if self.judge_reader(time.monotonic()):
            self.close(Ending.SLOW)

    def close(self, ending: Ending) -> None:
        if self._session.ending is None or self._goodbye is None:
            metrics.ended.labels(ending.name.lower()).inc()
        self._session.close(ending)
        if ending is Ending.SLOW:
            metrics.slow.inc()
        self.end(ending.classic, ending.sentence, is_slow=ending is Ending.SLOW)

    def tick(self, now: float) -> None:
        self._session.tick(now)
        if self.judge_reader(now):
            self.close(Ending.SLOW)
        self._follow_session()

    # Frames.

    def _text(self, text: str) -> None:
        self._session.receive_text(text)
        self._follow_session()

    def _binary(self, data: bytes) -> None:
        self._session.receive_bytes(data)
        self._follow_session()

    def _are_too_many(self) -> bool:
        return self._commands.are_too_many

    def _follow_session(self) -> None:
        for frame in self._session.frames_to_send():
            self._outlet.put(frame)
        self._commands.add(self._session.commands())
        if self._session.ending is not None and self._goodbye is None:
            self.close(self._session.ending)

    def _left(self) -> None:
        self._engine.exit(self)
        for reason, count in self._session.ignored.items():
            metrics.ignored.labels(reason).inc(count)
        self._session.ignored.clear()
