"""
A channel layer for consumers of the site's own (Django Channels), over the engine's broker:

    CHANNEL_LAYERS = {"default": {"BACKEND": "teahouse.realtime.layer.TeahouseLayer"}}

What is sent to the group `news` is also heard by native clients that are subscribed to the channel `group:news`. Here
is only the way from any thread, loop or process to the one that does it; the doing is in `layer_desk.py`.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

from channels.layers import BaseChannelLayer

from teahouse.realtime import elsewhere
from teahouse.realtime.application import Publication
from teahouse.realtime.broker.base import LayerMessage, Published
from teahouse.realtime.conf import conf
from teahouse.realtime.engine import Engine, running_engine, started_engine
from teahouse.realtime.layer_desk import ANYBODYS, GROUP, Desk, node_of
from teahouse.realtime.layer_events import Event, decoded, encoded
from teahouse.realtime.namespaces import Namespaces

T = TypeVar("T")


class TeahouseLayer(BaseChannelLayer):  # type: ignore[misc]
    """
    Events are dicts with a text `type`, as `layer_events.encoded` takes them; what is received is a copy. The events of
    a group, and those sent to one channel, stay in their order.

    `expiry` and `group_expiry` are seconds. In a channel of another process an event for which there is no place is
    dropped there and counted; in one of this process `send` raises ChannelFull.
    """

    extensions = ["groups", "flush"]

    def __init__(
        self,
        expiry: float = 60,
        capacity: int = 100,
        channel_capacity: Mapping[Any, int] | None = None,
        group_expiry: float = 86_400,
    ) -> None:
        super().__init__(expiry=expiry, capacity=capacity)
        self.channel_capacity = self.compile_capacities(channel_capacity or {})
        self.group_expiry = group_expiry
        self._desk: tuple[Engine, Desk] | None = None
        self._making = threading.Lock()

    async def send(self, channel: str, message: Event) -> None:
        """Raises ChannelFull, MessageTooLarge, BrokerAway; TypeError for what is no event or no name."""
        self.require_valid_channel_name(channel)
        event = encoded(message)
        await self._do(lambda desk: desk.send(channel, event), lambda: _send_from_elsewhere(channel, event))

    async def receive(self, channel: str) -> Event:
        """The next event. Of several who wait for a channel each gets its own."""
        self.require_valid_channel_name(channel)
        return decoded(await self._do(lambda desk: desk.receive(channel)))

    async def new_channel(self, prefix: str = "specific") -> str:
        """A name that only this process reads, and any may send to."""

        async def new(desk: Desk) -> str:
            return desk.new_channel(prefix)

        return await self._do(new)

    async def group_add(self, group: str, channel: str) -> None:
        """
        From the return on the channel hears what is sent to the group; one of another process, a moment later. Again
        renews it for another `group_expiry`.
        """
        self._require(group, channel)
        await self._do(
            lambda desk: desk.group_add(group, channel), lambda: _change_from_elsewhere(channel, joins=group)
        )

    async def group_discard(self, group: str, channel: str) -> None:
        """Not being in the group is as good."""
        self._require(group, channel)
        await self._do(
            lambda desk: desk.group_discard(group, channel), lambda: _change_from_elsewhere(channel, leaves=group)
        )

    async def group_send(self, group: str, message: Event) -> None:
        """To every member in every process. Raises MessageTooLarge, BrokerAway; TypeError as `send`."""
        self.require_valid_group_name(group)
        event = encoded(message)
        await self._do(lambda desk: desk.group_send(group, event), lambda: _group_send_from_elsewhere(group, event))

    async def flush(self) -> None:
        """Of this process: no event waits and nobody is in a group."""

        async def flush(desk: Desk) -> None:
            desk.flush()

        await self._do(flush)

    def _require(self, group: str, channel: str) -> None:
        self.require_valid_group_name(group)
        self.require_valid_channel_name(channel)

    async def _do(self, here: Callable[[Desk], Coroutine[Any, Any, T]], there: Callable[[], T] | None = None) -> T:
        """`here` on the engine's loop; in a process that serves nobody `there`, or else it begins to serve."""
        engine = self._engine()
        if engine is None:
            if there is not None:
                return await asyncio.to_thread(there)
            engine = await self._started_engine()
        desk = self._desk_of(engine)
        if asyncio.get_running_loop() is engine.loop:
            return await here(desk)
        # As with `async_to_sync` in a thread.
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(here(desk), engine.loop))

    def _engine(self) -> Engine | None:
        return running_engine()

    async def _started_engine(self) -> Engine:
        return await started_engine()

    def _desk_of(self, engine: Engine) -> Desk:
        with self._making:
            if self._desk is None or self._desk[0] is not engine:
                desk = Desk(
                    engine,
                    capacity_of=self.get_capacity,
                    expiry_seconds=self.expiry,
                    group_expiry_seconds=self.group_expiry,
                )
                self._desk = (engine, desk)
            return self._desk[1]


# From a process that serves nobody.


def _send_from_elsewhere(channel: str, event: bytes) -> None:
    node = node_of(channel)
    if node is None:
        elsewhere.carry(conf(), Published(publication=Publication(channel=ANYBODYS + channel, data=event)))
    else:
        elsewhere.carry(conf(), LayerMessage(node=node, channel=channel, data=event))


def _group_send_from_elsewhere(group: str, event: bytes) -> None:
    publication = Publication(channel=GROUP + group, data=event)
    if Namespaces(conf().namespaces).of(publication.channel) is None:
        elsewhere.carry(conf(), Published(publication=publication))
    else:
        elsewhere.publish(conf(), publication, "")


def _change_from_elsewhere(channel: str, *, joins: str = "", leaves: str = "") -> None:
    node = node_of(channel)
    if node is None:
        raise ValueError(f"{channel!r} belongs to no process: only what `new_channel` gave can be in a group here.")
    elsewhere.carry(conf(), LayerMessage(node=node, channel=channel, joins=joins, leaves=leaves))
