"""
Redis between processes: hints to the Redis names they are for, and back. How Redis is found, spoken to and listened to
is in the modules beside this one.

Pub/sub promises nothing, and nothing is asked of it: after an interruption the engine compares its positions with
the history. A Redis that is away or hangs holds up nobody.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence

import redis

from teahouse.realtime.broker.base import BrokerAway, Hint, Published, Seal, channel_of, node_of
from teahouse.realtime.broker.redis_commands import ASK_SECONDS, Commands
from teahouse.realtime.broker.redis_connection import Finder, for_ever, logger
from teahouse.realtime.broker.redis_once import ask_once
from teahouse.realtime.broker.redis_subscriptions import Subscriptions
from teahouse.realtime.broker.redis_topology import Topology, topology_from

_SUBSCRIBE_SECONDS = 1.0
# Ours are below: what is larger is not worth the time to check who signed it.
_MOST_SEALED_BYTES = 16_777_216
_STRANGERS_SECONDS = 60.0


class RedisBroker:
    """`url` as `topology_from` reads it; raises ValueError. `prefix` is in front of every Redis name."""

    is_local = False

    def __init__(self, url: str, *, prefix: str, seal: Seal) -> None:
        self._names = _Names(prefix)
        self._seal = seal
        self._finder = Finder(topology_from(url))
        self._publish_word = _publish_word(self._finder.topology)
        self._commands = Commands(self._finder, what="publishing")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._passed_over = _PassedOver()

    async def start(self, node: str, receive: Callable[[Hint], None], reconnected: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._node = node
        self._receive = receive
        self._heard = asyncio.Event()
        self._subscriptions = Subscriptions(
            self._finder, receive=self._open, regained=lambda: self._note_regained(reconnected)
        )
        # What depends on where things are comes first, what looks for them last.
        self._commands.start()
        self._subscriptions.start()
        for name in (self._names.everyone, self._names.of_node(node)):
            self._subscriptions.add(name, is_missed=True)
        self._finding = self._loop.create_task(for_ever(self._finder.run, what="looking for it"))
        # Who comes right after the start then finds the connection there, as a rule.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._heard.wait(), _SUBSCRIBE_SECONDS)

    async def stop(self) -> None:
        self._loop = None
        await self._commands.stop()
        self._finding.cancel()
        await asyncio.gather(self._finding, self._subscriptions.stop(), return_exceptions=True)

    def publish(self, hint: Hint) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # The loop has ended: the process is going.
                self._loop.call_soon_threadsafe(self._publish, hint, self._seal.close(hint))

    def publish_all(self, hints: Sequence[Published]) -> None:
        if self._loop is not None:
            for hint in hints:
                self._publish(hint, self._seal.close(hint))

    async def carry(self, hint: Hint) -> None:
        if self._loop is None:
            raise BrokerAway("the broker is not running")
        name = self._names.of(hint)
        give_up_at = self._loop.time() + ASK_SECONDS
        # Who listens here hears it through Redis only, so it must not go out while nobody here listens.
        needed = [name] if self._finder.topology.is_sharded else [name, self._names.everyone]
        try:
            if not all(map(self._subscriptions.is_confirmed, needed)):
                async with asyncio.timeout_at(give_up_at):
                    for one in needed:
                        await self._subscriptions.confirmed(one)
            await self._commands.ask(name, self._publish_word, name, self._seal.close(hint), give_up_at=give_up_at)
        except TimeoutError:
            raise BrokerAway(f"Redis is away: nothing within {ASK_SECONDS} s") from None
        except redis.ResponseError as error:
            raise BrokerAway(f"Redis refuses: {error}") from error

    async def subscribe(self, channel: str) -> None:
        name = self._names.of_channel(channel)
        self._subscriptions.add(name)
        try:
            await asyncio.wait_for(self._subscriptions.confirmed(name), _SUBSCRIBE_SECONDS)
        except TimeoutError:
            self._subscriptions.note_missed(name)

    def unsubscribe(self, channel: str) -> None:
        self._subscriptions.drop(self._names.of_channel(channel))

    def is_up(self) -> bool:
        return self._subscriptions.is_up() and self._commands.is_up()

    @property
    def lag_seconds(self) -> float:
        """From queueing a hint to the answer of Redis: of the last one, or of the one that waits longest."""
        return self._commands.lag_seconds

    @property
    def passed_over(self) -> int:
        """How much was heard that this site did not sign."""
        return self._passed_over.count

    def _publish(self, hint: Hint, sealed: bytes) -> None:
        node = node_of(hint)
        if node != self._node:
            name = self._names.of(hint)
            self._commands.put(name, self._publish_word, name, sealed)
        # This process need not wait for Redis; what comes back from there is dropped by its offset. A signal has none,
        # and would be shown twice.
        is_signal = isinstance(hint, Published) and not hint.publication.offset
        if node in (None, self._node) and not is_signal:
            self._receive(hint)

    def _open(self, sealed: bytes) -> None:
        hint = self._seal.open(sealed) if len(sealed) <= _MOST_SEALED_BYTES else None
        if hint is None:
            self._passed_over.note()
        else:
            self._receive(hint)

    def _note_regained(self, reconnected: Callable[[], None]) -> None:
        self._heard.set()
        reconnected()


class _Names:
    """The Redis channels. `everyone` and each node have one of their own, whatever channels are called."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self.everyone = f"{prefix}:everyone"

    def of(self, hint: Hint) -> str:
        channel, node = channel_of(hint), node_of(hint)
        if channel is not None:
            return self.of_channel(channel)
        return self.everyone if node is None else self.of_node(node)

    def of_channel(self, channel: str) -> str:
        return f"{self._prefix}:channel:{channel}"

    def of_node(self, node: str) -> str:
        return f"{self._prefix}:node:{node}"


class _PassedOver:
    """Counts what strangers published, and says so at most once a minute, however much it is."""

    def __init__(self) -> None:
        self.count = 0
        self._said_at = -_STRANGERS_SECONDS

    def note(self) -> None:
        self.count += 1
        now = asyncio.get_running_loop().time()
        if now - self._said_at >= _STRANGERS_SECONDS:
            self._said_at = now
            logger.warning("Hints that this site did not sign were passed over: %d so far.", self.count)


def publish_once(url: str, *, prefix: str, seal: Seal, hint: Hint) -> None:
    """For processes without an engine (management commands, tasks). Raises BrokerAway within two seconds."""
    topology = topology_from(url)
    name = _Names(prefix).of(hint)
    try:
        ask_once(topology, name, _publish_word(topology), name, seal.close(hint))
    except redis.ResponseError as error:
        raise BrokerAway(f"Redis refuses: {error}") from error


def _publish_word(topology: Topology) -> str:
    return "SPUBLISH" if topology.is_sharded else "PUBLISH"
