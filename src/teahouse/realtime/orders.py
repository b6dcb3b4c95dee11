"""What another process, or the server API, wants done to connections here: end them, subscribe them, and so on."""

import time
from typing import TYPE_CHECKING

from teahouse.realtime.application import Head
from teahouse.realtime.broker.base import DoDisconnect, DoRefresh, DoSubscribe, DoUnsubscribe, Order, Target
from teahouse.realtime.hub import Connection
from teahouse.realtime.native import serving
from teahouse.realtime.native.connection import Native
from teahouse.realtime.wire.codes import Ending

if TYPE_CHECKING:
    from teahouse.realtime.engine import Engine

_YOUNG_SECONDS = 30.0


class Obeyed:
    """Which orders were obeyed: a broker that repeats old ones, or the same one twice, changes nothing."""

    def __init__(self) -> None:
        self._seen: dict[str, float] = {}

    def is_new(self, order: Order, now: float) -> bool:
        """Whether to obey; asking again gives False. `now` is the wall clock."""
        if abs(now - order.at) > _YOUNG_SECONDS or order.id in self._seen:
            return False
        for known in [known for known, at in self._seen.items() if now - at > _YOUNG_SECONDS * 2]:
            del self._seen[known]
        self._seen[order.id] = now
        return True


async def obey(engine: "Engine", order: Order) -> None:
    for connection in engine.hub.connections_of(order.target.user):
        native: Native | None = getattr(connection, "native", None)
        if not _is_meant(native, order.target):
            continue
        match order.do:
            case DoDisconnect():
                _disconnect(connection, native, order.do)
            case DoUnsubscribe() if native is not None:
                native.unsubscribe(order.do.channel, order.do.code, order.do.reason)
                native.flush()
            case DoSubscribe() if native is not None:
                since = Head(order.do.since_offset, order.do.since_epoch) if order.do.since_epoch else None
                await serving.subscribe(native, order.do, since)
            case DoRefresh() if native is not None:
                serving.refresh(native, order.do, time.time())
            case _:
                # The article's protocol has neither subscriptions nor a refresh.
                continue


def _is_meant(native: Native | None, target: Target) -> bool:
    if native is None:
        return not target.client and not target.session
    return target.client in ("", native.client) and target.session in ("", native.session_id)


def _disconnect(connection: Connection, native: Native | None, do: DoDisconnect) -> None:
    if native is None:
        connection.close(Ending.FORCE_DISCONNECT)
    elif native.client not in do.spare:
        native.close(Ending.FORCE_DISCONNECT)
        native.transport.end(do.code, do.reason)
