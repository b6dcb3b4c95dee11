"""
Where the bytes of files lie: the site's `storages["teahouse_files"]` when it has one, else `<TEAHOUSE_DATA>/files`.

Their names there are made here, say nothing, and are used once. Nothing here knows who may read what.
"""

import asyncio
import concurrent.futures
import contextlib
import logging
import os
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages

_log = logging.getLogger(__name__)

ALIAS = "teahouse_files"
_PART_BYTES = 128 * 1024
# Of this process; reading is quick, so a few serve many downloads.
_readers = concurrent.futures.ThreadPoolExecutor(max_workers=8, thread_name_prefix="teahouse-files")


class DurableFileSystemStorage(FileSystemStorage):
    """Django's, that is on the disk when `save` returns: the bytes and the names of the folders above them."""

    def _save(self, name: str, content: File) -> str:  # type: ignore[type-arg]
        saved: str = super()._save(name, content)  # type: ignore[misc]
        path = Path(self.path(saved))
        _sync(path)
        base = Path(self.base_location)
        for folder in path.parents:
            _sync(folder)
            if folder == base:
                break
        return saved


class _Moved(File):  # type: ignore[type-arg]
    """A file that a storage on the same disk may move instead of copying it."""

    def temporary_file_path(self) -> str:
        return str(self.name)


def storage() -> Storage:
    if ALIAS in settings.STORAGES:
        return storages[ALIAS]
    return DurableFileSystemStorage(
        location=Path(settings.TEAHOUSE_DATA) / "files",
        file_permissions_mode=0o600,
        directory_permissions_mode=0o700,
    )


def keep(path: Path) -> str:
    """Take over a file under a new name, which is given. It is durable then, and no longer at `path`."""
    token = secrets.token_hex(16)
    with path.open("rb") as opened:
        name = storage().save(f"{token[:2]}/{token[2:4]}/{token}", _Moved(opened, name=str(path)))
    path.unlink(missing_ok=True)
    return name


def remove(*names: str) -> None:
    """What is not there, or has no name, is removed already."""
    kept = storage()
    for name in filter(None, names):
        with contextlib.suppress(FileNotFoundError):
            kept.delete(name)


class Parts:
    """
    `length` bytes of a kept file from `first` on, opened at once and read as they are asked for, off the event loop.

    Raises:
        FileNotFoundError: by the constructor.
    """

    def __init__(self, name: str, *, first: int = 0, length: int) -> None:
        self._file: IO[bytes] = storage().open(name, "rb")
        self._file.seek(first)
        self._left = length

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._parts()

    async def _parts(self) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        while self._left > 0:
            part = await loop.run_in_executor(_readers, self._file.read, min(_PART_BYTES, self._left))
            if not part:
                # Its length was promised already; whoever reads sees that the rest is missing.
                _log.error("A kept file is %s bytes shorter than it was.", self._left)
                return
            self._left -= len(part)
            yield part

    def close(self) -> None:
        """Django calls it when the response is done, read or not."""
        self._file.close()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
