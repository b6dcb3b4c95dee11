"""
Who hears what may change while connected, by a publication that says so. The application decides; here it is done to
connections of this process, those on their way in too.

Whoever joins listens first, then asks, then joins: what changes behind the answer comes by a publication, and is kept
here for as long as a connection may take from its answer to its joining.
"""

import asyncio
import collections
import logging
import time
from collections.abc import Awaitable, Callable, Collection

from teahouse.realtime import metrics
from teahouse.realtime.application import Admission, Heard, Publication
from teahouse.realtime.broker.base import DoSubscribe
from teahouse.realtime.hub import Hub
from teahouse.realtime.native import serving
from teahouse.realtime.native.connection import Native
from teahouse.realtime.tasks import Tasks
from teahouse.realtime.wire.codes import Ending, Unsubscribed

logger = logging.getLogger(__name__)

# Longer than any question to the application may take.
_KEPT_SECONDS = 30.0


class Rights:
    """
    `ask` asks the application what somebody hears; `listen` has this process listen to channels, and `catch_up` hear
    what their history has.
    """

    def __init__(
        self,
        *,
        hub: Hub,
        tasks: Tasks,
        ask: Callable[[Admission], Awaitable[Heard | Ending]],
        listen: Callable[[Collection[str]], Awaitable[None]],
        catch_up: Callable[[str], Awaitable[None]],
    ) -> None:
        self._hub = hub
        self._tasks = tasks
        self._ask = ask
        self._listen = listen
        self._catch_up = catch_up
        self._changes: collections.deque[tuple[float, Publication]] = collections.deque()

    def obey(self, publication: Publication) -> None:
        """Before it is delivered: its `leavers` do not hear it any more."""
        now = time.monotonic()
        self._changes.append((now, publication))
        while self._changes[0][0] < now - _KEPT_SECONDS:
            self._changes.popleft()
        for user in publication.leavers:
            for connection in self._hub.connections_of(user):
                _end(getattr(connection, "native", None), publication.channel)
        if not publication.opens and not publication.closes:
            return
        for connection in self._hub.all_listeners_of(publication.channel):
            native: Native | None = getattr(connection, "native", None)
            _end(native, publication.closes)
            if native is not None and publication.opens:
                self.open(native, publication.opens)

    def lost_since(self, began: float, user: str, channels: Collection[str]) -> set[str]:
        """Those of the channels that somebody who was let into them does not hear any more."""
        lost: set[str] = set()
        for at, publication in self._changes:
            if at < began or publication.channel not in channels:
                continue
            if user in publication.leavers:
                lost.add(publication.channel)
            if publication.closes:
                lost.add(publication.closes)
            # Lost and gained again in the meantime.
            lost.discard(publication.opens)
        return lost & set(channels)

    def gained_since(self, began: float, channels: Collection[str]) -> set[str]:
        """What whoever hears these channels hears too by now."""
        gained = {p.opens for at, p in self._changes if at >= began and p.opens and p.channel in channels}
        return gained - set(channels)

    def open(self, native: Native, channel: str) -> None:
        """Have a connection hear a channel as well, if the application says so when it is asked."""
        self._tasks.spawn(self._open(native, channel))

    async def _open(self, native: Native, channel: str) -> None:
        if native.session.is_connected:
            await self._subscribe(native, channel)
        else:
            native.when_connected(lambda: self._subscribe(native, channel))

    async def _subscribe(self, native: Native, channel: str) -> None:
        try:
            await self._listen([channel])
            # Where the broker is silent this process may be behind, at what was said before they came.
            await self._catch_up(channel)
            began = time.monotonic()
            if native.is_gone or native.admission is None:
                return
            heard = await self._ask(native.admission)
            if isinstance(heard, Ending) or channel not in heard or native.is_gone:
                return
            await serving.subscribe(native, DoSubscribe(channel=channel), None)
        except asyncio.CancelledError:
            raise
        except Exception:
            logger.exception("A connection could not hear a channel that it should.")
            metrics.faults.inc()
            native.close(Ending.FAULT)
            native.flush()
            return
        if channel in self.lost_since(began, native.user, [channel]):
            _end(native, channel)


def _end(native: Native | None, channel: str) -> None:
    if native is not None and channel:
        native.unsubscribe(channel, Unsubscribed.SERVER, "left")
        native.flush()
