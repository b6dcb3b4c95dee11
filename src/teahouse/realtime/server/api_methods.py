"""
What the methods of the server API do, whatever carries them. Whoever calls holds the site's key, so nobody is asked
whether they may; only what is no channel, no JSON or too large is refused.
"""

import asyncio
import base64
import binascii
import logging
import secrets
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import msgspec

from teahouse.realtime import metrics
from teahouse.realtime.application import Publication
from teahouse.realtime.broker.base import (
    BrokerAway,
    Do,
    DoDisconnect,
    DoRefresh,
    DoSubscribe,
    DoUnsubscribe,
    Order,
    Target,
)
from teahouse.realtime.encoding import info_of, pub_of
from teahouse.realtime.engine import Engine
from teahouse.realtime.namespaces import Namespace, is_name
from teahouse.realtime.server import api_shapes as shapes
from teahouse.realtime.server.api_shapes import Done, Failed, Response, Result
from teahouse.realtime.store.base import Terms
from teahouse.realtime.wire.centrifuge.codec import BadFrame, one_line
from teahouse.realtime.wire.centrifuge.frames import HistoryResult, PresenceResult, PresenceStatsResult
from teahouse.realtime.wire.codes import CLOSE_CODES, MOST_REASON_BYTES, Ending, Error, Unsubscribed

logger = logging.getLogger(__name__)

_AT_ONCE = 256
_MOST_HISTORY = 1_000
_MOST_KEY_CHARS = 255

T = TypeVar("T")
R = TypeVar("R")
Method: TypeAlias = Callable[[Engine, Any], Coroutine[Any, Any, Result]]


class _Refused(Exception):
    def __init__(self, error: Error) -> None:
        super().__init__(error.message)
        self.error = error


async def call(engine: Engine, name: str, params: object) -> Result | Failed:
    """Do what the method `name` of `METHODS` does. Never raises."""
    try:
        result = await METHODS[name][1](engine, params)
    except _Refused as refused:
        error = refused.error
    except BrokerAway as away:
        logger.warning("The server API could not %s: %s", name, away)
        error = Error.INTERNAL
    except Exception:
        logger.exception("A call of the server API failed.")
        metrics.faults.inc()
        error = Error.INTERNAL
    else:
        metrics.api_calls.labels(name, "ok").inc()
        return result
    metrics.api_calls.labels(name, str(error.code)).inc()
    return Failed(error.code, error.message)


async def call_all(engine: Engine, batch: shapes.Batch) -> shapes.BatchResult:
    """One after the other, or, with `parallel`, in any order."""
    commands = batch.commands or []
    at_once = _AT_ONCE if batch.parallel else 1
    return shapes.BatchResult(await _in_turns(commands, lambda command: _reply(engine, command), at_once))


async def _reply(engine: Engine, command: shapes.Command | None) -> dict[str, Result | Failed]:
    for name in METHODS:
        params = getattr(command, name, None)
        if params is not None:
            answer = await call(engine, name, params)
            return {"error" if isinstance(answer, Failed) else name: answer}
    error = Error.BAD_REQUEST if command is None else Error.METHOD_NOT_FOUND
    return {"error": Failed(error.code, error.message)}


async def _in_turns(items: Sequence[T], act: Callable[[T], Coroutine[Any, Any, R]], at_once: int) -> list[R]:
    """What `act` gives for each, in the order of the items."""
    results: list[R] = []
    for start in range(0, len(items), at_once):
        results += await asyncio.gather(*(act(item) for item in items[start : start + at_once]))
    return results


# Publishing.


async def publish(engine: Engine, params: shapes.Publish) -> shapes.PublishResult:
    return await _publish(engine, params.channel or "", _data_of(params), params)


async def broadcast(engine: Engine, params: shapes.Broadcast) -> shapes.BroadcastResult:
    if not params.channels:
        raise _Refused(Error.BAD_REQUEST)
    data = _data_of(params)

    async def publish_in(channel: str) -> Response:
        try:
            return Response(result=await _publish(engine, channel, data, params))
        except _Refused as refused:
            error = refused.error
        except BrokerAway:
            error = Error.INTERNAL
        return Response(error=Failed(error.code, error.message))

    return shapes.BroadcastResult(await _in_turns(params.channels, publish_in, _AT_ONCE))


async def _publish(
    engine: Engine, channel: str, data: bytes, params: shapes.Publish | shapes.Broadcast
) -> shapes.PublishResult:
    namespace = _namespace_of(engine, channel)
    if namespace.kind == "logged":
        # Only the application that keeps its history publishes there, signals too.
        raise _Refused(Error.NOT_AVAILABLE)
    key = params.idempotency_key or ""
    if len(data) > namespace.max_publication_bytes or len(key) > _MOST_KEY_CHARS:
        raise _Refused(Error.BAD_REQUEST)
    publication = Publication(channel=channel, data=data, tags=params.tags or None)
    if params.skip_history:
        await engine.signal(publication)
        return shapes.PublishResult()
    terms = Terms(
        size=namespace.history_size,
        seconds=namespace.history_seconds,
        idempotency_key=key,
        version=params.version or 0,
        version_epoch=params.version_epoch or "",
    )
    head = await engine.publish(publication, terms)
    return shapes.PublishResult(head.offset, head.epoch)


def _data_of(params: shapes.Publish | shapes.Broadcast) -> bytes:
    data = _json_of(params.data, params.b64data)
    if not data:
        raise _Refused(Error.BAD_REQUEST)
    return data


def _json_of(data: msgspec.Raw, b64data: str | None) -> bytes:
    """As it was sent, on one line; b"" when there is none."""
    try:
        sent = base64.b64decode(b64data, validate=True) if b64data else bytes(data)
        return one_line(sent) if sent else b""
    except (BadFrame, binascii.Error, ValueError):
        raise _Refused(Error.BAD_REQUEST) from None


