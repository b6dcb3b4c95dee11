"""
Statements for many rows at once, in SQL: the ORM costs several times as much for the few that every message passes.
Each database gets the rows in the way that it takes quickest. Used inside a batch only.
"""

import datetime
import functools
from collections.abc import Collection, Iterable, Sequence
from typing import Any, overload

import msgspec
from django.db import connection
from django.db.models import Model

# SQLite takes 32,766 parameters. PostgreSQL gets one, JSON: a thousand parameters, and lists of them too, took psycopg
# longer than everything else about a batch.
_MOST_PARAMETERS = 30_000
# In JSON, of columns by their place.
_NAMES = tuple("abcdefghijklmnopqrstuvwxyz")


def select(sql: str, keys: Collection[Any]) -> list[tuple[Any, ...]]:
    """
    `sql` has one `{keys}` for a list of values (`"id" IN {keys}`) or, where they are tuples, of rows. Those are joined
    (`WITH "wanted" (...) AS {keys} SELECT ... FROM "wanted" CROSS JOIN ...`): SQLite goes through the whole table for
    `(a, b) IN (VALUES ...)`.
    """
    if not keys:
        return []
    listed = list(keys)
    is_tuple = isinstance(listed[0], tuple)
    if connection.vendor == "postgresql":
        wanted = listed if is_tuple else [(key,) for key in listed]
        return _fetched(sql.format(keys=f"({_given(_types_by_value(wanted), len(wanted))})"), [_as_json(wanted)])
    rows: list[tuple[Any, ...]] = []
    for some in _parts(listed):
        place = f"({', '.join(['%s'] * len(some[0]))})" if is_tuple else "%s"
        places = ", ".join([place] * len(some))
        within = f"(VALUES {places})" if is_tuple else f"({places})"
        rows += _fetched(sql.format(keys=within), [value for key in some for value in key] if is_tuple else some)
    return rows


def insert(
    model: type[Model], columns: Sequence[str], rows: Sequence[tuple[Any, ...]], returning: str = ""
) -> list[tuple[Any, ...]]:
    """What `returning` names of each row, in no promised order. `columns` are those of the table."""
    if not rows:
        return []
    named = ", ".join(f'"{column}"' for column in columns)
    into = f'INSERT INTO "{model._meta.db_table}" ({named}) '
    then = f" RETURNING {returning}" if returning else ""
    if connection.vendor == "postgresql":
        sql = f"{into}{_given(_types_of(model, tuple(columns)), len(rows))}{then}"
        return _fetched(sql, [_as_json(rows)], is_answered=bool(returning))
    # Nobody else writes meanwhile: what is above the highest id from before is what this inserts.
    table = f'FROM "{model._meta.db_table}"'
    [(last,)] = _fetched(f'SELECT COALESCE(MAX("rowid"), 0) {table}', []) if returning else [(0,)]
    execute_many(f"{into}VALUES ({', '.join(['%s'] * len(columns))})", rows)
    return _fetched(f'SELECT {returning} {table} WHERE "rowid" > %s', [last]) if returning else []


def update(model: type[Model], by: Sequence[str], columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """
    Each row is the values of `by`, by which one is found, and then the new ones of `columns`. They are locked in the
    order of `by`: whoever else locks some in that order never waits in a circle; and as an UPDATE locks them, so that
    rows which refer to them may be written meanwhile.
    """
    ordered = sorted(rows, key=lambda row: row[: len(by)])
    if not ordered:
        return
    table = model._meta.db_table
    if connection.vendor != "postgresql":
        sets = ", ".join(f'"{column}" = %s' for column in columns)
        found = " AND ".join(f'"{column}" = %s' for column in by)
        sql = f'UPDATE "{table}" SET {sets} WHERE {found}'  # noqa: S608 (names of ours)
        execute_many(sql, [(*row[len(by) :], *row[: len(by)]) for row in ordered])
        return
    names = ", ".join(f'"{column}"' for column in (*by, *columns))
    order = ", ".join(f'"t"."{column}"' for column in by)
    same = " AND ".join(f'"t"."{column}" = "wanted"."{column}"' for column in by)
    still = " AND ".join(f'"t"."{column}" = "locked"."{column}"' for column in by)
    sets = ", ".join(f'"{column}" = "locked"."{column}"' for column in columns)
    sql = (  # Names of ours:
        f'WITH "wanted" ({names}) AS ({_given(_types_of(model, (*by, *columns)), len(ordered))}), '  # noqa: S608
        f'"locked" AS (SELECT "wanted".* FROM "wanted" JOIN "{table}" AS "t" ON {same} '
        f'ORDER BY {order} FOR NO KEY UPDATE OF "t") '
        f'UPDATE "{table}" AS "t" SET {sets} FROM "locked" WHERE {still}'
    )
    _fetched(sql, [_as_json(ordered)], is_answered=False)


def execute_many(sql: str, parameters: Iterable[Sequence[Any]]) -> None:
    if rows := list(parameters):
        with connection.cursor() as cursor:
            cursor.executemany(sql, rows)


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


def _fetched(sql: str, parameters: Sequence[Any], *, is_answered: bool = True) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if is_answered else []


def _given(kinds: Sequence[str], count: int) -> str:
    """A SELECT of so many rows of these types, out of one parameter, which is `_as_json`."""
    # Bytes are in Base64 there. The limit is for the planner, which takes JSON for a hundred rows, and for so many goes
    # through whole tables.
    columns = ", ".join(
        f'"{name}" {"text" if kind == "bytea" else kind}' for name, kind in zip(_NAMES, kinds, strict=False)
    )
    values = ", ".join(
        f"decode(\"{name}\", 'base64')" if kind == "bytea" else f'"{name}"'
        for name, kind in zip(_NAMES, kinds, strict=False)
    )
    return f"SELECT {values} FROM json_to_recordset(%s::json) AS given ({columns}) LIMIT {count}"  # noqa: S608 (names of ours)


def _as_json(rows: Sequence[tuple[Any, ...]]) -> str:
    return msgspec.json.encode([dict(zip(_NAMES, row, strict=False)) for row in rows]).decode()


def _types_by_value(rows: Sequence[tuple[Any, ...]]) -> list[str]:
    """Of keys, which are integers and texts, or None."""
    return ["text" if any(isinstance(key, str) for key in column) else "bigint" for column in zip(*rows, strict=True)]


@functools.cache
def _types_of(model: type[Model], columns: tuple[str, ...]) -> list[str]:
    """As PostgreSQL names them, without limits of their length: those stay with the table."""
    kinds = {field.column: (field.db_type(connection) or "").partition("(")[0] for field in model._meta.concrete_fields}
    return [kinds[column] for column in columns]


def _parts(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    if not rows:
        return
    width = len(rows[0]) if isinstance(rows[0], tuple | list) else 1
    step = max(1, _MOST_PARAMETERS // max(1, width))
    for start in range(0, len(rows), step):
        yield rows[start : start + step]
