"""
The index in PostgreSQL: a row for each message with its words and marks as one tsvector, and a GIN index of them.

GIN gives no order, so the newest hits of a common word would be all of its hits, sorted. The newest messages are looked
through first, in the order of their ids; only what they lack comes from GIN, and then the word is not common.
"""

from collections.abc import Sequence
from typing import TypeAlias

from django.db import connection

from teahouse.chat.search.documents import room_mark
from teahouse.chat.search.engines import Document, Part, Wanted

_Parameter: TypeAlias = int | str | list[int]

# Looked through in 20 ms or less. What fills no page in so many has few hits, which is when GIN is quick.
MOST_LOOKED_THROUGH = 20_000
# GIN looks for the marks of rooms, too, where these are few, or small. With more it takes 15 microseconds a hit for
# them, ten times as much as looking at the row.
_FEW_ROOMS = 4
_MOST_ROOM_MARKS = 64
_FEW_MESSAGES = 5_000

_WRITE = """
INSERT INTO "chat_search" ("message_id", "room_id", "number", "words")
SELECT "id", "room", "number", to_tsvector('simple', "words") || "marks"::tsvector
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[])
AS "added" ("id", "room", "number", "words", "marks")
ON CONFLICT ("message_id") DO UPDATE SET "words" = EXCLUDED."words"
"""
_MAY_SEE = '"room_id" = ANY(%s::bigint[])'
_BEGUN = """
AND NOT EXISTS (
    SELECT FROM unnest(%s::bigint[], %s::bigint[]) AS "begun" ("room", "number")
    WHERE "begun"."room" = "room_id" AND "found"."number" < "begun"."number"
)
"""
_NEWEST = """
SELECT "message_id" FROM (
    SELECT * FROM "chat_search" WHERE "message_id" BETWEEN %s AND %s ORDER BY "message_id" DESC LIMIT %s
) AS "found" WHERE {condition} AND {matches} ORDER BY "message_id" DESC LIMIT %s
"""
_WHERE_NEWEST_END = """
SELECT "message_id" FROM "chat_search" WHERE "message_id" BETWEEN %s AND %s
ORDER BY "message_id" DESC OFFSET %s LIMIT 1
"""
_BY_WORDS = """
WITH "found" AS MATERIALIZED (
    SELECT "message_id", "room_id", "number" FROM "chat_search"
    WHERE {matches} AND "message_id" BETWEEN %s AND %s
) SELECT "message_id" FROM "found" WHERE {condition} ORDER BY "message_id" DESC LIMIT %s
"""
_COUNT = """
SELECT COUNT(*) FROM (
    SELECT FROM "chat_search" AS "found"
    WHERE {matches} AND "message_id" BETWEEN %s AND %s AND {condition} LIMIT %s
) AS "counted"
"""


class PostgresqlEngine:
    def write(self, documents: Sequence[Document], gone: Sequence[int]) -> None:
        with connection.cursor() as cursor:
            if gone:
                cursor.execute('DELETE FROM "chat_search" WHERE "message_id" = ANY(%s::bigint[])', [list(gone)])
            if documents:
                columns = zip(*map(_row, documents), strict=True)
                cursor.execute(_WRITE, [list(column) for column in columns])

    def clear(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute('TRUNCATE "chat_search"')

    def hits(self, wanted: Wanted, part: Part, *, limit: int) -> list[int]:
        if not part.rooms or part.low > part.high:
            return []
        with connection.cursor() as cursor:
            newest: list[_Parameter] = [part.low, part.high, MOST_LOOKED_THROUGH]
            matches, words = _matches(wanted, part, has_rooms=False)
            condition, allowed = _condition(part)
            sql = _NEWEST.replace("{condition}", condition).replace("{matches}", matches)
            cursor.execute(sql, [*newest, *allowed, *words, limit])
            found = [pk for (pk,) in cursor.fetchall()]
            if len(found) == limit:
                return found
            cursor.execute(_WHERE_NEWEST_END, [part.low, part.high, MOST_LOOKED_THROUGH - 1])
            end = cursor.fetchone()
            if end is None:
                return found
            matches, words = _matches(wanted, part, has_rooms=True)
            sql = _BY_WORDS.replace("{condition}", condition).replace("{matches}", matches)
            cursor.execute(sql, [*words, part.low, end[0] - 1, *allowed, limit - len(found)])
            return found + [pk for (pk,) in cursor.fetchall()]

    def hits_and_count(self, wanted: Wanted, part: Part, *, limit: int, most: int) -> tuple[list[int], int]:
        found = self.hits(wanted, part, limit=limit)
        if len(found) < limit:
            return found, len(found)
        return found, self._count(wanted, part, most=most)

    def _count(self, wanted: Wanted, part: Part, *, most: int) -> int:
        matches, words = _matches(wanted, part, has_rooms=True)
        condition, allowed = _condition(part)
        with connection.cursor() as cursor:
            sql = _COUNT.replace("{condition}", condition).replace("{matches}", matches)
            cursor.execute(sql, [*words, part.low, part.high, *allowed, most])
            (count,) = cursor.fetchone()
            return int(count)


def _condition(part: Part) -> tuple[str, list[_Parameter]]:
    if not part.first_numbers:
        return _MAY_SEE, [list(part.rooms)]
    return _MAY_SEE + _BEGUN, [list(part.rooms), list(part.first_numbers), list(part.first_numbers.values())]


def _matches(wanted: Wanted, part: Part, *, has_rooms: bool) -> tuple[str, list[_Parameter]]:
    """A condition, and its parameters. Terms and marks are of letters and digits only: nothing is an operator."""
    groups = list(wanted.marks)
    is_small = part.messages <= _FEW_MESSAGES and len(part.rooms) <= _MOST_ROOM_MARKS
    if has_rooms and (is_small or len(part.rooms) <= _FEW_ROOMS):
        groups.append(tuple(map(room_mark, part.rooms)))
    conditions, parameters = [], list[_Parameter]()
    if wanted.query:
        conditions.append("to_tsquery('simple', %s)")
        parameters.append(wanted.query.tsquery())
    if groups:
        conditions.append("%s::tsquery")
        parameters.append(" & ".join("(" + " | ".join(_lexemes(group)) + ")" for group in groups))
    # As one tsquery: GIN goes through what all of it have in common, and not through each.
    return (f'"words" @@ ({" && ".join(conditions)})' if conditions else "TRUE"), parameters


def _row(document: Document) -> tuple[int, int, int, str, str]:
    marks = " ".join(_lexemes(document.marks.split()))
    return document.message_id, document.room_id, document.number, document.words, marks


def _lexemes(marks: Sequence[str]) -> list[str]:
    """As no word can be."""
    return [f"'#{mark}'" for mark in marks]


ENGINE = PostgresqlEngine()
