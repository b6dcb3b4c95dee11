"""
One process's engine: hub, broker, application and threads put together. The servers and `api.py` use it.

Which connections there are is the hub's business, what travels the broker's, what it means the application's; here
is only the order in which they are asked.
"""

import asyncio
import hashlib
import logging
import time
from collections.abc import Coroutine, Sequence

from django.utils.module_loading import import_string

from teahouse.realtime import metrics
from teahouse.realtime.application import Admission, Application, Head, Publication
from teahouse.realtime.broker.base import Broker, Disconnect, Hint, Seal
from teahouse.realtime.broker.memory import MemoryBroker
from teahouse.realtime.conf import Conf
from teahouse.realtime.conf import conf as current_conf
from teahouse.realtime.hub import Connection, Hub
from teahouse.realtime.passes import Passes
from teahouse.realtime.pool import Pool
from teahouse.realtime.position import Position, Verdict
from teahouse.realtime.wire.codes import Ending
from teahouse.realtime.wire.pace import Pace

logger = logging.getLogger(__name__)

_TICK_SECONDS = 1.0
_LINGER_SECONDS = 1.0
_COMPARE_SECONDS = 10.0
_COMPARE_ALONE_SECONDS = 2.0
_HEADS_AT_ONCE = 500
_FILL_PAGE = 300
_FILL_RETRY_SECONDS = 1.0


