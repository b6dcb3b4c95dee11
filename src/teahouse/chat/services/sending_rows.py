"""What a batch of messages has to know before it is checked, in few statements, under the lock."""

import datetime
import functools
from typing import NamedTuple

import msgspec
from django.contrib.auth import get_user_model

from teahouse.chat import frames
from teahouse.chat.log import rows
from teahouse.chat.models import File, Membership
from teahouse.chat.selectors.messages import file_frame_of, origins_of


class Sent(msgspec.Struct, frozen=True):
    """The answer: `at` is milliseconds since 1970, `offset` that of the publication in the room's channel."""

    id: int
    room: int
    number: int
    offset: int
    at: int


class RoomNow:
    """What the batch knows of a room."""

    __slots__ = ("archived", "history", "id", "last_number", "next_offset", "posting", "slow_mode_seconds", "slug")

    def __init__(
        self,
        room_id: int,
        last_number: int,
        slug: str | None,
        archived: object,
        posting: str,
        slow_mode_seconds: int,
        history: str,
    ) -> None:
        self.id = room_id
        self.last_number = last_number
        self.slug = slug
        self.archived = archived
        self.posting = posting
        self.slow_mode_seconds = slow_mode_seconds
        self.history = history
        self.next_offset = 0


class MemberNow:
    """What the batch knows of a member."""

    __slots__ = ("joined_number", "last_posted_at", "muted_until", "number", "role")

    def __init__(
        self,
        role: str,
        muted_until: datetime.datetime | None,
        last_posted_at: datetime.datetime | None,
        joined_number: int,
    ) -> None:
        self.role = role
        self.muted_until = muted_until
        self.last_posted_at = last_posted_at
        self.joined_number = joined_number
        # Of the last message that the batch stores for them.
        self.number = 0

    @property
    def may_moderate(self) -> bool:
        return self.role in (Membership.Role.OWNER, Membership.Role.MODERATOR)


class Target(msgspec.Struct, frozen=True):
    room: int
    number: int
    author: int | None
    thread_root: int | None


class Asked(NamedTuple):
    """
    What there is of what a batch is about: messages that were sent under its keys before, by author and key, with their
    digests; rooms; members, by room and user; and who of its people is active.
    """

    known: dict[tuple[int, str], tuple[bytes, Sent]]
    rooms: dict[int, RoomNow]
    members: dict[tuple[int, int], MemberNow]
    active: set[int]


def asked_for(places: set[tuple[int, int, str | None]]) -> Asked:
    """Rooms, people in them, and where they send something its key."""
    asked = Asked({}, {}, {}, set())
    for row in rows.select(_asked_sql(), places):
        room, user, key, is_active = row[:4]
        if is_active:
            asked.active.add(user)
        if row[4] is not None and room not in asked.rooms:
            asked.rooms[room] = RoomNow(room, *row[4:10])
        if row[10] is not None:
            role, muted, posted, joined = row[10:14]
            asked.members[room, user] = MemberNow(role, rows.moment_in(muted), rows.moment_in(posted), joined)
        if row[14] is not None:
            digest, pk, sent_to, number, offset, created_at = row[14:]
            at = frames.milliseconds(rows.moment_in(created_at))
            asked.known[user, key] = (bytes(digest), Sent(pk, sent_to, number, offset, at))
    return asked


@functools.cache
def _asked_sql() -> str:
    meta = get_user_model()._meta
    return (
        'WITH "wanted" ("room", "user", "key") AS {keys} SELECT "wanted"."room", "wanted"."user", "wanted"."key", '  # noqa: S608 (names of ours)
        '"u"."is_active", '
        '"r"."last_number", "r"."slug", "r"."archived_at", "r"."posting", "r"."slow_mode_seconds", "r"."history", '
        '"m"."role", "m"."muted_until", "m"."last_posted_at", "m"."joined_number", '
        '"k"."digest", "k"."id", "k"."room_id", "k"."number", "k"."offset", "k"."created_at" '
        'FROM "wanted" '
        f'LEFT JOIN "{meta.db_table}" AS "u" ON "u"."{meta.pk.column}" = "wanted"."user" '
        'LEFT JOIN "chat_room" AS "r" ON "r"."id" = "wanted"."room" '
        'LEFT JOIN "chat_membership" AS "m" ON "m"."room_id" = "wanted"."room" AND "m"."user_id" = "wanted"."user" '
        'LEFT JOIN "chat_message" AS "k" ON "k"."author_id" = "wanted"."user" AND "k"."client_key" = "wanted"."key"'
    )


def active(ids: set[int]) -> set[int]:
    meta = get_user_model()._meta
    pk = meta.pk.column
    sql = f'SELECT "{pk}" FROM "{meta.db_table}" WHERE "is_active" AND "{pk}" IN {{keys}}'  # noqa: S608 (names of ours)
    return {row[0] for row in rows.select(sql, ids)}


def targets(ids: set[int]) -> dict[int, Target]:
    found = rows.select(
        'SELECT "id", "room_id", "number", "author_id", "thread_root_id" FROM "chat_message" '
        'WHERE "deleted_at" IS NULL AND "id" IN {keys}',
        ids,
    )
    return {row[0]: Target(*row[1:]) for row in found}


def free_files(ids: set[int]) -> dict[int, tuple[int | None, int]]:
    """Those that no message has taken, with their uploader and room."""
    if not ids:
        return {}
    # Locked: whoever removes abandoned files must not take them meanwhile.
    rows_of = File.objects.select_for_update().filter(pk__in=ids, message=None, deleted_at=None).order_by("pk")
    free = rows_of.values_list("pk", "uploader", "room")
    return {pk: (uploader, room) for pk, uploader, room in free}


def origins(ids: set[int]) -> dict[int, frames.Forwarded]:
    """Where copied messages come from."""
    return origins_of(ids)


def file_frames(ids: list[int]) -> dict[int, frames.File]:
    return {file.pk: file_frame_of(file) for file in File.objects.filter(pk__in=ids)} if ids else {}
