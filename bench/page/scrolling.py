"""
A room with a hundred thousand messages, gone through: by the wheel, by the scrollbar, to dates; and pages that come
above while somebody reads. A blank screen is a frame without a row in the middle of the messages.
"""

import itertools
import time
from typing import Any

from playwright.sync_api import Page

from bench.page.budgets import Row, at_most, spread
from bench.page.house import HUGE, Browsers, memory
from tests.browser.chat_tab import ChatTab

_PAGES = 60
_QUICK_PAGES = 15
# A wheel that is turned hard: so far in each event, and so many events a second.
_WHEEL_PX = 400
_WHEEL_EVENTS_PER_SECOND = 25
_WHEEL_SECONDS = 30
_DRAGS = 20
_DATES = 15
_MOST_BLANK_MS = 100


def scrolling(browsers: Browsers, *, is_quick: bool) -> list[Row]:
    share = 4 if is_quick else 1
    with browsers.room(HUGE) as tab:
        wheel = _wheel_up(tab, _WHEEL_SECONDS / share)
        bar = _drag(tab, _DRAGS // share)
        dates = _to_dates(tab, _DATES // share)
        left = memory(tab.page)
    with browsers.room(HUGE) as tab:
        moved = tab.page.evaluate(_PREPENDS, _QUICK_PAGES if is_quick else _PAGES)
        after_pages = memory(tab.page)
    heap = max(left["heap_mb"], after_pages["heap_mb"])
    return [
        at_most("wheel up: longest blank screen", wheel["blank_ms"], _MOST_BLANK_MS, "ms", wheel),
        at_most("wheel up: a row moved the wrong way by", wheel["wrong_way_px"], 2, "px", {}),
        at_most("scrollbar: longest blank screen", bar["blank_ms"], _MOST_BLANK_MS, "ms", bar),
        at_most("to a date: longest blank screen", dates["blank_ms"], _MOST_BLANK_MS, "ms", dates),
        at_most(
            f"a row moved by {_QUICK_PAGES if is_quick else _PAGES} pages that come above it",
            moved["most_px"],
            2,
            "px",
            moved,
        ),
        at_most("heap after it", heap, 80, "MB", {"by wheel, bar and dates": left, "by pages": after_pages}),
    ]


def _wheel_up(tab: ChatTab, seconds: float) -> dict[str, Any]:
    page = tab.page
    tab.timeline.hover()
    first = _first_loaded(page)
    page.evaluate("bench.record({ isMoving: true })")
    end = time.monotonic() + seconds
    turns = 0
    while time.monotonic() < end:
        page.mouse.wheel(0, -_WHEEL_PX)
        turns += 1
        page.wait_for_timeout(1_000 / _WHEEL_EVENTS_PER_SECOND)
    tab.has_settled()
    found = page.evaluate("bench.stop()")
    return {
        **_frames(found),
        "turned_px": turns * _WHEEL_PX,
        "messages": first - _first_loaded(page),
        "wrong_way_px": round(max(0.0, -min(found["moves"], default=0.0)), 2),
    }


def _drag(tab: ChatTab, times: int) -> dict[str, Any]:
    """The scrollbar's thumb is taken and dragged over all its way, quickly, up and down."""
    page = tab.page
    box = tab.timeline.bounding_box()
    assert box is not None
    # From the middle: at either end the thumb, which has a least length, is not where its share of the way is.
    tab.timeline.evaluate("timeline => timeline.scrollTop = timeline.scrollHeight / 2")
    tab.has_settled()
    place = tab.timeline.evaluate("timeline => [timeline.scrollTop, timeline.scrollHeight, timeline.clientHeight]")
    track = box["height"]
    x = box["x"] + box["width"] - 7
    thumb = box["y"] + track * (place[0] + place[2] / 2) / place[1]
    page.mouse.move(x, thumb)
    page.evaluate("bench.record()")
    page.mouse.down()
    positions = set()
    for turn in range(times):
        # Never to the end, from where it would follow.
        share = 0.05 if turn % 2 else 0.9
        page.mouse.move(x, box["y"] + track * share, steps=4)
        page.wait_for_timeout(300)
        positions.add(round(tab.timeline.evaluate("timeline => timeline.scrollTop")))
    page.mouse.up()
    tab.has_settled()
    found = page.evaluate("bench.stop()")
    assert len(positions) > 1, f"the scrollbar was not found at {x}, {thumb}"
    return {**_frames(found), "drags": times, "positions": len(positions)}


def _to_dates(tab: ChatTab, times: int) -> dict[str, Any]:
    """By the field of the bar that Ctrl+F opens."""
    page = tab.page
    page.keyboard.press("Control+f")
    field = page.get_by_test_id("jump-date")
    field.wait_for()
    page.evaluate("bench.record()")
    arrived = []
    for turn in range(times):
        days = 3 + turn * 37 % 120
        before = page.url
        arrived.append(page.evaluate(_GO_TO_DATE, days))
        assert page.url != before
        tab.has_settled()
    found = page.evaluate("bench.stop()")
    return {**_frames(found), "arrived_ms": spread(arrived)}


def _frames(found: dict[str, Any]) -> dict[str, Any]:
    """The longest time from a frame without a row to the next one with a row, and the frames themselves."""
    times, is_blank = found["times"], found["isBlank"]
    longest, since = 0.0, None
    for moment, blank in zip(times, is_blank, strict=True):
        if blank:
            since = moment if since is None else since
        elif since is not None:
            longest, since = max(longest, moment - since), None
    if since is not None:
        longest = max(longest, times[-1] - since)
    frames = [later - earlier for earlier, later in itertools.pairwise(times)]
    return {
        "blank_ms": round(longest, 1),
        "blank frames": sum(is_blank),
        "frames_ms": spread(frames),
        "frames over 50 ms": sum(frame > 50 for frame in frames),
    }


def _first_loaded(page: Page) -> int:
    number: int = page.evaluate(
        "Math.min(...[...document.querySelectorAll('[data-testid=row] [data-number]')].map(row => +row.dataset.number))"
    )
    return number


# To where the next page is asked for, at one go; then nothing may move until long after it has come. In every frame.
_PREPENDS = """async pages => {
  const timeline = bench.timeline()
  const top = row => row.getBoundingClientRect().top
  const moves = []
  timeline.dispatchEvent(new WheelEvent('wheel', { deltaY: -1 }))
  for (let page = 0; page < pages; page++) {
    const height = timeline.scrollHeight
    timeline.scrollTop = 600
    await bench.frame()
    await bench.frame()
    const row = bench.middleRow()
    if (row === null)
      return { most_px: null, reason: `blank at page ${page}` }
    const before = top(row)
    const number = row.dataset.number
    const end = performance.now() + 10_000
    let most = 0
    for (let still = 0, last = height; still < 12;) {
      await bench.painted()
      const now = row.isConnected ? row : timeline.querySelector(`[data-number="${number}"]`)
      if (now === null || performance.now() > end)
        return { most_px: null, reason: `${now === null ? 'lost its row' : 'nothing came'} at page ${page}` }
      most = Math.max(most, Math.abs(top(now) - before))
      // A hundred messages are thousands of pixels.
      still = timeline.scrollHeight === last && last > height + 1_000 ? still + 1 : 0
      last = timeline.scrollHeight
    }
    moves.push(Math.round(most * 100) / 100)
  }
  return { most_px: Math.max(...moves), pages: moves.length, over_2_px: moves.filter(move => move > 2).length }
}"""

_GO_TO_DATE = """async days => {
  const field = document.querySelector('[data-testid=jump-date]')
  const day = new Date(Date.now() - days * 86_400_000)
  const began = performance.now(), path = location.pathname
  field.value = day.toISOString().slice(0, 10)
  field.dispatchEvent(new Event('change', { bubbles: true }))
  const isThere = () => location.pathname !== path
    && bench.middleRow()?.dataset.number === location.pathname.split('/').at(-1)
  const there = await bench.when(isThere, 10)
  return there === null ? 10_000 : there - began
}"""
