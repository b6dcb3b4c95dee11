"""Reading the log: heads and what happened after an offset. Texts are joined as they are now. Reads only."""

from collections.abc import Callable, Sequence

from teahouse.chat import frames
from teahouse.chat.log.entries import FORGETTING_KINDS
from teahouse.chat.models import Channel, Draft, Message, NoticePush, PublicationRecord
from teahouse.chat.selectors.messages import frames_of
from teahouse.chat.selectors.notices import notice_frame_of
from teahouse.realtime.application import Head, Publication


def heads(names: Sequence[str]) -> dict[str, Head]:
    rows = Channel.objects.filter(name__in=names).values_list("name", "last_offset", "epoch")
    return {name: Head(offset, epoch) for name, offset, epoch in rows}


def publications_after(name: str, offset: int, *, limit: int) -> list[Publication]:
    """The oldest `limit` publications past `offset`, oldest first."""
    channel = Channel.objects.filter(name=name).first()
    if channel is None or offset >= channel.last_offset:
        return []
    records = list(
        PublicationRecord.objects.filter(channel=channel.pk, offset__gt=offset)
        .select_related("notice_push__notice")
        .order_by("offset")[:limit]
    )
    messages, drafts = _messages_in(records), _drafts_in(channel, records)
    return [_publication_of(channel, record, messages, drafts) for record in records]


def _messages_in(records: Sequence[PublicationRecord]) -> dict[int, frames.Message]:
    wanted = {record.message_id for record in records if record.kind in _MESSAGE_FRAMES}
    if not wanted:
        return {}
    messages = list(Message.objects.filter(pk__in=[pk for pk in wanted if pk is not None]))
    return {frame.id: frame for frame in frames_of(messages)}


def _drafts_in(channel: Channel, records: Sequence[PublicationRecord]) -> dict[tuple[int, int], Draft]:
    """By room and thread, 0 for none."""
    wanted = {record.room_id for record in records if record.kind == "draft.changed"}
    if not wanted:
        return {}
    drafts = Draft.objects.filter(user=int(channel.name.removeprefix("user:")), room__in=wanted)
    return {(draft.room_id, draft.thread_root): draft for draft in drafts}


def _publication_of(
    channel: Channel,
    record: PublicationRecord,
    messages: dict[int, frames.Message],
    drafts: dict[tuple[int, int], Draft],
) -> Publication:
    joined = _joined_frame_of(record, messages, drafts)
    encoded = record.data.encode() if joined is None else frames.encode(joined)
    frame = frames.decode(encoded) if record.kind in ("member.left", "room.gained", "room.lost") else None
    return Publication(
        channel=channel.name,
        offset=record.offset,
        epoch=channel.epoch,
        data=frames.with_offset(encoded, record.offset),
        leavers=(str(frame.user),) if isinstance(frame, frames.MemberLeft) else (),
        opens=f"room:{frame.room}" if isinstance(frame, frames.RoomGained) else "",
        closes=f"room:{frame.room}" if isinstance(frame, frames.RoomLost) else "",
        forgets=record.kind in FORGETTING_KINDS,
    )


def _joined_frame_of(
    record: PublicationRecord, messages: dict[int, frames.Message], drafts: dict[tuple[int, int], Draft]
) -> frames.Frame | None:
    """None for what the record itself keeps."""
    match record.kind:
        case "message.posted" | "message.edited" | "message.deleted" | "message.rang":
            message = messages[record.message_id or 0]
            return _MESSAGE_FRAMES[record.kind](message=message)
        case "notice.pushed" if record.notice_push is not None:
            return pushed_frame_of(record.notice_push)
        case "draft.changed":
            # The record's message is the root of the thread that the draft is for.
            place = (record.room_id or 0, record.message_id or 0)
            return draft_frame_of(place[0], record.message_id, drafts.get(place))
        case _:
            return None


_MESSAGE_FRAMES: dict[str, Callable[..., frames.Frame]] = {
    "message.posted": frames.MessagePosted,
    "message.edited": frames.MessageEdited,
    "message.deleted": frames.MessageDeleted,
    "message.rang": frames.MessageRang,
}


def pushed_frame_of(push: NoticePush) -> frames.NoticePushed:
    return frames.NoticePushed(push=push.pk, at=frames.milliseconds(push.at), notice=notice_frame_of(push.notice))


def draft_frame_of(room_id: int, thread: int | None, draft: Draft | None) -> frames.DraftChanged:
    if draft is None:
        return frames.DraftChanged(room=room_id, thread=thread)
    return frames.DraftChanged(
        room=room_id,
        thread=thread,
        body=draft.body,
        reply_to=draft.reply_to_id,
        updated_at=frames.milliseconds(draft.updated_at),
    )
