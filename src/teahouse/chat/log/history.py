"""Reading the log: heads and what happened after an offset. Texts are joined as they are now. Reads only."""

from collections.abc import Sequence

from teahouse.chat import frames
from teahouse.chat.models import Channel, Message, NoticePush, PublicationRecord
from teahouse.realtime.application import Head, Publication


def heads(names: Sequence[str]) -> dict[str, Head]:
    rows = Channel.objects.filter(name__in=names).values_list("name", "last_offset", "epoch")
    return {name: Head(offset, epoch) for name, offset, epoch in rows}


def publications_after(name: str, offset: int, *, limit: int) -> list[Publication]:
    """The oldest `limit` publications past `offset`, oldest first."""
    records = (
        PublicationRecord.objects.filter(channel__name=name, offset__gt=offset)
        .select_related("channel", "message", "notice_push__notice")
        .order_by("offset")[:limit]
    )
    return [publication_of(record) for record in records]


def publication_of(record: PublicationRecord) -> Publication:
    return Publication(
        channel=record.channel.name,
        offset=record.offset,
        epoch=record.channel.epoch,
        data=frames.encode(_frame_of(record)),
    )


def _frame_of(record: PublicationRecord) -> frames.Frame:
    if record.kind == "message.posted" and record.message is not None:
        return _posted(record.message)
    if record.kind == "message.rang" and record.message is not None:
        return frames.MessageRang(message=_posted(record.message))
    if record.kind == "notice.pushed" and record.notice_push is not None:
        return _pushed(record.notice_push)
    raise ValueError(f"no frame for {record.kind}")


def _posted(message: Message) -> frames.MessagePosted:
    return frames.MessagePosted(
        id=message.pk,
        room=message.room_id,
        number=message.number,
        author=message.author_id,
        body=message.body,
        at=int(message.created_at.timestamp() * 1000),
    )


def _pushed(push: NoticePush) -> frames.NoticePushed:
    notice = push.notice
    return frames.NoticePushed(
        notice=notice.pk,
        push=push.pk,
        title=notice.title,
        content=notice.content,
        type=notice.type,
        author=notice.author_id,
        created_at=int(notice.created_at.timestamp() * 1000),
        updated_at=int(notice.updated_at.timestamp() * 1000),
    )
