"""Engines that run over an application in memory."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from teahouse.realtime.broker.base import Broker, Hint
from teahouse.realtime.broker.memory import MemoryBroker
from teahouse.realtime.conf import Conf
from teahouse.realtime.engine import Engine
from teahouse.realtime.namespaces import Namespace
from teahouse.realtime.parts import Parts
from teahouse.realtime.presence.memory import MemoryPresence
from teahouse.realtime.store.memory import MemoryStore
from tests.realtime.fakes import MemoryApplication

CONF = Conf(
    application="none",
    key="k" * 32,
    pool_threads=2,
    max_connections_per_user=2,
    welcome_check_seconds=0.02,
    namespaces={"": Namespace(kind="logged")} | {name: Namespace(kind="logged") for name in ("room", "user", "site")},
)


class Subscriptions(MemoryBroker):
    """A MemoryBroker that keeps which channels were asked for, and says at will that it was away."""

    def __init__(self) -> None:
        super().__init__()
        self.channels: list[str] = []
        self.say_reconnected: Callable[[], None] = lambda: None

    async def start(self, node: str, receive: Callable[[Hint], None], reconnected: Callable[[], None]) -> None:
        await super().start(node, receive, reconnected)
        self.say_reconnected = reconnected

    async def subscribe(self, channel: str) -> None:
        self.channels.append(channel)

    def unsubscribe(self, channel: str) -> None:
        self.channels.remove(channel)


def parts(broker: Broker | None = None) -> Parts:
    return Parts(broker=broker or MemoryBroker(), store=MemoryStore(), presence=MemoryPresence())


@contextlib.asynccontextmanager
async def started(
    application: MemoryApplication, broker: MemoryBroker | None = None, *, conf: Conf = CONF
) -> AsyncIterator[Engine]:
    engine = Engine(conf=conf, application=application, parts=parts(broker))
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 20))


def frames(*offsets: int, channel: str = "room:1") -> list[str]:
    return [f"{channel}@{offset}" for offset in offsets]
