"""
A connection of `sqlite3` and its cursors: whoever writes waits for its turn, a statement has a limit, and a transaction
that SQLite gave up by itself is not taken for one that was committed.

Statements go through `cursor()` with `Cursor` as factory, as Django's do; `Connection.execute` of `sqlite3` passes by.
"""

import contextlib
import math
import re
import sqlite3
import time
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.backends.sqlite3.base import SQLiteCursorWrapper

from teahouse.sqlite.fair_lock import FairLock, Ticket

_FIRST_WORD = re.compile(r"(?:\s+|--[^\n]*\n|/\*.*?\*/|;)*(\w+)", re.DOTALL)
# What waits for nobody: reads, and what ends or divides a transaction that has its turn already.
_NO_WRITES = frozenset(
    ["SELECT", "VALUES", "EXPLAIN", "PRAGMA", "ATTACH", "DETACH", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE"]
)
_WRITES_WITHIN = re.compile(r"\b(INSERT|UPDATE|DELETE|REPLACE\s+INTO)\b", re.IGNORECASE)
_LOCKS_AT_ONCE = re.compile(r"\b(IMMEDIATE|EXCLUSIVE)\b", re.IGNORECASE)
# Who has waited longer than this in the process has less time left for the locks of other processes.
_NOTICEABLE_SECONDS = 0.1
_LEAST_BUSY_SECONDS = 1.0

_LOST = "the transaction was rolled back by SQLite when a statement in it failed; nothing of it is stored"


def is_write(sql: str) -> bool:
    """Whether the statement takes, or may take, the lock of the file. In doubt it does."""
    found = _FIRST_WORD.match(sql)
    word = found[1].upper() if found else ""
    if word in _NO_WRITES:
        return False
    if word == "BEGIN":
        return _LOCKS_AT_ONCE.search(sql) is not None
    if word == "WITH":
        return _WRITES_WITHIN.search(sql) is not None
    return True


class Connection(sqlite3.Connection):
    """
    Has its turn from its first write (or `BEGIN IMMEDIATE`) until the transaction's end, however that comes. `limit`
    has to be called once, before the first statement of a cursor.
    """

    statement_ends_at = math.inf
    statement_timeout_seconds = math.inf
    _has_turn = False
    # As far as the caller knows; SQLite may have ended the transaction by itself.
    _is_in_transaction = False
    _has_short_busy_timeout = False

    def limit(
        self, lock: FairLock, *, lock_timeout_seconds: float, busy_timeout_seconds: float, statement_seconds: float
    ) -> None:
        """
        A writer waits at most `lock_timeout_seconds` for those of this process, and with those of other processes at
        most `busy_timeout_seconds`, or a second more than the first if that is longer.
        """
        self._lock = lock
        self._ticket = Ticket(self)
        self._lock_timeout_seconds = lock_timeout_seconds
        self._busy_timeout_seconds = busy_timeout_seconds
        self.statement_timeout_seconds = statement_seconds

    def begin_statement(self, sql: str) -> None:
        """
        Raises:
            sqlite3.OperationalError: others wrote for too long, or the transaction that it belongs to is gone.
        """
        if self._is_in_transaction and not self.in_transaction:
            raise sqlite3.OperationalError(_LOST)
        if not self._has_turn and is_write(sql):
            self._take_turn()
        self.statement_ends_at = time.monotonic() + self.statement_timeout_seconds

    def end_statement(self, *, is_done: bool) -> None:
        """After each `begin_statement` that has returned. `is_done` if no error was raised."""
        self.statement_ends_at = math.inf
        if self.in_transaction:
            self._is_in_transaction = True
            return
        if is_done:
            self._is_in_transaction = False
        self._give_turn_back()

    def explained(self, error: sqlite3.OperationalError) -> sqlite3.OperationalError:
        if str(error) != "interrupted":
            return error
        return sqlite3.OperationalError(f"statement ended: it took more than {self.statement_timeout_seconds:g} s")

    def commit(self) -> None:
        """
        Raises:
            sqlite3.OperationalError: also for a transaction that SQLite rolled back by itself. `sqlite3` would do
            nothing.
        """
        was_lost = self._is_in_transaction and not self.in_transaction
        try:
            super().commit()
        finally:
            self._settle()
        if was_lost:
            raise sqlite3.OperationalError(_LOST)

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self._settle()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._is_in_transaction = False
            self._give_turn_back()

    def abandon(self) -> None:
        """Roll back for a thread that has ended. Whoever else goes on with the transaction is told that it is gone."""
        with contextlib.suppress(sqlite3.Error):
            super().rollback()
        self._give_turn_back()

    def _settle(self) -> None:
        if not self.in_transaction:
            self._is_in_transaction = False
            self._give_turn_back()

    def _take_turn(self) -> None:
        try:
            waited = self._lock.acquire(self._ticket, self._lock_timeout_seconds)
        except TimeoutError:
            raise sqlite3.OperationalError(
                f"database is locked: others wrote for {self._lock_timeout_seconds:g} s"
            ) from None
        self._has_turn = True
        if waited > _NOTICEABLE_SECONDS:
            self._set_busy_timeout(max(_LEAST_BUSY_SECONDS, self._busy_timeout_seconds - waited))
            self._has_short_busy_timeout = True

    def _give_turn_back(self) -> None:
        if not self._has_turn:
            return
        if self._has_short_busy_timeout:
            self._has_short_busy_timeout = False
            with contextlib.suppress(sqlite3.Error):
                self._set_busy_timeout(self._busy_timeout_seconds)
        self._has_turn = False
        self._lock.release(self._ticket)

    def _set_busy_timeout(self, seconds: float) -> None:
        self.execute(f"PRAGMA busy_timeout={round(seconds * 1000)}")


class Cursor(SQLiteCursorWrapper):
    """Django's cursor, which tells its connection when a statement begins and ends."""

    connection: Connection
    _rows: Iterator[Any] | None = None

    def execute(self, query: str, params: Any = None) -> "Cursor":
        self._rows = None
        connection = self.connection
        connection.begin_statement(query)
        is_done = False
        try:
            super().execute(query, params)
            if self.description is not None and not connection.in_transaction and is_write(query):
                # INSERT ... RETURNING outside a transaction is committed with its last row, so within our turn.
                self._rows = iter(super().fetchall())
            is_done = True
        except sqlite3.OperationalError as error:
            raise connection.explained(error) from None
        finally:
            connection.end_statement(is_done=is_done)
        return self

    def executemany(self, query: str, param_list: Iterable[Any]) -> "Cursor":
        self._rows = None
        connection = self.connection
        connection.begin_statement(query)
        is_done = False
        try:
            super().executemany(query, param_list)
            is_done = True
        except sqlite3.OperationalError as error:
            raise connection.explained(error) from None
        finally:
            connection.end_statement(is_done=is_done)
        return self

    def executescript(self, script: str) -> "Cursor":
        # It commits what is open, and then each of its statements by itself.
        self._rows = None
        connection = self.connection
        connection.begin_statement("")
        is_done = False
        try:
            super().executescript(script)
            is_done = True
        except sqlite3.OperationalError as error:
            raise connection.explained(error) from None
        finally:
            connection.end_statement(is_done=is_done)
        return self

    # A SELECT works while it is fetched. Each fetch has its own limit: what the caller does in between is none of ours.

    def fetchone(self) -> Any:
        if self._rows is not None:
            return next(self._rows, None)
        with self._limited():
            return super().fetchone()

    def fetchmany(self, size: int | None = None) -> list[Any]:
        size = self.arraysize if size is None else size
        if self._rows is not None:
            return [row for _, row in zip(range(size), self._rows, strict=False)]
        with self._limited():
            return super().fetchmany(size)

    def fetchall(self) -> list[Any]:
        if self._rows is not None:
            return list(self._rows)
        with self._limited():
            return super().fetchall()

    def __next__(self) -> Any:
        if self._rows is not None:
            return next(self._rows)
        with self._limited():
            return super().__next__()

    def _limited(self) -> "_Limited":
        return _Limited(self.connection)


class _Limited:
    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        connection = self._connection
        connection.statement_ends_at = time.monotonic() + connection.statement_timeout_seconds

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        self._connection.statement_ends_at = math.inf
        if isinstance(error, sqlite3.OperationalError):
            raise self._connection.explained(error) from None
