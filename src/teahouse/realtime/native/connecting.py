"""`connect` and `refresh`: who it is, what it hears from the start, until when."""

import time
from collections.abc import Coroutine, Iterable, Mapping
from typing import Any

import msgspec

from teahouse import __version__
from teahouse.realtime import metrics, namespaces
from teahouse.realtime.application import Admission, Head, Heard
from teahouse.realtime.joining import Budget
from teahouse.realtime.native import subscribing
from teahouse.realtime.native.client_ids import new_client_id
from teahouse.realtime.native.connection import Native
from teahouse.realtime.native.subscriptions import Subscription, seconds_left
from teahouse.realtime.tokens import BadToken, ConnectionClaims, ServerSubscription, TokenExpired
from teahouse.realtime.wire.centrifuge.frames import (
    ConnectRequest,
    ConnectResult,
    RefreshRequest,
    RefreshResult,
    Reply,
    SubscribeResult,
    embedded,
)
from teahouse.realtime.wire.codes import Ending, Error

VERSION = f"teahouse {__version__}"

_STRANGER = ConnectionClaims(user="", expires_at=None, issued_at=0, token_id=None, sid=None, info=b"", subscriptions={})


def connect(native: Native, command_id: int, request: ConnectRequest) -> Coroutine[Any, Any, None] | None:
    claims = _claims_of(native, command_id, request.token)
    if claims is None:
        return None
    admission = Admission(
        user=claims.user,
        sid=claims.sid,
        token_id=claims.token_id,
        issued_at=claims.issued_at,
        expires_at=claims.expires_at,
    )
    if native.engine.is_draining:
        _refuse(native, Ending.DRAIN)
        return None
    return _welcome(native, command_id, request, claims, admission)


async def _welcome(
    native: Native, command_id: int, request: ConnectRequest, claims: ConnectionClaims, admission: Admission
) -> None:
    try:
        asked = await native.engine.connecting.ask(admission)
    except Exception:
        native.close(Ending.FAULT)
        raise
    if native.is_gone:
        return
    if isinstance(asked, Ending):
        _refuse(native, asked)
        return
    if claims.user and not native.engine.has_room_for(claims.user):
        _refuse(native, Ending.TOO_MANY)
        return
    native.client = new_client_id()
    native.conn_info = claims.info
    native.expires_at = claims.expires_at
    native.transport.admission = admission
    native.engine.identify(native.transport, admission.user)
    # Listened to before it is asked for good: what changes behind that answer comes by a publication.
    await native.engine.channels.listen_to(_known(native, asked))
    began, listened = time.monotonic(), set(asked)
    try:
        asked = await native.engine.connecting.ask(admission) if asked else asked
        await _reach_first(native, asked)
    except Exception:
        native.close(Ending.FAULT)
        raise
    if native.is_gone:
        return
    if isinstance(asked, Ending):
        _refuse(native, asked)
        return
    late = set(asked) - listened
    wanted = {channel: ServerSubscription() for channel in asked if channel in listened}
    if native.engine.conf.personal_channels and claims.user:
        wanted[namespaces.personal_channel_of(claims.user)] = ServerSubscription()
    wanted.update(claims.subscriptions)
    if len(wanted) > native.engine.conf.limits.max_server_subscriptions:
        _refuse(native, Ending.CHANNEL_LIMIT)
        return
    first = asked if isinstance(asked, Mapping) else {}
    results = await _server_subscriptions(native, request, wanted, first) if wanted else None
    if native.is_gone:
        return
    for channel in native.engine.rights.lost_since(began, admission.user, listened):
        if results is not None and results.pop(channel, None) is not None:
            native.drop(channel)
    _answer(native, command_id, results)
    for channel in late | native.engine.rights.gained_since(began, listened):
        native.engine.rights.open(native, channel)
    # What it has joined may be heard from now on, and what was ordered may wait.
    native.flush()
    await native.do_what_was_ordered()


async def _reach_first(native: Native, asked: Heard | Ending) -> None:
    """This process may be behind, at what was said before they came, which is not theirs."""
    if isinstance(asked, Mapping):
        for channel, first in asked.items():
            if first > 1:
                await native.engine.channels.reach(channel, first - 1)


def _known(native: Native, channels: Iterable[str]) -> list[str]:
    return [channel for channel in channels if native.engine.namespaces.of(channel)]


