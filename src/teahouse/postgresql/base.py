"""The wrapper that Django looks for in a backend; see the package."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from teahouse.postgresql.connection import LimitedConnection, is_alive
from teahouse.postgresql.schema import DatabaseSchemaEditor

_SET_LIMITS = "SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false)"


class DatabaseWrapper(base.DatabaseWrapper):
    """
    Options beside Django's: `answer_timeout_seconds` (4.5; longer than `statement_timeout`, so that a server that still
    lives speaks first). Holds for connections of a pool, so `pool` has to be set; each that is taken from it is looked
    at.
    """

    SchemaEditorClass = DatabaseSchemaEditor

    def __init__(self, settings_dict: dict[str, Any], alias: str = "default") -> None:
        super().__init__(settings_dict, alias)
        options = settings_dict["OPTIONS"]
        if options.get("pool"):
            pool_options = options["pool"] if isinstance(options["pool"], dict) else {}
            options["pool"] = {"connection_class": LimitedConnection, **pool_options}

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        self._answer_timeout_seconds = float(params.pop("answer_timeout_seconds", 4.5))
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> psycopg.Connection[Any]:
        connection: psycopg.Connection[Any] = super().get_new_connection(conn_params)
        pool = self.pool
        if pool is None:
            return connection
        ends_at = time.monotonic() + pool.timeout
        while not is_alive(connection):
            connection.close()
            pool.putconn(connection)
            if time.monotonic() >= ends_at:
                raise psycopg.OperationalError(f"no connection that lives within {pool.timeout:g} s")
            connection = super().get_new_connection(conn_params)
        return connection

    def _configure_connection(self, connection: Any) -> bool:
        # The pool calls this for each that it opens.
        if isinstance(connection, LimitedConnection):
            connection.answer_timeout_seconds = self._answer_timeout_seconds
        is_changed: bool = super()._configure_connection(connection)  # type: ignore[misc]
        return is_changed

    def _close(self) -> None:
        if isinstance(self.connection, LimitedConnection) and self.connection.is_unlimited:
            # Back in the pool it would be somebody's everyday connection. The pool replaces one that is closed.
            self.connection.close()
        super()._close()  # type: ignore[misc]

    @contextlib.contextmanager
    def unlimited(self) -> Iterator[None]:
        """
        Statements of this connection take as long as they take, and wait as long for locks: for migrations, backups and
        repairs. Within a transaction that fails PostgreSQL puts the limits back by itself.
        """
        self.ensure_connection()
        connection = self.connection
        with self.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
            limits = cursor.fetchone()
            before = _lift(connection)
            cursor.execute(_SET_LIMITS, ["0", "0"])
        try:
            yield
        finally:
            if connection is self.connection and _may_be_asked(connection):
                with self.cursor() as cursor:
                    cursor.execute(_SET_LIMITS, limits)
            if isinstance(connection, LimitedConnection):
                connection.answer_timeout_seconds, connection.is_unlimited = before


def _lift(connection: Any) -> tuple[float | None, bool]:
    """What it was before."""
    if not isinstance(connection, LimitedConnection):
        return None, False
    before = connection.answer_timeout_seconds, connection.is_unlimited
    connection.answer_timeout_seconds, connection.is_unlimited = None, True
    return before


def _may_be_asked(connection: Any) -> bool:
    return not connection.closed and connection.pgconn.transaction_status in (
        TransactionStatus.IDLE,
        TransactionStatus.INTRANS,
    )
