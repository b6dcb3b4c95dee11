"""
The thread that ends statements which take too long, by `sqlite3_interrupt`. A progress handler would do the same
without a thread, but each of its calls takes the interpreter's lock, up to 5 ms beside a thread that computes.
"""

import contextlib
import os
import threading
import time
import weakref
from typing import Protocol

_LOOK_SECONDS = 0.25


class Limited(Protocol):
    # By `time.monotonic()`; infinite while no statement runs.
    statement_ends_at: float

    def interrupt(self) -> None: ...


_watched: weakref.WeakSet[Limited] = weakref.WeakSet()
_mutex = threading.Lock()
_thread: threading.Thread | None = None


def watch(connection: Limited) -> None:
    """
    Interrupt each statement of `connection` at most a quarter of a second after it should have ended. Ends with the
    connection. In the rarest case that the next statement begins at this moment, that one is interrupted.
    """
    global _thread
    with _mutex:
        _watched.add(connection)
        if _thread is None:
            _thread = threading.Thread(target=_look, name="teahouse-sqlite-limit", daemon=True)
            _thread.start()


def _look() -> None:
    global _thread
    while True:
        time.sleep(_LOOK_SECONDS)
        with _mutex:
            connections = list(_watched)
            if not connections:
                _thread = None
                return
        now = time.monotonic()
        for connection in connections:
            if connection.statement_ends_at <= now:
                # It may have been closed in the meantime.
                with contextlib.suppress(Exception):
                    connection.interrupt()
        # Otherwise the last one would stay open for as long as this sleeps.
        del connections
        connection = None  # type: ignore[assignment]


def _forget_thread() -> None:
    global _mutex, _thread
    _mutex = threading.Lock()
    _thread = None


with contextlib.suppress(AttributeError):  # Windows has no fork.
    os.register_at_fork(after_in_child=_forget_thread)
