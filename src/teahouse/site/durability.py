"""
What the database really does with a commit, asked before anybody is served: is it on the disk when we say so? What the
settings ask for is in `databases.py`; this asks the database what it does.
"""

import concurrent.futures
import os
import pathlib
import re
import sys
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.db import Error as DatabaseError
from django.db import connection as default_connection
from django.db.backends.base.base import BaseDatabaseWrapper

from teahouse.site.alone import STARTUP_FAILURE

ALLOW_UNSAFE = "TEAHOUSE_ALLOW_UNSAFE_DATABASE=1"

# PostgreSQL, chapter "Write Ahead Log" of its manual: what each of them loses when the power fails.
_POSTGRESQL = {
    "fsync": (("on",), "what was stored, and perhaps the whole database, is lost"),
    "full_page_writes": (("on",), "pages that were half written stay so"),
    "synchronous_commit": (("on", "local", "remote_write", "remote_apply"), "the last commits are lost"),
}
# FULL and EXTRA, https://www.sqlite.org/pragma.html#pragma_synchronous
_SQLITE_SYNCHRONOUS = (2, 3)
# SQLite's log needs memory that its processes share, https://www.sqlite.org/wal.html#overview, and locks that hold.
# fmt: off
_NETWORK_FILE_SYSTEMS = frozenset([
    "9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "fuse.cephfs", "fuse.davfs", "fuse.glusterfs",
    "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "glusterfs", "gfs", "gfs2", "gpfs", "lustre", "ncpfs", "nfs", "nfs4",
    "ocfs2", "orangefs", "pvfs2", "smb2", "smb3", "smbfs",
])
# fmt: on
_OCTAL = re.compile(r"\\([0-7]{3})")


class UnsafeDatabase(Exception):
    """One line that says what would be lost, and what to do."""


def check(connection: BaseDatabaseWrapper, *, is_unsafe_allowed: bool = False) -> None:
    """
    Nothing is written.

    Raises:
        UnsafeDatabase: it may lose what it has acknowledged, and nobody has said that this is allowed.
        django.db.Error: it does not answer.
    """
    found = problems(connection)
    if found and not is_unsafe_allowed:
        raise UnsafeDatabase(
            f"The database may lose what it has stored: {'; '.join(found)}."
            f" Change it, or set {ALLOW_UNSAFE} where nothing matters."
        )


def end_process_if_unsafe(*, is_unsafe_allowed: bool = False) -> None:
    """
    For a worker, before it serves; it may be called where a loop runs. A database that does not answer now is no reason
    to end: `/readyz` asks again when it does. Nothing stays open, so that the process may still fork.
    """
    # Django asks no database in a thread with a running loop, and uvicorn imports the application in its own.
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        reason = thread.submit(_reason_to_end, is_unsafe_allowed).result()
    if reason is not None:
        sys.stderr.write(f"teahouse: {reason}\n")
        sys.stderr.flush()
        sys.exit(STARTUP_FAILURE)


def _reason_to_end(is_unsafe_allowed: bool) -> str | None:
    try:
        check(default_connection, is_unsafe_allowed=is_unsafe_allowed)
    except UnsafeDatabase as error:
        return str(error)
    except DatabaseError:
        return None
    finally:
        default_connection.close()
        close_pool = getattr(default_connection, "close_pool", None)
        if close_pool is not None:
            close_pool()
    return None


def problems(connection: BaseDatabaseWrapper) -> list[str]:
    """What is wrong, each in a few words. Raises django.db.Error when the database does not answer."""
    if connection.vendor == "postgresql":
        return _postgresql_problems(connection)
    if connection.vendor == "sqlite":
        return _sqlite_problems(connection)
    return [f"{connection.display_name} is neither SQLite nor PostgreSQL"]


def _postgresql_problems(connection: BaseDatabaseWrapper) -> list[str]:
    found = []
    with connection.cursor() as cursor:
        for name, (safe, loss) in _POSTGRESQL.items():
            cursor.execute("SELECT current_setting(%s)", [name])
            (value,) = cursor.fetchone() or ("",)
            if value not in safe:
                found.append(f"PostgreSQL has {name}={value}, with which {loss} when the power fails")
    return found


def _sqlite_problems(connection: BaseDatabaseWrapper) -> list[str]:
    found = []
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        (mode,) = cursor.fetchone() or ("",)
        cursor.execute("PRAGMA synchronous")
        (synchronous,) = cursor.fetchone() or (0,)
    if mode != "wal":
        found.append(f"SQLite has journal_mode={mode} instead of wal")
    if synchronous not in _SQLITE_SYNCHRONOUS:
        found.append(f"SQLite has synchronous={synchronous}, with which the last commits are lost when the power fails")
    kind = file_system_of(pathlib.Path(str(connection.settings_dict["NAME"])))
    if kind in _NETWORK_FILE_SYSTEMS:
        found.append(f"the file is on {kind}, a network file system, where neither locks nor shared memory hold")
    return found


def file_system_of(path: pathlib.Path, mounts: str | None = None) -> str | None:
    """
    The kind of file system as the kernel calls it, `ext4` or `nfs4`. None where that cannot be known: without Linux.

    Args:
        mounts: the text of /proc/self/mounts, see proc(5) and fstab(5). The kernel's own by default.
    """
    real = os.path.realpath(path)
    if real.startswith("\\\\"):
        return "cifs"  # A share of Windows.
    if mounts is None:
        try:
            mounts = pathlib.Path("/proc/self/mounts").read_text(errors="surrogateescape")
        except OSError:
            return None
    found: tuple[int, str] | None = None
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        # Blanks in a name are \040.
        point = _OCTAL.sub(lambda match: chr(int(match[1], 8)), fields[1])
        # Of several mounted at one place the last one is seen.
        if _is_within(real, point) and (found is None or len(point) >= found[0]):
            found = (len(point), fields[2])
    return found[1] if found else None


def _is_within(path: str, folder: str) -> bool:
    return folder == "/" or path == folder or path.startswith(folder.rstrip("/") + "/")


@register()
def requests_are_no_transactions(**_: Any) -> list[CheckMessage]:
    """With it a request holds its locks to its end: on SQLite, that of all who write, even where it reads."""
    return [
        Error(
            f"settings.DATABASES[{alias!r}]: ATOMIC_REQUESTS has to be off, or requests hold up all who write.",
            id="teahouse.E005",
        )
        for alias, database in settings.DATABASES.items()
        if database.get("ATOMIC_REQUESTS")
    ]