# Connections.


async def subscribe(engine: Engine, params: shapes.Subscribe) -> Done:
    channel = params.channel or ""
    _namespace_of(engine, channel)
    since = params.recover_since
    do = DoSubscribe(
        channel=channel,
        info=_unless_null(_json_of(params.info, params.b64info)),
        data=_unless_null(_json_of(params.data, params.b64data)),
        expires_at=params.expire_at or None,
        since_offset=0 if since is None else since.offset,
        since_epoch="" if since is None else since.epoch,
    )
    return await _order(engine, params, do)


async def unsubscribe(engine: Engine, params: shapes.Unsubscribe) -> Done:
    channel = params.channel or ""
    _namespace_of(engine, channel)
    do = DoUnsubscribe(channel=channel, code=Unsubscribed.SERVER, reason="server unsubscribe")
    return await _order(engine, params, do)


async def disconnect(engine: Engine, params: shapes.Disconnect) -> Done:
    closing = params.disconnect or shapes.Closing()
    code = closing.code or Ending.FORCE_DISCONNECT.native
    reason = closing.reason or ("" if closing.code else "force disconnect")
    if code not in CLOSE_CODES or len(reason.encode()) > MOST_REASON_BYTES:
        raise _Refused(Error.BAD_REQUEST)
    return await _order(engine, params, DoDisconnect(code=code, reason=reason, spare=tuple(params.whitelist or ())))


async def refresh(engine: Engine, params: shapes.Refresh) -> Done:
    do = DoRefresh(expires_at=params.expire_at or None, is_expired=bool(params.expired))
    return await _order(engine, params, do)


async def _order(
    engine: Engine, who: shapes.Subscribe | shapes.Unsubscribe | shapes.Disconnect | shapes.Refresh, do: Do
) -> Done:
    if who.user is None:
        # Nobody means everybody without a name because they forgot to say whom.
        raise _Refused(Error.BAD_REQUEST)
    target = Target(user=who.user, client=who.client or "", session=who.session or "")
    await engine.order(Order(id=secrets.token_hex(8), at=time.time(), target=target, do=do))
    return Done()


def _unless_null(data: bytes) -> bytes:
    return b"" if data == b"null" else data


# Asking.


async def presence(engine: Engine, params: shapes.OfChannel) -> PresenceResult:
    channel = _channel_with_presence(engine, params)
    present = await engine.presence.present(channel)
    return PresenceResult({client: info_of(info) for client, info in present.items()})


async def presence_stats(engine: Engine, params: shapes.OfChannel) -> PresenceStatsResult:
    return PresenceStatsResult(*await engine.presence.stats(_channel_with_presence(engine, params)))


def _channel_with_presence(engine: Engine, params: shapes.OfChannel) -> str:
    channel = params.channel or ""
    if not _namespace_of(engine, channel).presence:
        raise _Refused(Error.NOT_AVAILABLE)
    return channel


async def history(engine: Engine, params: shapes.History) -> HistoryResult:
    channel, since, limit = params.channel or "", params.since, params.limit or 0
    if not _namespace_of(engine, channel).has_history:
        raise _Refused(Error.NOT_AVAILABLE)
    if limit < -1 or (params.reverse and since is not None and not since.offset):
        raise _Refused(Error.BAD_REQUEST)
    page = await engine.history.page(
        channel,
        after=None if since is None else since.offset,
        limit=_MOST_HISTORY if limit < 0 else min(limit, _MOST_HISTORY),
        reverse=bool(params.reverse),
    )
    if since is not None and since.epoch and since.epoch != page.head.epoch:
        raise _Refused(Error.UNRECOVERABLE_POSITION)
    return HistoryResult([pub_of(entry) for entry in page.publications], page.head.epoch, page.head.offset)


async def history_remove(engine: Engine, params: shapes.OfChannel) -> Done:
    channel = params.channel or ""
    if _namespace_of(engine, channel).kind != "kept":
        raise _Refused(Error.NOT_AVAILABLE)
    await engine.remove_history(channel)
    return Done()


async def channels(engine: Engine, params: shapes.Channels) -> shapes.ChannelsResult:
    counts = await engine.survey.channels(params.pattern or "")
    return shapes.ChannelsResult({channel: shapes.ChannelInfo(count) for channel, count in counts.items()})


async def info(engine: Engine, _: shapes.Info) -> shapes.InfoResult:
    return shapes.InfoResult(await engine.survey.nodes())


def _namespace_of(engine: Engine, channel: str) -> Namespace:
    if not is_name(channel):
        raise _Refused(Error.BAD_REQUEST)
    namespace = engine.namespaces.of(channel)
    if namespace is None:
        raise _Refused(Error.UNKNOWN_CHANNEL)
    return namespace


# By name, with the shape of what it takes; in the order in which a command of a batch is looked at.
METHODS: Mapping[str, tuple[type, Method]] = {
    "publish": (shapes.Publish, publish),
    "broadcast": (shapes.Broadcast, broadcast),
    "subscribe": (shapes.Subscribe, subscribe),
    "unsubscribe": (shapes.Unsubscribe, unsubscribe),
    "disconnect": (shapes.Disconnect, disconnect),
    "history": (shapes.History, history),
    "history_remove": (shapes.OfChannel, history_remove),
    "presence": (shapes.OfChannel, presence),
    "presence_stats": (shapes.OfChannel, presence_stats),
    "info": (shapes.Info, info),
    "refresh": (shapes.Refresh, refresh),
    "channels": (shapes.Channels, channels),
}
