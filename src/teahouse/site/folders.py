"""Folders inside the data folder that only its owner may look into."""

import contextlib
import pathlib


def private_folder(path: pathlib.Path) -> str:
    """Made when it is not there. In a data folder that is read-only it stays away, and what needs it says so."""
    with contextlib.suppress(OSError):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return str(path)
