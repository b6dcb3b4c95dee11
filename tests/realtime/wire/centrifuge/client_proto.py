"""
The messages of centrifugal/protocol v0.9.1 for Google's library, which is the peer in `test_protobuf.py`.

Written down here a second time, whole and not from our tables, so that a number that is wrong in one of them shows.
"""

import re
from typing import Any

import msgspec
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto
from google.protobuf.message import Message

# name:type=number; [type] is repeated, {type} a map from strings.
_MESSAGES = """
Error code:uint32=1 message:string=2 temporary:bool=3
EmulationRequest node:string=1 session:string=2 data:bytes=3

Command id:uint32=1 connect:ConnectRequest=4 subscribe:SubscribeRequest=5 unsubscribe:UnsubscribeRequest=6
 publish:PublishRequest=7 presence:PresenceRequest=8 presence_stats:PresenceStatsRequest=9 history:HistoryRequest=10
 ping:PingRequest=11 send:SendRequest=12 rpc:RPCRequest=13 refresh:RefreshRequest=14 sub_refresh:SubRefreshRequest=15
Reply id:uint32=1 error:Error=2 push:Push=4 connect:ConnectResult=5 subscribe:SubscribeResult=6
 unsubscribe:UnsubscribeResult=7 publish:PublishResult=8 presence:PresenceResult=9 presence_stats:PresenceStatsResult=10
 history:HistoryResult=11 ping:PingResult=12 rpc:RPCResult=13 refresh:RefreshResult=14 sub_refresh:SubRefreshResult=15

Push id:int64=1 channel:string=2 pub:Publication=4 join:Join=5 leave:Leave=6 unsubscribe:Unsubscribe=7 message:Message=8
 subscribe:Subscribe=9 connect:Connect=10 disconnect:Disconnect=11 refresh:Refresh=12
Dictionary id:string=1 data:bytes=2 data_b64:string=3
ClientInfo user:string=1 client:string=2 conn_info:bytes=3 chan_info:bytes=4
Publication data:bytes=4 info:ClientInfo=5 offset:uint64=6 tags:{string}=7 delta:bool=8 time:int64=9 channel:string=10
 key:string=11 removed:bool=12 score:sint64=13 epoch:string=14 prev_data:bytes=15 version:uint64=16
Join info:ClientInfo=1
Leave info:ClientInfo=1
Unsubscribe code:uint32=2 reason:string=3
Subscribe recoverable:bool=1 epoch:string=4 offset:uint64=5 positioned:bool=6 data:bytes=7
Message data:bytes=1
Connect client:string=1 version:string=2 data:bytes=3 subs:{SubscribeResult}=4 expires:bool=5 ttl:uint32=6 ping:uint32=7
 pong:bool=8 session:string=9 node:string=10 time:int64=11
Disconnect code:uint32=1 reason:string=2 reconnect:bool=3
Refresh expires:bool=1 ttl:uint32=2

ConnectRequest token:string=1 data:bytes=2 subs:{SubscribeRequest}=3 name:string=4 version:string=5 headers:{string}=6
 flag:int64=7 dict:string=8 profile:string=9
ConnectResult client:string=1 version:string=2 expires:bool=3 ttl:uint32=4 data:bytes=5 subs:{SubscribeResult}=6
 ping:uint32=7 pong:bool=8 session:string=9 node:string=10 time:int64=11 flag:int64=12 dict:Dictionary=13
RefreshRequest token:string=1
RefreshResult client:string=1 version:string=2 expires:bool=3 ttl:uint32=4
SubscribeRequest channel:string=1 token:string=2 recover:bool=3 epoch:string=6 offset:uint64=7 data:bytes=8
 positioned:bool=9 recoverable:bool=10 join_leave:bool=11 delta:string=12 tf:FilterNode=13 flag:int64=14 type:int32=15
 phase:int32=16 cursor:string=17 limit:int32=18 asc:bool=19
SubscribeResult expires:bool=1 ttl:uint32=2 recoverable:bool=3 epoch:string=6 publications:[Publication]=7
 recovered:bool=8 offset:uint64=9 positioned:bool=10 data:bytes=11 was_recovering:bool=12 delta:bool=13 id:int64=14
 type:int32=15 phase:int32=16 cursor:string=17 state:[Publication]=18 publish_debounce:uint32=19
KeyedItem key:string=1 version:uint64=2
TrackBatch signature:string=1 items:[KeyedItem]=2
SubRefreshRequest channel:string=1 token:string=2 type:int32=3 track:[TrackBatch]=4 untrack:[string]=5
SubRefreshResult expires:bool=1 ttl:uint32=2 items:[Publication]=3
UnsubscribeRequest channel:string=1
UnsubscribeResult
PublishRequest channel:string=1 data:bytes=2 type:int32=3 key:string=4 removed:bool=5
PublishResult
PresenceRequest channel:string=1
PresenceResult presence:{ClientInfo}=1
PresenceStatsRequest channel:string=1
PresenceStatsResult num_clients:uint32=1 num_users:uint32=2
StreamPosition offset:uint64=1 epoch:string=2
HistoryRequest channel:string=1 limit:int32=7 since:StreamPosition=8 reverse:bool=9
HistoryResult publications:[Publication]=1 epoch:string=2 offset:uint64=3
PingRequest
PingResult
RPCRequest data:bytes=1 method:string=2
RPCResult data:bytes=1
SendRequest data:bytes=1
FilterNode op:string=1 key:string=2 cmp:string=3 val:string=4 vals:[string]=5 nodes:[FilterNode]=6
"""

