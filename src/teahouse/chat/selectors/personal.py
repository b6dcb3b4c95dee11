"""What a person keeps for themselves: saved messages, drafts, and the threads that they follow or mute."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Exists, F, OuterRef, Q

from teahouse.chat import frames
from teahouse.chat.conf import conf
from teahouse.chat.models import Draft, Membership, Message, Room, SavedMessage, ThreadFollowing
from teahouse.chat.people import Person
from teahouse.chat.selectors.messages import frames_of

_MOST_DRAFTS = 1_000


class SavedNow(NamedTuple):
    """`id` is of the saving; `at` is when, in milliseconds since 1970."""

    id: int
    at: int
    message: frames.Message


class FollowedNow(NamedTuple):
    """`last_number` is the number of the last reply in the room, `read_number` of the last one that was read."""

    thread: int
    room: int
    is_muted: bool
    read_number: int
    last_number: int


def saved_messages(*, user: Person, before: int | None, limit: int) -> list[SavedNow]:
    """Those that the person may still read, the last saved first, of those saved before the saving `before`."""
    rows = SavedMessage.objects.filter(_readable_by(user, "message__room", "message__number"), user=user.pk)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    saved = list(rows.select_related("message").order_by("-pk")[:limit])
    shown = frames_of([row.message for row in saved])
    return [SavedNow(row.pk, frames.milliseconds(row.at), frame) for row, frame in zip(saved, shown, strict=True)]


def saved_ids(*, user: Person, limit: int) -> list[int]:
    """The ids of saved messages, the last saved first; of those, too, that the person may not read any more."""
    return list(SavedMessage.objects.filter(user=user.pk).order_by("-pk").values_list("message", flat=True)[:limit])


def drafts_of(*, user: Person) -> list[Draft]:
    """In the rooms where they are a member, by room and thread; at most 1,000."""
    in_lobby = Q(room__slug=conf().lobby_slug)
    member = Exists(Membership.objects.filter(room=OuterRef("room"), user=user.pk))
    return list(Draft.objects.filter(in_lobby | Q(member), user=user.pk).order_by("room", "thread_root")[:_MOST_DRAFTS])


def followed_now(*, user: Person, limit: int) -> list[FollowedNow]:
    """Threads that the person follows or mutes and may read, that with the newest reply in any room's count first."""
    rows = (
        ThreadFollowing.objects.filter(_readable_by(user, "thread__room", "thread__root__number"), user=user.pk)
        .order_by(F("thread__last_number").desc(), "-thread")
        .values_list("thread", "thread__room", "is_muted", "read_number", "thread__last_number")
    )
    return [FollowedNow(*row) for row in rows[:limit]]


def messages_at(places: Sequence[tuple[int, int]]) -> list[Message]:
    """The messages with these (room, number), deleted or not. One statement, which looks up each by its key."""
    if not places:
        return []
    rows = ", ".join(["(%s, %s)"] * len(places))
    return list(Message.objects.raw(_AT.format(rows=rows), [value for place in places for value in place]))


# The columns of VALUES have these names on both databases.
_AT = """
    SELECT "g".* FROM (VALUES {rows}) AS "v"
    JOIN "chat_message" AS "g" ON "g"."room_id" = "v"."column1" AND "g"."number" = "v"."column2"
"""


def _readable_by(user: Person, room: str, number: str) -> Q:
    """`room` and `number` are what those of a message are called in the query."""
    member = Membership.objects.filter(user=user.pk, room=OuterRef(room))
    seen = member.filter(Q(room__history=Room.History.ALL) | Q(joined_number__lt=OuterRef(number)))
    return Q(Exists(seen)) | (Q(**{f"{room}__slug": conf().lobby_slug}) & ~Q(Exists(member)))
