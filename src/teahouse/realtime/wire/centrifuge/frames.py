"""
The shapes of the Centrifuge protocol, one struct each, the same for JSON and protobuf.

`data` fields and infos are the encoded bytes of whoever wrote them and stay byte for byte what they were: a
`msgspec.Raw`, which is empty when there is none. In JSON they are embedded JSON, in protobuf bytes.
Unknown fields are passed over (forward compatibility); what is empty is left out.
"""

from typing import Annotated, TypeAlias

import msgspec

NOTHING = msgspec.Raw(b"")


def embedded(data: bytes) -> msgspec.Raw:
    """JSON or bytes as they are. Only NOTHING itself is left out where there is none."""
    return msgspec.Raw(data) if data else NOTHING


_Int32: TypeAlias = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
_Int64: TypeAlias = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_Id: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]
# JavaScript keeps offsets in a double.
_Offset: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class _Shape(msgspec.Struct, omit_defaults=True, gc=False):
    pass


# From clients.


class SubscribeRequest(_Shape):
    channel: str = ""
    token: str = ""
    recover: bool = False
    epoch: str = ""
    offset: _Offset = 0
    data: msgspec.Raw = NOTHING
    positioned: bool = False
    recoverable: bool = False
    join_leave: bool = False
    delta: str = ""
    # A filter by tags; refused, so its shape does not matter.
    tf: msgspec.Raw = NOTHING
    flag: _Int64 = 0
    type: _Int32 = 0


class ConnectRequest(_Shape):
    token: str = ""
    data: msgspec.Raw = NOTHING
    subs: dict[str, SubscribeRequest] | None = None
    name: str = ""
    version: str = ""
    headers: dict[str, str] | None = None


class UnsubscribeRequest(_Shape):
    channel: str = ""


class PublishRequest(_Shape):
    channel: str = ""
    data: msgspec.Raw = NOTHING
    type: _Int32 = 0


class PresenceRequest(_Shape):
    channel: str = ""


class PresenceStatsRequest(_Shape):
    channel: str = ""


class StreamPosition(_Shape):
    offset: _Offset = 0
    epoch: str = ""


class HistoryRequest(_Shape):
    channel: str = ""
    limit: _Int32 = 0
    since: StreamPosition | None = None
    reverse: bool = False


class RPCRequest(_Shape):
    data: msgspec.Raw = NOTHING
    method: str = ""


class SendRequest(_Shape):
    data: msgspec.Raw = NOTHING


class PingRequest(_Shape):
    pass


class RefreshRequest(_Shape):
    token: str = ""


class SubRefreshRequest(_Shape):
    channel: str = ""
    token: str = ""
    type: _Int32 = 0


Request: TypeAlias = (
    ConnectRequest
    | SubscribeRequest
    | UnsubscribeRequest
    | PublishRequest
    | PresenceRequest
    | PresenceStatsRequest
    | HistoryRequest
    | RPCRequest
    | SendRequest
    | RefreshRequest
    | SubRefreshRequest
)


class Command(_Shape):
    """One request with its id. Without either it is a pong. When there are several, the first in this order counts."""

    id: _Id = 0
    connect: ConnectRequest | None = None
    subscribe: SubscribeRequest | None = None
    unsubscribe: UnsubscribeRequest | None = None
    publish: PublishRequest | None = None
    presence: PresenceRequest | None = None
    presence_stats: PresenceStatsRequest | None = None
    history: HistoryRequest | None = None
    ping: PingRequest | None = None
    send: SendRequest | None = None
    rpc: RPCRequest | None = None
    refresh: RefreshRequest | None = None
    sub_refresh: SubRefreshRequest | None = None


# To clients.


class ClientInfo(msgspec.Struct, gc=False):
    """Who published, joined or left. `user` and `client` are always there, the infos only when there are any."""

    user: str
    client: str
    conn_info: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    chan_info: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class Pub(_Shape):
    data: msgspec.Raw
    info: ClientInfo | None = None
    offset: _Offset = 0
    tags: dict[str, str] | None = None


class Joined(_Shape):
    info: ClientInfo


class Left(_Shape):
    info: ClientInfo


class Unsubscribe(_Shape):
    code: int = 0
    reason: str = ""


class Subscribe(_Shape):
    recoverable: bool = False
    epoch: str = ""
    offset: _Offset = 0
    positioned: bool = False
    data: msgspec.Raw = NOTHING


class Message(_Shape):
    data: msgspec.Raw


class Disconnect(_Shape):
    code: int = 0
    reason: str = ""
    reconnect: bool = False


class Refresh(_Shape):
    expires: bool = False
    ttl: int = 0


class Push(_Shape):
    """Exactly one of the others beside the channel."""

    channel: str = ""
    pub: Pub | None = None
    join: Joined | None = None
    leave: Left | None = None
    unsubscribe: Unsubscribe | None = None
    message: Message | None = None
    subscribe: Subscribe | None = None
    disconnect: Disconnect | None = None
    refresh: Refresh | None = None


class ErrorReply(_Shape):
    code: int
    message: str
    temporary: bool = False


class SubscribeResult(_Shape):
    expires: bool = False
    ttl: int = 0
    recoverable: bool = False
    epoch: str = ""
    publications: list[Pub] | None = None
    recovered: bool = False
    offset: _Offset = 0
    positioned: bool = False
    data: msgspec.Raw = NOTHING
    was_recovering: bool = False


class ConnectResult(_Shape):
    client: str = ""
    version: str = ""
    expires: bool = False
    ttl: int = 0
    data: msgspec.Raw = NOTHING
    subs: dict[str, SubscribeResult] | None = None
    ping: int = 0
    pong: bool = False
    session: str = ""
    node: str = ""
    time: int = 0


class UnsubscribeResult(_Shape):
    pass


class PublishResult(_Shape):
    pass


class PresenceResult(msgspec.Struct):
    presence: dict[str, ClientInfo]


class PresenceStatsResult(msgspec.Struct):
    num_clients: int
    num_users: int


class HistoryResult(msgspec.Struct):
    """All three are always there."""

    publications: list[Pub]
    epoch: str
    offset: int


class RPCResult(_Shape):
    data: msgspec.Raw = NOTHING


class RefreshResult(_Shape):
    client: str = ""
    version: str = ""
    expires: bool = False
    ttl: int = 0


class SubRefreshResult(_Shape):
    expires: bool = False
    ttl: int = 0


class Reply(_Shape):
    """The answer to a command: one result or an error; or, without an id, a push. Empty it is the server's ping."""

    id: int = 0
    error: ErrorReply | None = None
    push: Push | None = None
    connect: ConnectResult | None = None
    subscribe: SubscribeResult | None = None
    unsubscribe: UnsubscribeResult | None = None
    publish: PublishResult | None = None
    presence: PresenceResult | None = None
    presence_stats: PresenceStatsResult | None = None
    history: HistoryResult | None = None
    rpc: RPCResult | None = None
    refresh: RefreshResult | None = None
    sub_refresh: SubRefreshResult | None = None


class EmulationRequest(_Shape):
    """What a client of http_stream or SSE sends: `data` are commands, in JSON within a string."""

    node: str = ""
    session: str = ""
    data: str = ""
