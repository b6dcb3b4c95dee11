"""
Redis between processes: one connection that listens, one that publishes, one subscription a channel and process.

Pub/sub promises nothing, and nothing is asked of it: after an interruption the engine compares its positions with
the history. A Redis that is away or hangs holds up nobody.
"""

import asyncio
import collections
import contextlib
import logging
from collections.abc import Callable, Coroutine

import redis
import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from teahouse.realtime.broker.base import Disconnect, Hint, Seal

logger = logging.getLogger(__name__)

_SUBSCRIBE_SECONDS = 1.0
_HEALTH_SECONDS = 5.0
_RETRY_SECONDS = 0.2
_RETRY_MOST_SECONDS = 2.0
_WAITING_HINTS = 10_000
_HINTS_AT_ONCE = 256


class RedisBroker:
    def __init__(self, url: str, *, prefix: str, seal: Seal) -> None:
        self._url = url
        self._prefix = prefix
        self._seal = seal
        self._everyone = f"{prefix}:everyone"
        self._tasks: list[asyncio.Task[None]] = []
        # The channels this process should hear, each with what is set once Redis has confirmed it.
        self._wanted: dict[str, asyncio.Event] = {}
        self._wanted_changed = asyncio.Event()
        self._unconfirmed: set[str] = set()
        # Bounded: what overflows are the oldest hints, and the history has them.
        self._outgoing: collections.deque[tuple[str, bytes]] = collections.deque(maxlen=_WAITING_HINTS)
        self._outgoing_added = asyncio.Event()
        self._outgoing_emptied = asyncio.Event()
        self._outgoing_emptied.set()
        self._is_listening = asyncio.Event()
        self._is_publishing = True

    async def start(self, receive: Callable[[Hint], None], reconnected: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._receive = receive
        self._tasks = [
            self._loop.create_task(self._for_ever(lambda: self._listen(reconnected))),
            self._loop.create_task(self._for_ever(self._publish)),
        ]
        # Who comes right after the start then finds the connection there, as a rule.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._is_listening.wait(), _SUBSCRIBE_SECONDS)

    async def stop(self) -> None:
        # What was published just before the end still goes out, if Redis takes it within a second.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._outgoing_emptied.wait(), 1)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def publish(self, hint: Hint) -> None:
        key = self._everyone if isinstance(hint, Disconnect) else self._key(hint.publication.channel)
        with contextlib.suppress(RuntimeError):  # The loop has ended: the process is going.
            # This process need not wait for Redis; what comes back from there is dropped by its offset.
            self._loop.call_soon_threadsafe(self._receive, hint)
            self._loop.call_soon_threadsafe(self._queue, key, self._seal.close(hint))

    async def subscribe(self, channel: str) -> None:
        key = self._key(channel)
        if key not in self._wanted:
            self._wanted[key] = asyncio.Event()
            self._unconfirmed.add(key)
            self._wanted_changed.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wanted[key].wait(), _SUBSCRIBE_SECONDS)

    def unsubscribe(self, channel: str) -> None:
        key = self._key(channel)
        if self._wanted.pop(key, None) is not None:
            self._unconfirmed.discard(key)
            self._wanted_changed.set()

    def is_up(self) -> bool:
        return self._is_listening.is_set() and self._is_publishing and not self._unconfirmed

    def _key(self, channel: str) -> str:
        return f"{self._prefix}:channel:{channel}"

    async def _for_ever(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        wait = _RETRY_SECONDS
        while True:
            began = self._loop.time()
            try:
                await work()
            except Exception as error:  # redis-py raises more than its own errors when a socket goes in mid-word.
                if self._loop.time() - began > _RETRY_MOST_SECONDS:
                    wait = _RETRY_SECONDS
                if wait == _RETRY_SECONDS:
                    logger.warning("Redis is away, publications are read from the database: %s", _root_of(error))
            await asyncio.sleep(wait)
            wait = min(wait * 2, _RETRY_MOST_SECONDS)

    # Listening.

    async def _listen(self, reconnected: Callable[[], None]) -> None:
        # No socket timeout of redis-py's: silence is normal on a subscription, and is judged by pings below. No
        # retries of its own either: two coroutines use the connection, and only one may make a new one.
        client = redis.asyncio.Redis.from_url(
            self._url,
            socket_timeout=None,
            socket_connect_timeout=2,
            single_connection_client=True,
            retry=Retry(NoBackoff(), 0),
        )
        pubsub = client.pubsub()
        try:
            await pubsub.subscribe(self._everyone)
            self._is_listening.set()
            # Whatever was published while nobody listened has to be looked for.
            reconnected()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._receive_all(pubsub))
                group.create_task(self._keep_subscribed(pubsub))
        finally:
            self._is_listening.clear()
            for key, confirmed in self._wanted.items():
                confirmed.clear()
                self._unconfirmed.add(key)
            for thing in (pubsub, client):
                with contextlib.suppress(Exception):
                    await asyncio.wait_for(thing.aclose(), 1)

    async def _keep_subscribed(self, pubsub: "redis.asyncio.client.PubSub") -> None:
        """Bring what Redis sends to what is wanted. Only here are subscriptions changed, so the last wish wins."""
        sent: set[str] = set()
        while True:
            self._wanted_changed.clear()
            wanted = set(self._wanted)
            # Who left and came back before we looked waits for a confirmation too; asking twice is harmless.
            if added := wanted - (sent - self._unconfirmed):
                await pubsub.subscribe(*added)
            if dropped := sent - wanted:
                await pubsub.unsubscribe(*dropped)
            sent = wanted
            await self._wanted_changed.wait()

    async def _receive_all(self, pubsub: "redis.asyncio.client.PubSub") -> None:
        is_asked = False
        while True:
            message = await pubsub.get_message(timeout=_HEALTH_SECONDS)
            if message is None:
                if is_asked:
                    raise TimeoutError("no answer to a ping")
                is_asked = True
                await asyncio.wait_for(pubsub.ping(), 2)
                continue
            is_asked = False
            if message["type"] == "subscribe":
                key = message["channel"].decode()
                if confirmed := self._wanted.get(key):
                    confirmed.set()
                    self._unconfirmed.discard(key)
            elif message["type"] == "message":
                hint = self._seal.open(message["data"])
                if hint is None:
                    logger.warning("A hint that this site did not sign was passed over.")
                else:
                    self._receive(hint)

    # Publishing.

    def _queue(self, key: str, sealed: bytes) -> None:
        self._outgoing.append((key, sealed))
        self._outgoing_emptied.clear()
        self._outgoing_added.set()

    async def _publish(self) -> None:
        client = redis.asyncio.Redis.from_url(self._url, socket_timeout=2, socket_connect_timeout=2, max_connections=1)
        try:
            while True:
                await self._outgoing_added.wait()
                self._outgoing_added.clear()
                while self._outgoing:
                    await self._publish_some(client)
                self._outgoing_emptied.set()
        finally:
            # What is left is tried again by the next turn of `_for_ever`.
            self._is_publishing = False
            self._outgoing_added.set()
            with contextlib.suppress(Exception):
                await asyncio.wait_for(client.aclose(), 1)

    async def _publish_some(self, client: "redis.asyncio.Redis") -> None:
        some = [self._outgoing.popleft() for _ in range(min(len(self._outgoing), _HINTS_AT_ONCE))]
        pipeline = client.pipeline(transaction=False)
        for key, sealed in some:
            pipeline.publish(key, sealed)
        try:
            await pipeline.execute()
        except BaseException:
            # Back to the front, but never at the cost of newer ones.
            room = _WAITING_HINTS - len(self._outgoing)
            self._outgoing.extendleft(reversed(some[-room:] if room else []))
            raise
        self._is_publishing = True


def _root_of(error: BaseException) -> BaseException:
    """The first cause within the group that a TaskGroup raises."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def publish_once(url: str, *, prefix: str, seal: Seal, hint: Hint) -> None:
    """For processes without an engine (management commands, tasks). Waits up to 2 s; raises redis.RedisError."""
    name = "everyone" if isinstance(hint, Disconnect) else f"channel:{hint.publication.channel}"
    with redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2) as client:
        client.publish(f"{prefix}:{name}", seal.close(hint))
