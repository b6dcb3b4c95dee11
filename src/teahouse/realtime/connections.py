"""
How connections come into this process's hub, hear channels and go: what each of these does to hub, channels and
presence. Which of them there are is in `hub.py`; a join without a seam, which the native door has, in `joining.py`.
"""

import asyncio

from teahouse.realtime.application import Admission
from teahouse.realtime.channels import Channels
from teahouse.realtime.encoding import Item
from teahouse.realtime.hub import Connection, Hub
from teahouse.realtime.passes import Passes
from teahouse.realtime.presence.connections import ConnectionPresence, channel_told_under

_LINGER_SECONDS = 1.0


class Connections:
    def __init__(
        self, *, hub: Hub, channels: Channels, passes: Passes[Item], presence: ConnectionPresence, max_per_user: int
    ) -> None:
        self._hub = hub
        self._channels = channels
        self._passes = passes
        self._presence = presence
        self._max_per_user = max_per_user

    def has_room_for(self, user: str) -> bool:
        return self._hub.count_of(user) < self._max_per_user

    def enter(self, connection: Connection) -> None:
        """From now on it has its ticks."""
        self._hub.enter(connection)

    def identify(self, connection: Connection, user: str) -> None:
        """It is known whose it is: `connection.admission` is set."""
        self._hub.identify(connection, user)

    def readmit(self, connection: Connection, admission: Admission) -> None:
        """The same person with a new token."""
        connection.admission = admission

    async def join_all(self, connection: Connection) -> None:
        """
        Enter, and hear all channels of the admission from the return on, from where they are now; for the classic
        protocol. Raises what the history raises.
        """
        admission = connection.admission
        if admission is None:
            raise ValueError("nobody was admitted")
        self._hub.enter(connection)
        self._hub.identify(connection, admission.user)
        await self._channels.listen_to(admission.channels)
        if connection in self._hub.connections:
            for channel in admission.channels:
                self._hub.join(connection, channel, skip=self._passes.pending_in(channel))
            self._presence.show_classic(connection, admission)

    def part(self, connection: Connection, channel: str, *, hears_presence: bool = False) -> None:
        if self._hub.leave(connection, channel):
            self.let_go_later(channel)
        if hears_presence:
            self._presence.stop_hearing(connection, channel)

    def exit(self, connection: Connection) -> None:
        """Leaving twice, or without having entered, is harmless."""
        self._presence.hide_classic(connection)
        for name in self._hub.exit(connection):
            if (channel := channel_told_under(name)) is not None:
                self._presence.nobody_hears(channel)
            else:
                self.let_go_later(name)

    def let_go_later(self, channel: str) -> None:
        """If nobody listens then: people who reload a page are back in a moment."""
        asyncio.get_running_loop().call_later(_LINGER_SECONDS, self._channels.let_go, channel)
