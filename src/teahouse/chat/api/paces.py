"""How fast one person may change something over HTTP: the same pace as over connections, but refused, not delayed."""

import threading
import time

from teahouse.chat import errors
from teahouse.realtime.conf import conf
from teahouse.realtime.wire.pace import Pace

# Beyond so many, those who could send a whole burst again are forgotten: a new entry would be the same.
_MOST_KEPT = 10_000


class Paces:
    """By person, in this process. Any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_person: dict[int, Pace] = {}

    def take(self, user_id: int, now: float | None = None) -> None:
        """Take a turn. Raises errors.TooSoon when there is none now; nothing is taken then."""
        now = time.monotonic() if now is None else now
        with self._lock:
            pace = self._by_person.get(user_id)
            if pace is None:
                self._forget_rested(now)
                pace = Pace(per_second=conf().sends_per_second, burst=conf().send_burst, now=now)
                self._by_person[user_id] = pace
            if seconds := pace.take(now):
                pace.give_back()
                raise errors.TooSoon(seconds)

    def _forget_rested(self, now: float) -> None:
        if len(self._by_person) >= _MOST_KEPT:
            self._by_person = {user: pace for user, pace in self._by_person.items() if not pace.is_rested(now)}


PACES = Paces()
