"""
Images made anew: decoded and written again by a child process, so that what a browser shows inline is what our encoder
wrote, and what an image costs to decode is never paid by the server. What may be in one is in `encoder.py`.

A process for each image: it costs about 0.15 s, keeps nothing from one person's image to the next, and the system's own
limits on memory and time end it. A pool would save the 0.15 s and need all three by itself.
"""

import logging
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import NamedTuple

import msgspec

from teahouse.chat import errors

_log = logging.getLogger(__name__)

_KINDS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}
# The child's own limit is in processor time; this is for one that has to wait for it.
_MOST_SECONDS = 60
_MOST_WAITING_SECONDS = 30
# At once in this process: they take turns, whoever uploads how many.
_places = threading.BoundedSemaphore(2)


class Picture(NamedTuple):
    """An image and its thumbnail (WebP) in files of their own; sizes in pixels."""

    path: Path
    width: int
    height: int
    thumbnail_path: Path
    thumbnail_width: int
    thumbnail_height: int


class _Answer(msgspec.Struct, frozen=True):
    image: tuple[int, int] | None = None
    thumbnail: tuple[int, int] | None = None
    refused: str | None = None
    unreadable: bool = False


def made_anew(source: Path, media_type: str, folder: Path) -> Picture | None:
    """
    Write an image of one of `media.IMAGE_TYPES` and its thumbnail into `folder`, which should be empty. None when it is
    not the image it begins like. Waits for its turn and for the child.

    Raises:
        BadFile: a bomb, cut off, or too much for the child.
        TryAgain: too many others wait.
    """
    if not _places.acquire(timeout=_MOST_WAITING_SECONDS):
        raise errors.TryAgain
    try:
        answer = _answer_of_child(source, _KINDS[media_type], folder)
    finally:
        _places.release()
    if answer.refused is not None:
        raise errors.BadFile(answer.refused)
    if answer.image is None or answer.thumbnail is None:
        return None
    return Picture(folder / "image", *answer.image, folder / "thumbnail", *answer.thumbnail)


def _answer_of_child(source: Path, kind: str, folder: Path) -> _Answer:
    command = [sys.executable, "-P", "-m", "teahouse.chat.files.encoder", str(source), kind, str(folder)]
    # Our own settings and keys are none of its business, only where the code is.
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    try:
        child = subprocess.run(  # noqa: S603
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_MOST_SECONDS,
            check=False,
        )
        return msgspec.json.decode(child.stdout, type=_Answer)
    except subprocess.TimeoutExpired:
        _log.warning("An image took more than %s seconds.", _MOST_SECONDS)
    except msgspec.DecodeError:
        # Ended by a limit, or by a fault in a decoder.
        _log.warning("The encoder of an image ended with %s.", child.returncode)
    return _Answer(refused="The image is too much work.")
