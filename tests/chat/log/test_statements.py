"""No statement that every message passes goes through a whole table: with a million messages it would take seconds."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection

from teahouse.accounts.models import User
from teahouse.chat.log import batches
from teahouse.chat.services.messages import prepared
from teahouse.chat.services.reading import MoveRead
from tests.chat.talking import new_room, say

pytestmark = pytest.mark.django_db


class Statements:
    """What is asked of the database, with parameters; of many alike the first."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []

    def __call__(self, execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("SELECT", "WITH", "UPDATE", "DELETE")):
            self.asked.append((sql, parameters[0] if many else parameters))
        return execute(sql, parameters, many, context)


def scans(asked: Sequence[tuple[str, Any]]) -> list[str]:
    """Of each statement that goes through a table of ours: how, and its text."""
    found = []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # As with a large table: in a small one going through it is quicker.
            cursor.execute("SET LOCAL enable_seqscan = off")
        for sql, parameters in asked:
            explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
            cursor.execute(explain + sql, parameters)
            found += [f"{row[-1]}: {sql[:200]}" for row in cursor.fetchall() if _is_scan(str(row[-1]))]
    return found


def _is_scan(step: str) -> bool:
    """Of a table, whatever it is called there; not of rows that the statement brings with it."""
    if connection.vendor == "postgresql":
        return "Seq Scan on" in step
    scanned = re.fullmatch(r"SCAN (\S+)( .*)?", step)
    return scanned is not None and scanned[1] not in ("wanted", "CONSTANT") and not scanned[1].isdecimal()


def test_sending_and_reading_find_everything_by_an_index(alice: User, bob: User) -> None:
    room = new_room(alice, bob)
    first = say(alice, room)
    entries = [
        prepared(author_id=user.pk, room_id=room.pk, client_key=f"{number}", body="hello @bob", reply_to=first.pk)
        for number, user in enumerate((alice, bob, alice))
    ]
    statements = Statements()

    with connection.execute_wrapper(statements):
        batches.store(entries)
        batches.store([MoveRead(actor_id=bob.pk, room_id=room.pk, number=2, how="read")])

    assert len(statements.asked) > 6
    assert [] == scans(statements.asked)


def test_a_statement_that_does_go_through_a_table_is_noticed(alice: User) -> None:
    assert scans([('SELECT "id" FROM "chat_message" WHERE "body" = %s', ["x"])])
