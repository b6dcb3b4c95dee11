"""`subscribe`, `unsubscribe` and `sub_refresh`: who may hear what, from which position on."""

import time
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

from teahouse.realtime import metrics, namespaces
from teahouse.realtime.application import Head
from teahouse.realtime.encoding import pub_of
from teahouse.realtime.joining import Budget, Joined
from teahouse.realtime.namespaces import Namespace
from teahouse.realtime.native.connection import Native
from teahouse.realtime.native.subscriptions import Subscription, seconds_left
from teahouse.realtime.tokens import BadToken, SubscriptionClaims, TokenExpired
from teahouse.realtime.wire.centrifuge.frames import (
    NOTHING,
    Reply,
    SubRefreshRequest,
    SubRefreshResult,
    SubscribeRequest,
    SubscribeResult,
    UnsubscribeRequest,
    UnsubscribeResult,
    embedded,
)
from teahouse.realtime.wire.codes import Ending, Error

# Bits of `flag`: whether the client would rather be refused than begin anew.
_REJECT_UNRECOVERED = 2


class _Asked(NamedTuple):
    """A subscribe command on its way."""

    command_id: int
    request: SubscribeRequest
    subscription: Subscription
    since: Head | None
    # Of the token, for the client.
    data: bytes

    def is_wanted(self, native: Native) -> bool:
        return native.subscriptions.has(self.request.channel, self.subscription)

    def give_up(self, native: Native) -> None:
        if self.is_wanted(native):
            native.subscriptions.remove(self.request.channel)


def subscribe(native: Native, command_id: int, request: SubscribeRequest) -> Coroutine[Any, Any, None] | None:
    channel = request.channel
    if not channel or request.delta not in ("", "fossil"):
        native.close(Ending.BAD_REQUEST)
        return None
    error = _refusal_of(native, request)
    if error is not None:
        native.fail(command_id, error)
        return None
    namespace = native.engine.namespaces.of(channel)
    if namespace is None:
        native.fail(command_id, Error.UNKNOWN_CHANNEL)
        return None
    claims: SubscriptionClaims | None = None
    if request.token:
        claims = _claims_of(native, command_id, channel, request.token)
        if claims is None:
            return None
    may = True if claims is not None else _may_subscribe(native, namespace, channel)
    if may is False:
        native.fail(command_id, Error.PERMISSION_DENIED)
        return None
    subscription = Subscription(
        hears_presence=namespace.push_join_leave or (namespace.join_leave and request.join_leave),
        chan_info=b"" if claims is None else claims.info,
        expires_at=None if claims is None else claims.expires_at,
    )
    native.subscriptions.add(channel, subscription)
    data = b"" if claims is None else claims.data
    asked = _Asked(command_id, request, subscription, _since_of(native, request), data)
    if may is True and _subscribe_at_once(native, asked):
        return None
    return _subscribe_later(native, asked, None if may is True else may)


def _refusal_of(native: Native, request: SubscribeRequest) -> Error | None:
    if not namespaces.is_name(request.channel):
        return Error.BAD_REQUEST
    if request.channel in native.subscriptions:
        return Error.ALREADY_SUBSCRIBED
    if native.subscriptions.client_side_count >= native.engine.conf.limits.max_subscriptions:
        return Error.LIMIT_EXCEEDED
    if request.type:
        return Error.NOT_AVAILABLE
    if request.tf is NOTHING or bytes(request.tf) in (b"", b"null"):
        return None
    return Error.BAD_REQUEST


def _claims_of(native: Native, command_id: int, channel: str, token: str) -> SubscriptionClaims | None:
    try:
        claims = native.engine.verifier.subscription(token)
    except TokenExpired:
        native.fail(command_id, Error.TOKEN_EXPIRED)
        return None
    except BadToken:
        native.fail(command_id, Error.PERMISSION_DENIED)
        return None
    if not _is_for(native, claims, channel):
        native.close(Ending.BAD_TOKEN)
        return None
    if claims.expires_at is not None and claims.expires_at <= time.time():
        native.fail(command_id, Error.EXPIRED)
        return None
    return claims


def _is_for(native: Native, claims: SubscriptionClaims, channel: str) -> bool:
    return claims.channel == channel and claims.user == native.user and claims.client in ("", native.client)


def _may_subscribe(native: Native, namespace: Namespace, channel: str) -> bool | Callable[[], bool]:
    """Without a token. A callable has to be asked in a thread."""
    if namespaces.is_private(channel):
        return False
    users = namespaces.users_of(channel)
    if users is not None:
        return bool(native.user) and native.user in users
    rule = namespace.may_subscribe
    if rule == "anyone":
        return True
    if rule == "signed_in":
        return bool(native.user)
    if rule == "token" or native.admission is None:
        return False
    if rule == "application":
        admission = native.admission
        return lambda: native.engine.application.may_subscribe(admission, channel)
    function = native.engine.function_at(rule)
    return lambda: function(native.user, channel)


def _since_of(native: Native, request: SubscribeRequest) -> Head | None:
    if not request.recover or not native.engine.history.has(request.channel):
        return None
    return Head(request.offset, request.epoch)


def _budget(native: Native) -> Budget:
    limits = native.engine.conf.limits
    return Budget(publications=limits.max_recovered, total_bytes=limits.max_recovered_bytes)


