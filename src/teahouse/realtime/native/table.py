"""Which function does which command of the Centrifuge protocol."""

from collections.abc import Mapping

from teahouse.realtime.native import asking, connecting, subscribing
from teahouse.realtime.native.connection import Handler
from teahouse.realtime.wire.centrifuge import frames

HANDLERS: Mapping[type, Handler] = {
    frames.ConnectRequest: connecting.connect,
    frames.RefreshRequest: connecting.refresh,
    frames.SubscribeRequest: subscribing.subscribe,
    frames.UnsubscribeRequest: subscribing.unsubscribe,
    frames.SubRefreshRequest: subscribing.sub_refresh,
    frames.PublishRequest: asking.publish,
    frames.PresenceRequest: asking.presence,
    frames.PresenceStatsRequest: asking.presence_stats,
    frames.HistoryRequest: asking.history,
    frames.RPCRequest: asking.rpc,
    frames.SendRequest: asking.send,
}
