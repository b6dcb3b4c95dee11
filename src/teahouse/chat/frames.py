"""
What a publication says, as types: the data of `realtime` publications. Encoded here and nowhere else.

Each sets what it speaks of, so that hearing it late or twice changes nothing. Times are milliseconds since 1970; who is
named by None was deleted; fields that are empty are left out. On the wire each also has the publication's `offset`.
"""

import datetime

import msgspec


class Reaction(msgspec.Struct, frozen=True):
    """`users` in the order in which they came."""

    emoji: str
    users: list[int]


class Thumbnail(msgspec.Struct, frozen=True):
    """In pixels."""

    width: int
    height: int


class File(msgspec.Struct, frozen=True, omit_defaults=True):
    """`type` is the media type by content; `size` is in bytes; `width` and `height` of images only, in pixels."""

    id: int
    name: str
    type: str
    size: int
    width: int | None = None
    height: int | None = None
    thumbnail: Thumbnail | None = None


class Forwarded(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    Who wrote what was copied; and where, when that is a public room. Of other rooms nobody learns by this: readers of
    the copy need not be in the room it came from.
    """

    author: int | None
    message: int | None = None
    room: int | None = None


class Thread(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    Of the message `root` and its author: how many replies there are, and the number of the last one. With none, and not
    resolved, there is no thread.
    """

    root: int
    replies: int
    author: int | None = None
    last_number: int = 0
    resolved_at: int | None = None
    resolved_by: int | None = None


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    A message as it is now. `key` is its author's client key; `html` is left out when the text has no marks, and is to
    be shown as it is; `thread` is of the thread that it begins or is in; `everyone` is 1 for @here, 2 for @all.
    """

    id: int
    room: int
    number: int
    author: int | None
    at: int
    key: str = ""
    body: str = ""
    html: str = ""
    reply_to: int | None = None
    thread: Thread | None = None
    forwarded: Forwarded | None = None
    mentions: list[int] = []
    everyone: int = 0
    files: list[File] = []
    reactions: list[Reaction] = []
    is_pinned: bool = False
    edited_at: int | None = None
    deleted_at: int | None = None


class Member(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """As the other members see it."""

    user: int
    role: str
    muted_until: int | None = None


class Membership(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """As the member sees it: `joined_number` is the last message from before they came."""

    role: str
    level: str
    read_number: int
    joined_number: int = 0
    is_favourite: bool = False
    muted_until: int | None = None


class Room(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`people` are those of a direct room or a group; `kind` is public, private, direct or group."""

    id: int
    kind: str
    name: str = ""
    slug: str = ""
    topic: str = ""
    description: str = ""
    people: list[int] = []
    posting: str = "members"
    history: str = "all"
    slow_mode_seconds: int = 0
    edit_window_seconds: int | None = None
    retention_days: int | None = None
    created_at: int
    archived_at: int | None = None


class Notice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    id: int
    title: str
    content: str
    type: int
    author: int | None
    created_at: int
    updated_at: int
    asks_confirmation: bool = False
    is_targeted: bool = False


class _Frame(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind"):
    pass


# In `room:<id>`.


class MessagePosted(_Frame, frozen=True, kw_only=True, tag="message.posted"):
    """
    For its author it is read, too: their read number is at least the message's number.

    A reply also makes its author follow the thread, with all of it read, and the author of the root, with all before it
    read if they did not follow it yet; who mutes the thread goes on muting it. Not where a `ThreadFollowed` with at
    least this number has said otherwise.
    """

    message: Message


class MessageEdited(_Frame, frozen=True, kw_only=True, tag="message.edited"):
    message: Message


class MessageDeleted(_Frame, frozen=True, kw_only=True, tag="message.deleted"):
    """By its author, a moderator, or the room's retention. It is no longer pinned, nor among anybody's saved ones."""

    message: Message


class ReactionAdded(_Frame, frozen=True, kw_only=True, tag="reaction.added"):
    """`message` is the id, `number` its number. The person is one of those who reacted with this emoji, the last."""

    message: int
    number: int
    emoji: str
    user: int


class ReactionRemoved(_Frame, frozen=True, kw_only=True, tag="reaction.removed"):
    message: int
    number: int
    emoji: str
    user: int


class PinAdded(_Frame, frozen=True, kw_only=True, tag="pin.added"):
    message: int
    number: int
    by: int | None
    at: int


class PinRemoved(_Frame, frozen=True, kw_only=True, tag="pin.removed"):
    message: int
    number: int


class ThreadChanged(_Frame, frozen=True, kw_only=True, tag="thread.changed"):
    """Resolved, or taken up again."""

    thread: Thread


class MemberJoined(_Frame, frozen=True, kw_only=True, tag="member.joined"):
    member: Member


class MemberChanged(_Frame, frozen=True, kw_only=True, tag="member.changed"):
    member: Member


class MemberLeft(_Frame, frozen=True, kw_only=True, tag="member.left"):
    """`reason` is left, removed or banned; `by` who did it."""

    user: int
    reason: str
    by: int | None = None


class RoomChanged(_Frame, frozen=True, kw_only=True, tag="room.changed"):
    """Its name, topic, description or settings are others now, or it was archived or taken up again."""

    room: Room


# In `user:<id>`.


class MessageRang(_Frame, frozen=True, kw_only=True, tag="message.rang"):
    """For who listens to no room of their own: somebody wrote to this person in a direct room or a group."""

    message: Message


class RoomGained(_Frame, frozen=True, kw_only=True, tag="room.gained"):
    """A member from now on; whoever hears this also hears `room:<id>` from now on. The rest is to be loaded."""

    room: int


class RoomLost(_Frame, frozen=True, kw_only=True, tag="room.lost"):
    room: int
    reason: str


class ReadMoved(_Frame, frozen=True, kw_only=True, tag="read.moved"):
    """
    All up to this number is read, on every device; it moves back only by marking as unread. `last_number` is the room's
    then: a message of one's own with a higher one has moved it further. `mentions` are the numbers of the unread
    messages that mention the person, the newest first, at most 100.
    """

    room: int
    read_number: int
    last_number: int = 0
    mentions: list[int] = []


class MembershipChanged(_Frame, frozen=True, kw_only=True, tag="membership.changed"):
    """Level, favourite, role or mute of one's own membership."""

    room: int
    membership: Membership


class DraftChanged(_Frame, frozen=True, kw_only=True, tag="draft.changed"):
    """The draft in a room, or in a thread of it, as it is now; without a body there is none."""

    room: int
    thread: int | None = None
    body: str = ""
    reply_to: int | None = None
    updated_at: int | None = None


class MessageSaved(_Frame, frozen=True, kw_only=True, tag="saved.added"):
    message: int
    room: int
    at: int


class MessageUnsaved(_Frame, frozen=True, kw_only=True, tag="saved.removed"):
    message: int


class ThreadFollowed(_Frame, frozen=True, kw_only=True, tag="thread.followed"):
    """
    `following` is follows, mutes or none. `number` was the last of the room: replies up to it change nothing about
    `following` any more, those after it do (`MessagePosted`). `read_number` never moves back but by `none`.
    """

    thread: int
    room: int
    following: str
    number: int
    read_number: int = 0


class NoticeRead(_Frame, frozen=True, kw_only=True, tag="notice.read"):
    notice: int
    read_at: int
    confirmed_at: int | None = None


# In `site`, and in `user:<id>` when it is for some.


class NoticePushed(_Frame, frozen=True, kw_only=True, tag="notice.pushed"):
    """`push` is another one each time."""

    push: int
    at: int
    notice: Notice


Frame = (
    MessagePosted
    | MessageEdited
    | MessageDeleted
    | ReactionAdded
    | ReactionRemoved
    | PinAdded
    | PinRemoved
    | ThreadChanged
    | MemberJoined
    | MemberChanged
    | MemberLeft
    | RoomChanged
    | MessageRang
    | RoomGained
    | RoomLost
    | ReadMoved
    | MembershipChanged
    | DraftChanged
    | MessageSaved
    | MessageUnsaved
    | ThreadFollowed
    | NoticeRead
    | NoticePushed
)


# Signals, in `room:<id>`: shown and forgotten, without an offset.


class Typing(_Frame, frozen=True, kw_only=True, tag="typing"):
    """Somebody writes now, in the room or in a thread of it. It holds for five seconds."""

    room: int
    user: int
    thread: int | None = None


class Receipt(_Frame, frozen=True, kw_only=True, tag="receipt"):
    """Somebody has read all up to this number. It never moves back: of two the higher one holds."""

    room: int
    user: int
    read_number: int


Signal = Typing | Receipt

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Frame | Signal] = msgspec.json.Decoder(Frame | Signal)


def encode(frame: Frame | Signal) -> bytes:
    return _encoder.encode(frame)


def decode(data: bytes) -> Frame | Signal:
    """With or without its offset."""
    return _decoder.decode(data)


def kind_of(frame: Frame) -> str:
    return str(frame.__struct_config__.tag)


def with_offset(encoded: bytes, offset: int) -> bytes:
    """What `encode` gave, with the publication's offset in front: who reads only the data can see a hole, too."""
    return b'{"offset":%d,%s' % (offset, encoded[1:])


def milliseconds(at: datetime.datetime) -> int:
    return int(at.timestamp() * 1000)
