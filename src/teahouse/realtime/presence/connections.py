"""
Presence of this process's connections: which of them are shown, and which are told who comes and goes. Used by the
engine, on the loop. Where presence is kept is `base.py`'s business, and what is true of other processes `watch.py`'s.
"""

import secrets
from collections.abc import Callable, Sequence

from teahouse.realtime import encoding
from teahouse.realtime.application import Admission, ClientInfo
from teahouse.realtime.broker.base import Hint, PresenceChanged
from teahouse.realtime.hub import Connection, Hub
from teahouse.realtime.namespaces import Namespaces
from teahouse.realtime.passes import Passes
from teahouse.realtime.presence.base import Presence
from teahouse.realtime.presence.watch import PresenceWatch

# Who comes and goes is told under a name of its own, since not all who listen to a channel want to know.
_PRESENCE = "\0presence:"


def presence_name(channel: str) -> str:
    """Under which the hub knows those who are told who comes to the channel and who goes."""
    return _PRESENCE + channel


def channel_told_under(name: str) -> str | None:
    """The opposite; None for a name of the hub's that is a channel itself."""
    return name.removeprefix(_PRESENCE) if name.startswith(_PRESENCE) else None


class ConnectionPresence:
    """`publish` tells other processes, and this one, as a broker does."""

    def __init__(
        self,
        *,
        presence: Presence,
        hub: Hub,
        passes: Passes[encoding.Item],
        namespaces: Namespaces,
        publish: Callable[[Hint], None],
    ) -> None:
        self._presence = presence
        self._hub = hub
        self._passes = passes
        self._namespaces = namespaces
        self._publish = publish
        self._watch = PresenceWatch(presence=presence, told=self._told)
        self._classic_clients: dict[Connection, str] = {}

    async def start(self, *, node: str) -> None:
        await self._presence.start(node=node, publish=self._publish_if_told)
        self._watch.start(node=node)

    async def stop(self) -> None:
        await self._watch.stop()
        await self._presence.stop()

    # Who is shown.

    def came(self, channel: str, info: ClientInfo) -> None:
        if self._is_kept(channel):
            self._presence.arrive(channel, info)

    def left(self, channel: str, client: str) -> None:
        if self._is_kept(channel):
            self._presence.depart(channel, client)

    def show_classic(self, connection: Connection, admission: Admission) -> None:
        """People on the classic door are there as well; it has no name for a connection, so it gets one here."""
        shown = [channel for channel in admission.channels if self._is_kept(channel)]
        if shown:
            client = self._classic_clients[connection] = secrets.token_hex(16)
            for channel in shown:
                self._presence.arrive(channel, ClientInfo(user=admission.user, client=client))

    def hide_classic(self, connection: Connection) -> None:
        """One that is not shown is hidden already."""
        if (client := self._classic_clients.pop(connection, None)) is not None and connection.admission is not None:
            for channel in connection.admission.channels:
                self.left(channel, client)

    # Who is told.

    def hear(self, connection: Connection, channel: str) -> None:
        """From now on it is told who comes to the channel and who goes."""
        name = presence_name(channel)
        self._hub.join(connection, name, skip=self._passes.pending_in(name))
        self._watch.begin(channel)

    def stop_hearing(self, connection: Connection, channel: str) -> None:
        if self._hub.leave(connection, presence_name(channel)):
            self.nobody_hears(channel)

    def nobody_hears(self, channel: str) -> None:
        """Those who did have gone."""
        self._watch.end(channel)

    def receive(self, hint: PresenceChanged) -> None:
        self._watch.receive(hint)

    def reconnected(self) -> None:
        """Hints may have been missed."""
        self._watch.reconnected()

    def _publish_if_told(self, hint: PresenceChanged) -> None:
        namespace = self._namespaces.of(hint.channel)
        if namespace is not None and (namespace.join_leave or namespace.push_join_leave):
            self._publish(hint)

    def _is_kept(self, channel: str) -> bool:
        namespace = self._namespaces.of(channel)
        return namespace is not None and (namespace.presence or namespace.join_leave or namespace.push_join_leave)

    def _told(self, channel: str, joined: Sequence[ClientInfo], left: Sequence[ClientInfo]) -> None:
        # Who is another one now is in both: first gone, then come.
        for info in left:
            self._tell(channel, info, has_come=False)
        for info in joined:
            self._tell(channel, info, has_come=True)

    def _tell(self, channel: str, info: ClientInfo, *, has_come: bool) -> None:
        self._passes.add(presence_name(channel), encoding.Presence(channel=channel, info=info, has_come=has_come))
