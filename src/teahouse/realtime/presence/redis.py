"""
The presence of many processes, in Redis: each writes its own connections under a lease that expires with it.

After any failure a process writes all of its connections again, as a new life that counts once it is whole (see
`records.py`). So a Redis that was away, flushed or replaced by an older copy is brought up to date without asking what
it has missed, and what waits for a Redis that is away is never more than who is connected.
"""

import asyncio
import collections
import contextlib
import logging
import math
from collections.abc import Callable, Collection, Coroutine, Iterable, Iterator, Mapping
from typing import TypeVar

from teahouse.realtime.application import ClientInfo
from teahouse.realtime.broker.base import BrokerAway, PresenceChanged, Seal
from teahouse.realtime.presence.base import EXPIRY_SECONDS
from teahouse.realtime.presence.counts import Counts
from teahouse.realtime.presence.own import Change
from teahouse.realtime.presence.pending import Pending
from teahouse.realtime.presence.reader import Reader
from teahouse.realtime.presence.records import Field, Records
from teahouse.realtime.presence.redis_calls import Calls, Command

logger = logging.getLogger(__name__)

T = TypeVar("T")

# Parts of the expiry. The lease, plus what a listener waits until a process counts as gone (`watch.py`), is all of it.
LEASE_PART = 0.6
_REFRESH_PART = 0.15
_RETRY_SECONDS = 0.2
_STOP_SECONDS = 1.0
_WRITTEN_AT_ONCE = 500
# A channel's hash expires when nobody has swept it for so long, that is when nobody of any process is in it.
_KEPT_SECONDS = "7200"
_SWEEP_SECONDS = 1800.0


class _LeaseLost(Exception):
    """Redis has forgotten us, and others may have told so."""


