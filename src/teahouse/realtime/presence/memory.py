"""The presence of a lone process."""

import asyncio
from collections.abc import Callable, Collection, Mapping

from teahouse.realtime.application import ClientInfo
from teahouse.realtime.broker.base import PresenceChanged
from teahouse.realtime.presence.base import EXPIRY_SECONDS
from teahouse.realtime.presence.pending import Pending
from teahouse.realtime.presence.state import stats_of


class MemoryPresence:
    def __init__(self) -> None:
        self.expiry_seconds = EXPIRY_SECONDS
        self._pending = Pending()
        self._task: asyncio.Task[None] | None = None

    async def start(self, *, node: str, publish: Callable[[PresenceChanged], None]) -> None:
        self._node, self._publish = node, publish
        self._task = asyncio.create_task(self._tell_for_ever())

    async def stop(self) -> None:
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None
        for change in self._pending.all_left():
            for hint in change.hints(self._node):
                self._publish(hint)
        self._pending = Pending()

    def arrive(self, channel: str, info: ClientInfo) -> None:
        self._pending.arrive(channel, info)

    def depart(self, channel: str, client: str) -> None:
        self._pending.depart(channel, client)

    async def present(self, channel: str) -> dict[str, ClientInfo]:
        return dict(self._pending.actual(channel))

    async def stats(self, channel: str) -> tuple[int, int]:
        return stats_of(self._pending.actual(channel))

    def told(self, channel: str) -> Mapping[str, ClientInfo]:
        return self._pending.told(channel)

    async def others(self, channel: str, *, expected: Collection[str] = ()) -> dict[str, dict[str, ClientInfo]]:
        return {}

    async def missing(self, nodes: Collection[str]) -> set[str]:
        return set(nodes)

    async def _tell_for_ever(self) -> None:
        while True:
            for change in await self._pending.next():
                for hint in change.hints(self._node):
                    self._publish(hint)
