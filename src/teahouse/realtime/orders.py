"""What another process, or the server API, wants done to connections here: end them, subscribe them, and so on."""

import logging
import time
from typing import TYPE_CHECKING

from teahouse.realtime.application import Head
from teahouse.realtime.broker.base import Do, DoDisconnect, DoRefresh, DoSubscribe, DoUnsubscribe, Order, Target
from teahouse.realtime.hub import Connection
from teahouse.realtime.native import serving
from teahouse.realtime.native.connection import Native
from teahouse.realtime.wire.codes import Ending

if TYPE_CHECKING:
    from teahouse.realtime.engine import Engine

logger = logging.getLogger(__name__)

_YOUNG_SECONDS = 30.0


class Obeyed:
    """Which orders were obeyed: a broker that repeats old ones, or the same one twice, changes nothing."""

    def __init__(self) -> None:
        self._seen: dict[str, float] = {}

    def is_new(self, order: Order, now: float) -> bool:
        """Whether to obey; asking again gives False. `now` is the wall clock."""
        if abs(now - order.at) > _YOUNG_SECONDS or order.id in self._seen:
            return False
        # The oldest are in front. All of them each time would be too many where orders come by the thousand.
        while self._seen and now - self._seen[oldest := next(iter(self._seen))] > _YOUNG_SECONDS * 2:
            del self._seen[oldest]
        self._seen[order.id] = now
        return True


async def obey(engine: "Engine", order: Order) -> None:
    """Never raises: what cannot be done to one connection is done to the others all the same."""
    for connection in engine.hub.connections_of(order.target.user):
        native: Native | None = getattr(connection, "native", None)
        if not _is_meant(native, order.target):
            continue
        try:
            await _obey(connection, native, order.do)
        except Exception:
            logger.exception("What the server wanted of a connection could not be done.")


async def _obey(connection: Connection, native: Native | None, do: Do) -> None:
    match do:
        case DoDisconnect():
            _disconnect(connection, native, do)
        case DoUnsubscribe() if native is not None:
            native.unsubscribe(do.channel, do.code, do.reason)
            native.flush()
        case DoSubscribe() if native is not None and not native.session.is_connected:
            # Its answer to `connect` comes first, or the client knows nothing of this.
            native.when_connected(lambda: _obey(connection, native, do))
        case DoSubscribe() if native is not None:
            since = Head(do.since_offset, do.since_epoch) if do.since_epoch else None
            await serving.subscribe(native, do, since)
        case DoRefresh() if native is not None:
            serving.refresh(native, do, time.time())
        case _:
            # The article's protocol has neither subscriptions nor a refresh.
            pass


def _is_meant(native: Native | None, target: Target) -> bool:
    if native is None:
        return not target.client and not target.session
    return target.client in ("", native.client) and target.session in ("", native.session_id)


def _disconnect(connection: Connection, native: Native | None, do: DoDisconnect) -> None:
    if native is None:
        connection.close(Ending.FORCE_DISCONNECT)
    elif native.client not in do.spare:
        native.close(Ending.FORCE_DISCONNECT)
        # What was answered already comes first.
        if payload := native.session.payload():
            native.transport.send(payload)
        native.transport.end(do.code, do.reason)
