"""
This process's own connections, by channel, and which of their comings and goings others have not been told. Pure.

What is told is the difference between what is and what was told last: at once when a channel was quiet, and at most
once in `spacing_seconds` in a busy one. Who came and went in between is nobody's business.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from teahouse.realtime.application import ClientInfo
from teahouse.realtime.broker.base import PresenceChanged

_MOST_IN_A_HINT = 500


class Change(NamedTuple):
    """Of one channel."""

    channel: str
    joined: list[ClientInfo]
    left: list[ClientInfo]

    def hints(self, node: str) -> Iterator[PresenceChanged]:
        """Several where it is large: one that carries thousands would hold up everything behind it."""
        for left in _pieces(self.left):
            yield PresenceChanged(channel=self.channel, node=node, left=left)
        for joined in _pieces(self.joined):
            yield PresenceChanged(channel=self.channel, node=node, joined=joined)


class Own:
    def __init__(self, *, spacing_seconds: float = 0.1) -> None:
        self._spacing_seconds = spacing_seconds
        # channel -> client -> info: as it is, and as it was told.
        self._actual: dict[str, dict[str, ClientInfo]] = {}
        self._told: dict[str, dict[str, ClientInfo]] = {}
        # The clients in which these two may differ.
        self._open: dict[str, set[str]] = {}
        # Channels with something open that may be told now.
        self._ready: dict[str, None] = {}
        # When a channel was told, the longest ago first; forgotten after the spacing.
        self._told_at: dict[str, float] = {}

    def arrive(self, channel: str, info: ClientInfo) -> None:
        clients = self._actual.setdefault(channel, {})
        if clients.get(info.client) != info:
            clients[info.client] = info
            self._note(channel, info.client)

    def depart(self, channel: str, client: str) -> None:
        clients = self._actual.get(channel, {})
        if clients.pop(client, None) is not None:
            if not clients:
                del self._actual[channel]
            self._note(channel, client)

    def actual(self, channel: str) -> Mapping[str, ClientInfo]:
        return self._actual.get(channel, {})

    def told(self, channel: str) -> Mapping[str, ClientInfo]:
        return self._told.get(channel, {})

    def channels(self) -> Collection[str]:
        """Where somebody is, as it was told."""
        return self._told.keys()

    def due_at(self) -> float | None:
        """When `take` has something to say, or a little before; None: not until somebody comes or goes."""
        if self._ready:
            return 0
        if self._open:
            return next(iter(self._told_at.values())) + self._spacing_seconds
        return None

    def take(self, now: float) -> list[Change]:
        """What is to be told now; it counts as told."""
        self._end_spacing(now)
        ready, self._ready = self._ready, {}
        changes = []
        for channel in ready:
            change = self._settle(channel)
            if change.joined or change.left:
                self._told_at[channel] = now
                changes.append(change)
        return changes

    def _note(self, channel: str, client: str) -> None:
        self._open.setdefault(channel, set()).add(client)
        if channel not in self._told_at:
            self._ready[channel] = None

    def _end_spacing(self, now: float) -> None:
        while self._told_at:
            channel, told_at = next(iter(self._told_at.items()))
            if now < told_at + self._spacing_seconds:
                break
            del self._told_at[channel]
            if channel in self._open:
                self._ready[channel] = None

    def _settle(self, channel: str) -> Change:
        change = Change(channel, [], [])
        actual, told = self.actual(channel), self._told.setdefault(channel, {})
        for client in self._open.pop(channel):
            now, before = actual.get(client), told.get(client)
            if now == before:
                continue
            if now is not None:
                told[client] = now
                change.joined.append(now)
            elif before is not None:
                del told[client]
                change.left.append(before)
        if not told:
            del self._told[channel]
        return change


def _pieces(infos: list[ClientInfo]) -> Iterator[tuple[ClientInfo, ...]]:
    for start in range(0, len(infos), _MOST_IN_A_HINT):
        yield tuple(infos[start : start + _MOST_IN_A_HINT])