_PACKAGE = "centrifugal.centrifuge.protocol"
_SCALARS = {
    "bool": FieldDescriptorProto.TYPE_BOOL,
    "bytes": FieldDescriptorProto.TYPE_BYTES,
    "int32": FieldDescriptorProto.TYPE_INT32,
    "int64": FieldDescriptorProto.TYPE_INT64,
    "sint64": FieldDescriptorProto.TYPE_SINT64,
    "string": FieldDescriptorProto.TYPE_STRING,
    "uint32": FieldDescriptorProto.TYPE_UINT32,
    "uint64": FieldDescriptorProto.TYPE_UINT64,
}


def message_class(name: str) -> Any:
    return message_factory.GetMessageClass(_POOL.FindMessageTypeByName(f"{_PACKAGE}.{name}"))


def put(shape: msgspec.Struct, theirs: Message) -> None:
    """Say with `theirs` what `shape` says, but for a filter."""
    for field in msgspec.structs.fields(shape):
        value, place = getattr(shape, field.name), getattr(theirs, field.name)
        if isinstance(value, msgspec.Struct):
            place.SetInParent()
            put(value, place)
        elif isinstance(value, list):
            for item in value:
                put(item, place.add())
        elif isinstance(value, dict):
            for key, item in value.items():
                if isinstance(item, msgspec.Struct):
                    put(item, place[key])
                else:
                    place[key] = item
        elif value:
            setattr(theirs, field.name, bytes(value) if isinstance(value, msgspec.Raw) else value)


def _file() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(name="client.proto", package=_PACKAGE, syntax="proto3")
    for line in re.sub(r"\n (?=\w)", " ", _MESSAGES).split("\n"):
        if line:
            name, *fields = line.split()
            message = file.message_type.add(name=name)
            for field in fields:
                _add_field(message, *re.split("[:=]", field))
    return file


def _add_field(message: DescriptorProto, name: str, kind: str, number: str) -> None:
    field = message.field.add(name=name, number=int(number), label=FieldDescriptorProto.LABEL_OPTIONAL)
    if kind[0] in "[{":
        field.label = FieldDescriptorProto.LABEL_REPEATED
    if kind[0] == "{":
        entry = message.nested_type.add(name=f"{name.title().replace('_', '')}Entry")
        entry.options.map_entry = True
        _add_field(entry, "key", "string", "1")
        _add_field(entry, "value", kind[1:-1], "2")
        kind = f"{message.name}.{entry.name}"
    kind = kind.strip("[]")
    if kind in _SCALARS:
        field.type = _SCALARS[kind]
    else:
        field.type = FieldDescriptorProto.TYPE_MESSAGE
        field.type_name = f".{_PACKAGE}.{kind}"


_POOL = descriptor_pool.DescriptorPool()
_POOL.Add(_file())
