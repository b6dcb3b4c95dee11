"""
Persons instead of connections: who came that was not there, who went and did not come back. Pure.

Many devices are one person, and a page that is loaded again is nobody's departure: who has no connection left lingers
for a moment. Strangers (user "") are no persons, since nobody can tell one from another; they are passed over.
"""

from collections.abc import Iterable, Mapping

from teahouse.realtime.application import ClientInfo


class People:
    def __init__(self, *, linger_seconds: float = 3.0) -> None:
        self._linger_seconds = linger_seconds
        # channel -> user -> connections; 0 for those who linger.
        self._channels: dict[str, dict[str, int]] = {}
        # Since when, the longest first.
        self._lingering: dict[tuple[str, str], float] = {}

    def seed(self, channel: str, people: Mapping[str, int]) -> None:
        """These are there and nobody has to be told, as `PresenceState.people` counts them."""
        counts = self._channels.setdefault(channel, {})
        for user, count in people.items():
            if user:
                counts[user] = count
                self._lingering.pop((channel, user), None)

    def forget(self, channel: str) -> None:
        for user, count in self._channels.pop(channel, {}).items():
            if not count:
                del self._lingering[channel, user]

    def changed(self, channel: str, joined: Iterable[ClientInfo], left: Iterable[ClientInfo], now: float) -> list[str]:
        """The arrivals. Departures come from `tick`."""
        counts = self._channels.setdefault(channel, {})
        for info in left:
            if counts.get(info.user):
                counts[info.user] -= 1
                if not counts[info.user]:
                    self._lingering[channel, info.user] = now
        arrivals = []
        for info in joined:
            if not info.user:
                continue
            if info.user not in counts:
                arrivals.append(info.user)
            self._lingering.pop((channel, info.user), None)
            counts[info.user] = counts.get(info.user, 0) + 1
        return arrivals

    def tick(self, now: float) -> dict[str, list[str]]:
        """The departures, by channel."""
        departures: dict[str, list[str]] = {}
        while self._lingering:
            (channel, user), since = next(iter(self._lingering.items()))
            if now - since < self._linger_seconds:
                break
            del self._lingering[channel, user]
            del self._channels[channel][user]
            departures.setdefault(channel, []).append(user)
        return departures

    def present(self, channel: str) -> set[str]:
        """Those who linger included."""
        return set(self._channels.get(channel, ()))
