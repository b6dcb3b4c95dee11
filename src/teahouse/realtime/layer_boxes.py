"""
What waits for consumers in this process: for each channel of the layer its unread events, so many and for so long.
Used on the loop only; the clock is handed in.
"""

import asyncio
import collections
from collections.abc import Callable

import msgspec


class _Box(msgspec.Struct, gc=False):
    # Until when, and what.
    events: collections.deque[tuple[float, bytes]]
    readers: collections.deque[asyncio.Future[None]]


class Boxes:
    """`capacity_of` a channel is how many events may be unread in it. An empty box that nobody reads from is none."""

    def __init__(self, *, capacity_of: Callable[[str], int], expiry_seconds: float, clock: Callable[[], float]) -> None:
        self._capacity_of = capacity_of
        self._expiry_seconds = expiry_seconds
        self._clock = clock
        self._boxes: dict[str, _Box] = {}
        # How much was not read in time, since `expired` was asked last.
        self._expired: collections.Counter[str] = collections.Counter()

    def __len__(self) -> int:
        return len(self._boxes)

    def put(self, channel: str, event: bytes) -> bool:
        """False when the box is full."""
        box = self._box(channel)
        self._drop_expired(channel, box)
        if len(box.events) >= self._capacity_of(channel):
            return False
        box.events.append((self._clock() + self._expiry_seconds, event))
        _wake_one(box)
        return True

    async def take(self, channel: str) -> bytes:
        """The oldest event; waits for one. Of several who wait each gets its own."""
        box = self._box(channel)
        try:
            while True:
                self._drop_expired(channel, box)
                if box.events:
                    return box.events.popleft()[1]
                await self._word(box)
        finally:
            if box.events:
                # Whoever was woken for what is there now may be this one, which goes.
                _wake_one(box)
            elif not box.readers:
                self._forget(channel, box)

    def is_read(self, channel: str) -> bool:
        """Whether somebody waits there."""
        box = self._boxes.get(channel)
        return box is not None and bool(box.readers)

    def expired(self) -> dict[str, int]:
        """The channels in which something was not read in time, with how much; each is told once."""
        for channel, box in list(self._boxes.items()):
            self._drop_expired(channel, box)
            if not box.events and not box.readers:
                self._forget(channel, box)
        expired, self._expired = self._expired, collections.Counter()
        return expired

    def clear(self) -> None:
        """Who waits goes on waiting."""
        for channel, box in list(self._boxes.items()):
            box.events.clear()
            if not box.readers:
                self._forget(channel, box)

    def _box(self, channel: str) -> _Box:
        box = self._boxes.get(channel)
        if box is None:
            box = self._boxes[channel] = _Box(collections.deque(), collections.deque())
        return box

    def _forget(self, channel: str, box: _Box) -> None:
        if self._boxes.get(channel) is box:
            del self._boxes[channel]

    def _drop_expired(self, channel: str, box: _Box) -> None:
        now = self._clock()
        while box.events and box.events[0][0] <= now:
            box.events.popleft()
            self._expired[channel] += 1

    async def _word(self, box: _Box) -> None:
        """Something may have come."""
        reader: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        box.readers.append(reader)
        try:
            await reader
        finally:
            if reader in box.readers:
                box.readers.remove(reader)


def _wake_one(box: _Box) -> None:
    while box.readers:
        reader = box.readers.popleft()
        if not reader.done():
            reader.set_result(None)
            return
