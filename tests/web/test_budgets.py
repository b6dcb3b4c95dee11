"""How much the browser has to load before the first message, counted on what was built. Limits are in kB of gzip."""

import gzip
import json
import pathlib

import pytest

from teahouse.web import manifest

JAVASCRIPT_KB = 120
STYLES_KB = 12
LAZY_CHUNK_KB = 60
# With the page itself, the session, the icon and the socket that makes eight requests before the first message.
FILES = 4

_CHAT = "src/chat/main.ts"


@pytest.fixture(scope="module")
def chunks() -> dict[str, dict[str, object]]:
    loaded: dict[str, dict[str, object]] = json.loads((manifest.FOLDER / "manifest.json").read_text())
    return loaded


def test_the_scripts_before_the_first_message(chunks: dict[str, dict[str, object]]) -> None:
    scripts, _ = _first(chunks, _CHAT)
    sizes = {name: _kilobytes(name) for name in scripts}
    assert sum(sizes.values()) <= JAVASCRIPT_KB, sizes


def test_the_styles_before_the_first_message(chunks: dict[str, dict[str, object]]) -> None:
    _, styles = _first(chunks, _CHAT)
    sizes = {name: _kilobytes(name) for name in styles}
    assert sum(sizes.values()) <= STYLES_KB, sizes


def test_the_files_before_the_first_message(chunks: dict[str, dict[str, object]]) -> None:
    scripts, styles = _first(chunks, _CHAT)
    assert len(scripts | styles) <= FILES, sorted(scripts | styles)


@pytest.mark.parametrize("entry", ["src/classic/main.ts", "src/accounts/main.ts"])
def test_other_pages_do_not_load_the_chat(chunks: dict[str, dict[str, object]], entry: str) -> None:
    scripts, _ = _first(chunks, entry)
    assert chunks[_CHAT]["file"] not in scripts


def test_what_is_loaded_later_comes_in_small_pieces(chunks: dict[str, dict[str, object]]) -> None:
    scripts, _ = _first(chunks, _CHAT)
    later = {str(chunk["file"]) for chunk in chunks.values() if str(chunk["file"]).endswith(".js")} - scripts
    sizes = {name: _kilobytes(name) for name in later}
    assert {name: size for name, size in sizes.items() if size > LAZY_CHUNK_KB} == {}


def _first(chunks: dict[str, dict[str, object]], entry: str) -> tuple[set[str], set[str]]:
    """The scripts and styles of a page that opens, with all that they import."""
    waiting = [entry]
    seen: set[str] = set()
    styles: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        chunk = chunks[name]
        imports = chunk.get("imports", [])
        css = chunk.get("css", [])
        assert isinstance(imports, list)
        assert isinstance(css, list)
        waiting += imports
        styles.update(css)
    return {str(chunks[name]["file"]) for name in seen}, styles


def _kilobytes(name: str) -> float:
    return round(len(gzip.compress((pathlib.Path(manifest.FOLDER) / name).read_bytes(), 9)) / 1000, 1)
