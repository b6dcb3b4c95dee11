"""
What becomes of a channel in this process: its publications go into the window and to those who listen, and when its
history has broken, those who believe in it have to begin anew. Which of the two it is, `channels.py` decides.
"""

import asyncio
import secrets
from collections.abc import Callable

from teahouse.realtime.application import Publication
from teahouse.realtime.encoding import Item
from teahouse.realtime.hub import Hub
from teahouse.realtime.passes import Passes
from teahouse.realtime.presence.connections import presence_name
from teahouse.realtime.tasks import Tasks
from teahouse.realtime.window import Windows


class Delivery:
    """`obey` is given publications that change who hears what, before they are delivered."""

    def __init__(
        self,
        *,
        hub: Hub,
        windows: Windows,
        passes: Passes[Item],
        tasks: Tasks,
        obey: Callable[[Publication], None] = lambda _: None,
    ) -> None:
        self._obey = obey
        self._hub = hub
        self._windows = windows
        self._passes = passes
        self._tasks = tasks

    def has_listeners(self, channel: str) -> bool:
        """Those count too who only hear who comes and goes."""
        return self._hub.has_listeners(channel) or self._hub.has_listeners(presence_name(channel))

    def deliver(self, publication: Publication) -> None:
        if publication.leavers or publication.opens or publication.closes:
            self._obey(publication)
        if publication.forgets:
            self._windows.forget(publication.channel)
        if publication.offset:
            self._windows.add(publication)
        self._passes.add(publication.channel, publication)

    def broke(self, channel: str) -> None:
        """What comes now is of another history: out at once. The word comes spread over time."""
        self._windows.forget(channel)
        for connection in self._hub.all_listeners_of(channel):
            lose = getattr(connection, "lose", None)
            if lose is not None:
                self._hub.leave(connection, channel)
                self._tasks.spawn(self._lose_later(lose, channel))

    async def _lose_later(self, lose: Callable[[str], None], channel: str) -> None:
        await asyncio.sleep(secrets.randbelow(1_000) / 1_000 * self._spread_seconds())
        lose(channel)

    def _spread_seconds(self) -> float:
        """A few connections come back at once, many over seconds."""
        return min(5.0, len(self._hub.connections) / 500)
