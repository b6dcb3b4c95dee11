"""
The index in SQLite: a contentless FTS5 table, and beside it what was indexed of each message.

FTS5 takes tokens out only when it is told which they were (`contentless_delete` came with SQLite 3.43, later than
Debian 12). A copy of the text, from which they are made anew, costs less than FTS5's own copy of all tokens would.
"""

from collections.abc import Sequence

from django.db import connection

from teahouse.chat.access import MOST_ID
from teahouse.chat.log import rows
from teahouse.chat.search.documents import room_mark
from teahouse.chat.search.engines import Document, Part, Wanted
from teahouse.chat.text.terms import index_text

_ADD = 'INSERT INTO "chat_search_words" ("rowid", "words", "marks") VALUES (%s, %s, %s)'
_KEEP = 'INSERT INTO "chat_search" ("message_id", "marks", "source") VALUES (%s, %s, %s)'
_TAKE_OUT = """
INSERT INTO "chat_search_words" ("chat_search_words", "rowid", "words", "marks") VALUES ('delete', %s, %s, %s)
"""
# FTS5 gives the highest ids first, one after the other: nobody waits for more of them than are looked at.
_HITS = """
SELECT "w"."rowid", "m"."room_id", "m"."number"
FROM "chat_search_words" AS "w" CROSS JOIN "chat_message" AS "m" ON "m"."id" = "w"."rowid"
WHERE "w"."chat_search_words" MATCH %s AND "w"."rowid" BETWEEN %s AND %s ORDER BY "w"."rowid" DESC LIMIT %s
"""
# In so many rooms FTS5 looks by their marks. With more of them it costs more than looking at the rooms of some hits,
# which for most words are all.
_FEW_ROOMS = 4
_MOST_LOOKED_AT = 3_000
_ROWS_AT_ONCE = 100


class SqliteEngine:
    def write(self, documents: Sequence[Document], gone: Sequence[int]) -> None:
        wanted = {document.message_id: document for document in documents}
        before = {
            pk: (marks, source)
            for pk, marks, source in rows.select(
                'SELECT "message_id", "marks", "source" FROM "chat_search" WHERE "message_id" IN {keys}',
                [*wanted, *gone],
            )
        }
        # FTS5 begins a new segment whenever an id is lower than the one before.
        for pk in sorted(before):
            document = wanted.pop(pk, None)
            if document is None or before[pk] != (document.marks, document.source):
                self._replace(pk, before[pk], document)
        added = [wanted[pk] for pk in sorted(wanted)]
        rows.execute_many(_KEEP, [(one.message_id, one.marks, one.source) for one in added])
        rows.execute_many(_ADD, [(one.message_id, one.words, one.marks) for one in added])

    def clear(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute('DELETE FROM "chat_search"')
            cursor.execute('INSERT INTO "chat_search_words" ("chat_search_words") VALUES (\'delete-all\')')

    def hits(self, wanted: Wanted, part: Part, *, limit: int) -> list[int]:
        if not part.rooms or part.low > part.high:
            return []
        found: list[int] = []
        high = part.high
        if len(part.rooms) > _FEW_ROOMS and (wanted.query or wanted.marks):
            expression = _expression(wanted, ())
            found, end = self._looked_at(expression, part, high=high, limit=limit, most=_MOST_LOOKED_AT)
            if end is None:
                return found
            high = end - 1
        rest, _ = self._looked_at(
            _expression(wanted, part.rooms), part, high=high, limit=limit - len(found), most=MOST_ID
        )
        return found + rest

    def hits_and_count(self, wanted: Wanted, part: Part, *, limit: int, most: int) -> tuple[list[int], int]:
        found = self.hits(wanted, part, limit=most)
        return found[:limit], len(found)

    def _looked_at(
        self, expression: str, part: Part, *, high: int, limit: int, most: int
    ) -> tuple[list[int], int | None]:
        """Of at most `most` hits those that may be seen; and the last that was looked at, where more may follow."""
        firsts = {room: part.first_numbers.get(room, 1) for room in part.rooms}
        found: list[int] = []
        looked_at = last = 0
        with connection.cursor() as cursor:
            cursor.execute(_HITS, [expression, part.low, high, most])
            while some := cursor.fetchmany(_ROWS_AT_ONCE):
                looked_at += len(some)
                last = some[-1][0]
                found += [pk for pk, room, number in some if room in firsts and number >= firsts[room]]
                if len(found) >= limit:
                    return found[:limit], None
        return found, last if looked_at == most else None

    def _replace(self, pk: int, before: tuple[str, str], document: Document | None) -> None:
        marks, source = before
        with connection.cursor() as cursor:
            cursor.execute(_TAKE_OUT, [pk, index_text(source), marks])
            cursor.execute('DELETE FROM "chat_search" WHERE "message_id" = %s', [pk])
            if document is not None:
                cursor.execute(_ADD, [pk, document.words, document.marks])
                cursor.execute(_KEEP, [pk, document.marks, document.source])


def _expression(wanted: Wanted, rooms: Sequence[int]) -> str:
    """The right side of MATCH. Terms and marks are of letters and digits only, and quoted: nothing is an operator."""
    groups = (*wanted.marks, tuple(map(room_mark, rooms))) if rooms else wanted.marks
    clauses = ["marks : (" + " OR ".join(f'"{mark}"' for mark in group) + ")" for group in groups]
    if wanted.query:
        clauses.insert(0, f"words : ({wanted.query.fts5()})")
    return " AND ".join(clauses)


ENGINE = SqliteEngine()
