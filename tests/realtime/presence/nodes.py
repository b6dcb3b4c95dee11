"""Processes with presence in one loop, and what carries hints between them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any

from teahouse.realtime.application import ClientInfo
from teahouse.realtime.broker.base import PresenceChanged, Seal
from teahouse.realtime.presence.base import Presence
from teahouse.realtime.presence.redis import RedisPresence
from teahouse.realtime.presence.watch import PresenceWatch
from tests.realtime.fakes import until

SEAL = Seal(b"k" * 32)


def run(test: Coroutine[Any, Any, None], *, seconds: float = 30) -> None:
    asyncio.run(asyncio.wait_for(test, seconds))


def redis_presence(url: str, prefix: str, *, expiry_seconds: float = 60) -> RedisPresence:
    return RedisPresence(url, prefix=prefix, seal=SEAL, expiry_seconds=expiry_seconds)


class Wire:
    """Carries hints as a broker does: to this process at once and once more, to others a little later, or not."""

    def __init__(self) -> None:
        self.receivers: dict[str, Callable[[PresenceChanged], None]] = {}
        self.is_cut = False

    def publish(self, hint: PresenceChanged) -> None:
        loop = asyncio.get_running_loop()
        if own := self.receivers.get(hint.node):
            loop.call_soon(own, hint)
        if not self.is_cut:
            for receive in self.receivers.values():
                loop.call_later(0.002, receive, hint)


class Node:
    """One process, and what its listeners were told."""

    def __init__(self, name: str, presence: Presence) -> None:
        self.name = name
        self.presence = presence
        self.joined: list[str] = []
        self.left: list[str] = []
        # channel -> client -> info, as a client would add it up.
        self.there: dict[str, dict[str, ClientInfo]] = {}
        self.arrived: list[str] = []
        self.departed: list[str] = []
        self.watch = PresenceWatch(presence=presence, told=self._told, told_people=self._told_people)

    def _told(self, channel: str, joined: Sequence[ClientInfo], left: Sequence[ClientInfo]) -> None:
        there = self.there.setdefault(channel, {})
        for info in left:
            self.left.append(info.client)
            there.pop(info.client, None)
        for info in joined:
            assert info.client not in there, "told once"
            self.joined.append(info.client)
            there[info.client] = info

    def _told_people(self, channel: str, arrived: Sequence[str], departed: Sequence[str]) -> None:
        self.arrived += arrived
        self.departed += departed

    def has_read(self, channel: str) -> bool:
        """From then on everybody who comes is told."""
        return self.watch._watched[channel].is_loaded

    async def kill(self) -> None:
        """As SIGKILL does: nothing of it says anything any more."""
        task = self.presence._task  # type: ignore[attr-defined]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await self.watch.stop()


@contextlib.asynccontextmanager
async def started(wire: Wire, name: str, presence: Presence) -> AsyncIterator[Node]:
    node = Node(name, presence)
    await presence.start(node=name, publish=wire.publish)
    node.watch.start(node=name)
    wire.receivers[name] = node.watch.receive
    try:
        yield node
    finally:
        await presence.stop()
        await node.watch.stop()
        del wire.receivers[name]


async def presently(ask: Callable[[], Coroutine[Any, Any, object]], expected: object, *, seconds: float = 10) -> None:
    """Returns once `ask` gives what is expected; it is asked every 10 ms."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while (answer := await ask()) != expected:
        assert loop.time() < end, f"it is still {answer!r}"
        await asyncio.sleep(0.01)


async def clients_in(node: Node, channel: str) -> set[str]:
    present: Mapping[str, ClientInfo] = await node.presence.present(channel)
    assert all(client == info.client for client, info in present.items())
    return set(present)


ANNE = ClientInfo("1", "a", conn_info=b'{"name":"Anne"}')
BOB = ClientInfo("2", "b")
CAROL = ClientInfo("3", "c")


@contextlib.asynccontextmanager
async def two(wire: Wire, url: str, prefix: str, *, expiry_seconds: float = 60) -> AsyncIterator[tuple[Node, Node]]:
    """Anne is in room:1 by the one, Bob by the other, and both listen and have been told."""
    async with (
        started(wire, "n1", redis_presence(url, prefix, expiry_seconds=expiry_seconds)) as one,
        started(wire, "n2", redis_presence(url, prefix, expiry_seconds=expiry_seconds)) as other,
    ):
        for node in (one, other):
            node.watch.begin("room:1")
            await until(partial(node.has_read, "room:1"))
        one.presence.arrive("room:1", ANNE)
        other.presence.arrive("room:1", BOB)
        await until(lambda: both_there(one) and both_there(other))
        for node in (one, other):
            await presently(partial(clients_in, node, "room:1"), {"a", "b"})
        yield one, other


def both_there(node: Node) -> bool:
    return node.there.get("room:1") == {"a": ANNE, "b": BOB}
