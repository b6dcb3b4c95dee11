"""The broker of a lone process: what is published or carried is received on the next turn of the loop."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence

from teahouse.realtime.broker.base import BrokerAway, Hint, Published, node_of


class MemoryBroker:
    is_local = True

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._receive: Callable[[Hint], None] | None = None
        self._node = ""

    async def start(self, node: str, receive: Callable[[Hint], None], reconnected: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._node = node
        self._receive = receive

    async def stop(self) -> None:
        self._receive = None

    def publish(self, hint: Hint) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # The loop has ended: the process is going.
                self._loop.call_soon_threadsafe(self._deliver, hint)

    def publish_all(self, hints: Sequence[Published]) -> None:
        for hint in hints:
            if self._receive is not None:
                self._receive(hint)

    async def carry(self, hint: Hint) -> None:
        if self._receive is None:
            raise BrokerAway("the broker has stopped")
        asyncio.get_running_loop().call_soon(self._deliver, hint)

    async def subscribe(self, channel: str) -> None:
        pass

    def unsubscribe(self, channel: str) -> None:
        pass

    def is_up(self) -> bool:
        return True

    @property
    def lag_seconds(self) -> float:
        return 0.0

    def _deliver(self, hint: Hint) -> None:
        if self._receive is not None and node_of(hint) in (None, self._node):
            self._receive(hint)
