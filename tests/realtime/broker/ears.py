"""What the tests of the brokers share: a process that listens, and hints for it to hear."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any

from teahouse.realtime.application import Publication
from teahouse.realtime.broker.base import Broker, Hint, Published, Seal
from teahouse.realtime.broker.redis import RedisBroker, publish_once

SEAL = Seal(b"k" * 32)


class Ear:
    """What one process hears by its broker."""

    def __init__(self) -> None:
        self.hints: list[Hint] = []
        self.reconnects = 0

    def note_reconnect(self) -> None:
        self.reconnects += 1


@contextlib.asynccontextmanager
async def started(broker: Broker, node: str = "n1") -> AsyncIterator[Ear]:
    ear = Ear()
    await broker.start(node, ear.hints.append, ear.note_reconnect)
    try:
        yield ear
    finally:
        await broker.stop()


@contextlib.asynccontextmanager
async def listening(
    url: str, prefix: str, *, node: str = "n1", seal: Seal = SEAL
) -> AsyncIterator[tuple[RedisBroker, Ear]]:
    broker = RedisBroker(url, prefix=prefix, seal=seal)
    async with started(broker, node) as ear:
        yield broker, ear


def run(test: Coroutine[Any, Any, None], *, seconds: float = 20) -> None:
    asyncio.run(asyncio.wait_for(test, seconds))


def publication(offset: int, channel: str = "room:1") -> Publication:
    return Publication(channel=channel, offset=offset, epoch="e1", data=b"%d" % offset)


def published(offset: int, channel: str = "room:1") -> Published:
    return Published(publication=publication(offset, channel))


async def tell(url: str, prefix: str, *hints: Hint) -> None:
    """As a process without an engine does: nobody but Redis brings it to the brokers."""
    for hint in hints:
        await asyncio.to_thread(publish_once, url, prefix=prefix, seal=SEAL, hint=hint)
