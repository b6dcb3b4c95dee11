"""Keys: made once per site, kept in the data folder for its owner only. There is none in the code."""

import contextlib
import os
import pathlib
import secrets


def kept_key(data: pathlib.Path, name: str) -> str:
    """
    The key in `data/keys/NAME`, 64 random bytes in text; made when it is not there. Several processes may ask.

    A folder that has it may be read-only.
    """
    path = data / "keys" / name
    try:
        key = path.read_text().strip()
    except FileNotFoundError:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            _write_new(path, secrets.token_urlsafe(64))
        key = path.read_text().strip()
    if len(key) < 32:
        raise ValueError(f"The key in {path} has fewer than 32 characters. Restore it, or remove it for a new one.")
    return key


def _write_new(path: pathlib.Path, text: str) -> None:
    """All of the file or nothing of it, and never over another one."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.link(partial, path)
    finally:
        partial.unlink()
