"""`publish`, `presence`, `presence_stats`, `history`, `rpc` and `send`."""

import functools
import time
import uuid
from collections.abc import Coroutine
from typing import Any

import msgspec

from teahouse.realtime.application import CommandError, Publication, UnknownMethod
from teahouse.realtime.broker.base import BrokerAway
from teahouse.realtime.encoding import info_of, pub_of
from teahouse.realtime.namespaces import Namespace, Who, is_name
from teahouse.realtime.native.connection import Native
from teahouse.realtime.wire.centrifuge.codec import BadFrame, one_line
from teahouse.realtime.wire.centrifuge.frames import (
    ErrorReply,
    HistoryRequest,
    HistoryResult,
    PresenceRequest,
    PresenceResult,
    PresenceStatsRequest,
    PresenceStatsResult,
    PublishRequest,
    PublishResult,
    Reply,
    RPCRequest,
    RPCResult,
    SendRequest,
    embedded,
)
from teahouse.realtime.wire.codes import Ending, Error

_MOST_HISTORY = 300


def _may(native: Native, who: Who, channel: str) -> bool:
    if who == "anyone":
        return True
    if who == "signed_in":
        return bool(native.user)
    subscription = native.subscriptions.get(channel)
    return who == "subscribers" and subscription is not None and subscription.is_live


def _namespace_for(native: Native, command_id: int, channel: str) -> Namespace | None:
    """None when the command has been answered already."""
    if not channel:
        native.close(Ending.BAD_REQUEST)
        return None
    if not is_name(channel):
        native.fail(command_id, Error.BAD_REQUEST)
        return None
    namespace = native.engine.namespaces.of(channel)
    if namespace is None:
        native.fail(command_id, Error.UNKNOWN_CHANNEL)
    return namespace


def _json_in(native: Native, data: msgspec.Raw) -> bytes:
    """As others may embed it, b"" for nothing. Raises BadFrame."""
    if not native.codec.is_text:
        # Protobuf carries any bytes, and what is no JSON would be read by those who speak JSON.
        return one_line(bytes(data)) if bytes(data) else b""
    # A frame of JSON has been read, and its messages are separated by line feeds; SSE ends lines by this one too.
    return bytes(data).replace(b"\r", b"")


def publish(native: Native, command_id: int, request: PublishRequest) -> Coroutine[Any, Any, None] | None:
    namespace = _namespace_for(native, command_id, request.channel)
    if namespace is None:
        return None
    try:
        data = _json_in(native, request.data)
    except BadFrame:
        data = b""
    error = None
    if namespace.kind == "logged" or request.type:
        # Only the application that keeps its history publishes there.
        error = Error.NOT_AVAILABLE
    elif not _may(native, namespace.may_publish, request.channel):
        error = Error.PERMISSION_DENIED
    elif not data or len(data) > namespace.max_publication_bytes:
        error = Error.BAD_REQUEST
    if error is not None:
        native.fail(command_id, error)
        return None
    publication = Publication(channel=request.channel, data=data, publisher=native.info_for(request.channel))
    seconds = _turn(native)
    if seconds:
        native.hold_others()
    if not seconds and native.engine.publish_at_once(publication):
        _turn_is_over(native)
        native.session.reply(Reply(id=command_id, publish=PublishResult()))
        return None
    return _publish_later(native, command_id, publication, seconds)


async def _publish_later(native: Native, command_id: int, publication: Publication, seconds: float) -> None:
    try:
        await native.engine.wait_for_turn(seconds)
        # The same way as without waiting, or the next one may overtake it.
        if not native.engine.publish_at_once(publication):
            await native.engine.publish(publication)
    except BrokerAway:
        native.fail(command_id, Error.INTERNAL)
    else:
        native.session.reply(Reply(id=command_id, publish=PublishResult()))
    finally:
        _turn_is_over(native)


def presence(native: Native, command_id: int, request: PresenceRequest) -> Coroutine[Any, Any, None] | None:
    if not _may_read_presence(native, command_id, request.channel):
        return None
    return _presence(native, command_id, request.channel)


async def _presence(native: Native, command_id: int, channel: str) -> None:
    try:
        present = await native.engine.presence.present(channel)
    except BrokerAway:
        native.fail(command_id, Error.INTERNAL)
        return
    result = PresenceResult({client: info_of(info) for client, info in present.items()})
    native.session.reply(Reply(id=command_id, presence=result))


def presence_stats(native: Native, command_id: int, request: PresenceStatsRequest) -> Coroutine[Any, Any, None] | None:
    if not _may_read_presence(native, command_id, request.channel):
        return None
    return _presence_stats(native, command_id, request.channel)


async def _presence_stats(native: Native, command_id: int, channel: str) -> None:
    try:
        clients, users = await native.engine.presence.stats(channel)
    except BrokerAway:
        native.fail(command_id, Error.INTERNAL)
        return
    native.session.reply(Reply(id=command_id, presence_stats=PresenceStatsResult(clients, users)))


