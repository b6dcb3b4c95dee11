"""`Own` on the loop: somebody waits for what is to be told. Only for the implementations beside it."""

import asyncio
import math
from collections.abc import Collection, Mapping

from teahouse.realtime.application import ClientInfo
from teahouse.realtime.presence.own import Change, Own


class Pending:
    def __init__(self) -> None:
        self._own = Own()
        self._noted = asyncio.Event()

    def arrive(self, channel: str, info: ClientInfo) -> None:
        self._own.arrive(channel, info)
        self._noted.set()

    def depart(self, channel: str, client: str) -> None:
        self._own.depart(channel, client)
        self._noted.set()

    def actual(self, channel: str) -> Mapping[str, ClientInfo]:
        return self._own.actual(channel)

    def told(self, channel: str) -> Mapping[str, ClientInfo]:
        return self._own.told(channel)

    def channels(self) -> Collection[str]:
        return self._own.channels()

    def all_joined(self) -> list[Change]:
        """As if all that were told had just come."""
        return [Change(channel, list(self._own.told(channel).values()), []) for channel in self._own.channels()]

    def all_left(self) -> list[Change]:
        """As if all that were told had just gone."""
        return [Change(channel, [], joined) for channel, joined, _ in self.all_joined()]

    async def next(self, until: float = math.inf) -> list[Change]:
        """Returns once there is something to tell; at the loop's time `until` with nothing."""
        loop = asyncio.get_running_loop()
        while True:
            self._noted.clear()
            if changes := self._own.take(loop.time()):
                return changes
            due_at = self._own.due_at()
            wake_at = until if due_at is None else min(until, due_at)
            if loop.time() >= until:
                return []
            try:
                async with asyncio.timeout_at(None if wake_at == math.inf else wake_at):
                    await self._noted.wait()
            except TimeoutError:
                continue
