"""One change on its way into the log: what happened, in which channels. Pure data."""

import datetime

import msgspec

from teahouse.chat.models import Message, NoticePush, Room


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """At most one publication per channel. `channel` is the name; what it is about may be any of the three."""

    channel: str
    kind: str
    actor_id: int | None
    at: datetime.datetime
    room: Room | None = None
    message: Message | None = None
    notice_push: NoticePush | None = None
