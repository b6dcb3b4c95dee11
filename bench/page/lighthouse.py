"""
Lighthouse's scores of the sign-in page and of a room, on its phone and its desktop. It is installed from npm, pinned,
into the folder of the bench.
"""

import contextlib
import json
import pathlib
import shutil
import statistics
import subprocess
import tempfile
from typing import Any

from bench.fanout.build import FOLDER, Missing, need, run
from bench.page.budgets import Row, at_least
from bench.page.house import TALK, Browsers

# 13 wants Node 22.19.
_VERSION = "12.8.2"
_BUDGETS = {"accessibility": 100, "best-practices": 100, "performance": 95}
_RUNS = 3
_ATTEMPTS = 3


def lighthouse(browsers: Browsers, *, is_quick: bool) -> list[Row]:
    program = _program()
    rows = []
    for page, path, name in (("sign-in page", "/sign-in", None), ("room", _room_path(browsers), "alice")):
        for preset in ("desktop", "phone"):
            count = 1 if is_quick else _RUNS
            runs = [_sure_scores(browsers, program, path, name, preset) for _ in range(count)]
            for category, least in _BUDGETS.items():
                scores = [found[category]["score"] for found in runs]
                worst = min(runs, key=lambda found: found[category]["score"])
                detail = {"scores": scores, "lost": worst[category]["lost"]}
                rows.append(
                    at_least(f"Lighthouse, {page}, {preset}: {category}", statistics.median(scores), least, "", detail)
                )
    return rows


def _room_path(browsers: Browsers) -> str:
    return f"/rooms/{browsers.house.rooms[TALK]}"


def _program() -> pathlib.Path:
    folder = FOLDER / "lighthouse"
    program = folder / "node_modules" / "lighthouse" / "cli" / "index.js"
    package = folder / "package.json"
    wanted = json.dumps({"private": True, "dependencies": {"lighthouse": _VERSION}})
    need("node", "npm")
    if not program.exists() or package.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        package.write_text(wanted)
        run("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", cwd=folder)
    return program


def _sure_scores(browsers: Browsers, program: pathlib.Path, path: str, name: str | None, preset: str) -> dict[str, Any]:
    """Now and then it misses the beginning of the navigation (NO_NAVSTART), and asks to be run again."""
    for _ in range(_ATTEMPTS - 1):
        with contextlib.suppress(Missing):
            return _scores(browsers, program, path, name, preset)
    return _scores(browsers, program, path, name, preset)


def _scores(browsers: Browsers, program: pathlib.Path, path: str, name: str | None, preset: str) -> dict[str, Any]:
    """By category: the score, and the audits that cost points. In a browser of its own, signed in as `name`."""
    with browsers.with_port(name) as port, tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.json"
        command = [
            "node", str(program), f"{browsers.house.server.address}{path}", f"--port={port}", "--output=json",
            f"--output-path={report}", "--quiet", f"--only-categories={','.join(_BUDGETS)}",
            "--no-enable-error-reporting",
        ]  # fmt: skip
        if preset == "desktop":
            command.append("--preset=desktop")
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)
        if done.returncode:
            raise Missing(done.stderr[-600:])
        found = json.loads(report.read_text())
    if found.get("runtimeError"):
        raise Missing(str(found["runtimeError"]))
    assert found["finalDisplayedUrl"].endswith(path), found["finalDisplayedUrl"]
    return {category: _category(found, category) for category in _BUDGETS}


def _category(found: dict[str, Any], name: str) -> dict[str, Any]:
    category = found["categories"][name]
    lost = {}
    for reference in category["auditRefs"]:
        audit = found["audits"][reference["id"]]
        if reference["weight"] and audit["score"] is not None and audit["score"] < 1:
            lost[audit["id"]] = audit.get("displayValue") or [
                item.get("node", item).get("snippet", str(item)[:200])
                if isinstance(item.get("node", item), dict)
                else ""
                for item in (audit.get("details") or {}).get("items", [])[:5]
            ]
    return {"score": round((category["score"] or 0) * 100), "lost": lost}
