"""Who listens in this process: channel -> connections, and the connections themselves. Used on the loop only."""

from collections.abc import Iterable
from typing import Protocol

from teahouse.realtime.application import Admission
from teahouse.realtime.passes import Batch
from teahouse.realtime.wire.codes import Ending


class Connection(Protocol):
    """What the hub needs of a connection; the servers have the classes."""

    admission: Admission

    def deliver(self, batch: Batch) -> None:
        """Queue or write it. Never waits, never raises; a connection that has ended passes over it."""

    def close(self, ending: Ending) -> None: ...

    def tick(self, now: float) -> None: ...


class Hub:
    def __init__(self) -> None:
        self.connections: set[Connection] = set()
        self._by_channel: dict[str, set[Connection]] = {}

    def join(self, connection: Connection) -> None:
        self.connections.add(connection)
        for channel in connection.admission.channels:
            self._by_channel.setdefault(channel, set()).add(connection)

    def leave(self, connection: Connection) -> list[str]:
        """The channels that nobody in this process listens to any more. Leaving twice is harmless."""
        self.connections.discard(connection)
        emptied = []
        for channel in connection.admission.channels:
            listeners = self._by_channel.get(channel)
            if listeners is None:
                continue
            listeners.discard(connection)
            if not listeners:
                del self._by_channel[channel]
                emptied.append(channel)
        return emptied

    def has_listeners(self, channel: str) -> bool:
        return channel in self._by_channel

    def listeners_of(self, channel: str) -> Iterable[Connection]:
        return self._by_channel.get(channel, ())

    def matching(self, *, user_id: int | None, sid: str | None) -> list[Connection]:
        """The connections of the person, or of the login session."""
        return [
            connection
            for connection in self.connections
            if (user_id is not None and connection.admission.user_id == user_id)
            or (sid is not None and connection.admission.sid == sid)
        ]
