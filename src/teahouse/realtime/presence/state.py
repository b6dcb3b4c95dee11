"""
What one process knows about who is in the channels it listens to, and what its listeners have to be told. Pure.

Everything is kept per process (`node`), because each process knows its own connections best and can take all of them
with it. Hints may be repeated or late: what changes nothing tells nobody.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from teahouse.realtime.application import ClientInfo


class Changes(NamedTuple):
    """
    What listeners have to be told, `left` before `joined`: a connection whose infos have changed is in both.
    False when there is nothing to tell.
    """

    joined: list[ClientInfo]
    left: list[ClientInfo]

    def __bool__(self) -> bool:
        return bool(self.joined or self.left)


class PresenceState:
    def __init__(self) -> None:
        # channel -> node -> client -> info. Whoever is empty is not there.
        self._channels: dict[str, dict[str, dict[str, ClientInfo]]] = {}

    def replaced(self, channel: str, node: str, clients: Mapping[str, ClientInfo]) -> Changes:
        """The process `node` has exactly these connections there."""
        known = self._of(channel, node)
        left = [info for client, info in known.items() if clients.get(client) != info]
        joined = [info for client, info in clients.items() if known.get(client) != info]
        self._put(channel, node, dict(clients))
        return Changes(joined, left)

    def changed(self, channel: str, node: str, joined: Iterable[ClientInfo], left: Iterable[ClientInfo]) -> Changes:
        """`left` counts before `joined`. Who left is told as they were known here."""
        known = self._of(channel, node)
        gone = [known.pop(info.client) for info in left if info.client in known]
        new = []
        for info in joined:
            if (before := known.get(info.client)) == info:
                continue
            if before is not None:
                gone.append(before)
            known[info.client] = info
            new.append(info)
        self._put(channel, node, known)
        return Changes(new, gone)

    def node_gone(self, node: str) -> dict[str, Changes]:
        """The process is no more; by channel."""
        return {
            channel: self.replaced(channel, node, {})
            for channel, nodes in list(self._channels.items())
            if node in nodes
        }

    def forget(self, channel: str) -> None:
        """Nobody listens to it any more, so nobody is told."""
        self._channels.pop(channel, None)

    def nodes(self, channel: str | None = None) -> set[str]:
        """The processes that have somebody in the channel, or in any."""
        if channel is not None:
            return set(self._channels.get(channel, ()))
        return {node for nodes in self._channels.values() for node in nodes}

    def present(self, channel: str) -> dict[str, ClientInfo]:
        return {client: info for known in self._channels.get(channel, {}).values() for client, info in known.items()}

    def people(self, channel: str) -> dict[str, int]:
        """
        Users, and how many connections each has. Under "" are the strangers, who are no person together: each of
        their connections may be somebody else.
        """
        return people_of(self.present(channel))

    def stats(self, channel: str) -> tuple[int, int]:
        return stats_of(self.present(channel))

    def _of(self, channel: str, node: str) -> dict[str, ClientInfo]:
        return self._channels.get(channel, {}).get(node, {})

    def _put(self, channel: str, node: str, known: dict[str, ClientInfo]) -> None:
        nodes = self._channels.setdefault(channel, {})
        if known:
            nodes[node] = known
        else:
            nodes.pop(node, None)
            if not nodes:
                del self._channels[channel]


class Absences:
    """
    Which processes are gone: those without a lease at every look for `patience_seconds`. Pure.

    Not at the first look: a Redis that has just restarted knows no lease, and nobody has left.
    """

    def __init__(self, patience_seconds: float) -> None:
        self._patience_seconds = patience_seconds
        self._since: dict[str, float] = {}

    def judge(self, missing: Iterable[str], now: float) -> list[str]:
        """`missing` are all that a look did not find."""
        self._since = {node: self._since.get(node, now) for node in missing}
        gone = [node for node, since in self._since.items() if now - since >= self._patience_seconds]
        for node in gone:
            del self._since[node]
        return gone

    def forget(self) -> None:
        """Nobody could look: what is missing has to be missing again."""
        self._since.clear()


def people_of(present: Mapping[str, ClientInfo]) -> dict[str, int]:
    people: dict[str, int] = {}
    for info in present.values():
        people[info.user] = people.get(info.user, 0) + 1
    return people


def stats_of(present: Mapping[str, ClientInfo]) -> tuple[int, int]:
    """
    Connections, and distinct user ids among them.

    "" is one of these ids however many strangers there are: what clients know as `num_users` from Centrifugo.
    """
    return len(present), len({info.user for info in present.values()})
