"""
One native connection, whatever carries it: its commands in their order, its subscriptions, its heartbeat and expiry.

A command that needs to wait for nothing is done on the spot; behind one that waits, the others wait too, since a
client may rely on their order. The transport hands in frames and takes payloads; what commands mean is in the modules
beside this one.
"""

import collections
import logging
import random
import time
from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from teahouse.realtime import metrics
from teahouse.realtime.application import Admission, ClientInfo
from teahouse.realtime.native.subscriptions import GRACE_SECONDS, Subscriptions, earlier
from teahouse.realtime.native.transport import Transport
from teahouse.realtime.wire.centrifuge.codec import Codec
from teahouse.realtime.wire.centrifuge.frames import (
    Command,
    ConnectRequest,
    PublishRequest,
    Push,
    Request,
    RPCRequest,
    SendRequest,
    Unsubscribe,
)
from teahouse.realtime.wire.centrifuge.session import Heartbeat, NativeSession
from teahouse.realtime.wire.codes import Ending, Error, Unsubscribed

if TYPE_CHECKING:
    from teahouse.realtime.engine import Engine

logger = logging.getLogger(__name__)

_PUBLISHED_AT_ONCE = 64
# Commands that the application has started, of one connection; beyond that the next one waits, and then reading does.
_STARTED_AT_ONCE = 16
# One frame may hold 2,000 commands that wait for nothing: after so many it is everybody else's turn, and so many are
# done in a second, however they come.
_DONE_AT_ONCE = 128
_DONE_PER_SECOND = 2_560

# What is done all the same when its sender has left meanwhile.
_DONE_ANYWAY = (PublishRequest, RPCRequest, SendRequest)
_NEVER_DONE = frozenset((Ending.SIGNED_OUT, Ending.TOKEN_EXPIRED, Ending.FORCE_DISCONNECT, Ending.BAD_REQUEST))


# It answers by `native.session`; it returns None when it is done, or what has still to be waited for.
Handler: TypeAlias = Callable[["Native", int, Any], Coroutine[Any, Any, None] | None]


