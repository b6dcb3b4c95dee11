"""
One process or many: what is needed for many, and the lock that catches a second process where only one may be.

Needs no Django: gunicorn's master, whose workers load the code of their own time, decides here too.
"""

import os
import pathlib
import sys
from typing import NoReturn

import filelock

from teahouse.site.env import Env

# uvicorn stops its parent and gunicorn its master on this code, instead of starting the worker over and over.
STARTUP_FAILURE = 3

NEEDS = "More than one process needs PostgreSQL and Redis: set DATABASE_URL and REDIS_URL, or run one process."

# The process that holds the lock for its children. None of ours in `env.py`: nobody is to set it.
_PARENT = "_TEAHOUSE_LOCK_PARENT"

_lock: filelock.FileLock | None = None
_lock_pid: int | None = None


def may_be_many(env: Env) -> bool:
    scheme = (env.database_url or "").partition(":")[0].lower()
    return env.redis_url is not None and scheme in ("postgres", "postgresql")


def stay_alone(data: pathlib.Path) -> None:
    """
    Hold the data folder for this process until it ends. Calling it again in the same process changes nothing, nor
    does calling it in a child of a process that holds it for its children.

    Ends the process with one line when another one holds it.
    """
    global _lock, _lock_pid
    if _lock_pid == os.getpid() or os.environ.get(_PARENT) == str(os.getppid()):
        return
    lock = filelock.FileLock(data / "process.lock", is_singleton=False)
    try:
        lock.acquire(blocking=False)
    except filelock.Timeout:
        _refuse(data)
    _lock, _lock_pid = lock, os.getpid()


def stay_alone_with_children(data: pathlib.Path) -> None:
    """
    Hold the data folder until this process and all that it has forked by then have ended: a worker may follow another
    one without a moment in which nobody holds it. Ends the process as `stay_alone` does. Not for Windows.
    """
    import fcntl

    global _lock_pid
    if _lock_pid != os.getpid():
        # filelock would let go of it in a forked child. The same lock in the same file, and never closed.
        descriptor = os.open(data / "process.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _refuse(data)
        _lock_pid = os.getpid()
    os.environ[_PARENT] = str(os.getpid())


def is_held_for_children() -> bool:
    """By this process."""
    return os.environ.get(_PARENT) == str(os.getpid())


def _refuse(data: pathlib.Path) -> NoReturn:
    sys.stderr.write(f"teahouse: another process serves the data in {data}. {NEEDS}\n")
    sys.stderr.flush()
    sys.exit(STARTUP_FAILURE)
