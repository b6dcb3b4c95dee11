"""One process or many: what is needed for many, and the lock that catches a second process where only one may be."""

import os
import pathlib
import sys

import filelock
from django.conf import settings

# uvicorn stops its parent and gunicorn its master on this code, instead of starting the worker over and over.
STARTUP_FAILURE = 3

NEEDS = "More than one process needs PostgreSQL and Redis: set DATABASE_URL and REDIS_URL, or run one process."

_lock: filelock.FileLock | None = None
_lock_pid: int | None = None


def may_be_many() -> bool:
    database_engine = settings.DATABASES["default"]["ENGINE"]
    return settings.TEAHOUSE_REALTIME["redis_url"] is not None and database_engine.endswith("postgresql")


def stay_alone(data: pathlib.Path) -> None:
    """
    Hold the data folder for this process until it ends. Calling it again in the same process changes nothing.

    Ends the process with one line when another one holds it.
    """
    global _lock, _lock_pid
    if _lock_pid == os.getpid():
        return
    lock = filelock.FileLock(data / "process.lock", is_singleton=False)
    try:
        lock.acquire(blocking=False)
    except filelock.Timeout:
        sys.stderr.write(f"teahouse: another process serves the data in {data}. {NEEDS}\n")
        sys.stderr.flush()
        sys.exit(STARTUP_FAILURE)
    _lock, _lock_pid = lock, os.getpid()
