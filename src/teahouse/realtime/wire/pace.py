"""How fast one person may send: a token bucket that delays and never refuses. Pure."""


class Pace:
    """At most `burst` at once and `per_second` after that, over all connections of one person."""

    def __init__(self, *, per_second: float, burst: int, now: float) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._tokens = float(burst)
        self._updated = now

    def is_rested(self, now: float) -> bool:
        """Whether a whole burst could be taken at once."""
        return self._tokens + (now - self._updated) * self._per_second >= self._burst

    def take(self, now: float) -> float:
        """Take one turn; the seconds to wait before using it. Turns are given in the order they are taken."""
        self._tokens = min(self._burst, self._tokens + (now - self._updated) * self._per_second)
        self._updated = now
        self._tokens -= 1
        return max(0.0, -self._tokens / self._per_second)

    def give_back(self) -> None:
        """The turn that was taken last is not used."""
        self._tokens += 1
