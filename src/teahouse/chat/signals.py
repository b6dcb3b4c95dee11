"""
What is shown to those who are in a room now and forgotten: who is typing, and how far somebody has read. It has no
offset, is in no history, and nobody is told who was not there.
"""

import threading
import time
from collections.abc import Callable, Hashable

from teahouse.chat import frames
from teahouse.realtime.api import announce_all
from teahouse.realtime.application import Publication

TYPING_SECONDS = 3.0
_MOST_KNOWN = 20_000


class Pace:
    """At most once in so many seconds for each key, in this process. From any thread."""

    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        # In the order of their times.
        self._last: dict[Hashable, float] = {}

    def is_due(self, key: Hashable) -> bool:
        return self.seconds_left(key) <= 0

    def seconds_left(self, key: Hashable) -> float:
        """Until it may be again."""
        last = self._last.get(key)
        return 0.0 if last is None else last + self._seconds - self._clock()

    def note(self, key: Hashable) -> None:
        """It was done now."""
        with self._lock:
            self._last.pop(key, None)
            self._last[key] = self._clock()
            if len(self._last) > _MOST_KNOWN:
                self._forget()

    def _forget(self) -> None:
        """Those whose time is over; when they all are younger, the oldest half."""
        end = self._clock() - self._seconds
        over = [key for key, at in self._last.items() if at <= end]
        for key in over or list(self._last)[: _MOST_KNOWN // 2]:
            del self._last[key]


def show(signals: list[frames.Signal]) -> None:
    """To who listens to their rooms now. From any thread; it never waits and never raises."""
    announce_all([Publication(channel=f"room:{signal.room}", data=frames.encode(signal)) for signal in signals])