def _may_read_presence(native: Native, command_id: int, channel: str) -> bool:
    namespace = _namespace_for(native, command_id, channel)
    if namespace is None:
        return False
    if not namespace.presence:
        native.fail(command_id, Error.NOT_AVAILABLE)
        return False
    if not _may(native, namespace.may_read_presence, channel):
        native.fail(command_id, Error.PERMISSION_DENIED)
        return False
    return True


def history(native: Native, command_id: int, request: HistoryRequest) -> Coroutine[Any, Any, None] | None:
    namespace = _namespace_for(native, command_id, request.channel)
    if namespace is None:
        return None
    error = None
    if not namespace.has_history:
        error = Error.NOT_AVAILABLE
    elif not _may(native, namespace.may_read_history, request.channel):
        error = Error.PERMISSION_DENIED
    elif request.limit < -1 or (request.reverse and request.since is not None and not request.since.offset):
        error = Error.BAD_REQUEST
    if error is not None:
        native.fail(command_id, error)
        return None
    return _history(native, command_id, request)


async def _history(native: Native, command_id: int, request: HistoryRequest) -> None:
    since = request.since
    limit = _MOST_HISTORY if request.limit < 0 else min(request.limit, _MOST_HISTORY)
    try:
        page = await native.engine.history.page(
            request.channel, after=None if since is None else since.offset, limit=limit, reverse=request.reverse
        )
    except BrokerAway:
        native.fail(command_id, Error.INTERNAL)
        return
    if since is not None and since.epoch and since.epoch != page.head.epoch:
        native.fail(command_id, Error.UNRECOVERABLE_POSITION)
        return
    result = HistoryResult([pub_of(entry) for entry in page.publications], page.head.epoch, page.head.offset)
    native.session.reply(Reply(id=command_id, history=result))


def rpc(native: Native, command_id: int, request: RPCRequest) -> Coroutine[Any, Any, None] | None:
    if not native.engine.application.has_methods():
        native.fail(command_id, Error.NOT_AVAILABLE)
        return None
    try:
        data = _json_in(native, request.data)
    except BadFrame:
        native.fail(command_id, Error.BAD_REQUEST)
        return None
    seconds = _turn(native)
    if not seconds and _start(native, command_id, request.method, data):
        return None
    return _rpc(native, command_id, request.method, data, seconds)


def _start(native: Native, command_id: int, method: str, data: bytes) -> bool:
    """Whether the application has taken it; then others may begin behind it before it is answered."""
    if native.admission is None:
        return False
    if not native.engine.application.start(
        native.admission, method, data, functools.partial(_started_is_done, native, command_id)
    ):
        return False
    native.began()
    return True


def _started_is_done(native: Native, command_id: int, answer: bytes | CommandError | None) -> None:
    _turn_is_over(native)
    if answer is None:
        native.fail(command_id, Error.INTERNAL)
    elif isinstance(answer, CommandError):
        native.session.reply(Reply(id=command_id, error=ErrorReply(answer.code, str(answer), answer.is_temporary)))
    else:
        native.session.reply(Reply(id=command_id, rpc=RPCResult(msgspec.Raw(answer))))
    native.ended()


async def _rpc(native: Native, command_id: int, method: str, data: bytes, seconds: float) -> None:
    application, admission = native.engine.application, native.admission
    if admission is None:
        return
    try:
        await native.engine.wait_for_turn(seconds)
        answer = await native.engine.pool.run(application.run, admission, method, data, uuid.uuid4().hex)
    except UnknownMethod:
        native.fail(command_id, Error.METHOD_NOT_FOUND)
    except CommandError as error:
        failed = ErrorReply(error.code, str(error), error.is_temporary)
        native.session.reply(Reply(id=command_id, error=failed))
    else:
        native.session.reply(Reply(id=command_id, rpc=RPCResult(embedded(one_line(answer) if answer else b""))))
    finally:
        _turn_is_over(native)


def send(native: Native, command_id: int, request: SendRequest) -> Coroutine[Any, Any, None] | None:
    try:
        data = _json_in(native, request.data)
    except BadFrame:
        native.close(Ending.BAD_REQUEST)
        return None
    return _send(native, data, _turn(native))


async def _send(native: Native, data: bytes, seconds: float) -> None:
    admission = native.admission
    try:
        await native.engine.wait_for_turn(seconds)
        if admission is not None and not await native.engine.pool.run(native.engine.application.take, admission, data):
            native.close(Ending.NOT_AVAILABLE)
    finally:
        _turn_is_over(native)


def _turn(native: Native) -> float:
    """How long this person has to wait before the next command that changes something. `_turn_is_over` after it."""
    now = time.monotonic()
    native.engine.senders.added(native.sender, now)
    return native.engine.senders.seconds_to_wait(native.sender, now)


def _turn_is_over(native: Native) -> None:
    native.engine.senders.done(native.sender)
