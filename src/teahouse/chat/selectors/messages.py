"""Messages as clients see them, and pages of them. Each page costs the same number of statements."""

import datetime
from collections.abc import Collection, Sequence

import msgspec
from django.db.models import F, QuerySet

from teahouse.chat import frames
from teahouse.chat.access import Access
from teahouse.chat.conf import conf
from teahouse.chat.models import File, Mention, Message, Pin, Reaction, Revision, Room, Thread

MOST_PER_PAGE = 200
# Moments that are looked up at once on the way to a date.
_PROBES = 100


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
    origins = origins_of({message.forwarded_from_id for message in messages if message.forwarded_from_id})
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


class MessagePage(msgspec.Struct, frozen=True):
    """Oldest first. `previous` is the `before` of the page above, `next` the `after` of the page below."""

    results: list[frames.Message]
    previous: int | None
    next: int | None


class Pinned(msgspec.Struct, frozen=True):
    message: frames.Message
    by: int | None
    at: int


class Revised(msgspec.Struct, frozen=True):
    """What a message said until `replaced_at`."""

    id: int
    body: str
    replaced_at: int
    replaced_by: int | None


class RevisionPage(msgspec.Struct, frozen=True):
    """Newest first; `next` is the `before` of the next page."""

    results: list[Revised]
    next: int | None


def messages_page(
    access: Access,
    *,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
    limit: int = 50,
) -> MessagePage:
    """
    The messages with the highest numbers below `before`, the lowest above `after`, or those around a number; else the
    newest. Replies in threads are among them. At most `limit` and 200, and none from before the reader came if the room
    has it so. As numbers have no holes, a page is a range of them, whatever the room has seen.
    """
    limit = min(limit, MOST_PER_PAGE)
    first, last = access.from_number, access.room.last_number
    if after is not None:
        start = max(after + 1, first)
        end = min(start + limit - 1, last)
    else:
        end = last
        if before is not None:
            end = min(before - 1, last)
        elif around is not None:
            end = min(max(around - limit // 2, first) + limit - 1, last)
        start = max(end - limit + 1, first)
    if start > end:
        return MessagePage([], None, None)
    found = list(Message.objects.filter(room=access.room, number__range=(start, end)).order_by("number"))
    return MessagePage(
        results=frames_of(found),
        previous=start if start > first else None,
        next=end if end < last else None,
    )


def number_at(access: Access, at: datetime.datetime) -> int | None:
    """
    The number of the first message at or after a moment that may be read, None when there is none. Times in a room only
    grow, so a few statements find it in any number of messages; where a clock was put back it is one nearby.
    """
    low, high = access.from_number, access.room.last_number + 1
    while low < high:
        step = max((high - low) // _PROBES, 1)
        probes = dict(
            Message.objects.filter(room=access.room, number__in=range(low, high, step)).values_list(
                "number", "created_at"
            )
        )
        earlier = [number for number, created_at in probes.items() if created_at < at]
        later = [number for number, created_at in probes.items() if created_at >= at]
        low, high = max(earlier, default=low - 1) + 1, min(later, default=high)
    return low if low <= access.room.last_number else None


def pinned_in(access: Access) -> list[Pinned]:
    """The last pinned first, at most `conf().most_pins_per_room`, without what is from before the reader came."""
    pins = list(
        Pin.objects.filter(room=access.room, message__number__gte=access.from_number)
        .select_related("message")
        .order_by("-at", "-message")[: conf().most_pins_per_room]
    )
    messages = frames_of([pin.message for pin in pins])
    return [
        Pinned(message, pin.pinned_by_id, frames.milliseconds(pin.at))
        for pin, message in zip(pins, messages, strict=True)
    ]


def revisions_page(message: Message, *, before: int | None = None, limit: int = 50) -> RevisionPage:
    """What a message said before; those with an id below `before`. At most `limit` and 200."""
    limit = min(limit, MOST_PER_PAGE)
    revisions = Revision.objects.filter(message=message).order_by("-pk")
    if before is not None:
        revisions = revisions.filter(pk__lt=before)
    found = list(revisions[: limit + 1])
    return RevisionPage(
        [Revised(one.pk, one.body, frames.milliseconds(one.replaced_at), one.replaced_by_id) for one in found[:limit]],
        found[limit - 1].pk if len(found) > limit else None,
    )


def thread_frame_of(thread: Thread, author_id: int | None) -> frames.Thread:
    return frames.Thread(
        root=thread.root_id,
        replies=thread.replies,
        author=author_id,
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
            if file.message_id is not None:
                found.setdefault(file.message_id, []).append(file_frame_of(file))
    return found


def _threads_of(roots: set[int]) -> dict[int, frames.Thread]:
    """Those that there is something to say of."""
    threads = Thread.objects.filter(root__in=roots).exclude(replies=0, resolved_at=None)
    return {thread.root_id: thread_frame_of(thread, author) for thread, author in with_authors(threads)}


def with_authors(threads: QuerySet[Thread]) -> list[tuple[Thread, int | None]]:
    """Each with the author of its root."""
    return [(thread, thread.root_author) for thread in threads.annotate(root_author=F("root__author"))]


def origins_of(messages: Collection[int]) -> dict[int, frames.Forwarded]:
    """What may be said of messages that were copied, by their ids."""
    if not messages:
        return {}
    rows = Message.objects.filter(pk__in=messages).values_list("pk", "room", "room__kind", "author")
    return {
        pk: frames.Forwarded(author, pk, room) if kind == Room.Kind.PUBLIC else frames.Forwarded(author)
        for pk, room, kind, author in rows
    }
