"""
What a person has not read: two integers a membership, and the messages that mention them. For all their rooms at once,
in a number of statements that grows with nothing.
"""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from django.db import connection

from teahouse.chat.conf import conf
from teahouse.chat.models import Membership, Room

# More are not counted: who has so many reads "99+".
MOST_MENTIONS = 100


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """
    Of one room. `unread` messages, `first_unread` the number of the first of them (or of the next one that will come);
    `mentions` are the numbers of those that mention the person by name or with everyone, the newest first, at most 100,
    none of their own or deleted. `badge` is what to show as a number, by the membership's level: all unread messages,
    or the mentions only, or 0.
    """

    unread: int
    first_unread: int
    mentions: list[int]
    badge: int


def unread_in(room: Room, membership: Membership, mentions: Sequence[int]) -> Unread:
    """`mentions` of `mentions_of`, perhaps read a moment later than the other two."""
    read_number = read_up_to(room, membership)
    unread = max(0, room.last_number - read_number)
    above = [number for number in mentions if number > read_number]
    badges = {Membership.Level.EVERYTHING: unread, Membership.Level.MENTIONS: len(above)}
    return Unread(
        unread=unread,
        first_unread=read_number + 1,
        mentions=above,
        badge=badges.get(Membership.Level(membership.level), 0),
    )


def read_up_to(room: Room, membership: Membership) -> int:
    """What is from before somebody came to a room without history for newcomers is not theirs to read."""
    if room.history == Room.History.SINCE_JOIN:
        return max(membership.read_number, membership.joined_number)
    return membership.read_number


def mentions_of(user_id: int) -> dict[int, list[int]]:
    """By room: the numbers of unread messages that mention this person. One statement."""
    meant = """
        SELECT "user_id", "room_id", "read_number", "joined_number" FROM "chat_membership" WHERE "user_id" = %s
        UNION ALL
        SELECT %s, "id", 0, 0 FROM "chat_room" AS "l" WHERE "slug" = %s AND NOT EXISTS
            (SELECT 1 FROM "chat_membership" WHERE "room_id" = "l"."id" AND "user_id" = %s)
    """
    found = _mentions(meant, [user_id, user_id, conf().lobby_slug, user_id])
    return {room: numbers for (_, room), numbers in found.items()}


def mentions_at(places: Collection[tuple[int, int]]) -> dict[tuple[int, int], list[int]]:
    """As `mentions_of`, of these people in these rooms, as (user, room), by their memberships. One statement."""
    if not places:
        return {}
    meant = _AT.format(places=", ".join(["(%s, %s)"] * len(places)))
    return _mentions(meant, [value for place in places for value in place])


_AT = """
        SELECT "user_id", "room_id", "read_number", "joined_number" FROM "chat_membership"
        WHERE ("user_id", "room_id") IN (VALUES {places})
"""


# Each of the two inner ones reads one stretch of an index, from its end: the key of mentions, and the partial index of
# messages to everyone. Rooms where all is read cost nothing but their row.
_SQL = """
    WITH "m" AS (
        SELECT "s"."user_id", "s"."room_id",
            CASE WHEN "r"."history" = 'since_join' AND "s"."joined_number" > "s"."read_number"
                THEN "s"."joined_number" ELSE "s"."read_number" END AS "read_number"
        FROM ({meant}) AS "s" JOIN "chat_room" AS "r" ON "r"."id" = "s"."room_id"
        WHERE "r"."last_number" > "s"."read_number"
    )
    SELECT "m"."user_id", "m"."room_id", (
        SELECT {joined} FROM (
            SELECT "number" FROM (
                SELECT "n"."number" FROM "chat_mention" AS "n" JOIN "chat_message" AS "g" ON "g"."id" = "n"."message_id"
                WHERE "n"."user_id" = "m"."user_id" AND "n"."room_id" = "m"."room_id"
                    AND "n"."number" > "m"."read_number" AND {counts}
                ORDER BY "n"."number" DESC LIMIT {most}
            ) AS "named"
            UNION
            SELECT "number" FROM (
                SELECT "g"."number" FROM "chat_message" AS "g"
                WHERE "g"."room_id" = "m"."room_id" AND "g"."number" > "m"."read_number" AND "g"."everyone" > 0
                    AND {counts}
                ORDER BY "g"."number" DESC LIMIT {most}
            ) AS "everyone"
            ORDER BY "number" DESC LIMIT {most}
        ) AS "both"
    ) FROM "m"
"""
_COUNTS = '"g"."deleted_at" IS NULL AND ("g"."author_id" IS NULL OR "g"."author_id" <> "m"."user_id")'
_JOINED = {"postgresql": "string_agg(CAST(\"number\" AS TEXT), ',')", "sqlite": 'group_concat("number")'}


def _mentions(meant: str, parameters: Sequence[Any]) -> dict[tuple[int, int], list[int]]:
    sql = _SQL.format(meant=meant, counts=_COUNTS, most=MOST_MENTIONS, joined=_JOINED[connection.vendor])
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found = cursor.fetchall()
    return {
        (user, room): sorted(map(int, numbers.split(",")), reverse=True) for user, room, numbers in found if numbers
    }
