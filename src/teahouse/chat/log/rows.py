"""
Statements for many rows at once, in SQL: the ORM costs several times as much for the few that every message passes.
Both databases take them as they are. Used inside a batch only.
"""

import datetime
from collections.abc import Collection, Iterable, Sequence
from typing import Any, overload

from django.db import connection

# SQLite takes 32,766 parameters, PostgreSQL 65,535.
_MOST_PARAMETERS = 30_000


def select(sql: str, keys: Collection[Any]) -> list[tuple[Any, ...]]:
    """
    `sql` has one `{keys}` for a list of values (`"id" IN {keys}`) or, where they are tuples, of rows. Those are joined
    (`WITH "wanted" (...) AS {keys} SELECT ... FROM "wanted" CROSS JOIN ...`): SQLite goes through the whole table for
    `(a, b) IN (VALUES ...)`.
    """
    if not keys:
        return []
    rows: list[tuple[Any, ...]] = []
    for some in _parts(list(keys)):
        is_tuple = isinstance(some[0], tuple)
        place = f"({', '.join(['%s'] * len(some[0]))})" if is_tuple else "%s"
        places = ", ".join([place] * len(some))
        listed = f"(VALUES {places})" if is_tuple else f"({places})"
        parameters = [value for key in some for value in key] if is_tuple else some
        with connection.cursor() as cursor:
            cursor.execute(sql.format(keys=listed), parameters)
            rows += cursor.fetchall()
    return rows


def insert(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], returning: str = "") -> list[Any]:
    """What `returning` names of each row, in no promised order."""
    found: list[Any] = []
    place = f"({', '.join(['%s'] * len(columns))})"
    named = ", ".join(f'"{column}"' for column in columns)
    for some in _parts(rows):
        sql = f'INSERT INTO "{table}" ({named}) VALUES {", ".join([place] * len(some))}'  # noqa: S608 (names of ours)
        with connection.cursor() as cursor:
            cursor.execute(sql + (f" RETURNING {returning}" if returning else ""), [v for row in some for v in row])
            if returning:
                found += cursor.fetchall()
    return found


def execute_many(sql: str, parameters: Iterable[Sequence[Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(sql, list(parameters))


def moment(value: datetime.datetime) -> Any:
    """As the database's driver takes it."""
    return connection.ops.adapt_datetimefield_value(value)


@overload
def moment_in(value: datetime.datetime) -> datetime.datetime: ...
@overload
def moment_in(value: None) -> None: ...
def moment_in(value: datetime.datetime | None) -> datetime.datetime | None:
    """As it came from the driver: SQLite gives UTC without saying so."""
    return value.replace(tzinfo=datetime.UTC) if value is not None and value.tzinfo is None else value


def _parts(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    if not rows:
        return
    width = len(rows[0]) if isinstance(rows[0], tuple | list) else 1
    step = max(1, _MOST_PARAMETERS // max(1, width))
    for start in range(0, len(rows), step):
        yield rows[start : start + step]
