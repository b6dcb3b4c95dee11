"""
One process's engine: what it is made of, in which order that starts and stops, and who gets a hint that has come. The
servers and `api.py` use it.

Each part says in its own file what it does; no rule is here.
"""

import asyncio
import functools
import logging
import secrets
import time
from collections.abc import Callable

from django.utils.module_loading import import_string

from teahouse.realtime import metrics, orders
from teahouse.realtime.application import Admission, Application, Heard
from teahouse.realtime.broker.base import (
    Answer,
    Emulated,
    Ended,
    Hint,
    LayerMessage,
    Order,
    PresenceChanged,
    Published,
    Question,
    Removed,
)
from teahouse.realtime.channels import Channels
from teahouse.realtime.clock import Clock
from teahouse.realtime.conf import Conf
from teahouse.realtime.conf import conf as current_conf
from teahouse.realtime.connections import Connections
from teahouse.realtime.delivery import Delivery
from teahouse.realtime.encoding import ClassicEncoding, Item, NativeEncoding
from teahouse.realtime.history import History
from teahouse.realtime.hub import Hub
from teahouse.realtime.joining import Joining
from teahouse.realtime.namespaces import Namespaces
from teahouse.realtime.native.table import HANDLERS
from teahouse.realtime.parts import Parts, parts_from
from teahouse.realtime.passes import Passes
from teahouse.realtime.pool import Pool, Questions
from teahouse.realtime.presence.connections import ConnectionPresence, presence_name
from teahouse.realtime.publishing import Publishing
from teahouse.realtime.rights import Rights
from teahouse.realtime.senders import Senders
from teahouse.realtime.survey import Survey
from teahouse.realtime.tasks import Tasks
from teahouse.realtime.tokens import Verifier
from teahouse.realtime.welcome import Welcome
from teahouse.realtime.window import Windows
from teahouse.realtime.wire.centrifuge.codec import JSON
from teahouse.realtime.wire.centrifuge.protobuf import PROTOBUF
from teahouse.realtime.wire.codes import Ending

logger = logging.getLogger(__name__)

_FINISH_SECONDS = 10.0