class RedisPresence:
    """`url` as `topology_from` reads it; raises ValueError. `prefix` is in front of every key."""

    def __init__(self, url: str, *, prefix: str, seal: Seal, expiry_seconds: float = EXPIRY_SECONDS) -> None:
        self.expiry_seconds = expiry_seconds
        self._write, self._read = Calls(url), Calls(url)
        self._records = Records(prefix=prefix, seal=seal)
        self._pending = Pending()
        self._task: asyncio.Task[None] | None = None
        self._life = 0
        # The life that others see, 0 when there is none.
        self._whole = 0
        self._refresh_at = 0.0
        self._to_sweep: collections.deque[str] = collections.deque()

    async def start(self, *, node: str, publish: Callable[[PresenceChanged], None]) -> None:
        if ":" in node:
            raise ValueError(f"the node {node!r} has a colon in its name")
        self._node, self._publish = node, publish
        self._loop = asyncio.get_running_loop()
        self._write.start()
        self._read.start()
        self._reader = Reader(call=self._read, records=self._records, node=node)
        self._counts = Counts(self._reader)
        self._task = asyncio.create_task(self._for_ever())

    async def stop(self) -> None:
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None
        left = self._pending.all_left()
        self._pending = Pending()
        with contextlib.suppress(BrokerAway, TimeoutError):
            async with asyncio.timeout(_STOP_SECONDS):
                # From here on the fields are nobody's; who reads them removes those that we do not get to.
                await self._write(("DEL", self._records.lease_key(self._node)))
        self._tell(left)
        with contextlib.suppress(BrokerAway, TimeoutError):
            async with asyncio.timeout(_STOP_SECONDS):
                await self._write_all(left)
        await self._write.stop()
        await self._read.stop()

    def arrive(self, channel: str, info: ClientInfo) -> None:
        self._pending.arrive(channel, info)

    def depart(self, channel: str, client: str) -> None:
        self._pending.depart(channel, client)

    async def present(self, channel: str) -> dict[str, ClientInfo]:
        others = await self._reader.others(channel, ())
        present = {client: info for clients in others.values() for client, info in clients.items()}
        present.update(self._pending.actual(channel))
        return present

    async def stats(self, channel: str) -> tuple[int, int]:
        count, users = await self._counts.of(channel)
        own = self._pending.actual(channel).values()
        return count + len(own), len(users | {info.user for info in own})

    def told(self, channel: str) -> Mapping[str, ClientInfo]:
        return self._pending.told(channel)

    async def others(self, channel: str, *, expected: Collection[str] = ()) -> dict[str, dict[str, ClientInfo]]:
        return await self._reader.others(channel, expected)

    async def missing(self, nodes: Collection[str]) -> set[str]:
        return set(nodes) - (await self._reader.leases(nodes)).keys()

    # Writing. One task does all of it, so what Redis gets is in order.

    async def _for_ever(self) -> None:
        wait = _RETRY_SECONDS
        while True:
            try:
                await self._begin_life()
                if wait > _RETRY_SECONDS:
                    logger.info("Presence is in Redis again.")
                wait = _RETRY_SECONDS
                while True:
                    await self._turn()
            except _LeaseLost:
                self._whole = 0
                continue
            except Exception as error:  # redis-py raises more than its own errors when a socket goes in mid-word.
                if wait == _RETRY_SECONDS:
                    logger.warning("Presence cannot be written to Redis: %s", error)
            await self._tell_only(until=self._loop.time() + wait)
            wait = min(wait * 2, max(_RETRY_SECONDS, self._refresh_seconds))

    async def _begin_life(self) -> None:
        """Write all that was told. Who comes and goes while that is written waits."""
        self._life += 1
        is_new = await self._while_telling(self._claim())
        everyone = self._pending.all_joined()
        await self._write_all(everyone)
        await self._keep_lease(whole=self._life)
        self._whole = self._life
        if is_new:
            # Others may have told that we are gone.
            self._tell(everyone)

    async def _claim(self) -> bool:
        """Have a lease; whether others had none of us to see."""
        if self._whole and await self._set_lease(self._whole, "XX"):
            return False
        self._whole = 0
        await self._set_lease(0)
        return True

    async def _while_telling(self, work: Coroutine[None, None, T]) -> T:
        """A Redis that is away takes its time to say so, and this process hears of its own all the same."""

        async def tell() -> None:
            await asyncio.sleep(_RETRY_SECONDS)
            await self._tell_only(until=math.inf)

        telling = asyncio.create_task(tell())
        try:
            return await work
        finally:
            telling.cancel()

    async def _turn(self) -> None:
        changes = await self._pending.next(until=self._refresh_at)
        try:
            await self._write_all(changes)
        finally:
            # After writing: who began to listen too late for the hint has read it. Redis or no Redis, this process
            # hears it.
            self._tell(changes)
        if self._loop.time() >= self._refresh_at:
            await self._keep_lease(whole=self._whole)
            await self._sweep_some()

    async def _tell_only(self, until: float) -> None:
        while changes := await self._pending.next(until):
            self._tell(changes)

    def _tell(self, changes: Iterable[Change]) -> None:
        for change in changes:
            for hint in change.hints(self._node):
                self._publish(hint)

    # Commands.

    async def _write_all(self, changes: Iterable[Change]) -> None:
        some: list[Command] = []
        size = 0
        for change in changes:
            for command in self._commands_of(change):
                some.append(command)
                size += len(command)
                if size >= _WRITTEN_AT_ONCE:
                    await self._write_some(some)
                    some, size = [], 0
        if some:
            await self._write_some(some)

    async def _write_some(self, commands: list[Command]) -> None:
        await self._write(*commands)
        if self._task is not None and self._loop.time() >= self._refresh_at:
            # Writing all takes longer than a lease where there is very much.
            await self._keep_lease(whole=self._whole)

    def _commands_of(self, change: Change) -> Iterator[Command]:
        key = self._records.channel_key(change.channel)
        for start in range(0, len(change.left), _WRITTEN_AT_ONCE):
            yield ("HDEL", key, *(self._field(info) for info in change.left[start : start + _WRITTEN_AT_ONCE]))
        for start in range(0, len(change.joined), _WRITTEN_AT_ONCE):
            command: list[str | bytes] = ["HSET", key]
            for info in change.joined[start : start + _WRITTEN_AT_ONCE]:
                field = self._field(info)
                command += (field, self._records.close_info(change.channel, field, info))
            yield command
            yield ("EXPIRE", key, _KEPT_SECONDS)

    def _field(self, info: ClientInfo) -> bytes:
        return Field(self._node, self._life, info.client).encoded()

    async def _keep_lease(self, *, whole: int) -> None:
        if not await self._set_lease(whole, "XX"):
            raise _LeaseLost

    async def _set_lease(self, whole: int, *condition: str) -> bool:
        milliseconds = math.ceil(self.expiry_seconds * LEASE_PART * 1000)
        value = self._records.close_lease(self._node, whole)
        [answer] = await self._write(
            ("SET", self._records.lease_key(self._node), value, "PX", str(milliseconds), *condition)
        )
        self._refresh_at = self._loop.time() + self._refresh_seconds
        return answer is not None

    async def _sweep_some(self) -> None:
        """So many that every channel has its turn in half an hour."""
        channels = self._pending.channels()
        if not self._to_sweep:
            self._to_sweep.extend(channels)
        for _ in range(min(len(self._to_sweep), math.ceil(len(channels) * self._refresh_seconds / _SWEEP_SECONDS))):
            channel = self._to_sweep.popleft()
            if channel in channels:
                await self._write(("EXPIRE", self._records.channel_key(channel), _KEPT_SECONDS))
                await self._reader.sweep(channel)

    @property
    def _refresh_seconds(self) -> float:
        return self.expiry_seconds * _REFRESH_PART
