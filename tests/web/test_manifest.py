"""Which files a page loads, from Vite's manifest."""

import json
import os
import pathlib
from typing import Any

import pytest

from teahouse.web import manifest

BUILT: dict[str, Any] = {
    "src/classic/main.ts": {
        "file": "assets/classic-1.js",
        "imports": ["_shared.js", "_vue.js"],
        "css": ["assets/classic.css"],
    },
    "src/accounts/main.ts": {"file": "assets/accounts-1.js"},
    # Chunks may import each other.
    "_shared.js": {"file": "assets/shared-1.js", "imports": ["_vue.js"], "css": ["assets/shared.css"]},
    "_vue.js": {"file": "assets/vue-1.js", "imports": ["_shared.js"]},
}


@pytest.fixture
def folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.setattr(manifest, "FOLDER", tmp_path)
    manifest._entry.cache_clear()
    return tmp_path


def write(folder: pathlib.Path, built: dict[str, Any], *, built_at: int = 1) -> None:
    (folder / "manifest.json").write_text(json.dumps(built))
    os.utime(folder / "manifest.json", ns=(built_at, built_at))


def test_an_entry_has_its_script_what_that_imports_once_and_all_styles(folder: pathlib.Path) -> None:
    write(folder, BUILT)

    assert manifest.Entry(
        script="assets/classic-1.js",
        preloads=("assets/shared-1.js", "assets/vue-1.js"),
        # Those of what is imported come first, so that a page's own can override them.
        styles=("assets/shared.css", "assets/classic.css"),
    ) == manifest.entry("src/classic/main.ts")


def test_an_entry_may_need_nothing_else(folder: pathlib.Path) -> None:
    write(folder, BUILT)

    assert manifest.Entry("assets/accounts-1.js", (), ()) == manifest.entry("src/accounts/main.ts")


def test_a_client_that_is_built_anew_is_read_anew(folder: pathlib.Path) -> None:
    write(folder, BUILT, built_at=1)
    manifest.entry("src/accounts/main.ts")
    write(folder, {"src/accounts/main.ts": {"file": "assets/accounts-2.js"}}, built_at=2)

    assert "assets/accounts-2.js" == manifest.entry("src/accounts/main.ts").script


def test_a_client_that_was_not_built_says_how_to(folder: pathlib.Path) -> None:
    with pytest.raises(manifest.NotBuilt, match="npm run build"):
        manifest.entry("src/classic/main.ts")
