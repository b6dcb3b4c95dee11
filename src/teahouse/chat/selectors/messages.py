"""Messages as clients see them, and pages of them. Each page costs the same number of statements."""

from collections.abc import Sequence

from teahouse.chat import frames
from teahouse.chat.models import File, Mention, Message, Pin, Reaction, Thread


def frame_of(message: Message) -> frames.Message:
    return frames_of([message])[0]


def frames_of(messages: Sequence[Message]) -> list[frames.Message]:
    """As they are now, in their order."""
    alive = [message.pk for message in messages if message.deleted_at is None]
    mentions = _mentions_in(alive)
    reactions = _reactions_to(alive)
    files = _files_of([message.pk for message in messages if message.has_files and message.deleted_at is None])
    pinned = set(Pin.objects.filter(message__in=alive).values_list("message", flat=True)) if alive else set()
    threads = _threads_of({message.thread_root_id or message.pk for message in messages})
    origins = _origins_of([message.forwarded_from_id for message in messages if message.forwarded_from_id])
    found = []
    for message in messages:
        thread = threads.get(message.thread_root_id or message.pk)
        if message.thread_root_id is not None and thread is None:
            thread = frames.Thread(root=message.thread_root_id, replies=0)
        is_deleted = message.deleted_at is not None
        found.append(
            frames.Message(
                id=message.pk,
                room=message.room_id,
                number=message.number,
                author=message.author_id,
                at=frames.milliseconds(message.created_at),
                key=message.client_key,
                body=message.body,
                html=message.html,
                reply_to=message.reply_to_id,
                thread=thread,
                forwarded=None if is_deleted else origins.get(message.forwarded_from_id or 0),
                mentions=mentions.get(message.pk, []),
                everyone=0 if is_deleted else message.everyone,
                files=files.get(message.pk, []),
                reactions=reactions.get(message.pk, []),
                is_pinned=message.pk in pinned,
                edited_at=None if message.edited_at is None else frames.milliseconds(message.edited_at),
                deleted_at=None if message.deleted_at is None else frames.milliseconds(message.deleted_at),
            )
        )
    return found


def thread_frame_of(thread: Thread) -> frames.Thread:
    return frames.Thread(
        root=thread.root_id,
        replies=thread.replies,
        last_number=thread.last_number,
        resolved_at=None if thread.resolved_at is None else frames.milliseconds(thread.resolved_at),
        resolved_by=thread.resolved_by_id,
    )


def file_frame_of(file: File) -> frames.File:
    thumbnail = None
    if file.thumbnail_width is not None and file.thumbnail_height is not None:
        thumbnail = frames.Thumbnail(file.thumbnail_width, file.thumbnail_height)
    return frames.File(
        id=file.pk,
        name=file.name,
        type=file.media_type,
        size=file.size_bytes,
        width=file.width,
        height=file.height,
        thumbnail=thumbnail,
    )


def _mentions_in(messages: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    if messages:
        rows = Mention.objects.filter(message__in=messages).order_by("user").values_list("message", "user")
        for message, user in rows:
            found.setdefault(message, []).append(user)
    return found


def _reactions_to(messages: Sequence[int]) -> dict[int, list[frames.Reaction]]:
    found: dict[int, dict[str, list[int]]] = {}
    if messages:
        rows = Reaction.objects.filter(message__in=messages).order_by("pk").values_list("message", "emoji", "user")
        for message, emoji, user in rows:
            found.setdefault(message, {}).setdefault(emoji, []).append(user)
    return {
        message: [frames.Reaction(emoji, users) for emoji, users in by_emoji.items()]
        for message, by_emoji in found.items()
    }


def _files_of(messages: Sequence[int]) -> dict[int, list[frames.File]]:
    found: dict[int, list[frames.File]] = {}
    if messages:
        for file in File.objects.filter(message__in=messages, deleted_at=None).order_by("message", "position"):
            assert file.message_id is not None
            found.setdefault(file.message_id, []).append(file_frame_of(file))
    return found


def _threads_of(roots: set[int]) -> dict[int, frames.Thread]:
    return {thread.root_id: thread_frame_of(thread) for thread in Thread.objects.filter(root__in=roots)}


def _origins_of(messages: Sequence[int]) -> dict[int, frames.Forwarded]:
    if not messages:
        return {}
    rows = Message.objects.filter(pk__in=messages).values_list("pk", "room", "author")
    return {pk: frames.Forwarded(pk, room, author) for pk, room, author in rows}
