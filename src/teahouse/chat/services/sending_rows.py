"""What a batch of messages has to know before it is checked: a statement for each kind of row, under the lock."""

import datetime

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

    def __init__(self, row: tuple[int, str | None, int, object, str, int, str]) -> None:
        self.id, self.slug, self.last_number, self.archived, self.posting, self.slow_mode_seconds, self.history = row
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


def known(keys: set[tuple[int, str]]) -> dict[tuple[int, str], tuple[bytes, Sent]]:
    """What was sent under these keys before: its digest and its answer."""
    found = rows.select(
        'WITH "wanted" ("author", "key") AS {keys} '
        'SELECT "author_id", "client_key", "digest", "id", "room_id", "number", "offset", "created_at" '
        'FROM "wanted" CROSS JOIN "chat_message" '
        'WHERE "author_id" = "wanted"."author" AND "client_key" = "wanted"."key"',
        keys,
    )
    known = {}
    for author, key, digest, pk, room, number, offset, created_at in found:
        at = rows.moment_in(created_at)
        known[author, key] = (bytes(digest), Sent(pk, room, number, offset, frames.milliseconds(at)))
    return known


def rooms(ids: set[int]) -> dict[int, RoomNow]:
    found = rows.select(
        'SELECT "id", "slug", "last_number", "archived_at", "posting", "slow_mode_seconds", "history" '
        'FROM "chat_room" WHERE "id" IN {keys}',
        ids,
    )
    return {row[0]: RoomNow(row) for row in found}


def members(pairs: set[tuple[int, int]]) -> dict[tuple[int, int], MemberNow]:
    found = rows.select(
        'WITH "wanted" ("room", "user") AS {keys} '
        'SELECT "room_id", "user_id", "role", "muted_until", "last_posted_at", "joined_number" '
        'FROM "wanted" CROSS JOIN "chat_membership" '
        'WHERE "room_id" = "wanted"."room" AND "user_id" = "wanted"."user"',
        pairs,
    )
    return {
        (room, user): MemberNow(role, rows.moment_in(muted), rows.moment_in(posted), joined)
        for room, user, role, muted, posted, joined in found
    }


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
