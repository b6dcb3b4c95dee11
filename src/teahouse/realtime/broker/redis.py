"""
Redis between processes: one connection that listens, one that publishes, one subscription a channel and process.

Pub/sub promises nothing, and nothing is asked of it: after an interruption the engine compares its positions with
the history. A Redis that is away or hangs holds up nobody.
"""

import asyncio
import collections
import contextlib
import logging
from collections.abc import Callable

import redis
import redis.asyncio

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
        self._pubsub: redis.asyncio.client.PubSub | None = None
        # Bounded: what overflows are the oldest hints, and the history has them.
        self._outgoing: collections.deque[tuple[str, bytes]] = collections.deque(maxlen=_WAITING_HINTS)
        self._outgoing_added = asyncio.Event()
        self._outgoing_emptied = asyncio.Event()
        self._outgoing_emptied.set()
        self._is_listening = False
        self._is_publishing = True

    async def start(self, receive: Callable[[Hint], None], reconnected: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._receive = receive
        self._tasks = [
            self._loop.create_task(self._listen_for_ever(reconnected)),
            self._loop.create_task(self._publish_for_ever()),
        ]

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
        confirmed = self._wanted.get(key)
        if confirmed is None:
            confirmed = self._wanted[key] = asyncio.Event()
            if self._pubsub is not None:
                with contextlib.suppress(redis.RedisError, OSError):
                    await self._pubsub.subscribe(key)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(confirmed.wait(), _SUBSCRIBE_SECONDS)

    def unsubscribe(self, channel: str) -> None:
        key = self._key(channel)
        if self._wanted.pop(key, None) is not None and self._pubsub is not None:
            self._tasks = [task for task in self._tasks if not task.done()]
            self._tasks.append(self._loop.create_task(self._unsubscribe(self._pubsub, key)))

    def is_up(self) -> bool:
        return self._is_listening and self._is_publishing

    def _key(self, channel: str) -> str:
        return f"{self._prefix}:channel:{channel}"

    async def _unsubscribe(self, pubsub: "redis.asyncio.client.PubSub", key: str) -> None:
        with contextlib.suppress(redis.RedisError, OSError):
            await pubsub.unsubscribe(key)
            # Somebody wanted it again while the command was on its way: the later command wins.
            if key in self._wanted:
                await pubsub.subscribe(key)

    # Listening.

    async def _listen_for_ever(self, reconnected: Callable[[], None]) -> None:
        wait = _RETRY_SECONDS
        while True:
            try:
                await self._listen(reconnected)
            except (redis.RedisError, OSError, TimeoutError) as error:
                if self._is_listening:
                    logger.warning("Redis is away, publications are read from the database: %s", error)
                    wait = _RETRY_SECONDS
                self._is_listening = False
            await asyncio.sleep(wait)
            wait = min(wait * 2, _RETRY_MOST_SECONDS)

    async def _listen(self, reconnected: Callable[[], None]) -> None:
        # No socket timeout of redis-py's: silence is normal on a subscription, and is judged by pings below.
        client = redis.asyncio.Redis.from_url(
            self._url, socket_timeout=None, socket_connect_timeout=2, single_connection_client=True
        )
        pubsub = client.pubsub()
        try:
            await pubsub.subscribe(self._everyone, *self._wanted)
            self._pubsub = pubsub
            self._is_listening = True
            # Whatever was published while nobody listened has to be looked for.
            reconnected()
            await self._receive_all(pubsub)
        finally:
            self._pubsub = None
            for confirmed in self._wanted.values():
                confirmed.clear()
            with contextlib.suppress(Exception):
                await asyncio.wait_for(pubsub.aclose(), 1)  # type: ignore[no-untyped-call]
            with contextlib.suppress(Exception):
                await asyncio.wait_for(client.aclose(), 1)

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
                if confirmed := self._wanted.get(message["channel"].decode()):
                    confirmed.set()
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

    async def _publish_for_ever(self) -> None:
        client = redis.asyncio.Redis.from_url(self._url, socket_timeout=2, socket_connect_timeout=2, max_connections=1)
        wait = _RETRY_SECONDS
        try:
            while True:
                await self._outgoing_added.wait()
                self._outgoing_added.clear()
                while self._outgoing:
                    count = min(len(self._outgoing), _HINTS_AT_ONCE)
                    pipeline = client.pipeline(transaction=False)
                    for index in range(count):
                        pipeline.publish(*self._outgoing[index])
                    try:
                        await pipeline.execute()
                    except (redis.RedisError, OSError) as error:
                        if self._is_publishing:
                            logger.warning("Redis does not take publications: %s", error)
                        self._is_publishing = False
                        await asyncio.sleep(wait)
                        wait = min(wait * 2, _RETRY_MOST_SECONDS)
                        continue
                    self._is_publishing, wait = True, _RETRY_SECONDS
                    for _ in range(min(count, len(self._outgoing))):
                        self._outgoing.popleft()
                self._outgoing_emptied.set()
        finally:
            with contextlib.suppress(Exception):
                await client.aclose()


def publish_once(url: str, *, prefix: str, seal: Seal, hint: Hint) -> None:
    """For processes without an engine (management commands, tasks). Waits up to 2 s; raises redis.RedisError."""
    name = "everyone" if isinstance(hint, Disconnect) else f"channel:{hint.publication.channel}"
    with redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2) as client:
        client.publish(f"{prefix}:{name}", seal.close(hint))
