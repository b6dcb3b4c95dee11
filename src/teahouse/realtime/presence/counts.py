"""How many are in a channel, of other processes, read at most twice a second however many ask. Only for `redis.py`."""

import asyncio
from typing import NamedTuple

from teahouse.realtime.presence.reader import Reader

_FRESH_SECONDS = 0.5


class _Reading(NamedTuple):
    began_at: float
    task: "asyncio.Task[tuple[int, frozenset[str]]]"


class Counts:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        # By channel, the oldest first.
        self._readings: dict[str, _Reading] = {}

    async def of(self, channel: str) -> tuple[int, frozenset[str]]:
        """Connections, and the users they are of. Raises BrokerAway."""
        self._forget_old(asyncio.get_running_loop().time())
        reading = self._readings.get(channel)
        if reading is None or (reading.task.done() and reading.task.exception() is not None):
            reading = _Reading(asyncio.get_running_loop().time(), asyncio.create_task(self._count(channel)))
            # Looked at even if everybody who asked has gone.
            reading.task.add_done_callback(lambda task: task.cancelled() or task.exception())
            self._readings.pop(channel, None)
            self._readings[channel] = reading
        # Who asked first may go away; the others wait for the same.
        return await asyncio.shield(reading.task)

    async def _count(self, channel: str) -> tuple[int, frozenset[str]]:
        others = await self._reader.others(channel, ())
        users = frozenset(info.user for clients in others.values() for info in clients.values())
        return sum(map(len, others.values())), users

    def _forget_old(self, now: float) -> None:
        while self._readings:
            channel, reading = next(iter(self._readings.items()))
            if now - reading.began_at < _FRESH_SECONDS:
                break
            del self._readings[channel]
