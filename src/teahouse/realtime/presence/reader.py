"""
Reading presence from Redis, and removing what is nobody's any more. Only for `redis.py` beside it.

The leases are read before the fields: a life that was whole then has all of its fields there now. What is removed is
decided by leases read after the fields: a process sets its lease before it writes the first field of a life, so what
has no lease by then belongs to a life that is over.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from typing import TypeAlias, TypeVar

from teahouse.realtime.application import ClientInfo
from teahouse.realtime.broker.base import BrokerAway
from teahouse.realtime.presence.records import Field, Records, field_from
from teahouse.realtime.presence.redis_calls import ASK_SECONDS, Calls

logger = logging.getLogger(__name__)

_AT_ONCE = 500
_REMOVED_AT_ONCE = 1_000
_READING_AT_ONCE = 8

T = TypeVar("T")
# As it stands there, what it says, and its value.
Entry: TypeAlias = tuple[bytes, Field, bytes]


class Reader:
    def __init__(self, *, call: Calls, records: Records, node: str) -> None:
        self._call = call
        self._records = records
        self._node = node
        # The processes that had a lease when last seen, this one included.
        self._known: set[str] = {node}
        self._places = asyncio.Semaphore(_READING_AT_ONCE)

    async def others(self, channel: str, expected: Collection[str]) -> dict[str, dict[str, ClientInfo]]:
        """As `Presence.others` says. Two round trips, four when a process is met for the first time."""
        async with self._place():
            leases = await self.leases(self._known.union(expected))
            entries = await self._entries(channel)
            late = await self.leases({field.node for _, field, _ in entries} - leases.keys())
            leases |= late
            await self._remove(channel, [encoded for encoded, field, _ in entries if _is_dead(field, leases)])
            if late:
                # Whether these were whole when the fields were read is not known.
                entries = await self._entries(channel)
        others: dict[str, dict[str, ClientInfo]] = {node: {} for node in expected if leases.get(node)}
        await self._open(channel, entries, leases, others)
        others.pop(self._node, None)
        return others

    async def leases(self, nodes: Collection[str]) -> dict[str, int]:
        """Which life is whole, 0 for none yet, of those that have a lease."""
        order = list(nodes)
        if not order:
            return {}
        [values] = await self._call(("MGET", *map(self._records.lease_key, order)))
        leases = {}
        for node, value in zip(order, values, strict=True):
            if (whole := self._records.open_lease(node, value)) is not None:
                leases[node] = whole
        self._known = (self._known - set(order)) | leases.keys() | {self._node}
        return leases

    async def sweep(self, channel: str) -> None:
        """Remove from it what is nobody's. A channel that is never read would keep that for ever."""
        async with self._place():
            [found] = await self._call(("HKEYS", self._records.channel_key(channel)))
            fields = [(encoded, field) for encoded in found if (field := field_from(encoded)) is not None]
            leases = await self.leases({field.node for _, field in fields})
            await self._remove(channel, [encoded for encoded, field in fields if _is_dead(field, leases)])

    @contextlib.asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """Waiting for one's turn counts too: behind a Redis that hangs nobody waits longer than the first."""
        try:
            async with asyncio.timeout(ASK_SECONDS), self._places:
                yield
        except TimeoutError as error:
            raise BrokerAway("no answer in time") from error

    async def _entries(self, channel: str) -> list[Entry]:
        [found] = await self._call(("HGETALL", self._records.channel_key(channel)))
        entries = []
        async for encoded, value in _unhurried(zip(found[::2], found[1::2], strict=True)):
            if (field := field_from(encoded)) is not None:
                entries.append((encoded, field, value))
        return entries

    async def _open(
        self, channel: str, entries: list[Entry], leases: Mapping[str, int], others: dict[str, dict[str, ClientInfo]]
    ) -> None:
        forged = 0
        async for encoded, field, value in _unhurried(entries):
            if field.node == self._node or not 0 < leases.get(field.node, 0) <= field.life:
                continue
            info = self._records.open_info(channel, encoded, field.client, value)
            if info is None:
                forged += 1
            else:
                others.setdefault(field.node, {})[field.client] = info
        if forged:
            logger.warning("%d connections in a channel that this site did not sign were passed over.", forged)

    async def _remove(self, channel: str, fields: list[bytes]) -> None:
        key = self._records.channel_key(channel)
        for start in range(0, len(fields), _REMOVED_AT_ONCE):
            await self._call(("HDEL", key, *fields[start : start + _REMOVED_AT_ONCE]))


def _is_dead(field: Field, leases: Mapping[str, int]) -> bool:
    """Of a process without a lease, or of a life before the whole one."""
    return field.node not in leases or field.life < leases[field.node]


async def _unhurried(things: Iterable[T]) -> AsyncIterator[T]:
    """A channel may have thousands of connections; the loop serves others in between."""
    for number, thing in enumerate(things, 1):
        yield thing
        if number % _AT_ONCE == 0:
            await asyncio.sleep(0)
