"""
What has come so far of uploads, in `<TEAHOUSE_DATA>/uploads/<person>/`: a file for each, locked by whoever writes it.

There is no row for it; its name is made from room and client key, so the next piece finds it, on this machine.
"""

import contextlib
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple, Protocol

from django.conf import settings

from teahouse.chat import errors

_READ_BYTES = 256 * 1024
# Folders that images are made anew in, beside the uploads.
_WORK_PREFIX = "work-"


class Upload(NamedTuple):
    """Which one: of whom, into which room, under which of their client keys."""

    user_id: int
    room_id: int
    client_key: str

    @property
    def path(self) -> Path:
        digest = hashlib.sha256(f"{self.room_id}:{self.client_key}".encode()).hexdigest()[:40]
        return _folder() / str(self.user_id) / digest

    def size_bytes(self) -> int:
        """How much of it is here; 0 also when there is nothing."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0


class Body(Protocol):
    """Of a request."""

    def read(self, size: int, /) -> bytes: ...


class TooLong(Exception):
    """More came than may."""


class Incoming:
    """An upload that nobody else writes now."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self.path = path
        self._file = file

    @property
    def size_bytes(self) -> int:
        return os.fstat(self._file.fileno()).st_size

    def write(self, body: Body, *, at: int, most_bytes: int) -> int:
        """
        Write what `body` still has, from `at` on, which is at most its size, in place of what is there. Gives how many
        bytes that were.

        Raises:
            TooLong: there are more than `most_bytes`; it is cut back to `at`.
        """
        self._file.seek(at)
        self._file.truncate()
        written = 0
        while part := body.read(_READ_BYTES):
            written += len(part)
            if written > most_bytes:
                self._file.truncate(at)
                raise TooLong
            self._file.write(part)
        self._file.flush()
        return written

    def sha256(self) -> str:
        self._file.flush()
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def remove(self) -> None:
        """Once it was kept or refused."""
        self.path.unlink(missing_ok=True)


@contextlib.contextmanager
def opened(upload: Upload) -> Iterator[Incoming]:
    """
    Begin or go on with an upload.

    Raises:
        TryAgain: another request is at it.
    """
    upload.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(upload.path, os.O_RDWR | os.O_CREAT, 0o600)
    except FileNotFoundError:
        # The folder was empty for a day, and was removed in this moment.
        raise errors.TryAgain from None
    with os.fdopen(descriptor, "r+b") as file:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise errors.TryAgain from None
        if not _is_at(descriptor, upload.path):
            # Whoever had the lock is done with it and has moved it away: writing now would change what they kept.
            raise errors.TryAgain
        yield Incoming(upload.path, file)


def bytes_of(user_id: int, *, besides: Upload | None = None) -> int:
    """How much of somebody's uploads is underway, but for one of them."""
    left_out = None if besides is None else besides.path.name
    return sum(size for entry, size in _files_in(_folder() / str(user_id)) if entry.name != left_out)


def count_of(user_id: int) -> int:
    return sum(1 for _ in _files_in(_folder() / str(user_id)))


def remove_older_than(at: float) -> int:
    """Remove what was last written before `at` (seconds since 1970), unless somebody writes it. Gives how many."""
    removed = 0
    for folder in _entries(_folder()):
        for path in _entries(folder) if folder.is_dir() else []:
            removed += _remove_if_old(path, at)
        # Only when it is empty, and not one that was made just now to write into.
        with contextlib.suppress(OSError):
            if folder.stat().st_mtime < at:
                folder.rmdir()
    return removed


@contextlib.contextmanager
def work_folder() -> Iterator[Path]:
    """An empty folder on the same disk, removed with what is left in it."""
    _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=_WORK_PREFIX, dir=_folder(), ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _folder() -> Path:
    return Path(settings.TEAHOUSE_DATA) / "uploads"


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _files_in(folder: Path) -> Iterator[tuple[Path, int]]:
    for path in _entries(folder):
        with contextlib.suppress(FileNotFoundError):
            yield path, path.stat().st_size


def _remove_if_old(path: Path, at: float) -> int:
    with contextlib.suppress(FileNotFoundError, IsADirectoryError), path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0
        if os.fstat(file.fileno()).st_mtime < at and _is_at(file.fileno(), path):
            path.unlink()
            return 1
    return 0