class Engine:
    def __init__(self, *, conf: Conf, application: Application, parts: Parts) -> None:
        self.conf = conf
        # What other processes call this one.
        self.node = secrets.token_hex(8)
        self.application = application
        self.presence = parts.presence
        self._broker, self._store = broker, store = parts.broker, parts.store
        self.handlers = HANDLERS
        self.namespaces = namespaces = Namespaces(conf.namespaces)
        self.verifier = Verifier(conf.tokens)
        self.pool = Pool(conf.pool_threads)
        self.connecting = Questions[Admission, Heard | Ending](self.pool, application.connecting)
        self.senders = Senders(
            per_second=conf.sends_per_second, burst=conf.send_burst, max_waiting=conf.max_waiting_per_user
        )
        self.classic_encoding = ClassicEncoding(application.classic_frame)
        self.json_encoding = NativeEncoding(JSON)
        self.protobuf_encoding = NativeEncoding(PROTOBUF)
        self.traffic = metrics.Traffic()
        self._tasks = Tasks()

        # Who hears what.
        self.hub = hub = Hub()
        self.windows = windows = Windows()
        self.history = history = History(application=application, store=store, pool=self.pool, namespaces=namespaces)
        passes: Passes[Item] = Passes(
            hub,
            call_soon=lambda call: asyncio.get_running_loop().call_soon(call),
            call_later=lambda seconds, call: asyncio.get_running_loop().call_later(seconds, call),
            given=metrics.deliveries.inc,
            held=metrics.pass_seconds.observe,
        )
        self.rights = Rights(
            hub=hub,
            tasks=self._tasks,
            ask=self.connecting.ask,
            listen=lambda names: self.channels.listen_to(names),
            catch_up=lambda name: self.channels.catch_up(name),
        )
        self._delivery = Delivery(hub=hub, windows=windows, passes=passes, tasks=self._tasks, obey=self.rights.obey)
        self.channels = channels = Channels(
            history=history,
            broker=broker,
            has_listeners=self._delivery.has_listeners,
            deliver=self._delivery.deliver,
            broke=self._broke,
        )
        self.joining = Joining(hub=hub, channels=channels, windows=windows, passes=passes, history=history)
        self._shown = shown = ConnectionPresence(
            presence=parts.presence, hub=hub, passes=passes, namespaces=namespaces, publish=broker.publish
        )
        self._connections = connections = Connections(
            hub=hub, channels=channels, passes=passes, presence=shown, max_per_user=conf.max_connections_per_user
        )
        publishing = Publishing(
            namespaces=namespaces, broker=broker, store=store, history=history, channels=channels, windows=windows
        )

        # What comes from other processes, and by itself.
        self._welcome = Welcome(application=application, pool=self.pool, check_seconds=conf.welcome_check_seconds)
        self._clock = Clock(
            hub=hub, channels=channels, broker=broker, senders=self.senders, traffic=self.traffic, welcome=self._welcome
        )
        self.survey = Survey(self)
        self.obeyed = orders.Obeyed()
        # What came by another process for a client of http_stream or SSE; `server/streams.py` takes it.
        self.take_emulated: Callable[[Emulated], None] = lambda _: None
        # For consumers of the site's own; `layer.py` takes it.
        self.take_layer_message: Callable[[LayerMessage], None] = lambda _: None
        self.is_draining = False
        self._is_stopped = False
        # Tasks that run what clients have asked for; `stop` waits for them.
        self.unfinished: set[asyncio.Task[None]] = set()

        # What the engine is asked and one of its parts does.
        self.has_room_for, self.enter, self.identify = connections.has_room_for, connections.enter, connections.identify
        self.readmit, self.join_all = connections.readmit, connections.join_all
        self.part, self.exit = connections.part, connections.exit
        self.presence_name, self.hear_presence = presence_name, shown.hear
        self.presence_came, self.presence_left = shown.came, shown.left
        self.announce, self.tell, self.carry = publishing.announce, publishing.tell, publishing.carry
        self.publish, self.publish_at_once = publishing.publish, publishing.publish_at_once
        self.signal, self.order, self.remove_history = publishing.signal, publishing.order, publishing.remove_history

    async def start(self) -> None:
        self.loop = asyncio.get_running_loop()
        await self._store.start()
        await self._broker.start(self.node, self._receive, self._reconnected)
        await self._shown.start(node=self.node)
        self._clock.start(self._tasks)
        self.application.begin()

    async def stop(self) -> None:
        self.is_draining = True
        # What clients have sent is done to its end, without pacing; each command may have others behind it.
        end = self.loop.time() + _FINISH_SECONDS
        while (left := [task for task in self.unfinished if not task.done()]) and self.loop.time() < end:
            await asyncio.wait(left, timeout=end - self.loop.time())
        if left:
            logger.error("The commands of %d connections were not done in time.", len(left))
        # What was started has no tasks, and its answers come by the loop.
        await asyncio.get_running_loop().run_in_executor(None, self.application.finish)
        await asyncio.sleep(0)
        self._is_stopped = True
        self._tasks.cancel()
        for task in tuple(self.unfinished):
            task.cancel()
        self.channels.stop()
        # First what may still publish, then what carries it. Threads that run are waited for, the loop goes on.
        await asyncio.get_running_loop().run_in_executor(None, self.pool.stop)
        await self._shown.stop()
        await self._broker.stop()
        await self._store.stop()
        self.traffic.flush()

    def is_broker_up(self) -> bool:
        return self._broker.is_up()

    @property
    def is_alone(self) -> bool:
        """Whether there are no other processes."""
        return self._broker.is_local

    async def pace(self, user: str) -> None:
        """Wait for this person's turn to send; nobody waits when the process is about to end."""
        await self.wait_for_turn(self.senders.seconds_to_wait(user, time.monotonic()))

    async def wait_for_turn(self, seconds: float) -> None:
        if seconds and not self.is_draining:
            await asyncio.sleep(seconds)

    def function_at(self, path: str) -> Callable[[str, str], bool]:
        """What a namespace names as its `may_subscribe`."""
        return _imported(path)

    # What comes.

    def _receive(self, hint: Hint) -> None:
        if self._is_stopped:
            return
        match hint:
            case Published():
                self.channels.take(hint.publication)
            case PresenceChanged():
                self._shown.receive(hint)
            case Removed():
                self.windows.forget(hint.channel)
            case Ended():
                # A hint may be forged, repeated or late: only the application says who has to go.
                connections = [] if hint.sid is None else self.hub.with_sid(hint.sid)
                if hint.user is not None:
                    connections += self.hub.connections_of(hint.user)
                self._tasks.spawn(self._welcome.end_unwelcome(connections))
            case Order():
                if self.obeyed.is_new(hint, time.time()):
                    self._tasks.spawn(orders.obey(self, hint))
            case Emulated():
                self.take_emulated(hint)
            case LayerMessage():
                self.take_layer_message(hint)
            case Question() | Answer():
                self.survey.receive(hint)

    def _reconnected(self) -> None:
        self._tasks.spawn(self.channels.compare())
        self._shown.reconnected()

    def _broke(self, channel: str) -> None:
        self._delivery.broke(channel)
        # Some do not come back.
        self._connections.let_go_later(channel)


@functools.lru_cache(maxsize=64)
def _imported(path: str) -> Callable[[str, str], bool]:
    function: Callable[[str, str], bool] = import_string(path)
    return function


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
            conf = current_conf()
            engine = Engine(conf=conf, application=import_string(conf.application)(), parts=parts_from(conf))
            await engine.start()
            _engine = engine
    return _engine


async def stop_engine() -> None:
    global _engine, _starting
    engine = _engine
    try:
        if engine is not None:
            # It is this process's until the end: what is stored meanwhile is told by it.
            await engine.stop()
    finally:
        _engine, _starting = None, None
