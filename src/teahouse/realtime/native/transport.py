"""What carries a native connection: the port to the servers."""

from typing import Protocol

from teahouse.realtime.hub import Connection


class Transport(Connection, Protocol):
    """A connection of a server that carries the native protocol."""

    def send(self, payload: bytes) -> None:
        """A frame of messages. Never waits, never raises."""

    def end(self, code: int, reason: str) -> None:
        """Close it with any code, once; `close` of the hub's side comes here too."""

    def go_on(self) -> None:
        """Commands have been done: reading may go on."""
