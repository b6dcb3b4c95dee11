"""
Who hears what may change while connected: by a publication that says so, and by what happened while a connection was
on its way in. The application decides; here it is done to connections of this process.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from teahouse.realtime import metrics
from teahouse.realtime.application import Admission, Heard, Publication
from teahouse.realtime.broker.base import DoSubscribe
from teahouse.realtime.hub import Hub
from teahouse.realtime.native import serving
from teahouse.realtime.native.connection import Native
from teahouse.realtime.tasks import Tasks
from teahouse.realtime.wire.codes import Ending, Unsubscribed

logger = logging.getLogger(__name__)

# After a connection was let in; a publication that was on its way then has come by now.
_LOOK_AGAIN_SECONDS = 0.5


class Rights:
    """`ask` asks the application what somebody hears."""

    def __init__(self, *, hub: Hub, tasks: Tasks, ask: Callable[[Admission], Awaitable[Heard | Ending]]) -> None:
        self._hub = hub
        self._tasks = tasks
        self._ask = ask

    def obey(self, publication: Publication) -> None:
        """Before it is delivered: its `leavers` do not hear it any more."""
        for user in publication.leavers:
            for connection in self._hub.connections_of(user):
                native: Native | None = getattr(connection, "native", None)
                if native is not None:
                    native.unsubscribe(publication.channel, Unsubscribed.SERVER, "left")
                    native.flush()
        if publication.opens:
            for connection in self._hub.all_listeners_of(publication.channel):
                native = getattr(connection, "native", None)
                if native is not None:
                    self._tasks.spawn(self._open(native, publication.opens))

    def look_again(self, native: Native, heard: Heard) -> None:
        """What was `heard` of the application is some moments old: put right what has changed meanwhile."""
        if heard:
            self._tasks.spawn(self._look_again(native, heard))

    async def _open(self, native: Native, channel: str) -> None:
        if native.session.is_connected:
            await _subscribe(native, channel)
        else:
            native.when_connected(lambda: _subscribe(native, channel))

    async def _look_again(self, native: Native, heard: Heard) -> None:
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        if native.is_gone or native.admission is None:
            return
        try:
            now = await self._ask(native.admission)
        except Exception as error:
            # Whoever may not listen any more must not because the database is away: the client comes back and is asked
            # about as any other.
            logger.warning("What a connection may hear could not be asked again: %s", error)
            native.close(Ending.FAULT)
            native.flush()
            return
        if native.is_gone or isinstance(now, Ending):
            # Those who are not welcome are looked for by `welcome.py`.
            return
        for channel in set(heard) - set(now):
            native.unsubscribe(channel, Unsubscribed.SERVER, "left")
        native.flush()
        for channel in set(now) - set(heard):
            await _subscribe(native, channel)


async def _subscribe(native: Native, channel: str) -> None:
    try:
        await serving.subscribe(native, DoSubscribe(channel=channel), None)
    except Exception:
        logger.exception("A connection could not hear a channel that it should.")
        metrics.faults.inc()
        native.close(Ending.FAULT)
        native.flush()
