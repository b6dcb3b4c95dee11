"""
One process's engine: hub, broker, history, presence, application and threads put together. The servers and `api.py`
use it.

Which connections there are is the hub's business, what travels the broker's, what it means the application's; here
is only the order in which they are asked.
"""

import asyncio
import functools
import logging
import secrets
import time
from collections.abc import Callable, Coroutine, Sequence

from django.utils.module_loading import import_string

from teahouse.realtime import metrics, orders
from teahouse.realtime.application import Admission, Application, ClientInfo, Head, Publication
from teahouse.realtime.broker.base import (
    Answer,
    Broker,
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
from teahouse.realtime.conf import Conf
from teahouse.realtime.conf import conf as current_conf
from teahouse.realtime.encoding import ClassicEncoding, Item, NativeEncoding, Presence
from teahouse.realtime.history import History
from teahouse.realtime.hub import Connection, Hub
from teahouse.realtime.joining import Joining
from teahouse.realtime.namespaces import Namespaces
from teahouse.realtime.native.table import HANDLERS
from teahouse.realtime.parts import Parts, parts_from
from teahouse.realtime.passes import Passes
from teahouse.realtime.pool import Pool, Questions
from teahouse.realtime.presence.watch import PresenceWatch
from teahouse.realtime.senders import Senders
from teahouse.realtime.store.base import Kept, Terms
from teahouse.realtime.survey import Survey
from teahouse.realtime.tokens import Verifier
from teahouse.realtime.window import Windows
from teahouse.realtime.wire.centrifuge.codec import JSON
from teahouse.realtime.wire.centrifuge.protobuf import PROTOBUF
from teahouse.realtime.wire.centrifuge.session import TICK_SLACK_SECONDS
from teahouse.realtime.wire.codes import Ending

logger = logging.getLogger(__name__)

_TICK_SECONDS = 1.0
_TICKED_AT_ONCE = 2_000
_FINISH_SECONDS = 10.0
_LINGER_SECONDS = 1.0
_COMPARE_SECONDS = 10.0
_COMPARE_ALONE_SECONDS = 2.0
# Who comes and goes is told under a name of its own, since not all who listen to a channel want to know.
_PRESENCE = "\0presence:"


class NotPublishable(Exception):
    """Only the application that keeps the history of a logged channel publishes there."""


class UnknownChannel(Exception):
    """No namespace has channels of this name."""


class Engine:
    def __init__(self, *, conf: Conf, application: Application, parts: Parts) -> None:
        self.conf = conf
        # What other processes call this one.
        self.node = secrets.token_hex(8)
        self.application = application
        self.handlers = HANDLERS
        self.namespaces = Namespaces(conf.namespaces)
        self.verifier = Verifier(conf.tokens)
        self.pool = Pool(conf.pool_threads)
        self.connecting = Questions[Admission, Sequence[str] | Ending](self.pool, application.connecting)
        self.senders = Senders(
            per_second=conf.sends_per_second, burst=conf.send_burst, max_waiting=conf.max_waiting_per_user
        )
        self.hub = Hub()
        self.windows = Windows()
        self.classic_encoding = ClassicEncoding(application.classic_frame)
        self.json_encoding = NativeEncoding(JSON)
        self.protobuf_encoding = NativeEncoding(PROTOBUF)
        self._broker: Broker = parts.broker
        self._store = parts.store
        self.presence = parts.presence
        self.history = History(application=application, store=parts.store, pool=self.pool, namespaces=self.namespaces)
        self._passes: Passes[Item] = Passes(
            self.hub,
            call_soon=lambda call: asyncio.get_running_loop().call_soon(call),
            given=metrics.deliveries.inc,
            held=metrics.pass_seconds.observe,
        )
        self.channels = Channels(
            history=self.history,
            broker=parts.broker,
            has_listeners=self._is_needed,
            deliver=self._deliver,
            broke=self._broke,
        )
        self.joining = Joining(
            hub=self.hub,
            channels=self.channels,
            windows=self.windows,
            passes=self._passes,
            history=self.history,
        )
        self.presence_watch = PresenceWatch(presence=parts.presence, told=self._told)
        self.survey = Survey(self)
        self.obeyed = orders.Obeyed()
        # What came by another process for a client of http_stream or SSE; `server/streams.py` takes it.
        self.take_emulated: Callable[[Emulated], None] = lambda _: None
        # For consumers of the site's own; `layer.py` takes it.
        self.take_layer_message: Callable[[LayerMessage], None] = lambda _: None
        self.traffic = metrics.Traffic()
        self._classic_clients: dict[Connection, str] = {}
        self.is_draining = False
        self._is_stopped = False
        self._tasks: set[asyncio.Task[None]] = set()
        # Tasks that run what clients have asked for; `stop` waits for them.
        self.unfinished: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self.loop = asyncio.get_running_loop()
        await self._store.start()
        await self._broker.start(self.node, self._receive, self._reconnected)
        await self.presence.start(node=self.node, publish=self._publish_presence)
        self.presence_watch.start(node=self.node)
        self._spawn(self._tick_for_ever())
        self._spawn(self._check_welcome_for_ever())
        self._spawn(self._compare_for_ever())

    async def stop(self) -> None:
        self.is_draining = True
        # What clients have sent is done to its end, without pacing; each command may have others behind it.
        end = self.loop.time() + _FINISH_SECONDS
        while (left := [task for task in self.unfinished if not task.done()]) and self.loop.time() < end:
            await asyncio.wait(left, timeout=end - self.loop.time())
        if left:
            logger.error("The commands of %d connections were not done in time.", len(left))
        self._is_stopped = True
        for task in (*self._tasks, *self.unfinished):
            task.cancel()
        self.channels.stop()
        # First what may still publish, then what carries it. Threads that run are waited for, the loop goes on.
        await asyncio.get_running_loop().run_in_executor(None, self.pool.stop)
        await self.presence_watch.stop()
        await self.presence.stop()
        await self._broker.stop()
        await self._store.stop()
        self.traffic.flush()

    def is_broker_up(self) -> bool:
        return self._broker.is_up()

    @property
    def is_alone(self) -> bool:
        """Whether there are no other processes."""
        return self._broker.is_local

    # Connections.

    def has_room_for(self, user: str) -> bool:
        return self.hub.count_of(user) < self.conf.max_connections_per_user

    def enter(self, connection: Connection) -> None:
        """From now on it has its ticks."""
        self.hub.enter(connection)

    def identify(self, connection: Connection, user: str) -> None:
        """It is known whose it is: `connection.admission` is set."""
        self.hub.identify(connection, user)

    def readmit(self, connection: Connection, admission: Admission) -> None:
        """The same person with a new token."""
        connection.admission = admission

    async def join_all(self, connection: Connection) -> None:
        """
        Enter, and hear all channels of the admission from the return on, from where they are now; for the classic
        protocol. Raises what the history raises.
        """
        admission = connection.admission
        if admission is None:
            raise ValueError("nobody was admitted")
        self.hub.enter(connection)
        self.hub.identify(connection, admission.user)
        await self.channels.listen_to(admission.channels)
        if connection in self.hub.connections:
            for channel in admission.channels:
                self.hub.join(connection, channel, skip=self._passes.pending_in(channel))
            self._show_classic(connection, admission)

    def part(self, connection: Connection, channel: str, *, hears_presence: bool = False) -> None:
        if self.hub.leave(connection, channel):
            self._let_go_later(channel)
        if hears_presence and self.hub.leave(connection, self.presence_name(channel)):
            self.presence_watch.end(channel)

    def exit(self, connection: Connection) -> None:
        """Leaving twice, or without having entered, is harmless."""
        if (client := self._classic_clients.pop(connection, None)) is not None and connection.admission is not None:
            for channel in connection.admission.channels:
                self.presence_left(channel, client)
        for channel in self.hub.exit(connection):
            if channel.startswith(_PRESENCE):
                self.presence_watch.end(channel.removeprefix(_PRESENCE))
            else:
                # People who reload a page are back in a moment.
                self._let_go_later(channel)

    def _let_go_later(self, channel: str) -> None:
        asyncio.get_running_loop().call_later(_LINGER_SECONDS, self.channels.let_go, channel)

    def _is_needed(self, channel: str) -> bool:
        return self.hub.has_listeners(channel) or self.hub.has_listeners(self.presence_name(channel))

    async def pace(self, user: str) -> None:
        """Wait for this person's turn to send; nobody waits when the process is about to end."""
        await self.wait_for_turn(self.senders.seconds_to_wait(user, time.monotonic()))

    async def wait_for_turn(self, seconds: float) -> None:
        if seconds and not self.is_draining:
            await asyncio.sleep(seconds)

    def function_at(self, path: str) -> Callable[[str, str], bool]:
        """What a namespace names as its `may_subscribe`."""
        return _imported(path)

    # Publications.

    def announce(self, hint: Hint) -> None:
        """Tell every process of what has happened already. Any thread may call this; it never waits or raises."""
        self._broker.publish(hint)

    def publish_at_once(self, publication: Publication) -> bool:
        """As `publish`, where that needs no waiting: in a plain channel of a lone process."""
        if not self._broker.is_local or self.namespaces.kind_of(publication.channel) != "plain":
            return False
        metrics.publications.inc()
        self.channels.take(publication)
        return True

    async def publish(self, publication: Publication, terms: Terms | None = None) -> Head:
        """
        Publish in a kept or plain channel; the new head, Head(0, "") where there is no history.

        `terms` None takes those of the namespace. Raises NotPublishable, UnknownChannel; BrokerAway when it is
        uncertain whether everybody will hear it.
        """
        namespace = self.namespaces.of(publication.channel)
        if namespace is None:
            raise UnknownChannel(publication.channel)
        if namespace.kind == "logged":
            raise NotPublishable(publication.channel)
        if namespace.kind == "plain":
            await self._broker.carry(Published(publication=publication))
            metrics.publications.inc()
            return Head(0, "")
        kept: Kept = await self._store.append(
            publication, terms or Terms(size=namespace.history_size, seconds=namespace.history_seconds)
        )
        if kept.publication is not None:
            metrics.publications.inc()
            self._broker.publish(Published(publication=kept.publication))
        return kept.head

    async def remove_history(self, channel: str) -> None:
        """
        Of a kept channel: nobody recovers what was published so far. Offsets go on from where they are.

        Raises UnknownChannel, NotPublishable for a logged channel, BrokerAway.
        """
        namespace = self.namespaces.of(channel)
        if namespace is None:
            raise UnknownChannel(channel)
        if namespace.kind == "logged":
            raise NotPublishable(channel)
        await self.history.remove(channel)
        self.windows.forget(channel)
        self._broker.publish(Removed(channel=channel))

    async def signal(self, publication: Publication) -> None:
        """Show it to those who listen now, in any kind of channel, and forget it. Raises UnknownChannel, BrokerAway."""
        if self.namespaces.of(publication.channel) is None:
            raise UnknownChannel(publication.channel)
        await self._broker.carry(Published(publication=publication))

    async def order(self, order: Order) -> None:
        """Have every process do it to its connections. Raises BrokerAway."""
        await self.carry(order)

    async def carry(self, hint: Hint) -> None:
        """Give it to those it is for, as it is. Raises BrokerAway."""
        await self._broker.carry(hint)

    def _reconnected(self) -> None:
        self._spawn(self.channels.compare())
        self.presence_watch.reconnected()

    def _receive(self, hint: Hint) -> None:
        if self._is_stopped:
            return
        match hint:
            case Published():
                self.channels.take(hint.publication)
            case PresenceChanged():
                self.presence_watch.receive(hint)
            case Removed():
                self.windows.forget(hint.channel)
            case Ended():
                # A hint may be forged, repeated or late: only the application says who has to go.
                connections = [] if hint.sid is None else self.hub.with_sid(hint.sid)
                if hint.user is not None:
                    connections += self.hub.connections_of(hint.user)
                self._spawn(self._end_unwelcome(connections))
            case Order():
                if self.obeyed.is_new(hint, time.time()):
                    self._spawn(orders.obey(self, hint))
            case Emulated():
                self.take_emulated(hint)
            case LayerMessage():
                self.take_layer_message(hint)
            case Question() | Answer():
                self.survey.receive(hint)

    def _deliver(self, publication: Publication) -> None:
        if publication.offset:
            self.windows.add(publication)
        self._passes.add(publication.channel, publication)

    def _broke(self, channel: str) -> None:
        self.windows.forget(channel)
        for connection in self.hub.all_listeners_of(channel):
            lose = getattr(connection, "lose", None)
            if lose is not None:
                # Out at once: what comes now is of another history. The word comes spread over time.
                self.hub.leave(connection, channel)
                self._spawn(self._lose_later(lose, channel))
        # Some do not come back.
        self._let_go_later(channel)

    async def _lose_later(self, lose: Callable[[str], None], channel: str) -> None:
        await asyncio.sleep(secrets.randbelow(1_000) / 1_000 * self._spread_seconds())
        lose(channel)

    def _spread_seconds(self) -> float:
        """A few connections come back at once, many over seconds."""
        return min(5.0, len(self.hub.connections) / 500)

    # Presence.

    def _show_classic(self, connection: Connection, admission: Admission) -> None:
        """People on the classic door are there as well; it has no name for a connection, so it gets one here."""
        shown = [channel for channel in admission.channels if self._is_presence_kept(channel)]
        if shown:
            client = self._classic_clients[connection] = secrets.token_hex(16)
            for channel in shown:
                self.presence_came(channel, ClientInfo(user=admission.user, client=client))

    def presence_name(self, channel: str) -> str:
        """Under which the hub knows those who are told who comes to the channel and who goes."""
        return _PRESENCE + channel

    def hear_presence(self, connection: Connection, channel: str) -> None:
        """From now on it is told who comes to the channel and who goes."""
        self.hub.join(
            connection, self.presence_name(channel), skip=self._passes.pending_in(self.presence_name(channel))
        )
        self.presence_watch.begin(channel)

    def presence_came(self, channel: str, info: ClientInfo) -> None:
        if self._is_presence_kept(channel):
            self.presence.arrive(channel, info)

    def presence_left(self, channel: str, client: str) -> None:
        if self._is_presence_kept(channel):
            self.presence.depart(channel, client)

    def _publish_presence(self, hint: PresenceChanged) -> None:
        namespace = self.namespaces.of(hint.channel)
        if namespace is not None and (namespace.join_leave or namespace.push_join_leave):
            self._broker.publish(hint)

    def _is_presence_kept(self, channel: str) -> bool:
        namespace = self.namespaces.of(channel)
        return namespace is not None and (namespace.presence or namespace.join_leave or namespace.push_join_leave)

    def _told(self, channel: str, joined: Sequence[ClientInfo], left: Sequence[ClientInfo]) -> None:
        # Who is another one now is in both: first gone, then come.
        for info in left:
            self._passes.add(self.presence_name(channel), Presence(channel=channel, info=info, has_come=False))
        for info in joined:
            self._passes.add(self.presence_name(channel), Presence(channel=channel, info=info, has_come=True))

    # Time.

    async def _tick_for_ever(self) -> None:
        due = time.monotonic()
        while True:
            due += _TICK_SECONDS
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            now = time.monotonic()
            metrics.loop_lag.set(max(0.0, now - due))
            due = max(due, now - _TICK_SECONDS)
            self.traffic.flush()
            metrics.broker_up.set(self._broker.is_up())
            metrics.broker_lag.set(self._broker.lag_seconds)
            self.senders.forget_idle(now)
            pending_bytes = 0
            for number, connection in enumerate(tuple(self.hub.connections)):
                if now + TICK_SLACK_SECONDS >= connection.due_at:
                    try:
                        connection.tick(now)
                        pending_bytes += connection.unsent_bytes
                    except Exception:
                        # One connection's fault: the others need their heartbeats.
                        logger.exception("A connection's turn has failed.")
                if number % _TICKED_AT_ONCE == _TICKED_AT_ONCE - 1:
                    await asyncio.sleep(0)
            metrics.pending_bytes.set(pending_bytes)

    async def _check_welcome_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self.conf.welcome_check_seconds)
            await self._end_unwelcome(tuple(self.hub.connections))

    async def _end_unwelcome(self, connections: Sequence[Connection]) -> None:
        admissions = {connection.admission for connection in connections if connection.admission is not None}
        if not admissions:
            return
        ended = await self._ended_of(list(admissions))
        for connection in connections:
            if connection.admission in ended:
                connection.close(Ending.SIGNED_OUT)

    async def _ended_of(self, admissions: list[Admission]) -> set[Admission]:
        try:
            return set(await self.pool.run(self.application.ended, admissions))
        except Exception as error:
            if len(admissions) == 1 or not isinstance(error, ValueError):
                logger.exception("Whether connections are still welcome could not be asked.")
                return set()
        # One that cannot be asked about must not keep the others from it.
        half = len(admissions) // 2
        return await self._ended_of(admissions[:half]) | await self._ended_of(admissions[half:])

    async def _compare_for_ever(self) -> None:
        # A hint may have been lost without anybody noticing, and the last one before a crash has no successor that
        # would show the hole.
        compared_at = self.loop.time()
        while True:
            # Not all of it at once: the broker may go meanwhile.
            await asyncio.sleep(min(_COMPARE_SECONDS, _COMPARE_ALONE_SECONDS))
            if not self._broker.is_up() or self.loop.time() - compared_at >= _COMPARE_SECONDS:
                await self.channels.compare()
                compared_at = self.loop.time()

    def _spawn(self, coroutine: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


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
    engine, _engine, _starting = _engine, None, None
    if engine is not None:
        await engine.stop()
