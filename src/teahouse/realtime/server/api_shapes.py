"""
What the server API takes and gives, one struct each, as Centrifugo's `api.proto` has it. The answers that clients of
the native door get too are those of `wire/centrifuge/frames.py`.

A `null` is as good as a missing field, and unknown fields are passed over.
"""

from typing import Annotated, TypeAlias

import msgspec

from teahouse.realtime.survey import Node
from teahouse.realtime.wire.centrifuge.frames import (
    NOTHING,
    HistoryResult,
    PresenceResult,
    PresenceStatsResult,
    StreamPosition,
)

# Redis counts versions in a double.
_Version: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


# What it takes.


class _Publishing(msgspec.Struct):
    """Of `b64data` and `data` the first counts; it has to hold JSON too. `delta` is taken and changes nothing."""

    data: msgspec.Raw = NOTHING
    b64data: str | None = None
    skip_history: bool | None = None
    tags: dict[str, str] | None = None
    idempotency_key: str | None = None
    version: _Version | None = None
    version_epoch: str | None = None


class Publish(_Publishing):
    channel: str | None = None


class Broadcast(_Publishing):
    channels: list[str] | None = None


class _Connections(msgspec.Struct):
    """Those of a user ("" is everybody without a name), or of these the one with this `client` or `session`."""

    user: str | None = None
    client: str | None = None
    session: str | None = None


class Subscribe(_Connections):
    """`info` and `data` are JSON, also in their `b64` forms, which count first. `expire_at` is seconds since 1970."""

    channel: str | None = None
    info: msgspec.Raw = NOTHING
    b64info: str | None = None
    data: msgspec.Raw = NOTHING
    b64data: str | None = None
    recover_since: StreamPosition | None = None
    expire_at: int | None = None


class Unsubscribe(_Connections):
    channel: str | None = None


class Closing(msgspec.Struct):
    code: int | None = None
    reason: str | None = None


class Disconnect(_Connections):
    # Clients that stay.
    whitelist: list[str] | None = None
    disconnect: Closing | None = None


class Refresh(_Connections):
    expired: bool | None = None
    expire_at: int | None = None


class OfChannel(msgspec.Struct):
    channel: str | None = None


class History(OfChannel):
    limit: int | None = None
    since: StreamPosition | None = None
    reverse: bool | None = None


class Channels(msgspec.Struct):
    pattern: str | None = None


class Info(msgspec.Struct):
    pass


class Command(msgspec.Struct):
    """One of a batch. When there are several, the first in this order counts."""

    publish: Publish | None = None
    broadcast: Broadcast | None = None
    subscribe: Subscribe | None = None
    unsubscribe: Unsubscribe | None = None
    disconnect: Disconnect | None = None
    history: History | None = None
    history_remove: OfChannel | None = None
    presence: OfChannel | None = None
    presence_stats: OfChannel | None = None
    info: Info | None = None
    refresh: Refresh | None = None
    channels: Channels | None = None


class Batch(msgspec.Struct):
    commands: list[Command | None] | None = None
    parallel: bool | None = None


# What it gives.


class Done(msgspec.Struct):
    """There is nothing to say but that."""


class PublishResult(msgspec.Struct, omit_defaults=True):
    """Where the channel is now; empty where there is no history."""

    offset: int = 0
    epoch: str = ""


class Failed(msgspec.Struct):
    code: int
    message: str


class Response(msgspec.Struct, omit_defaults=True):
    """One of the two."""

    result: "Result | None" = None
    error: Failed | None = None


class BroadcastResult(msgspec.Struct):
    """In the order of the channels."""

    responses: list[Response]


class ChannelInfo(msgspec.Struct):
    num_clients: int


class ChannelsResult(msgspec.Struct):
    channels: dict[str, ChannelInfo]


class InfoResult(msgspec.Struct):
    nodes: list[Node]


class BatchResult(msgspec.Struct):
    """In the order of the commands: by the name of the method its result, or `error`."""

    replies: list[dict[str, "Result | Failed"]]


Result: TypeAlias = (
    Done
    | PublishResult
    | BroadcastResult
    | HistoryResult
    | PresenceResult
    | PresenceStatsResult
    | ChannelsResult
    | InfoResult
)
