"""
A connection of psycopg that gives up on a silent server. `statement_timeout` is kept by the server, and TCP notices a
machine that is gone, but a server that is stopped or hangs keeps its TCP connections and would hold our threads for
ever.
"""

import contextlib
import select
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool

R = TypeVar("R")


class LimitedConnection(psycopg.Connection[Any]):
    """All that psycopg waits for comes through `wait`: statements, commits, each piece of a COPY."""

    answer_timeout_seconds: float | None = None
    # Its limits are lifted, those of the server too; no connection for a pool.
    is_unlimited = False

    def wait(self, gen: PQGen[R], interval: float = 0.1, timeout: float | None = None) -> R:
        """
        Raises:
            psycopg.OperationalError: no answer within `answer_timeout_seconds`. The connection is closed. Whether the
                server has done, or will still do, what it was told, is not known.
        """
        if timeout is not None or self.answer_timeout_seconds is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.answer_timeout_seconds)
        except psycopg.OperationalError as error:
            # An error that the server sent ends the statement; after this one it is still on its way.
            if self.pgconn.transaction_status != TransactionStatus.ACTIVE:
                raise
            self.close()
            raise psycopg.OperationalError(
                f"PostgreSQL did not answer within {self.answer_timeout_seconds:g} s"
            ) from error


def is_alive(connection: psycopg.Connection[Any]) -> bool:
    """
    Whether nothing says that an idle connection has ended. Costs a system call; only where something has come unasked,
    which nearly always is the end, the server is asked.
    """
    if connection.closed:
        return False
    if _is_silent(connection.fileno()):
        return True
    with contextlib.suppress(psycopg.Error):
        ConnectionPool.check_connection(connection)
        return True
    return False


def _is_silent(descriptor: int) -> bool:
    if not hasattr(select, "poll"):  # Windows.
        return not select.select([descriptor], [], [], 0)[0]
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return not poll.poll(0)
