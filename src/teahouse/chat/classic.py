"""The article's messages: what a classic connection hears, and how a publication reads on its wire."""

import msgspec

from teahouse.chat import access, frames
from teahouse.realtime.wire.classic import codec


class DemoMessageReceive(msgspec.Struct, frozen=True, rename="camel"):
    """The upstream page reads the first three. `id` makes two equal texts two frames: VueUse drops the second else."""

    from_user_id: int | None
    text: str
    single: bool
    id: int
    room_id: int
    number: int
    sent_at: int


class NoticePush(msgspec.Struct, frozen=True, rename="camel"):
    """The upstream row as it is, and `pushId`, which is another one each time."""

    id: int
    push_id: int
    title: str
    type: int
    content: str
    status: int
    create_time: int
    update_time: int
    creator: str
    updater: str
    deleted: bool


def channels_of(user_id: int) -> tuple[str, ...]:
    return (access.lobby().channel, f"user:{user_id}", "site")


def frame_of(data: bytes) -> str | None:
    """The frame for a publication in one of `channels_of`, or None when the article has no word for it."""
    match frames.decode(data):
        case frames.MessagePosted(message=message):
            return _message(message, single=False)
        case frames.MessageRang(message=message):
            return _message(message, single=True)
        case frames.NoticePushed() as pushed:
            return _notice(pushed)
        case _:
            return None


def _message(posted: frames.Message, *, single: bool) -> str:
    content = DemoMessageReceive(
        from_user_id=posted.author,
        text=posted.body,
        single=single,
        id=posted.id,
        room_id=posted.room,
        number=posted.number,
        sent_at=posted.at,
    )
    return codec.encode("demo-message-receive", content)


def _notice(pushed: frames.NoticePushed) -> str:
    notice = pushed.notice
    author = "" if notice.author is None else str(notice.author)
    content = NoticePush(
        id=notice.id,
        push_id=pushed.push,
        title=notice.title,
        type=notice.type,
        content=notice.content,
        status=0,
        create_time=notice.created_at,
        update_time=notice.updated_at,
        creator=author,
        updater=author,
        deleted=False,
    )
    return codec.encode("notice-push", content)