def _accepts(native: Native, asked: _Asked) -> Callable[[Joined], bool]:
    def accepts(joined: Joined) -> bool:
        if not asked.is_wanted(native):
            return False
        return joined.is_recovered or asked.since is None or not asked.request.flag & _REJECT_UNRECOVERED

    return accepts


def _subscribe_at_once(native: Native, asked: _Asked) -> bool:
    joined = native.engine.joining.join_at_once(
        native.transport, asked.request.channel, asked.since, _budget(native), _accepts(native, asked)
    )
    if joined is None:
        return False
    _answer(native, asked, joined)
    return True


async def _subscribe_later(native: Native, asked: _Asked, may: Callable[[], bool] | None) -> None:
    """`may` is still to be asked."""
    try:
        if may is not None and not await native.engine.pool.run(may):
            asked.give_up(native)
            native.fail(asked.command_id, Error.PERMISSION_DENIED)
            return
        joined = await native.engine.joining.join(
            native.transport, asked.request.channel, asked.since, _budget(native), _accepts(native, asked)
        )
    except BaseException:
        asked.give_up(native)
        raise
    if native.is_gone:
        return
    if not asked.is_wanted(native):
        # Taken away by the server meanwhile.
        native.fail(asked.command_id, Error.PERMISSION_DENIED)
        return
    _answer(native, asked, joined)


def _answer(native: Native, asked: _Asked, joined: Joined) -> None:
    result = result_of(joined, asked.since)
    if result.was_recovering and not result.recovered and asked.request.flag & _REJECT_UNRECOVERED:
        asked.give_up(native)
        native.fail(asked.command_id, Error.UNRECOVERABLE_POSITION)
        return
    expires_at = asked.subscription.expires_at
    if expires_at is not None:
        result.expires, result.ttl = True, seconds_left(expires_at)
    result.data = embedded(asked.data)
    begin(native, asked.request.channel)
    native.session.reply(Reply(id=asked.command_id, subscribe=result))
    announce(native, asked.request.channel)


def result_of(joined: Joined, since: Head | None) -> SubscribeResult:
    if joined.head is None:
        return SubscribeResult()
    result = SubscribeResult(recoverable=True, positioned=True, epoch=joined.head.epoch, offset=joined.head.offset)
    if since is not None:
        result.was_recovering = True
        result.recovered = joined.is_recovered
        metrics.recoveries.labels("recovered" if joined.is_recovered else "not_recovered").inc()
        if joined.is_recovered:
            # The client goes on from where it was, by the publications.
            result.offset = since.offset
            result.publications = [pub_of(publication) for publication in joined.missed] or None
    return result


def begin(native: Native, channel: str) -> None:
    """It has joined: what else a subscription brings."""
    subscription = native.subscriptions[channel]
    subscription.is_live = True
    native.subscriptions.note_end(subscription.expires_at)
    namespace = native.engine.namespaces.of(channel)
    if subscription.is_servers and namespace is not None and namespace.push_join_leave:
        subscription.hears_presence = True
    if subscription.hears_presence:
        native.engine.hear_presence(native.transport, channel)


def announce(native: Native, channel: str) -> None:
    """Tell others, once the answer stands before what they are told."""
    native.engine.presence_came(channel, native.info_for(channel))


def unsubscribe(native: Native, command_id: int, request: UnsubscribeRequest) -> None:
    """Not being subscribed is as good."""
    if not request.channel:
        native.close(Ending.BAD_REQUEST)
        return
    native.drop(request.channel)
    native.session.reply(Reply(id=command_id, unsubscribe=UnsubscribeResult()))


def sub_refresh(native: Native, command_id: int, request: SubRefreshRequest) -> None:
    # The Python SDK (0.5.0) leaves the channel to the token.
    request.channel = request.channel or _channel_in(native, request.token)
    if not request.channel:
        native.close(Ending.BAD_REQUEST)
        return
    subscription = native.subscriptions.get(request.channel)
    if request.type:
        native.fail(command_id, Error.NOT_AVAILABLE)
    elif not request.token:
        native.fail(command_id, Error.BAD_REQUEST)
    elif subscription is None or subscription.is_servers:
        native.fail(command_id, Error.PERMISSION_DENIED)
    else:
        _renew(native, command_id, request, subscription)


def _channel_in(native: Native, token: str) -> str:
    """ "" for a token that is none."""
    try:
        return native.engine.verifier.subscription(token).channel if token else ""
    except (TokenExpired, BadToken):
        return ""


def _renew(native: Native, command_id: int, request: SubRefreshRequest, subscription: Subscription) -> None:
    try:
        claims = native.engine.verifier.subscription(request.token)
    except TokenExpired:
        native.fail(command_id, Error.EXPIRED)
        return
    except BadToken:
        native.close(Ending.BAD_TOKEN)
        return
    if not _is_for(native, claims, request.channel):
        native.close(Ending.BAD_TOKEN)
        return
    subscription.expires_at = claims.expires_at
    native.subscriptions.note_end(claims.expires_at)
    result = SubRefreshResult()
    if claims.expires_at is not None:
        result.expires, result.ttl = True, seconds_left(claims.expires_at)
    native.session.reply(Reply(id=command_id, sub_refresh=result))
