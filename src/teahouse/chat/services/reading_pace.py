"""
When read positions are told: of one person and room at most one a second, from this process. The first goes at once;
what comes within the second is told once, at its end, as it is then. The rows are written in any case: a process that
ends in between leaves a position untold, which the next `sync` shows.
"""

import heapq
import threading
import time
from collections.abc import Callable
from typing import TypeAlias

from teahouse.chat.signals import Pace

SECONDS = 1.0

# A person and a room.
Place: TypeAlias = tuple[int, int]


class ReadPace:
    """`tell` is called for places that wait, in a thread of this object's, which ends when none waits."""

    def __init__(self, tell: Callable[[Place], None], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._tell = tell
        self._clock = clock
        self._pace = Pace(SECONDS, clock=clock)
        self._changed = threading.Condition()
        self._waiting: set[Place] = set()
        self._queue: list[tuple[float, Place]] = []
        self._thread: threading.Thread | None = None

    def is_due(self, place: Place) -> bool:
        return self._pace.is_due(place)

    def note_told(self, place: Place) -> None:
        self._pace.note(place)

    def tell_later(self, place: Place) -> None:
        """Once its second is over. Again changes nothing."""
        with self._changed:
            if place in self._waiting:
                return
            self._waiting.add(place)
            heapq.heappush(self._queue, (self._clock() + max(0.0, self._pace.seconds_left(place)), place))
            # In the child of a fork there is no thread of its parent's.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="teahouse-reads", daemon=True)
                self._thread.start()
            else:
                self._changed.notify()

    def finish(self) -> None:
        """Tell at once what waits."""
        with self._changed:
            places = self._take(all_of_them=True)
            self._changed.notify()
        for place in places:
            self._tell(place)

    def forget(self) -> None:
        """Tell nothing of what waits, ever."""
        with self._changed:
            self._take(all_of_them=True)
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._queue:
                    self._thread = None
                    return
                self._changed.wait(max(0.0, self._queue[0][0] - self._clock()))
                places = self._take(all_of_them=False)
            for place in places:
                self._tell(place)

    def _take(self, *, all_of_them: bool) -> list[Place]:
        now = self._clock()
        places = []
        while self._queue and (all_of_them or self._queue[0][0] <= now):
            places.append(heapq.heappop(self._queue)[1])
        self._waiting.difference_update(places)
        return places
