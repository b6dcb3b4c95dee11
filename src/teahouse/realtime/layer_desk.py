"""
The Channels layer in one process: its consumers' channels, the groups they are in, and what comes for them from here
and from other processes. Used on the engine's loop only.

A group is the engine's channel `group:<name>`, which one listener here hears for all members. A channel of the layer
that any process may read is an engine's channel of a name that no client can ask for.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable, Sequence

import msgspec
from channels.exceptions import ChannelFull

from teahouse.realtime import metrics
from teahouse.realtime.application import Admission, Publication
from teahouse.realtime.broker.base import LayerMessage, Published
from teahouse.realtime.encoding import Item
from teahouse.realtime.engine import Engine
from teahouse.realtime.joining import Budget
from teahouse.realtime.layer_boxes import Boxes
from teahouse.realtime.layer_events import is_event
from teahouse.realtime.passes import Batch
from teahouse.realtime.wire.codes import Ending

GROUP = "group:"
ANYBODYS = "\0layer:"
_SWEEP_SECONDS = 5.0
# Of events that nobody read a consumer has missed so many lives before it is taken for gone; a slow one comes back.
_LIVES = 10
_NOTHING_MISSED = Budget(publications=0, total_bytes=0)


class _Heard(msgspec.Struct, eq=False):
    """Of an engine's channel: the layer's channels that hear it, each with when it joined."""

    members: dict[str, float]
    joining: asyncio.Task[None] | None = None


class Desk:
    """`expiry_seconds` is of events, `group_expiry_seconds` of memberships that nobody has renewed."""

    def __init__(
        self,
        engine: Engine,
        *,
        capacity_of: Callable[[str], int],
        expiry_seconds: float,
        group_expiry_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._expiry_seconds = expiry_seconds
        self._group_expiry_seconds = group_expiry_seconds
        # A process has a desk for each layer of its settings.
        self._mark = secrets.token_hex(4)
        self._boxes = Boxes(capacity_of=capacity_of, expiry_seconds=expiry_seconds, clock=clock)
        self._heard: dict[str, _Heard] = {}
        # Of the members of groups: when they were last seen reading.
        self._read_at: dict[str, float] = {}
        self._ear = _Ear(self._hear)
        self._is_sweeping = False
        self._pass_on = engine.take_layer_message
        engine.take_layer_message = self._take

    def __len__(self) -> int:
        """The channels in which something waits, or somebody."""
        return len(self._boxes)

    def new_channel(self, prefix: str) -> str:
        return f"{prefix}.{self._engine.node}!{self._mark}{secrets.token_hex(12)}"

    # Events.

    async def send(self, channel: str, event: bytes) -> None:
        """Raises ChannelFull for a channel of this process, BrokerAway."""
        node = node_of(channel)
        if node is None and not self._engine.is_alone:
            await self._engine.carry(Published(publication=Publication(channel=ANYBODYS + channel, data=event)))
        elif node is None or self._is_ours(channel):
            self._sweep_soon()
            if not self._boxes.put(channel, event):
                raise ChannelFull(channel)
        else:
            await self._engine.carry(LayerMessage(node=node, channel=channel, data=event))

    async def receive(self, channel: str) -> bytes:
        """Raises ValueError for a channel of another process."""
        if node_of(channel) is None:
            if not self._engine.is_alone:
                await self._join(ANYBODYS + channel, channel)
        elif not self._is_ours(channel):
            raise ValueError(f"{channel!r} is another process's to read.")
        self._sweep_soon()
        self._note_read(channel)
        try:
            return await self._boxes.take(channel)
        finally:
            self._note_read(channel)

    async def group_send(self, group: str, event: bytes) -> None:
        """Raises BrokerAway."""
        publication = Publication(channel=GROUP + group, data=event)
        if self._engine.namespaces.of(publication.channel) is None:
            # No client can hear it then.
            await self._engine.carry(Published(publication=publication))
        else:
            await self._engine.publish(publication)

    # Groups.

    async def group_add(self, group: str, channel: str) -> None:
        """From the return on it hears what is sent to the group; in another process, a moment later."""
        node = node_of(channel)
        if node is None or self._is_ours(channel):
            self._read_at.setdefault(channel, self._clock())
            await self._join(GROUP + group, channel)
        else:
            await self._engine.carry(LayerMessage(node=node, channel=channel, joins=group))

    async def group_discard(self, group: str, channel: str) -> None:
        """Not being in it is as good."""
        node = node_of(channel)
        if node is None or self._is_ours(channel):
            self._leave(GROUP + group, [channel])
        else:
            await self._engine.carry(LayerMessage(node=node, channel=channel, leaves=group))

    def flush(self) -> None:
        """Of this process: no event waits and nobody is in a group."""
        for name, heard in list(self._heard.items()):
            self._leave(name, list(heard.members))
        self._boxes.clear()

    async def _join(self, name: str, channel: str) -> None:
        # The others' wait goes on when this one is cancelled.
        await asyncio.shield(self._enlist(name, channel))

    def _enlist(self, name: str, channel: str) -> asyncio.Task[None]:
        """A member now, who hears once the task is done."""
        heard = self._heard.setdefault(name, _Heard({}))
        heard.members.pop(channel, None)
        heard.members[channel] = self._clock()
        self._sweep_soon()
        if heard.joining is None:
            heard.joining = asyncio.get_running_loop().create_task(self._listen(name, heard))
        return heard.joining

    async def _listen(self, name: str, heard: _Heard) -> None:
        try:
            await self._engine.joining.join(
                self._ear, name, None, _NOTHING_MISSED, lambda _: self._heard.get(name) is heard
            )
        except Exception:
            heard.joining = None
            self._leave(name, list(heard.members))
            raise

    def _leave(self, name: str, channels: Iterable[str]) -> None:
        heard = self._heard.get(name)
        if heard is None:
            return
        for channel in channels:
            heard.members.pop(channel, None)
        if not heard.members:
            del self._heard[name]
            self._engine.part(self._ear, name)

    # What comes in.

    def _take(self, message: LayerMessage) -> None:
        if not self._is_ours(message.channel):
            self._pass_on(message)
        elif message.joins:
            self._read_at.setdefault(message.channel, self._clock())
            self._enlist(GROUP + message.joins, message.channel)
        elif message.leaves:
            self._leave(GROUP + message.leaves, [message.channel])
        else:
            self._put([message.channel], message.data)

    def _hear(self, publication: Publication) -> None:
        """A consumer acts on the `type` of an event, so what a client has published is for other clients only."""
        heard = self._heard.get(publication.channel)
        if heard is not None and publication.publisher is None and is_event(publication.data):
            self._put(heard.members, publication.data)

    def _put(self, channels: Iterable[str], event: bytes) -> None:
        self._sweep_soon()
        full = sum(not self._boxes.put(channel, event) for channel in channels)
        if full:
            metrics.layer_dropped.labels("full").inc(full)

    def _is_ours(self, channel: str) -> bool:
        head, _, tail = channel.partition("!")
        return tail.startswith(self._mark) and head.endswith(f".{self._engine.node}")

    def _note_read(self, channel: str) -> None:
        if channel in self._read_at:
            self._read_at[channel] = self._clock()

    # Time.

    def _sweep_soon(self) -> None:
        if not self._is_sweeping:
            self._is_sweeping = True
            asyncio.get_running_loop().call_later(_SWEEP_SECONDS, self._sweep)

    def _sweep(self) -> None:
        self._is_sweeping = False
        now = self._clock()
        expired = self._boxes.expired()
        if expired:
            metrics.layer_dropped.labels("expired").inc(sum(expired.values()))
        gone = {channel for channel in expired if self._is_gone(channel, now)}
        for name, heard in list(self._heard.items()):
            self._leave(name, [*self._over(name, heard, now), *(gone & heard.members.keys())])
        members = {channel for heard in self._heard.values() for channel in heard.members}
        for channel in self._read_at.keys() - members:
            del self._read_at[channel]
        if self._heard or len(self):
            self._sweep_soon()

    def _over(self, name: str, heard: _Heard, now: float) -> list[str]:
        """Members that have joined too long ago; they are in that order."""
        if name.startswith(ANYBODYS):
            return [
                channel
                for channel, at in heard.members.items()
                if now - at > self._expiry_seconds and not self._boxes.is_read(channel)
            ]
        over = []
        for channel, at in heard.members.items():
            if now - at <= self._group_expiry_seconds:
                break
            over.append(channel)
        return over

    def _is_gone(self, channel: str, now: float) -> bool:
        read_at = self._read_at.get(channel)
        return (
            read_at is not None and now - read_at > _LIVES * self._expiry_seconds and not self._boxes.is_read(channel)
        )


class _Ear:
    """The hub's listener for all members of all groups of a layer. It is no connection of anybody's."""

    admission: Admission | None = None
    due_at = float("inf")
    unsent_bytes = 0

    def __init__(self, hear: Callable[[Publication], None]) -> None:
        self._hear = hear

    def channels(self) -> Sequence[str]:
        return ()

    def deliver(self, batches: Sequence[Batch[Item]]) -> None:
        for batch in batches:
            for item in batch.items:
                if isinstance(item, Publication):
                    self._hear(item)

    def close(self, ending: Ending) -> None:
        pass

    def tick(self, now: float) -> None:
        pass


def node_of(channel: str) -> str | None:
    """The process that reads it, None for a channel that any may read."""
    head, mark, _ = channel.partition("!")
    return head.rpartition(".")[2] if mark else None
