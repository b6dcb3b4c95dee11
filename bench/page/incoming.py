"""A room with ten thousand messages, read at its end, into which four people write a hundred messages a second."""

import itertools
import json
from typing import Any

from playwright.sync_api import Page

from bench.fanout.machine import cores
from bench.page.budgets import Row, at_most
from bench.page.house import LARGE, Browsers, MainThread, memory
from bench.report import percentile

_PER_SECOND = 100
_SECONDS = 60
_QUICK_SECONDS = 15
# Before it: as many as the list keeps, so that it is full.
_FIRST_SECONDS = 25


def incoming(browsers: Browsers, *, is_quick: bool) -> list[Row]:
    seconds = _QUICK_SECONDS if is_quick else _SECONDS
    with browsers.room(LARGE) as tab:
        house, page = browsers.house, tab.page
        warming = house.sending(LARGE, per_second=_PER_SECOND, seconds=_FIRST_SECONDS)
        warming.wait()
        page.wait_for_timeout(1_000)
        before = memory(page)
        sender = house.sending(LARGE, per_second=_PER_SECOND, seconds=seconds)
        # Its connections come first.
        page.wait_for_timeout(500)
        page.evaluate("() => { bench.tasks.length = 0; bench.record() }")
        with MainThread(page) as computed:
            page.wait_for_timeout((seconds - 1) * 1_000)
        found = page.evaluate("bench.stop()")
        tasks = [round(length) for _, length in page.evaluate("bench.tasks")]
        told = json.loads(sender.communicate(timeout=30)[0])
        assert told["acknowledged"] == told["sent"], told
        page.wait_for_timeout(1_000)
        is_at_end = _is_at_end(page)
        after = memory(page)
    frames = [later - earlier for earlier, later in itertools.pairwise(found["times"])]
    detail: dict[str, Any] = {
        "frames": len(frames),
        "p50_ms": round(percentile(frames, 0.5), 1),
        "p99_ms": round(percentile(frames, 0.99), 1),
        "over 50 ms": sum(frame > 50 for frame in frames),
        "blank frames": sum(found["isBlank"]),
        "main thread, of 1,000 ms": round(computed.ms / (seconds - 1), 1),
        "sender": told,
        "cores": {"server and sender": cores().server, "browser": "all"},
    }
    assert is_at_end, "it has lost its end"
    what = f"{_PER_SECOND} messages a second for {seconds} s"
    return [
        at_most(f"{what}: frame, p95", percentile(frames, 0.95), 20, "ms", detail),
        at_most(f"{what}: longest frame", max(frames), 100, "ms", {}),
        at_most(f"{what}: tasks over 50 ms", len(tasks), 0, "", {"tasks_ms": tasks}),
        at_most(f"{what}: growth of the heap", after["heap_mb"] - before["heap_mb"], 2, "MB", _both(before, after)),
        at_most(f"{what}: growth of the DOM", after["nodes"] - before["nodes"], 200, "nodes", _both(before, after)),
    ]


def _both(before: dict[str, float], after: dict[str, float]) -> dict[str, Any]:
    return {"before": before, "after": after}


def _is_at_end(page: Page) -> bool:
    """The newest message is in view."""
    found: bool = page.evaluate(
        """() => {
          const rows = [...bench.timeline().querySelectorAll('[data-testid=row]')]
          const last = Math.max(...rows.map(row => row.getBoundingClientRect().bottom))
          return Math.abs(last - bench.timeline().getBoundingClientRect().bottom) < 4
            && bench.timeline().dataset.following === 'true'
        }"""
    )
    return found
