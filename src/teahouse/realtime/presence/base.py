"""The port of presence: which connections of which processes are in a channel now."""

from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from teahouse.realtime.application import ClientInfo
from teahouse.realtime.broker.base import PresenceChanged

EXPIRY_SECONDS = 15.0


class Presence(Protocol):
    """Used on the loop. What a process writes expires with it: nobody has to clean up after one that was killed."""

    # Within this time of its end the connections of a killed process are shown and told as gone.
    expiry_seconds: float

    async def start(self, *, node: str, publish: Callable[[PresenceChanged], None]) -> None:
        """
        Begin, as the process `node` (its own name in each of its lives, without a colon). `publish` tells the
        processes that listen to the channel, this one included; it may pass over channels in which nobody is told.
        """

    async def stop(self) -> None:
        """This process's connections are gone at once, everywhere. `publish` is still called: stop the broker later."""

    def arrive(self, channel: str, info: ClientInfo) -> None:
        """Never waits, never raises. Repeating is harmless; other infos replace the former ones."""

    def depart(self, channel: str, client: str) -> None:
        """Never waits, never raises. Repeating is harmless."""

    async def present(self, channel: str) -> dict[str, ClientInfo]:
        """
        The connections of every process, by client. What this process was told by now is in it.

        Raises:
            BrokerAway: within two seconds.
        """

    async def stats(self, channel: str) -> tuple[int, int]:
        """
        Connections, and distinct users among them; the strangers ("") are one together, as Centrifugo counts.

        Of other processes it may be half a second old. Raises BrokerAway as `present` does.
        """

    # For PresenceWatch.

    def told(self, channel: str) -> Mapping[str, ClientInfo]:
        """This process's own connections there, as far as they were published."""

    async def others(self, channel: str, *, expected: Collection[str] = ()) -> dict[str, dict[str, ClientInfo]]:
        """
        The connections of each other process that has some there. Of those `expected` a process without any is in it
        too, empty, if it is known to be there; one that is not in it may be gone, or may be writing just now.

        Raises BrokerAway as `present` does.
        """

    async def missing(self, nodes: Collection[str]) -> set[str]:
        """Which of these processes have no lease. Raises BrokerAway as `present` does."""
