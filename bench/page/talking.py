"""From Enter to one's own message on the screen, and to the same message on the screen of another browser."""

import time

from playwright.sync_api import Page

from bench.page.budgets import Row, at_most, spread
from bench.page.house import TALK, Browsers

_MESSAGES = 100
_QUICK_MESSAGES = 20


def talking(browsers: Browsers, *, is_quick: bool) -> list[Row]:
    own, other = [], []
    with browsers.room(TALK, "alice") as alice, browsers.room(TALK, "bob", browser="other") as bob:
        alice.box.click()
        for number in range(_QUICK_MESSAGES if is_quick else _MESSAGES):
            text = f"measured {time.monotonic_ns()}"
            _expect(alice.page, text)
            _expect(bob.page, text)
            alice.page.keyboard.type(text)
            alice.page.keyboard.press("Enter")
            seen, seen_by_bob = _seen(alice.page), _seen(bob.page)
            entered = alice.page.evaluate("performance.timeOrigin + bench.events.keydown")
            # The first one loads what is not measured here.
            if number:
                own.append(seen - entered)
                other.append(seen_by_bob - entered)
            alice.page.wait_for_timeout(50)
    mine, theirs = spread(own), spread(other)
    return [
        at_most("my message painted after Enter, p95", mine["p95"], 50, "ms", mine),
        at_most("the other browser shows it after Enter, p95", theirs["p95"], 150, "ms", theirs),
    ]


def _expect(page: Page, text: str) -> None:
    page.evaluate(
        """text => {
          bench.expected = new Promise(resolve => {
            const observer = new MutationObserver(() => {
              if (![...document.querySelectorAll('[data-testid=row]')].some(row => row.textContent.includes(text)))
                return
              observer.disconnect()
              bench.painted().then(() => resolve(bench.epoch()))
            })
            observer.observe(bench.timeline(), { childList: true, subtree: true, characterData: true })
          })
        }""",
        text,
    )


def _seen(page: Page) -> float:
    """Milliseconds since 1970."""
    seen: float = page.evaluate("bench.expected")
    return seen
