"""From a click, or a key, to the rows of another room on the screen; and to the palette with its first hits."""

from playwright.sync_api import Page

from bench.page.budgets import Row, at_most, spread
from bench.page.house import SWITCHED, TALK, Browsers, MainThread

_CACHED = 8
_ROUNDS = 5
_LOADS = 5
_OPENINGS = 10


def switching(browsers: Browsers, *, is_quick: bool) -> list[Row]:
    cold_rooms, cached_rooms = SWITCHED[_CACHED:], SWITCHED[:_CACHED]
    with browsers.room(TALK) as tab:
        page = tab.page
        for name in cached_rooms:
            _switch(page, name, browsers)
        cached = [
            _switch(page, name, browsers)
            for _ in range(1 if is_quick else _ROUNDS)
            for name in (*cached_rooms[::2], *cached_rooms[1::2])
        ]
        by_key = [_switch(page, name, browsers, key="Alt+ArrowDown") for name in cached_rooms[1:]]
        cold = [_switch(page, name, browsers) for name in cold_rooms[: 8 if is_quick else None]]
    quick, slow = (spread([found["painted_ms"] for found in each]) for each in (cached + by_key, cold))
    rests = [
        {key: spread([found[key] for found in each]) for key in ("at_rest_ms", "main_thread_ms")}
        for each in (cached + by_key, cold)
    ]
    return [
        at_most("room switch, visited before, median", quick["median"], 50, "ms", quick | rests[0]),
        at_most("room switch, visited before, p95", quick["p95"], 50, "ms", quick),
        at_most("room switch, for the first time, median", slow["median"], 150, "ms", slow | rests[1]),
        at_most("room switch, for the first time, p95", slow["p95"], 150, "ms", slow),
    ]


def palette(browsers: Browsers, *, is_quick: bool) -> list[Row]:
    first, later = [], []
    for _ in range(2 if is_quick else _LOADS):
        with browsers.room(TALK) as tab:
            tab.box.click()
            first.append(_open_palette(tab.page))
            later += [_open_palette(tab.page) for _ in range(_OPENINGS)]
    opened = spread(later)
    begun = spread(first)
    return [
        at_most("palette opens for the first time, most", begun["most"], 100, "ms", begun),
        at_most("palette opens, p95", opened["p95"], 100, "ms", opened),
    ]


def _switch(page: Page, name: str, browsers: Browsers, *, key: str = "") -> dict[str, float]:
    """To the room of this name; with `key` it is the one that this key leads to."""
    if key:
        # From the room above it.
        page.keyboard.press("Escape")
        above = SWITCHED[SWITCHED.index(name) - 1]
        if page.get_by_test_id("room").get_attribute("aria-label") != above:
            _switch(page, above, browsers)
    link = page.locator(f"[data-room='{browsers.house.rooms[name]}']")
    link.scroll_into_view_if_needed()
    page.wait_for_timeout(150)
    page.evaluate(
        """name => {
          const isThere = () => document.querySelector('[data-testid=room]')?.getAttribute('aria-label') === name
            && bench.middleRow() !== null
          bench.switched = (async () => {
            const painted = await bench.when(isThere, 10)
            // Where the rows come to rest: their places in each frame, until they have stood still for some.
            let rest = painted, last = ''
            for (let still = 0; still < 12; still++) {
              const place = `${bench.middleRow()?.dataset.number} ${bench.middleRow()?.getBoundingClientRect().top}`
              if (place !== last) {
                rest = performance.now()
                still = 0
              }
              last = place
              await bench.painted()
            }
            return [painted, Math.max(painted, rest)]
          })()
        }""",
        name,
    )
    box = link.bounding_box()
    assert box is not None
    with MainThread(page) as computed:
        if key:
            page.keyboard.press(key)
        else:
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        painted, rest = page.evaluate("bench.switched")
    began = page.evaluate(f"bench.events.{'keydown' if key else 'click'}")
    return {"painted_ms": painted - began, "at_rest_ms": rest - began, "main_thread_ms": computed.ms}


def _open_palette(page: Page) -> float:
    page.evaluate(
        """() => {
          const isThere = () => document.querySelector('[data-testid=palette][open] [data-testid=hit]') !== null
          bench.opened = bench.when(isThere)
        }"""
    )
    page.keyboard.press("Control+k")
    opened: float = page.evaluate("bench.opened")
    began: float = page.evaluate("bench.events.keydown")
    page.keyboard.press("Escape")
    page.get_by_test_id("palette").wait_for(state="detached")
    page.wait_for_timeout(100)
    return opened - began
