"""
How a connection joins a channel without a seam: what it missed and what is published meanwhile are each heard once.

The whole process is at one position of a channel, so a join is: read up to that position, then, on the same turn of the
loop, become a listener behind it.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import NamedTuple

from teahouse.realtime.application import Head, Publication
from teahouse.realtime.channels import Channels
from teahouse.realtime.encoding import Item
from teahouse.realtime.history import History
from teahouse.realtime.hub import Connection, Hub
from teahouse.realtime.passes import Passes
from teahouse.realtime.position import Position
from teahouse.realtime.window import Windows

_ATTEMPTS = 5


class Joined(NamedTuple):
    """`head` is where the connection is now, None in a channel without history; `missed` is empty if not recovered."""

    head: Head | None
    missed: list[Publication]
    is_recovered: bool


class Budget:
    """What may be recovered in one answer: so many publications a channel, so many bytes in all."""

    def __init__(self, *, publications: int, total_bytes: int) -> None:
        self.publications = publications
        self._bytes_left = total_bytes

    def takes(self, publications: list[Publication]) -> bool:
        """Whether they fit; if so they are counted."""
        size = sum(len(publication.data) for publication in publications)
        if len(publications) > self.publications or size > self._bytes_left:
            return False
        self._bytes_left -= size
        return True

    def give_back(self, publications: list[Publication]) -> None:
        """They were counted and are not sent."""
        self._bytes_left += sum(len(publication.data) for publication in publications)


class Joining:
    def __init__(
        self, *, hub: Hub, channels: Channels, windows: Windows, passes: Passes[Item], history: History
    ) -> None:
        self._hub = hub
        self._channels = channels
        self._windows = windows
        self._passes = passes
        self._history = history
        # Channels whose history is being read for the window, for all who wait.
        self._filling: dict[str, asyncio.Task[None]] = {}

    def join_at_once(
        self,
        connection: Connection,
        channel: str,
        since: Head | None,
        budget: Budget,
        accepts: Callable[[Joined], bool] = lambda _: True,
    ) -> Joined | None:
        """As `join`, or None when that needs waiting."""
        if not self._channels.listen_at_once(channel):
            return None
        position = self._channels.position_of(channel)
        if position is None:
            return self._join(connection, channel, Joined(None, [], is_recovered=False), accepts)
        head = Head(position.offset, position.epoch)
        if since is None or (since.epoch and since.epoch != position.epoch):
            return self._join(connection, channel, Joined(head, [], is_recovered=False), accepts)
        if since.offset > position.offset:
            return None
        missed = self._in_window(channel, since.offset, position)
        if missed is None:
            return None
        return self._join(connection, channel, _recovered(head, since, missed, budget), accepts)

    async def join(
        self,
        connection: Connection,
        channel: str,
        since: Head | None,
        budget: Budget,
        accepts: Callable[[Joined], bool] = lambda _: True,
    ) -> Joined:
        """
        From the return on, and before anything else is awaited, the connection hears what is published behind `head`.

        With `since` it gets what it missed, if all of that is still there and fits the budget. `accepts` is asked just
        before; when it says no, the connection does not join. Raises what the history raises.
        """
        for _ in range(_ATTEMPTS):
            await self._channels.listen_to([channel])
            joined = self.join_at_once(connection, channel, since, budget, accepts)
            if joined is not None:
                return joined
            position = self._channels.position_of(channel)
            if since is None or position is None:
                continue
            if since.offset > position.offset:
                # The client was told by a process that is ahead of this one.
                await self._channels.catch_up(channel)
                if since.offset > position.offset:
                    break
                continue
            missed = await self._missed(channel, since, position, budget)
            if since.epoch and since.epoch != position.epoch:
                continue  # It has become another history meanwhile.
            if missed is not None and self._channels.position_of(channel) is position:
                head = Head(position.offset, position.epoch)
                return self._join(connection, channel, _recovered(head, since, missed, budget), accepts)
        await self._channels.listen_to([channel])
        return self._join(connection, channel, self._afresh(channel), accepts)

    async def join_all(
        self,
        connection: Connection,
        wanted: Mapping[str, Head | None],
        budget: Budget,
        accepts: Callable[[Joined], bool] = lambda _: True,
    ) -> dict[str, Joined]:
        """
        As `join` for each of them with its `since`, but all on the turn of the loop on which this returns: what is told
        of them in one answer must not be heard of before it.
        """
        # All at once, so that one question to the history is enough.
        await self._channels.listen_to(wanted)
        found: dict[str, Joined] = {}
        for _ in range(_ATTEMPTS):
            for channel, since in wanted.items():
                if channel not in found:
                    found[channel] = await self.join(connection, channel, since, budget, _not_yet)
            await self._channels.listen_to(wanted)
            # While some were waited for, others may have gone on.
            brought = {channel: self._brought_to_now(channel, joined, budget) for channel, joined in found.items()}
            found = {channel: joined for channel, joined in brought.items() if joined is not None}
            if len(found) == len(wanted):
                break
        return {
            channel: self._join(connection, channel, found.get(channel) or self._afresh(channel), accepts)
            for channel in wanted
        }

    def _brought_to_now(self, channel: str, joined: Joined, budget: Budget) -> Joined | None:
        """With what was published since; None when that is not known."""
        position = self._channels.position_of(channel)
        if position is None or joined.head is None or not joined.is_recovered:
            return self._afresh(channel)
        head = Head(position.offset, position.epoch)
        rest = self._in_window(channel, joined.head.offset, position)
        if rest is None or head.epoch != joined.head.epoch:
            budget.give_back(joined.missed)
            return None
        missed = joined.missed + rest
        if len(missed) > budget.publications or not budget.takes(rest):
            budget.give_back(joined.missed)
            return self._afresh(channel)
        return Joined(head, missed, is_recovered=True)

    def _afresh(self, channel: str) -> Joined:
        """From where it is now."""
        position = self._channels.position_of(channel)
        head = None if position is None else Head(position.offset, position.epoch)
        return Joined(head, [], is_recovered=False)

    async def _missed(self, channel: str, since: Head, position: Position, budget: Budget) -> list[Publication] | None:
        """All between `since` and the position as it is at the return; None when the two did not meet: try again."""
        if self._history.kind_of(channel) == "logged":
            return await self._missed_of_log(channel, since, position, budget)
        page = await self._history.after(channel, since.offset, budget.publications + 1)
        if page and since.epoch and page[0].epoch != since.epoch:
            return []
        missed = [publication for publication in page if publication.offset <= position.offset]
        last = missed[-1].offset if missed else since.offset
        if len(missed) > budget.publications or last == position.offset:
            return missed
        # The rest has been published while we read.
        rest = self._in_window(channel, last, position)
        return None if rest is None else missed + rest

    async def _missed_of_log(
        self, channel: str, since: Head, position: Position, budget: Budget
    ) -> list[Publication] | None:
        """
        As `_missed`. The history is read into the window once for all who come back at the same time, since what one of
        them has missed the others have missed too.
        """
        if position.offset - since.offset > budget.publications:
            return []
        filling = self._filling.get(channel)
        if filling is None:
            task = asyncio.get_running_loop().create_task(self._fill(channel, position, budget.publications))
            filling = self._filling[channel] = task
            task.add_done_callback(lambda _: self._filling.pop(channel, None))
        await asyncio.shield(filling)
        found = self._in_window(channel, since.offset, position)
        if found is not None or position.offset - since.offset > budget.publications:
            return found or []
        # The window has no room for it, or was emptied meanwhile.
        page = await self._history.after(channel, since.offset, budget.publications + 1)
        missed = [publication for publication in page if publication.offset <= position.offset]
        last = missed[-1].offset if missed else since.offset
        return missed if last == position.offset else None

    async def _fill(self, channel: str, position: Position, most: int) -> None:
        forgotten, end = self._windows.forgotten, position.offset
        page = await self._history.after(channel, max(0, end - most), most)
        if forgotten == self._windows.forgotten and page and page[-1].epoch == position.epoch:
            newest = self._windows.after(channel, end)
            # Without a window, what was published while this was read would be missing at its end.
            if newest is not None or position.offset == end:
                self._windows.fill(channel, [entry for entry in page if entry.offset <= position.offset])

    def _in_window(self, channel: str, offset: int, position: Position) -> list[Publication] | None:
        """All past `offset` up to the position; None when the window does not have them."""
        if offset == position.offset:
            return []
        size = self._history.size_of(channel)
        if size is not None and position.offset - offset > size:
            return None  # The window may hold more than the channel is said to keep.
        found = self._windows.after(channel, offset)
        # A window outlives the listening: what was published while nobody listened is not in it.
        if not found or (found[-1].offset, found[-1].epoch) != (position.offset, position.epoch):
            return None
        return found

    def _join(self, connection: Connection, channel: str, joined: Joined, accepts: Callable[[Joined], bool]) -> Joined:
        if accepts(joined):
            self._hub.join(connection, channel, skip=self._passes.pending_in(channel))
        return joined


def _not_yet(_: Joined) -> bool:
    return False


def _recovered(head: Head, since: Head, missed: list[Publication], budget: Budget) -> Joined:
    """Only if all of it is there, from `since` up to the head."""
    is_whole = [entry.offset for entry in missed] == list(range(since.offset + 1, head.offset + 1))
    if is_whole and budget.takes(missed):
        return Joined(head, missed, is_recovered=True)
    return Joined(head, [], is_recovered=False)
