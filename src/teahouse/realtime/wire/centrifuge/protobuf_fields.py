"""
Which numbers the fields of `frames.py` have in protobuf: client.proto of centrifugal/protocol v0.9.1.

Fields that Teahouse has no use for are in neither file: passed over when they come, never sent.
For `protobuf_reader.py` and `protobuf_writer.py`.
"""

from typing import NamedTuple

import msgspec
from msgspec import inspect

from teahouse.realtime.wire.centrifuge import frames


class BinaryEmulationRequest(msgspec.Struct, gc=False):
    """`frames.EmulationRequest` from a protobuf client: `data` is a frame of its codec."""

    node: str = ""
    session: str = ""
    data: bytes = b""


# A map is a list of entries.


class TextEntry(msgspec.Struct, gc=False):
    key: str = ""
    value: str = ""


class SubscribeEntry(msgspec.Struct, gc=False):
    key: str = ""
    value: frames.SubscribeRequest = msgspec.field(default_factory=frames.SubscribeRequest)


class Field(NamedTuple):
    """`kind` is what the field is when it is there."""

    name: str
    number: int
    kind: inspect.Type


def fields_of(shape: type[msgspec.Struct]) -> list[Field]:
    return _FIELDS[shape]


# fmt: off
_NUMBERS: dict[type[msgspec.Struct], dict[str, int]] = {
    frames.Command: {
        "id": 1, "connect": 4, "subscribe": 5, "unsubscribe": 6, "publish": 7, "presence": 8, "presence_stats": 9,
        "history": 10, "ping": 11, "send": 12, "rpc": 13, "refresh": 14, "sub_refresh": 15,
    },
    frames.ConnectRequest: {"token": 1, "data": 2, "subs": 3, "name": 4, "version": 5, "headers": 6},
    frames.SubscribeRequest: {
        "channel": 1, "token": 2, "recover": 3, "epoch": 6, "offset": 7, "data": 8, "positioned": 9,
        "recoverable": 10, "join_leave": 11, "delta": 12, "tf": 13, "flag": 14, "type": 15,
    },
    frames.UnsubscribeRequest: {"channel": 1},
    frames.PublishRequest: {"channel": 1, "data": 2, "type": 3},
    frames.PresenceRequest: {"channel": 1},
    frames.PresenceStatsRequest: {"channel": 1},
    frames.HistoryRequest: {"channel": 1, "limit": 7, "since": 8, "reverse": 9},
    frames.StreamPosition: {"offset": 1, "epoch": 2},
    frames.PingRequest: {},
    frames.SendRequest: {"data": 1},
    frames.RPCRequest: {"data": 1, "method": 2},
    frames.RefreshRequest: {"token": 1},
    # `type` had number 5 until v0.9.0.
    frames.SubRefreshRequest: {"channel": 1, "token": 2, "type": 3},
    BinaryEmulationRequest: {"node": 1, "session": 2, "data": 3},
    TextEntry: {"key": 1, "value": 2},
    SubscribeEntry: {"key": 1, "value": 2},

    frames.Reply: {
        "id": 1, "error": 2, "push": 4, "connect": 5, "subscribe": 6, "unsubscribe": 7, "publish": 8, "presence": 9,
        "presence_stats": 10, "history": 11, "rpc": 13, "refresh": 14, "sub_refresh": 15,
    },
    frames.ErrorReply: {"code": 1, "message": 2, "temporary": 3},
    frames.Push: {
        "channel": 2, "pub": 4, "join": 5, "leave": 6, "unsubscribe": 7, "message": 8, "subscribe": 9,
        "disconnect": 11, "refresh": 12,
    },
    frames.ClientInfo: {"user": 1, "client": 2, "conn_info": 3, "chan_info": 4},
    frames.Pub: {"data": 4, "info": 5, "offset": 6, "tags": 7},
    frames.Joined: {"info": 1},
    frames.Left: {"info": 1},
    frames.Unsubscribe: {"code": 2, "reason": 3},
    frames.Subscribe: {"recoverable": 1, "epoch": 4, "offset": 5, "positioned": 6, "data": 7},
    frames.Message: {"data": 1},
    frames.Disconnect: {"code": 1, "reason": 2, "reconnect": 3},
    frames.Refresh: {"expires": 1, "ttl": 2},
    frames.ConnectResult: {
        "client": 1, "version": 2, "expires": 3, "ttl": 4, "data": 5, "subs": 6, "ping": 7, "pong": 8, "session": 9,
        "node": 10, "time": 11,
    },
    frames.SubscribeResult: {
        "expires": 1, "ttl": 2, "recoverable": 3, "epoch": 6, "publications": 7, "recovered": 8, "offset": 9,
        "positioned": 10, "data": 11, "was_recovering": 12,
    },
    frames.UnsubscribeResult: {},
    frames.PublishResult: {},
    frames.PresenceResult: {"presence": 1},
    frames.PresenceStatsResult: {"num_clients": 1, "num_users": 2},
    frames.HistoryResult: {"publications": 1, "epoch": 2, "offset": 3},
    frames.RPCResult: {"data": 1},
    frames.RefreshResult: {"client": 1, "version": 2, "expires": 3, "ttl": 4},
    frames.SubRefreshResult: {"expires": 1, "ttl": 2},
}
# fmt: on


def _kind(kind: inspect.Type) -> inspect.Type:
    if isinstance(kind, inspect.UnionType):
        (kind,) = (one for one in kind.types if not isinstance(one, inspect.NoneType))
    return kind


SHAPES = tuple(_NUMBERS)
_FIELDS = {
    info.cls: [Field(field.name, _NUMBERS[info.cls][field.name], _kind(field.type)) for field in info.fields]
    for info in inspect.multi_type_info(SHAPES)
    if isinstance(info, inspect.StructType)
}
