"""
The last publications of channels that have listeners here, so that those who come back need not ask the history. Pure.
"""

import collections
from collections.abc import Sequence

from teahouse.realtime.application import Publication

# What an entry costs beside its data.
_OVERHEAD_BYTES = 200


class Windows:
    """
    `most` publications a channel and `most_bytes` in all: over that, channels where nothing has happened for longest
    are forgotten first. What is there of a channel has no holes and ends at its newest publication.
    """

    def __init__(self, *, most: int = 2_000, most_bytes: int = 64 * 1_048_576) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._by_channel: collections.OrderedDict[str, collections.deque[Publication]] = collections.OrderedDict()
        self.total_bytes = 0
        # How many times something was forgotten: who reads a history meanwhile may have read what is no more.
        self.forgotten = 0

    def add(self, publication: Publication) -> None:
        """The next one of its channel; one that is not makes the window begin anew with it."""
        channel = publication.channel
        window = self._by_channel.get(channel)
        if window is None:
            window = self._by_channel[channel] = collections.deque()
        elif window[-1].offset + 1 != publication.offset or window[-1].epoch != publication.epoch:
            self.forget(channel)
            window = self._by_channel[channel] = collections.deque()
        self._by_channel.move_to_end(channel)
        window.append(publication)
        self.total_bytes += _bytes_of(publication)
        if len(window) > self._most:
            self.total_bytes -= _bytes_of(window.popleft())
        while self.total_bytes > self._most_bytes and len(self._by_channel) > 1:
            self.forget(next(iter(self._by_channel)))
        while self.total_bytes > self._most_bytes and len(window) > 1:
            self.total_bytes -= _bytes_of(window.popleft())

    def fill(self, channel: str, publications: Sequence[Publication]) -> None:
        """
        What is older than the window, from the history: oldest first, without holes, up to the window's first or, where
        there is none, to the channel's newest. What does not fit there is passed over.
        """
        window = self._by_channel.get(channel)
        if not publications:
            return
        if window is None:
            window = self._by_channel[channel] = collections.deque()
        else:
            first = window[0]
            publications = [entry for entry in publications if entry.offset < first.offset]
            if not publications or (publications[-1].offset + 1, publications[-1].epoch) != (first.offset, first.epoch):
                return
        space = self._most - len(window)
        for publication in reversed(publications[-space:] if space > 0 else []):
            size = _bytes_of(publication)
            if self.total_bytes + size > self._most_bytes:
                break
            window.appendleft(publication)
            self.total_bytes += size
        if not window:
            del self._by_channel[channel]

    def after(self, channel: str, offset: int) -> list[Publication] | None:
        """All past `offset`, oldest first; None when the window does not reach back so far."""
        window = self._by_channel.get(channel)
        if window is None or window[0].offset > offset + 1:
            return None
        first = offset + 1 - window[0].offset
        if first * 2 < len(window):
            return list(window)[first:]
        newest = [window[index] for index in range(len(window) - 1, first - 1, -1)]
        newest.reverse()
        return newest

    def forget(self, channel: str) -> None:
        """Forgetting again is harmless."""
        self.forgotten += 1
        for publication in self._by_channel.pop(channel, ()):
            self.total_bytes -= _bytes_of(publication)


def _bytes_of(publication: Publication) -> int:
    return len(publication.data) + _OVERHEAD_BYTES
