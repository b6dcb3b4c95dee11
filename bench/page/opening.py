"""
What a browser with an empty cache loads until the first message is on the screen, and how long that takes: from a
navigation to the address of a room, as it comes and on a phone of the middle class with a slow network.
"""

import gzip
import json
import pathlib
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page

from bench.page.budgets import Row, at_most, spread
from bench.page.house import TALK, Browsers, MainThread, devtools
from teahouse.web import manifest

_RUNS = 7
_QUICK_RUNS = 3
_STATIC = "/static/teahouse/"
# After the first message it is watched for so long; quiet for two seconds is idle.
_WATCHED_MS = 6_000
_QUIET_MS = 2_000
_SLOW = {"latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8, "offline": False}
_SLOW_CPU = 4


def weight(browsers: Browsers, *, is_quick: bool) -> list[Row]:
    """Bytes and requests; they are the same on every machine."""
    found = _opened(browsers, is_slow=False)
    asked = found["requests"]
    files = {path.removeprefix(_STATIC) for path in asked if path.startswith(_STATIC)}
    scripts = {name: _gzipped(name) for name in sorted(files) if name.endswith(".js")}
    styles = {name: _gzipped(name) for name in sorted(files) if name.endswith(".css")}
    later = {name: _gzipped(name) for name in _built_scripts() - scripts.keys()}
    largest = max(later, key=lambda name: later[name])
    return [
        at_most("initial JavaScript, gzip", sum(scripts.values()), 120, "kB", scripts),
        at_most("initial CSS, gzip", sum(styles.values()), 12, "kB", styles),
        at_most("the largest script that is loaded later, gzip", later[largest], 60, "kB", {"file": largest}),
        at_most("scripts and styles before the first message", len(scripts) + len(styles), 8, "", {}),
        at_most("all requests before the first message", len(asked), 8, "", {"requests": asked}),
    ]


def opening(browsers: Browsers, *, is_quick: bool) -> list[Row]:
    rows = []
    for name, is_slow, most_ms, most_blocking_ms in (("", False, 800, 200), (", slow", True, 2_500, 600)):
        runs = [_opened(browsers, is_slow=is_slow) for _ in range(_QUICK_RUNS if is_quick else _RUNS)]
        figures = {key: spread([run[key] for run in runs]) for key in ("visible_ms", "idle_ms", "blocking_ms")}
        raw = {"runs": [{key: run[key] for key in run if key != "requests"} for run in runs]}
        rows += [
            at_most(f"messages visible and idle{name}", figures["idle_ms"]["median"], most_ms, "ms", figures | raw),
            at_most(
                f"total blocking time{name}", figures["blocking_ms"]["median"], most_blocking_ms, "ms",
                figures["blocking_ms"],
            ),
        ]  # fmt: skip
    return rows


def _opened(browsers: Browsers, *, is_slow: bool) -> dict[str, Any]:
    with browsers.visitor() as visitor:
        page = visitor.context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(urlsplit(request.url).path))
        page.on("websocket", lambda socket: asked.append(urlsplit(socket.url).path))
        if is_slow:
            session = devtools(page)
            session.send("Network.enable")
            session.send("Network.emulateNetworkConditions", _SLOW)
            session.send("Emulation.setCPUThrottlingRate", {"rate": _SLOW_CPU})
        with MainThread(page) as computed:
            page.goto(f"/rooms/{browsers.house.rooms[TALK]}", wait_until="commit")
            visible = _visible_ms(page)
        requests = list(asked)
        page.wait_for_timeout(_WATCHED_MS)
        tasks: list[tuple[float, float]] = page.evaluate("bench.tasks")
        idle, blocking = _idle(visible, tasks)
    return {
        "visible_ms": visible,
        "idle_ms": idle,
        "blocking_ms": blocking,
        "tasks_ms": [[round(start), round(length)] for start, length in tasks],
        "main_thread_ms": computed.ms,
        "script_ms": computed.script_ms,
        "requests": requests,
    }


def _visible_ms(page: Page) -> float:
    visible: float = page.evaluate("bench.when(() => bench.middleRow() !== null, 60)")
    return visible


def _idle(visible: float, tasks: list[tuple[float, float]]) -> tuple[float, float]:
    """When messages are visible and no task over 50 ms has run for a while; and what such tasks took over 50 ms."""
    idle, blocking = visible, 0.0
    for start, length in sorted(tasks):
        if start > idle + _QUIET_MS:
            break
        idle = max(idle, start + length)
        blocking += max(0.0, length - 50)
    return idle, blocking


def _built_scripts() -> set[str]:
    chunks: dict[str, dict[str, Any]] = json.loads((manifest.FOLDER / "manifest.json").read_text())
    return {chunk["file"] for chunk in chunks.values() if chunk["file"].endswith(".js")}


def _gzipped(name: str) -> float:
    return round(len(gzip.compress((pathlib.Path(manifest.FOLDER) / name).read_bytes(), 9)) / 1000, 2)
