"""Vite's manifest of the built client: which files a page loads. Read again when the client was built anew."""

import functools
import hashlib
import pathlib
from typing import Any

import msgspec

FOLDER = pathlib.Path(__file__).parent / "static" / "teahouse"


class NotBuilt(Exception):
    """The client was not built: run `./run`, or `npm ci && npm run build` in client/."""


class Entry(msgspec.Struct, frozen=True):
    """Addresses below the static root, in the order they are loaded."""

    script: str
    preloads: tuple[str, ...]
    styles: tuple[str, ...]


def entry(source: str) -> Entry:
    """The files of an entry, such as `src/classic/main.ts`. Raises NotBuilt."""
    path = FOLDER / "manifest.json"
    try:
        return _entry(source, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise NotBuilt(NotBuilt.__doc__) from None


def version() -> str:
    """Another one for each build with other files in it. Raises NotBuilt."""
    try:
        return hashlib.blake2b((FOLDER / "manifest.json").read_bytes(), digest_size=8).hexdigest()
    except FileNotFoundError:
        raise NotBuilt(NotBuilt.__doc__) from None


@functools.lru_cache(maxsize=32)
def _entry(source: str, _built_at: int) -> Entry:
    manifest: dict[str, Any] = msgspec.json.decode((FOLDER / "manifest.json").read_bytes())
    preloads: dict[str, None] = {}
    styles: dict[str, None] = {}

    def walk(name: str) -> None:
        chunk = manifest[name]
        for imported in chunk.get("imports", ()):
            if manifest[imported]["file"] not in preloads:
                preloads[manifest[imported]["file"]] = None
                walk(imported)
        styles.update(dict.fromkeys(chunk.get("css", ())))

    walk(source)
    return Entry(manifest[source]["file"], tuple(preloads), tuple(styles))