def _answer(native: Native, command_id: int, results: dict[str, SubscribeResult] | None) -> None:
    conf = native.engine.conf
    result = ConnectResult(
        client=native.client,
        version=VERSION,
        subs=results,
        ping=max(1, round(conf.ping_interval_seconds)),
        pong=True,
    )
    if native.expires_at is not None:
        result.expires, result.ttl = True, seconds_left(native.expires_at)
    if native.is_emulated:
        result.session, result.node = native.session_id, native.engine.node
    native.session.connected(time.monotonic())
    native.session.reply(Reply(id=command_id, connect=result))
    for channel in results or ():
        subscribing.announce(native, channel)


async def _server_subscriptions(
    native: Native, request: ConnectRequest, wanted: Mapping[str, ServerSubscription], first: Mapping[str, int]
) -> dict[str, SubscribeResult]:
    """`first` has the first offset that may be recovered, where it is not that of the channel."""
    limits = native.engine.conf.limits
    budget = Budget(publications=limits.max_recovered, total_bytes=limits.max_recovered_bytes)
    results: dict[str, SubscribeResult] = {}
    known = {channel: options for channel, options in wanted.items() if native.engine.namespaces.of(channel)}
    since = {channel: _since_in(request, channel, first.get(channel, 1)) for channel in known}
    joined = await native.engine.joining.join_all(native.transport, since, budget, lambda _: not native.is_gone)
    if native.is_gone:
        return {}
    for channel, options in known.items():
        native.subscriptions.add(channel, Subscription(is_servers=True, chan_info=options.info))
        results[channel] = subscribing.result_of(joined[channel], since[channel])
        if since[channel] is None and _is_recovering(request, channel):
            results[channel].was_recovering = True
        results[channel].data = embedded(options.data)
        subscribing.begin(native, channel)
    return results


def _is_recovering(request: ConnectRequest, channel: str) -> bool:
    asked = (request.subs or {}).get(channel)
    return asked is not None and asked.recover


def _since_in(request: ConnectRequest, channel: str, first: int) -> Head | None:
    """None too for a position from before what they may hear: nothing is recovered from there."""
    asked = (request.subs or {}).get(channel)
    if asked is None or not asked.recover or asked.offset + 1 < first:
        return None
    return Head(asked.offset, asked.epoch)


def refresh(native: Native, command_id: int, request: RefreshRequest) -> None:
    """A new token for the same person and the same channels."""
    if not request.token:
        native.close(Ending.BAD_REQUEST)
        return
    try:
        claims = native.engine.verifier.connection(request.token)
    except TokenExpired:
        native.close(Ending.TOKEN_EXPIRED)
        return
    except BadToken:
        native.close(Ending.BAD_TOKEN)
        return
    if claims.user != native.user:
        native.close(Ending.BAD_TOKEN)
        return
    ours = {channel for channel, subscription in native.subscriptions.items() if subscription.is_servers}
    if not {channel for channel in claims.subscriptions if native.engine.namespaces.of(channel)} <= ours:
        # Coming back is how what the new token adds is heard.
        native.close(Ending.INSUFFICIENT_STATE)
        return
    native.expires_at = claims.expires_at
    if native.admission is not None:
        native.engine.readmit(
            native.transport,
            msgspec.structs.replace(
                native.admission,
                sid=claims.sid,
                token_id=claims.token_id,
                issued_at=claims.issued_at,
                expires_at=claims.expires_at,
            ),
        )
    result = RefreshResult(client=native.client, version=VERSION)
    if claims.expires_at is not None:
        result.expires, result.ttl = True, seconds_left(claims.expires_at)
    native.session.reply(Reply(id=command_id, refresh=result))


def _claims_of(native: Native, command_id: int, token: str) -> ConnectionClaims | None:
    if not token:
        if native.engine.conf.allow_strangers:
            return _STRANGER
        _refuse(native, Ending.NO_TOKEN)
        return None
    try:
        claims = native.engine.verifier.connection(token)
        if claims.expires_at is not None and claims.expires_at <= time.time():
            raise TokenExpired
    except TokenExpired:
        metrics.refused.labels("token_expired").inc()
        native.session.refused()
        native.fail(command_id, Error.TOKEN_EXPIRED)
        return None
    except BadToken:
        _refuse(native, Ending.BAD_TOKEN)
        return None
    if not claims.user and not native.engine.conf.allow_strangers:
        _refuse(native, Ending.NO_TOKEN)
        return None
    return claims


def _refuse(native: Native, ending: Ending) -> None:
    metrics.refused.labels(ending.name.lower()).inc()
    native.close(ending)
