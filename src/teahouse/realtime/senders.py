"""What each person has waiting, over all connections, and how fast they may go on. Pure; time is an argument."""

from teahouse.realtime.wire.pace import Pace


class _Sender:
    __slots__ = ("pace", "waiting")

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.waiting = 0


class Senders:
    """
    A person's pace outlives their connections, or coming back would begin a new one.

    `max_waiting` commands a person are kept; beyond that their connections are not read from.
    """

    def __init__(self, *, per_second: float, burst: int, max_waiting: int) -> None:
        self._per_second = per_second
        self._burst = burst
        self._max_waiting = max_waiting
        self._senders: dict[str, _Sender] = {}

    def added(self, user: str, now: float) -> None:
        sender = self._senders.get(user)
        if sender is None:
            pace = Pace(per_second=self._per_second, burst=self._burst, now=now)
            sender = self._senders[user] = _Sender(pace)
        sender.waiting += 1

    def seconds_to_wait(self, user: str, now: float) -> float:
        """Take this person's next turn. Only between `added` and `done`."""
        return self._senders[user].pace.take(now)

    def done(self, user: str) -> None:
        self._senders[user].waiting -= 1

    def is_full(self, user: str) -> bool:
        sender = self._senders.get(user)
        return sender is not None and sender.waiting >= self._max_waiting

    def forget_idle(self, now: float) -> None:
        """Those who wait for nothing and could send a whole burst again: a new entry would be the same."""
        idle = [user for user, sender in self._senders.items() if not sender.waiting and sender.pace.is_rested(now)]
        for user in idle:
            del self._senders[user]

    def __len__(self) -> int:
        return len(self._senders)
