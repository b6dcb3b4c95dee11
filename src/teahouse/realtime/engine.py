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
from teahouse.realtime.application import Application, Publication
from teahouse.realtime.broker.base import Broker, Disconnect, Hint, Seal
from teahouse.realtime.broker.memory import MemoryBroker
from teahouse.realtime.channels import Channels
from teahouse.realtime.conf import Conf
from teahouse.realtime.conf import conf as current_conf
from teahouse.realtime.hub import Connection, Hub
from teahouse.realtime.passes import Passes
from teahouse.realtime.pool import Pool
from teahouse.realtime.senders import Senders
from teahouse.realtime.wire.codes import Ending

logger = logging.getLogger(__name__)

_TICK_SECONDS = 1.0
_FINISH_SECONDS = 10.0
_LINGER_SECONDS = 1.0
_COMPARE_SECONDS = 10.0
_COMPARE_ALONE_SECONDS = 2.0


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
        self.senders = Senders(
            per_second=conf.sends_per_second, burst=conf.send_burst, max_waiting=conf.max_waiting_per_user
        )
        self.is_draining = False
        self._is_stopped = False
        self._broker = broker
        self._channels = Channels(
            application=application,
            broker=broker,
            pool=self.pool,
            has_listeners=self.hub.has_listeners,
            deliver=self._deliver,
        )
        self._connections_of: dict[int, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        # Tasks that run what clients have asked for; `stop` waits for them.
        self.unfinished: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        await self._broker.start(self._receive, lambda: self._spawn(self._channels.compare()))
        self._spawn(self._tick_for_ever())
        self._spawn(self._check_welcome_for_ever())
        self._spawn(self._compare_for_ever())

    async def stop(self) -> None:
        self.is_draining = True
        if self.unfinished:
            # What clients have sent is done to its end, without pacing.
            _, left = await asyncio.wait(self.unfinished, timeout=_FINISH_SECONDS)
            if left:
                logger.error("The commands of %d connections were not done in time.", len(left))
        self._is_stopped = True
        for task in (*self._tasks, *self.unfinished):
            task.cancel()
        self._channels.stop()
        # First what may still publish, then what carries it. Threads that run are waited for, the loop goes on.
        await asyncio.get_running_loop().run_in_executor(None, self.pool.stop)
        await self._broker.stop()

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
        await self._channels.listen_to(connection.admission.channels)

    def leave(self, connection: Connection) -> None:
        """Leaving twice, or without having joined, is harmless."""
        if connection not in self.hub.connections:
            return
        user_id = connection.admission.user_id
        self._connections_of[user_id] -= 1
        if not self._connections_of[user_id]:
            del self._connections_of[user_id]
        for channel in self.hub.leave(connection):
            # People who reload a page are back in a moment.
            asyncio.get_running_loop().call_later(_LINGER_SECONDS, self._channels.let_go, channel)

    async def pace(self, user_id: int) -> None:
        """Wait for this person's turn to send; nobody waits when the process is about to end."""
        seconds = self.senders.seconds_to_wait(user_id, time.monotonic())
        if seconds and not self.is_draining:
            await asyncio.sleep(seconds)

    # Publications.

    def publish(self, hint: Hint) -> None:
        """Tell every process. Any thread may call this."""
        self._broker.publish(hint)

    def _receive(self, hint: Hint) -> None:
        if self._is_stopped:
            return
        if isinstance(hint, Disconnect):
            # A hint may be forged, repeated or late: only the application says who has to go.
            self._spawn(self._end_unwelcome(self.hub.matching(user_id=hint.user_id, sid=hint.sid)))
        else:
            self._channels.take(hint.publication)

    def _deliver(self, publication: Publication) -> None:
        try:
            frame = self.application.classic_frame(publication)
        except Exception:
            logger.exception("A publication of %s could not be encoded.", publication.channel)
            return
        if frame is not None:
            self._passes.add(publication.channel, frame)

    # Time.

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            now = time.monotonic()
            metrics.broker_up.set(self._broker.is_up())
            self.senders.forget_idle(now)
            for connection in tuple(self.hub.connections):
                connection.tick(now)

    async def _check_welcome_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self.conf.welcome_check_seconds)
            await self._end_unwelcome(tuple(self.hub.connections))

    async def _end_unwelcome(self, connections: Sequence[Connection]) -> None:
        admissions = {connection.admission for connection in connections}
        if not admissions:
            return
        try:
            ended = set(await self.pool.run(self.application.ended, list(admissions)))
        except Exception:
            logger.exception("Whether connections are still welcome could not be asked.")
            return
        for connection in connections:
            if connection.admission in ended:
                connection.close(Ending.SIGNED_OUT)

    async def _compare_for_ever(self) -> None:
        # A hint may have been lost without anybody noticing, and the last one before a crash has no successor that
        # would show the hole.
        while True:
            await asyncio.sleep(_COMPARE_SECONDS if self._broker.is_up() else _COMPARE_ALONE_SECONDS)
            await self._channels.compare()

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
