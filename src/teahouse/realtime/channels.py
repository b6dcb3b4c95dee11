"""
The channels that this process listens to: subscribed at the broker, each with a position, holes filled for everyone at
once from the history.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence

from teahouse.realtime import metrics
from teahouse.realtime.application import Head, Publication
from teahouse.realtime.broker.base import Broker, BrokerAway
from teahouse.realtime.history import History
from teahouse.realtime.position import Position, Verdict

logger = logging.getLogger(__name__)

_HEADS_AT_ONCE = 500
_FILL_PAGE = 300
_FILL_RETRY_SECONDS = 1.0
# After a channel is listened to: whoever asked for it may be gone before joining.
_UNUSED_SECONDS = 5.0

_NOTHING_YET = Head(0, "")


class Channels:
    """
    `has_listeners` is the hub's; `deliver` gets each publication once and in the order of its channel; `broke` is told
    of a channel whose history has a hole that cannot be filled, or is another one now.
    """

    def __init__(
        self,
        *,
        history: History,
        broker: Broker,
        has_listeners: Callable[[str], bool],
        deliver: Callable[[Publication], None],
        broke: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._history = history
        self._broker = broker
        self._has_listeners = has_listeners
        self._deliver = deliver
        self._broke = broke
        # None for channels without a history.
        self._listened: dict[str, Position | None] = {}
        # Those that somebody waits for, and what came in there meanwhile.
        self._awaited: dict[str, asyncio.Future[None]] = {}
        self._early: dict[str, list[Publication]] = {}
        self._beginning: dict[str | None, asyncio.Task[None]] = {}
        self._filling: dict[str, asyncio.Task[None]] = {}

    def __len__(self) -> int:
        return len(self._listened)

    def listens_to(self, channel: str) -> bool:
        return channel in self._listened

    def position_of(self, channel: str) -> Position | None:
        """None for a channel without a history."""
        return self._listened.get(channel)

    def listen_at_once(self, channel: str) -> bool:
        """Whether it is listened to, which a plain channel of a lone process is as soon as it is asked for."""
        if channel in self._listened:
            return True
        if not self._broker.is_local or self._history.has(channel):
            return False
        self._listened[channel] = None
        return True

    async def listen_to(self, channels: Iterable[str]) -> None:
        """
        What these channels publish from the return on is delivered to those who join before they wait for anything.

        Many that come at once are begun at once. Raises what the history raises.
        """
        while missing := [channel for channel in channels if channel not in self._listened]:
            await asyncio.gather(*(asyncio.shield(self._awaited_of(channel)) for channel in missing))

    def let_go(self, channel: str) -> None:
        """If nobody listens any more."""
        if channel in self._listened and not self._has_listeners(channel):
            del self._listened[channel]
            self._broker.unsubscribe(channel)

    def take(self, publication: Publication) -> None:
        """A hint has come."""
        channel = publication.channel
        if channel not in self._listened:
            if (early := self._early.get(channel)) is not None:
                early.append(publication)
            return
        position = self._listened[channel]
        if position is None or not publication.offset:
            # Without an offset there is nothing to compare: a plain channel, or a signal.
            self._deliver(publication)
            return
        verdict = position.judge(publication.offset, publication.epoch)
        if verdict is Verdict.DELIVER:
            self._deliver(publication)
        elif verdict is Verdict.FILL:
            self._fill(channel)

    async def compare(self) -> None:
        """Look into the history for what no hint has told. Never raises."""
        channels = [channel for channel, position in self._listened.items() if position is not None]
        await asyncio.gather(*(self._compare(some) for some in self._history.apart(channels)))

    async def _compare(self, channels: Sequence[str]) -> None:
        for start in range(0, len(channels), _HEADS_AT_ONCE):
            try:
                heads = await self._history.heads(channels[start : start + _HEADS_AT_ONCE])
            except BrokerAway as error:
                # The others would wait as long for the same.
                logger.warning("The heads of the channels could not be read: %s", error)
                return
            except Exception as error:
                logger.warning("The heads of the channels could not be read: %s", error)
                continue
            for channel, head in heads.items():
                position = self._listened.get(channel)
                if position is not None and position.judge_head(head.offset, head.epoch) is Verdict.FILL:
                    self._fill(channel)

    async def catch_up(self, channel: str) -> None:
        """Returns when what the history has now is delivered. Raises what the history raises."""
        head = (await self._history.heads([channel])).get(channel, _NOTHING_YET)
        position = self._listened.get(channel)
        if position is not None and position.judge_head(head.offset, head.epoch) is Verdict.FILL:
            self._fill(channel)
        if (filling := self._filling.get(channel)) is not None:
            await asyncio.shield(filling)

    async def reach(self, channel: str, offset: int) -> None:
        """Returns when all up to `offset` is delivered, which is at once as a rule. Raises what the history raises."""
        position = self._listened.get(channel)
        if position is not None and position.offset < offset:
            await self.catch_up(channel)

    def stop(self) -> None:
        for task in (*self._filling.values(), *self._beginning.values()):
            task.cancel()

    # Beginning to listen.

    def _awaited_of(self, channel: str) -> asyncio.Future[None]:
        awaited = self._awaited.get(channel)
        if awaited is None:
            awaited = self._awaited[channel] = asyncio.get_running_loop().create_future()
            kind = self._history.kind_of(channel)
            if kind not in self._beginning:
                self._beginning[kind] = asyncio.get_running_loop().create_task(self._begin_all(kind))
        return awaited

    async def _begin_all(self, kind: str | None) -> None:
        """Each kind by itself: while one place of histories is away, the other may not be."""
        try:
            while some := self._awaited_in(kind)[:_HEADS_AT_ONCE]:
                await self._begin(some)
        finally:
            del self._beginning[kind]

    def _awaited_in(self, kind: str | None) -> list[str]:
        waiting = (channel for channel in self._awaited if channel not in self._early)
        return [channel for channel in waiting if self._history.kind_of(channel) == kind]

    async def _begin(self, channels: Sequence[str]) -> None:
        for channel in channels:
            self._early[channel] = []
        try:
            # Subscribe before reading the head: what happens in between then comes twice and is dropped by its
            # offset; the other way round it would never come.
            await asyncio.gather(*(self._broker.subscribe(channel) for channel in channels))
            heads = await self._history.heads(channels)
        except Exception as error:
            for channel in channels:
                del self._early[channel]
                self._broker.unsubscribe(channel)
                self._answer(channel, error)
            return
        for channel in channels:
            head = heads.get(channel, _NOTHING_YET)
            has_history = self._history.has(channel)
            self._listened[channel] = Position(offset=head.offset, epoch=head.epoch) if has_history else None
            for publication in self._early.pop(channel):
                self.take(publication)
            self._answer(channel, None)
        asyncio.get_running_loop().call_later(_UNUSED_SECONDS, self._let_go_of_unused, channels)

    def _answer(self, channel: str, error: Exception | None) -> None:
        awaited = self._awaited.pop(channel)
        if awaited.done():
            return
        if error is None:
            awaited.set_result(None)
        else:
            awaited.set_exception(error)
            # Whoever waited may be gone; that is no fault of theirs.
            awaited.exception()

    def _let_go_of_unused(self, channels: Sequence[str]) -> None:
        for channel in channels:
            self.let_go(channel)

    # Filling.

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
        while (position := self._listened.get(channel)) is not None:
            try:
                if position.is_doubted:
                    heads = await self._history.heads([channel])
                    if self._listened.get(channel) is not position:
                        continue
                    self._settle(channel, position, heads.get(channel, _NOTHING_YET))
                page = await self._history.after(channel, position.offset, _FILL_PAGE)
            except Exception as error:
                logger.warning("The history of %s could not be read, trying again: %s", channel, error)
                await asyncio.sleep(_FILL_RETRY_SECONDS)
                continue
            if self._listened.get(channel) is not position:
                # Let go meanwhile, and perhaps begun anew: who listens now is further than what was read.
                continue
            self._deliver_page(channel, position, page)
            if not page:
                position.give_up()  # Something was announced that never came to be.
            if len(page) < _FILL_PAGE and not position.is_behind:
                return

    def _settle(self, channel: str, position: Position, head: Head) -> None:
        """Somebody spoke of another history: is there one?"""
        if head.epoch and head.epoch != position.epoch:
            self._broke(channel)
            position.move_to(head.offset, head.epoch)
        else:
            position.is_doubted = False

    def _deliver_page(self, channel: str, position: Position, page: list[Publication]) -> None:
        for publication in page:
            if publication.offset > position.offset + 1 and publication.epoch == position.epoch:
                # What is missing is not there any more.
                self._broke(channel)
                position.offset = publication.offset - 1
            if position.judge(publication.offset, publication.epoch) is Verdict.DELIVER:
                metrics.filled.inc()
                self._deliver(publication)