class Native:
    """Belongs to one transport and ends with it."""

    __slots__ = (
        "_busy_until", "_done", "_is_alone", "_orders", "_queue", "_running", "_started",
        "_will_flush", "client", "codec", "conn_info", "engine", "expires_at", "is_emulated",
        "is_gone", "session", "session_id", "subscriptions", "transport",
    )  # fmt: skip

    def __init__(self, engine: "Engine", transport: Transport, codec: Codec, *, is_emulated: bool = False) -> None:
        self.engine = engine
        self.transport = transport
        self.codec = codec
        self.is_emulated = is_emulated
        self.session = NativeSession(
            codec=codec,
            limits=engine.conf.limits,
            heartbeat=Heartbeat(
                interval=max(1, round(engine.conf.ping_interval_seconds)),
                timeout=engine.conf.ping_timeout_seconds,
                jitter=random.random(),  # noqa: S311 (it spreads load and keeps no secret)
            ),
            now=time.monotonic(),
        )
        self.client = ""
        # For emulated transports: what names the connection in requests of their other half.
        self.session_id = ""
        self.conn_info = b""
        self.subscriptions = Subscriptions()
        # The end of the token, of the wall clock; None is never.
        self.expires_at: float | None = None
        self.is_gone = False
        self._queue: collections.deque[tuple[int, Request]] | None = None
        # Commands that wait for something, and whether others have to wait for them.
        self._running = 0
        # Of these, those that the application has taken and that have no task here.
        self._started = 0
        # The answers to publications leave together, in a moment.
        self._will_flush = False
        self._is_alone = False
        # What the server wants of it once it is connected.
        self._orders: list[Callable[[], Coroutine[Any, Any, None]]] | None = None
        # Commands that are not paced yet, and until when those before them keep it busy.
        self._done = 0
        self._busy_until = 0.0

    # The transport's side.

    def receive(self, frame: str | bytes) -> None:
        self.session.receive(frame)
        self._take(self.session.commands())
        self._go_on()

    @property
    def is_full(self) -> bool:
        """Whether reading should pause: too much is waiting, of this connection or of this person."""
        return self.session.is_full or (self.admission is not None and self.engine.senders.is_full(self.admission.user))

    def rest_seconds(self) -> float:
        """How long to wait before more is read, after what was done since the last call; 0 if that was nothing."""
        if not self._done:
            return 0.0
        now = time.monotonic()
        begin = max(self._busy_until, now - _DONE_AT_ONCE / _DONE_PER_SECOND)
        self._busy_until = begin + self._done / _DONE_PER_SECOND
        self._done = 0
        return max(0.0, self._busy_until - now)

    @property
    def due_at(self) -> float:
        """When `tick` has something to do."""
        due = self.session.next_at
        end = earlier(self.expires_at, self.subscriptions.first_end)
        if end is not None:
            due = min(due, time.monotonic() + end + GRACE_SECONDS - time.time())
        return due

    def channels(self) -> list[str]:
        """Names under which the hub knows it."""
        names = [channel for channel, subscription in self.subscriptions.items() if subscription.is_live]
        names += [
            self.engine.presence_name(channel)
            for channel, subscription in self.subscriptions.items()
            if subscription.is_live and subscription.hears_presence
        ]
        return names

    def tick(self, now: float) -> None:
        self.session.tick(now)
        self._look_at_expiry(time.time())
        self.flush()

    def leave(self) -> None:
        """The transport has ended: nothing is heard any more, and what was sent to be done is still done."""
        self.is_gone = True
        for channel in self.subscriptions:
            self.engine.presence_left(channel, self.client)
        # Also those that are about to be: joining looks at `is_gone`.
        self.engine.exit(self.transport)
        self.subscriptions = Subscriptions()

    def when_connected(self, then: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do it once the connect command has been answered; never, if it is refused."""
        if self._orders is None:
            self._orders = []
        self._orders.append(then)

    async def do_what_was_ordered(self) -> None:
        orders, self._orders = self._orders, None
        for then in orders or ():
            try:
                await then()
            except Exception:
                # Nobody else's: the command that was waited for has been answered, and other orders come behind it.
                logger.exception("What was ordered while somebody connected has failed.")
                metrics.faults.inc()

    # For handlers and orders.

    @property
    def admission(self) -> Admission | None:
        """Whose it is: the hub knows it by the transport. None before the connect command."""
        return self.transport.admission

    @property
    def user(self) -> str:
        return "" if self.admission is None else self.admission.user

    @property
    def sender(self) -> str:
        """Whose pace its commands count for: strangers have each their own."""
        return self.user or f"?{self.client}"

    def info_for(self, channel: str) -> ClientInfo:
        subscription = self.subscriptions.get(channel)
        return ClientInfo(
            user=self.user,
            client=self.client,
            conn_info=self.conn_info,
            chan_info=b"" if subscription is None else subscription.chan_info,
        )

    def fail(self, command_id: int, error: Error) -> None:
        self.session.fail(command_id, error)

    def close(self, ending: Ending) -> None:
        self.session.close(ending)

    def began(self) -> None:
        """The command that is beginning goes on without a task, and others may begin behind it; `ended` after it."""
        self._running += 1
        self._started += 1
        self._is_alone = False

    def ended(self) -> None:
        self._running -= 1
        self._started -= 1
        self.session.command_done()
        if self._queue:
            self._go_on()
        else:
            self._flush_soon()
        if not self.is_gone:
            self.transport.go_on()

    def hold_others(self) -> None:
        """What comes behind the command that is beginning begins after its end."""
        self._is_alone = True

    def flush(self) -> None:
        """Send what is to be said, then end if it is over."""
        if self.is_gone:
            return
        if payload := self.session.payload():
            self.transport.send(payload)
        if self.session.ending is not None:
            self.transport.close(self.session.ending)

    def drop(self, channel: str) -> bool:
        """Not subscribed any more, without a word. False when it was not."""
        subscription = self.subscriptions.remove(channel)
        if subscription is None:
            return False
        if subscription.is_live:
            self.engine.part(self.transport, channel, hears_presence=subscription.hears_presence)
            self.engine.presence_left(channel, self.client)
        return True

    def unsubscribe(self, channel: str, code: int, reason: str) -> None:
        """The server takes a subscription away and says so; it must not be heard before the next `flush`."""
        if self.drop(channel):
            self.session.push(Push(channel=channel, unsubscribe=Unsubscribe(code, reason)))

    def lose(self, channel: str) -> None:
        """The history of the channel has a hole: the client has to come back for it."""
        subscription = self.subscriptions.get(channel)
        if subscription is None:
            return
        if subscription.is_servers:
            self.close(Ending.INSUFFICIENT_STATE)
        else:
            self.unsubscribe(channel, Unsubscribed.INSUFFICIENT_STATE, "insufficient state")
        self.flush()

    # Its commands.

    def _take(self, commands: Iterable[tuple[Command, Request]]) -> None:
        for command, request in commands:
            self.engine.traffic.native_commands += 1
            if self._queue is None:
                self._queue = collections.deque()
            self._queue.append((command.id, request))

    def _go_on(self) -> None:
        queue = self._queue
        while queue and self._may_begin(queue[0][1]):
            command_id, request = queue.popleft()
            if self._is_passed_over(request):
                self.session.command_done()
                continue
            self._is_alone = not isinstance(request, PublishRequest)
            started = self._started
            waiting = self.engine.handlers[type(request)](self, command_id, request)
            if self._started > started:
                continue
            if waiting is not None:
                self._running += 1
                is_publish = isinstance(request, PublishRequest)
                task = self.engine.loop.create_task(self._finish(command_id, waiting, may_gather=is_publish))
                self.engine.unfinished.add(task)
                task.add_done_callback(self.engine.unfinished.discard)
            else:
                self.session.command_done()
                if not isinstance(request, _DONE_ANYWAY):  # These have a pace of their own.
                    self._done += 1
        if not queue:
            # Most connections are silent nearly always.
            self._queue = None
        self.flush()

    def _may_begin(self, request: Request) -> bool:
        """
        One after the other, but publications share the way to the broker: they begin in order and stay in it. One that
        waits for its turn would be overtaken, by those that need not.
        """
        if not self._running:
            return True
        if self._is_alone:
            return False
        if isinstance(request, RPCRequest):
            return self._running == self._started < _STARTED_AT_ONCE
        return isinstance(request, PublishRequest) and not self._started and self._running < _PUBLISHED_AT_ONCE

    def _is_passed_over(self, request: Request) -> bool:
        if not self.session.is_connected and not isinstance(request, ConnectRequest):
            # Sent in one breath with a connect command that was answered by an error.
            return True
        ending = self.session.ending
        if ending is None and not self.is_gone:
            return False
        return ending in _NEVER_DONE or not isinstance(request, _DONE_ANYWAY)

    async def _finish(self, command_id: int, waiting: Coroutine[Any, Any, None], *, may_gather: bool) -> None:
        try:
            await waiting
        except Exception:
            logger.exception("A command failed.")
            metrics.faults.inc()
            self.fail(command_id, Error.INTERNAL)
        finally:
            self._running -= 1
            self.session.command_done()
            if not may_gather:
                # What the application has started may still be under way.
                self._is_alone = False
            if may_gather and not self._queue:
                self._flush_soon()
            else:
                self._go_on()
            if not self.is_gone:
                self.transport.go_on()

    def _flush_soon(self) -> None:
        """
        With the answers to what was published together, which come together. For these only: what is heard may come
        before them, but not before the answer to a subscription.
        """
        if not self._will_flush:
            self._will_flush = True
            self.engine.loop.call_soon(self._flush_gathered)

    def _flush_gathered(self) -> None:
        self._will_flush = False
        self.flush()

    def _look_at_expiry(self, now: float) -> None:
        if self.expires_at is not None and now >= self.expires_at + GRACE_SECONDS:
            self.close(Ending.TOKEN_EXPIRED)
            return
        for channel in self.subscriptions.expired(now):
            if self.subscriptions[channel].is_servers:
                self.close(Ending.SUBSCRIPTION_EXPIRED)
                return
            self.unsubscribe(channel, Unsubscribed.EXPIRED, "subscription expired")
