"""
The channels that this process listens to: subscribed at the broker, each with a position, holes filled for everyone at
once from the application's history.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence

from teahouse.realtime import metrics
from teahouse.realtime.application import Application, Head, Publication
from teahouse.realtime.broker.base import Broker
from teahouse.realtime.pool import Pool
from teahouse.realtime.position import Position, Verdict

logger = logging.getLogger(__name__)

_HEADS_AT_ONCE = 500
_FILL_PAGE = 300
_FILL_RETRY_SECONDS = 1.0


class _Joining:
    """The first who listens to a channel finds out its position; what is published meanwhile is kept."""

    __slots__ = ("asking", "early", "lock")

    def __init__(self) -> None:
        self.asking = 0
        self.lock = asyncio.Lock()
        self.early: list[Publication] = []


class Channels:
    """`has_listeners` is the hub's; `deliver` gets each publication once and in the order of its channel."""

    def __init__(
        self,
        *,
        application: Application,
        broker: Broker,
        pool: Pool,
        has_listeners: Callable[[str], bool],
        deliver: Callable[[Publication], None],
    ) -> None:
        self._application = application
        self._broker = broker
        self._pool = pool
        self._has_listeners = has_listeners
        self._deliver = deliver
        self._positions: dict[str, Position] = {}
        self._joining: dict[str, _Joining] = {}
        self._filling: dict[str, asyncio.Task[None]] = {}

    def __len__(self) -> int:
        return len(self._positions)

    async def listen_to(self, channels: Sequence[str]) -> None:
        """From the return on, what these channels publish is delivered. Raises what the application raises."""
        for channel in channels:
            if channel not in self._positions:
                await self._begin(channel)

    def let_go(self, channel: str) -> None:
        """If nobody listens any more."""
        if self._has_listeners(channel) or channel in self._joining:
            return
        self._positions.pop(channel, None)
        self._broker.unsubscribe(channel)

    def take(self, publication: Publication) -> None:
        """A hint has come."""
        position = self._positions.get(publication.channel)
        if position is None:
            if (joining := self._joining.get(publication.channel)) is not None:
                joining.early.append(publication)
            return
        verdict = position.judge(publication.offset, publication.epoch)
        if verdict is Verdict.DELIVER:
            self._deliver(publication)
        elif verdict is Verdict.FILL:
            self._fill(publication.channel)

    async def compare(self) -> None:
        """Look into the history for what no hint has told. Never raises."""
        channels = list(self._positions)
        for start in range(0, len(channels), _HEADS_AT_ONCE):
            try:
                heads = await self._pool.run(self._application.heads, channels[start : start + _HEADS_AT_ONCE])
            except Exception:
                logger.exception("The heads of the channels could not be read.")
                return
            for channel, head in heads.items():
                position = self._positions.get(channel)
                if position is not None and position.judge_head(head.offset, head.epoch) is Verdict.FILL:
                    self._fill(channel)

    def stop(self) -> None:
        for task in self._filling.values():
            task.cancel()

    async def _begin(self, channel: str) -> None:
        joining = self._joining.setdefault(channel, _Joining())
        joining.asking += 1
        try:
            async with joining.lock:
                if channel not in self._positions:
                    await self._find_position(channel, joining)
        finally:
            joining.asking -= 1
            if not joining.asking:
                del self._joining[channel]
                # Whoever asked may have gone while we did.
                self.let_go(channel)

    async def _find_position(self, channel: str, joining: _Joining) -> None:
        # Subscribe before reading the head: what happens in between then comes twice and is dropped by its offset;
        # the other way round it would never come.
        await self._broker.subscribe(channel)
        heads = await self._pool.run(self._application.heads, [channel])
        head = heads.get(channel, Head(0, ""))
        self._positions[channel] = Position(offset=head.offset, epoch=head.epoch)
        early, joining.early = joining.early, []
        for publication in early:
            self.take(publication)

    def _fill(self, channel: str) -> None:
        if channel not in self._filling:
            self._filling[channel] = asyncio.get_running_loop().create_task(self._fill_until_level(channel))

    async def _fill_until_level(self, channel: str) -> None:
        try:
            await self._fill_from_history(channel)
        finally:
            # On the same turn of the loop as the decision to end: a hint in between would be nobody's.
            del self._filling[channel]

    async def _fill_from_history(self, channel: str) -> None:
        while (position := self._positions.get(channel)) is not None:
            try:
                page = await self._pool.run(self._application.publications_after, channel, position.offset, _FILL_PAGE)
            except Exception:
                logger.exception("The history of %s could not be read; trying again.", channel)
                await asyncio.sleep(_FILL_RETRY_SECONDS)
                continue
            for publication in page:
                if position.judge(publication.offset, publication.epoch) is Verdict.DELIVER:
                    metrics.filled.inc()
                    self._deliver(publication)
            if not page:
                position.give_up()  # Something was announced that never came to be.
            if len(page) < _FILL_PAGE and not position.is_behind:
                return
