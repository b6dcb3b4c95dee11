"""What a connection has asked for: done one after the other, in the order it came, while heartbeats go on."""

import asyncio
import collections
import logging
import time
import uuid
from collections.abc import Callable, Iterable

from teahouse.realtime import metrics
from teahouse.realtime.application import Admission
from teahouse.realtime.engine import Engine
from teahouse.realtime.wire.classic.codec import Envelope
from teahouse.realtime.wire.codes import Ending
from teahouse.realtime.wire.session import Session

logger = logging.getLogger(__name__)

# What took longer to fail has been tried again by the application already.
_GIVE_UP_SECONDS = 6.0
_RETRY_SECONDS = 0.25


class Commands:
    """
    The commands of one connection. `close` ends it, `done` is told after each command.

    What a client has sent before it left is done all the same; the engine waits for it at its end.
    """

    __slots__ = ("_admission", "_close", "_done", "_engine", "_session", "_waiting")

    def __init__(
        self,
        engine: Engine,
        admission: Admission,
        session: Session[Envelope],
        *,
        close: Callable[[Ending], None],
        done: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._admission = admission
        self._session = session
        self._close = close
        self._done = done
        self._waiting: collections.deque[tuple[Envelope, int]] | None = None

    def add(self, commands: Iterable[tuple[Envelope, int]]) -> None:
        for command in commands:
            self._engine.traffic.classic_commands += 1
            self._engine.senders.added(self._admission.user, time.monotonic())
            if self._waiting is None:
                self._waiting = collections.deque()
                task = asyncio.get_running_loop().create_task(self._run_all(self._waiting))
                self._engine.unfinished.add(task)
                task.add_done_callback(self._engine.unfinished.discard)
            self._waiting.append(command)

    @property
    def are_too_many(self) -> bool:
        """Whether reading should pause: too much is waiting, of this connection or of this person."""
        return self._session.is_full or self._engine.senders.is_full(self._admission.user)

    async def _run_all(self, waiting: collections.deque[tuple[Envelope, int]]) -> None:
        while waiting:
            envelope, size_chars = waiting.popleft()
            try:
                await self._run(envelope)
            finally:
                self._session.command_done(size_chars)
                self._engine.senders.done(self._admission.user)
                self._done()
        self._waiting = None

    async def _run(self, envelope: Envelope) -> None:
        if self._session.ending in (Ending.SIGNED_OUT, Ending.TOKEN_EXPIRED):
            return
        await self._engine.pace(self._admission.user)
        command_key = uuid.uuid4().hex
        give_up = time.monotonic() + _GIVE_UP_SECONDS
        while True:
            try:
                ignored = await self._engine.pool.run(
                    self._engine.application.run_classic, self._admission, envelope, command_key
                )
            except Exception as error:
                # This protocol has no word for "failed": try again, which is harmless by the key, and end the
                # connection rather than lose what was sent without a sign.
                if time.monotonic() < give_up:
                    logger.warning("A command is tried again: %s", error)
                    await asyncio.sleep(_RETRY_SECONDS)
                    continue
                logger.exception("A command failed.")
                metrics.faults.inc()
                self._close(Ending.FAULT)
                return
            if ignored is not None:
                metrics.ignored.labels(ignored).inc()
            return
