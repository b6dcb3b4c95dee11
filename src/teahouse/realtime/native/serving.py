"""What the server does to a native connection by itself: subscribe it, move its end."""

from teahouse.realtime.application import Head
from teahouse.realtime.broker.base import DoRefresh, DoSubscribe
from teahouse.realtime.encoding import pub_of
from teahouse.realtime.joining import Budget
from teahouse.realtime.native import subscribing
from teahouse.realtime.native.connection import Native
from teahouse.realtime.native.subscriptions import Subscription, seconds_left
from teahouse.realtime.wire.centrifuge.frames import Push, Refresh, Subscribe, embedded
from teahouse.realtime.wire.codes import Ending


async def subscribe(native: Native, do: DoSubscribe, since: Head | None) -> None:
    """As a server-side subscription. One that is there already stays as it is."""
    limits = native.engine.conf.limits
    if native.is_gone or do.channel in native.subscriptions or native.engine.namespaces.of(do.channel) is None:
        return
    if len(native.subscriptions) - native.subscriptions.client_side_count >= limits.max_server_subscriptions:
        native.close(Ending.CHANNEL_LIMIT)
        native.flush()
        return
    subscription = Subscription(is_servers=True, chan_info=do.info, expires_at=do.expires_at)
    native.subscriptions.add(do.channel, subscription)
    budget = Budget(publications=limits.max_recovered, total_bytes=limits.max_recovered_bytes)
    try:
        joined = await native.engine.joining.join(
            native.transport, do.channel, since, budget, lambda _: native.subscriptions.has(do.channel, subscription)
        )
    except BaseException:
        if native.subscriptions.has(do.channel, subscription):
            native.subscriptions.remove(do.channel)
        raise
    if not native.subscriptions.has(do.channel, subscription):
        return
    subscribing.begin(native, do.channel)
    push = Subscribe(data=embedded(do.data))
    if joined.head is not None:
        push.recoverable = push.positioned = True
        push.epoch, push.offset = joined.head.epoch, joined.head.offset
        if joined.is_recovered and since is not None:
            push.offset = since.offset
    native.session.push(Push(channel=do.channel, subscribe=push))
    for publication in joined.missed:
        native.session.push(Push(channel=do.channel, pub=pub_of(publication)))
    subscribing.announce(native, do.channel)
    native.flush()


def refresh(native: Native, do: DoRefresh, now: float) -> None:
    """Its end is another one now. `now` is the wall clock."""
    if do.is_expired or (do.expires_at is not None and do.expires_at <= now):
        native.close(Ending.TOKEN_EXPIRED)
    else:
        native.expires_at = do.expires_at
        push = Refresh()
        if do.expires_at is not None:
            push.expires, push.ttl = True, seconds_left(do.expires_at)
        native.session.push(Push(refresh=push))
    native.flush()
