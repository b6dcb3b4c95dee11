"""The wrapper that Django looks for in a backend; see the package."""

import contextlib
import math
import os
from collections.abc import Iterator
from typing import Any

from django.db.backends.sqlite3 import base

from teahouse.sqlite import statement_limit
from teahouse.sqlite.connection import Connection, Cursor
from teahouse.sqlite.fair_lock import FairLock, lock_of
from teahouse.sqlite.schema import DatabaseSchemaEditor

# In this order. What they do is in docs/reference/databases.md; an `init_command` comes before them.
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "wal_autocheckpoint=1000",
    "journal_size_limit=67108864",
    "cache_size=-16000",
)


class DatabaseWrapper(base.DatabaseWrapper):
    """
    Options beside Django's: `lock_timeout_seconds` (4) for the turn to write in this process,
    `statement_timeout_seconds` (4) for one statement. Django's `timeout` (5 seconds here) is for the locks of other
    processes; `transaction_mode` is IMMEDIATE unless told otherwise. Each may raise OperationalError, and then nothing
    is stored.
    """

    SchemaEditorClass = DatabaseSchemaEditor
    connection: Connection

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        if "transaction_mode" not in self.settings_dict["OPTIONS"]:
            # A transaction that reads and then writes would otherwise fail when somebody wrote in between.
            self.transaction_mode = "IMMEDIATE"
        self._lock_timeout_seconds = float(params.pop("lock_timeout_seconds", 4))
        self._statement_timeout_seconds = float(params.pop("statement_timeout_seconds", 4))
        params.setdefault("timeout", 5)
        params["factory"] = Connection
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        # With the lock of the file: turning to WAL is a write, the first time.
        lock = self._lock()
        connection: Connection = super().get_new_connection(conn_params)
        connection.limit(
            lock,
            lock_timeout_seconds=self._lock_timeout_seconds,
            busy_timeout_seconds=conn_params["timeout"],
            statement_seconds=self._statement_timeout_seconds,
        )
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        statement_limit.watch(connection)
        return connection

    def create_cursor(self, name: str | None = None) -> Cursor:
        cursor: Cursor = self.connection.cursor(factory=Cursor)
        return cursor

    @contextlib.contextmanager
    def unlimited(self) -> Iterator[None]:
        """Statements of this connection take as long as they take: for migrations, backups and repairs."""
        self.ensure_connection()
        connection = self.connection
        seconds = connection.statement_timeout_seconds
        connection.statement_timeout_seconds = math.inf
        try:
            yield
        finally:
            connection.statement_timeout_seconds = seconds

    def _lock(self) -> FairLock:
        name = str(self.settings_dict["NAME"])
        if name == ":memory:":
            # A database of this connection alone.
            return FairLock()
        return lock_of(name if name.startswith("file:") else os.path.realpath(name))
