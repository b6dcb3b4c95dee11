"""Who listens in this process: channel -> connections, user -> connections. Used on the loop only."""

from collections.abc import Iterable, Sequence, Set
from typing import Protocol

from teahouse.realtime.application import Admission
from teahouse.realtime.encoding import Item
from teahouse.realtime.passes import Batch
from teahouse.realtime.wire.codes import Ending


class Connection(Protocol):
    """What the hub needs of a connection; the servers have the classes."""

    # None until it is known who it is, which on the native door is a moment after it was opened.
    admission: Admission | None
    # When `tick` should be called, in seconds of the monotonic clock.
    due_at: float

    @property
    def unsent_bytes(self) -> int:
        """What the peer has not taken; a connection of which this is not 0 has its tick at each turn."""

    def channels(self) -> Iterable[str]:
        """Those it was joined to."""

    def deliver(self, batches: Sequence[Batch[Item]]) -> None:
        """Queue or write them, in their order. Never waits, never raises; one that has ended passes over it."""

    def close(self, ending: Ending) -> None: ...

    def tick(self, now: float) -> None: ...


class Hub:
    def __init__(self) -> None:
        self.connections: set[Connection] = set()
        self._by_channel: dict[str, set[Connection]] = {}
        # Those who joined while something was pending that they must not hear: how many of the pending to skip.
        self._fresh: dict[str, dict[Connection, int]] = {}
        # Who has left which channel since the pass began that is under way; None while none is.
        self._leavers: set[tuple[Connection, str]] | None = None
        # Most people have one connection, and a set for each of them would cost more than the rest of this.
        self._by_user: dict[str, Connection | set[Connection]] = {}

    # Connections.

    def enter(self, connection: Connection) -> None:
        self.connections.add(connection)

    def identify(self, connection: Connection, user: str) -> None:
        """Once, after `enter`."""
        other = self._by_user.get(user)
        if other is None:
            self._by_user[user] = connection
        elif isinstance(other, set):
            other.add(connection)
        else:
            self._by_user[user] = {other, connection}

    def exit(self, connection: Connection) -> list[str]:
        """The channels that nobody in this process listens to any more. Again is harmless."""
        if connection not in self.connections:
            return []
        self.connections.discard(connection)
        if connection.admission is not None:
            self._forget(connection, connection.admission.user)
        return [channel for channel in connection.channels() if self._leave(connection, channel)]

    def connections_of(self, user: str) -> tuple[Connection, ...]:
        found = self._by_user.get(user)
        if found is None:
            return ()
        return tuple(found) if isinstance(found, set) else (found,)

    def count_of(self, user: str) -> int:
        found = self._by_user.get(user)
        if found is None:
            return 0
        return len(found) if isinstance(found, set) else 1

    def users_count(self) -> int:
        return len(self._by_user)

    def with_sid(self, sid: str) -> list[Connection]:
        return [c for c in self.connections if c.admission is not None and c.admission.sid == sid]

    def _forget(self, connection: Connection, user: str) -> None:
        found = self._by_user.get(user)
        if isinstance(found, set):
            found.discard(connection)
            if found:
                return
        elif found is not connection:
            return
        del self._by_user[user]

    # Channels.

    def join(self, connection: Connection, channel: str, *, skip: int = 0) -> None:
        """From now on it hears the channel, but for the first `skip` of what is pending there."""
        if skip:
            self._fresh.setdefault(channel, {})[connection] = skip
        else:
            self._by_channel.setdefault(channel, set()).add(connection)

    def leave(self, connection: Connection, channel: str) -> bool:
        """Whether nobody in this process listens any more; False also when it had not joined."""
        if self._leavers is not None:
            self._leavers.add((connection, channel))
        return self._leave(connection, channel)

    def _leave(self, connection: Connection, channel: str) -> bool:
        listeners, fresh = self._by_channel.get(channel), self._fresh.get(channel)
        if listeners is None and fresh is None:
            return False
        if fresh is not None:
            fresh.pop(connection, None)
            if not fresh:
                del self._fresh[channel]
        if listeners is not None:
            listeners.discard(connection)
            if not listeners:
                del self._by_channel[channel]
        return not self.has_listeners(channel)

    def has_listeners(self, channel: str) -> bool:
        return channel in self._by_channel or channel in self._fresh

    def listeners_of(self, channel: str) -> tuple[Connection, ...]:
        """But for the fresh ones: a copy, since connections leave while they are written to."""
        return tuple(self._by_channel.get(channel, ()))

    def take_fresh(self, channel: str) -> Sequence[tuple[Connection, int]]:
        """The fresh ones with what they skip; from now on they are like the others."""
        fresh = self._fresh.pop(channel, None)
        if fresh is None:
            return ()
        self._by_channel.setdefault(channel, set()).update(fresh)
        return tuple(fresh.items())

    def begin_pass(self) -> Set[tuple[Connection, str]]:
        """
        Who leaves which channel from now on: it grows until `end_pass`. What was taken from `listeners_of` before is
        not for them any more, even if they are back: they have come back behind it.
        """
        self._leavers = set()
        return self._leavers

    def end_pass(self) -> None:
        self._leavers = None

    def all_listeners_of(self, channel: str) -> list[Connection]:
        return [*self._by_channel.get(channel, ()), *self._fresh.get(channel, ())]

    def count_in(self, channel: str) -> int:
        return len(self._by_channel.get(channel, ())) + len(self._fresh.get(channel, ()))

    def channel_names(self) -> set[str]:
        return self._by_channel.keys() | self._fresh.keys()