class Engine:
    def __init__(self, *, conf: Conf, application: Application, broker: Broker) -> None:
        self.conf = conf
        self.application = application
        self.hub = Hub()
        self._passes = Passes(
            self.hub.listeners_of,
            call_soon=lambda call: asyncio.get_running_loop().call_soon(call),
            given=metrics.deliveries.inc,
        )
        self.pool = Pool(conf.pool_threads)
        self.is_draining = False
        self._broker = broker
        self._positions: dict[str, Position] = {}
        self._joining: dict[str, asyncio.Lock] = {}
        self._filling: dict[str, asyncio.Task[None]] = {}
        self._paces: dict[int, Pace] = {}
        self._connections_of: dict[int, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        await self._broker.start(self._receive, self._compare_all)
        self._spawn(self._tick_for_ever())
        self._spawn(self._check_welcome_for_ever())
        self._spawn(self._compare_for_ever())

    async def stop(self) -> None:
        for task in [*self._tasks, *self._filling.values()]:
            task.cancel()
        await self._broker.stop()
        self.pool.stop()

    def is_broker_up(self) -> bool:
        return self._broker.is_up()

    # Connections.

    def has_room_for(self, user_id: int) -> bool:
        return self._connections_of.get(user_id, 0) < self.conf.max_connections_per_user

    async def join(self, connection: Connection) -> None:
        """From the return on the connection hears what its channels publish. Raises what the database raises."""
        user_id = connection.admission.user_id
        self._connections_of[user_id] = self._connections_of.get(user_id, 0) + 1
        self.hub.join(connection)
        await self._listen_to(connection.admission.channels)

    def leave(self, connection: Connection) -> None:
        """Leaving twice, or without having joined, is harmless."""
        if connection not in self.hub.connections:
            return
        user_id = connection.admission.user_id
        self._connections_of[user_id] -= 1
        if not self._connections_of[user_id]:
            del self._connections_of[user_id]
            self._paces.pop(user_id, None)
        for channel in self.hub.leave(connection):
            # People who reload a page are back in a moment.
            asyncio.get_running_loop().call_later(_LINGER_SECONDS, self._stop_listening_to, channel)

    async def pace(self, user_id: int) -> None:
        """Wait for this person's turn to send."""
        now = time.monotonic()
        pace = self._paces.get(user_id)
        if pace is None:
            pace = self._paces[user_id] = Pace(
                per_second=self.conf.sends_per_second, burst=self.conf.send_burst, now=now
            )
        if seconds := pace.take(now):
            await asyncio.sleep(seconds)

    # Publications.

    def publish(self, hint: Hint) -> None:
        """Tell every process. Any thread may call this."""
        self._broker.publish(hint)

    def _receive(self, hint: Hint) -> None:
        if isinstance(hint, Disconnect):
            self.hub.disconnect(user_id=hint.user_id, sid=hint.sid, ending=Ending.SIGNED_OUT)
        else:
            self._take(hint.publication)

    def _take(self, publication: Publication) -> None:
        position = self._positions.get(publication.channel)
        if position is None:
            return  # Nobody listens, or the one who joins is about to read the head.
        verdict = position.judge(publication.offset, publication.epoch)
        if verdict is Verdict.DELIVER:
            self._deliver(publication)
        elif verdict is Verdict.FILL:
            self._fill(publication.channel)

    def _deliver(self, publication: Publication) -> None:
        try:
            frame = self.application.classic_frame(publication)
        except Exception:
            logger.exception("A publication of %s could not be encoded.", publication.channel)
            return
        if frame is not None:
            self._passes.add(publication.channel, frame)

    # Positions.

    async def _listen_to(self, channels: Sequence[str]) -> None:
        for channel in channels:
            if channel in self._positions:
                continue
            # One at a time per channel: whoever comes second waits until the first knows the position.
            async with self._joining.setdefault(channel, asyncio.Lock()):
                if channel in self._positions:
                    continue
                # Subscribe before reading the head: what happens in between then comes twice and is dropped by
                # its offset; the other way round it would never come.
                await self._broker.subscribe(channel)
                heads = await self.pool.run(self.application.heads, [channel])
                head = heads.get(channel, Head(0, ""))
                self._positions[channel] = Position(offset=head.offset, epoch=head.epoch)

    def _stop_listening_to(self, channel: str) -> None:
        if self.hub.has_listeners(channel):
            return
        self._positions.pop(channel, None)
        self._joining.pop(channel, None)
        self._broker.unsubscribe(channel)

    def _fill(self, channel: str) -> None:
        if channel not in self._filling:
            self._filling[channel] = asyncio.get_running_loop().create_task(self._fill_until_level(channel))

    async def _fill_until_level(self, channel: str) -> None:
        try:
            await self._fill_from_history(channel)
        finally:
            # On the same turn of the loop as the decision to end: a hint in between would be nobody's.
            del self._filling[channel]

    async def _fill_from_history(self, channel: str) -> None:
        while (position := self._positions.get(channel)) is not None:
            try:
                page = await self.pool.run(self.application.publications_after, channel, position.offset, _FILL_PAGE)
            except Exception:
                logger.exception("The history of %s could not be read; trying again.", channel)
                await asyncio.sleep(_FILL_RETRY_SECONDS)
                continue
            for publication in page:
                if position.judge(publication.offset, publication.epoch) is Verdict.DELIVER:
                    metrics.filled.inc()
                    self._deliver(publication)
            if not page:
                position.give_up()  # Something was announced that never came to be.
            if len(page) < _FILL_PAGE and not position.is_behind:
                return

    def _compare_all(self) -> None:
        self._spawn(self._compare_with_history())

    async def _compare_with_history(self) -> None:
        channels = list(self._positions)
        for start in range(0, len(channels), _HEADS_AT_ONCE):
            try:
                heads = await self.pool.run(self.application.heads, channels[start : start + _HEADS_AT_ONCE])
            except Exception:
                logger.exception("The heads of the channels could not be read.")
                return
            for channel, head in heads.items():
                position = self._positions.get(channel)
                if position is not None and position.judge_head(head.offset, head.epoch) is Verdict.FILL:
                    self._fill(channel)

    # Time.

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            now = time.monotonic()
            metrics.broker_up.set(self._broker.is_up())
            for connection in tuple(self.hub.connections):
                connection.tick(now)

    async def _check_welcome_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self.conf.welcome_check_seconds)
            admissions: set[Admission] = {connection.admission for connection in self.hub.connections}
            if not admissions:
                continue
            try:
                ended = set(await self.pool.run(self.application.ended, list(admissions)))
            except Exception:
                logger.exception("Whether connections are still welcome could not be asked.")
                continue
            for connection in tuple(self.hub.connections):
                if connection.admission in ended:
                    connection.close(Ending.SIGNED_OUT)

    async def _compare_for_ever(self) -> None:
        # A hint may have been lost without anybody noticing, and the last one before a crash has no successor that
        # would show the hole.
        while True:
            await asyncio.sleep(_COMPARE_SECONDS if self._broker.is_up() else _COMPARE_ALONE_SECONDS)
            await self._compare_with_history()

    def _spawn(self, coroutine: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


_engine: Engine | None = None
_starting: asyncio.Lock | None = None


def running_engine() -> Engine | None:
    """This process's engine, or None in a process that serves nobody (a management command, a task)."""
    return _engine


async def started_engine() -> Engine:
    """This process's engine, started if it is not yet: some servers (daphne) have no lifespan to start it in."""
    global _engine, _starting
    if _engine is not None:
        return _engine
    _starting = _starting or asyncio.Lock()
    async with _starting:
        if _engine is None:
            engine = Engine(
                conf=current_conf(),
                application=import_string(current_conf().application)(),
                broker=broker_from(current_conf()),
            )
            await engine.start()
            _engine = engine
    return _engine


async def stop_engine() -> None:
    global _engine, _starting
    engine, _engine, _starting = _engine, None, None
    if engine is not None:
        await engine.stop()


def seal_from(conf: Conf) -> Seal:
    return Seal(hashlib.sha256(conf.key.encode()).digest())


def broker_from(conf: Conf) -> Broker:
    if conf.redis_url is None:
        return MemoryBroker()
    # Imported where it is needed: a site without Redis starts faster.
    from teahouse.realtime.broker.redis import RedisBroker

    return RedisBroker(conf.redis_url, prefix=conf.redis_prefix, seal=seal_from(conf))
