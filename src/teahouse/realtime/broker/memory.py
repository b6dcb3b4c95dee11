"""The broker of a lone process: what is published is received on the next turn of the loop."""

import asyncio
from collections.abc import Callable

from teahouse.realtime.broker.base import Hint


class MemoryBroker:
    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._receive: Callable[[Hint], None] | None = None

    async def start(self, receive: Callable[[Hint], None], reconnected: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._receive = receive

    async def stop(self) -> None:
        self._receive = None

    def publish(self, hint: Hint) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._deliver, hint)

    async def subscribe(self, channel: str) -> None:
        pass

    def unsubscribe(self, channel: str) -> None:
        pass

    def is_up(self) -> bool:
        return True

    def _deliver(self, hint: Hint) -> None:
        if self._receive is not None:
            self._receive(hint)
