"""
A tab of the chat in a real Chromium and somebody before it, who writes, corrects, deletes, goes from room to room and
scrolls. What they type and what the page shows is noted; how the tab ends and comes back is for the faults to say.
"""

import asyncio
import contextlib
import itertools
import json
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence

import msgspec
from playwright.async_api import BrowserContext, Locator, Page
from playwright.async_api import Error as PlaywrightError

from tests.faults.notebook import Notebook
from tests.faults.record import Corrected, Read, Row, Shown, Typed

_ACT_MS = 5_000
_OPEN_MS = 15_000
_POLL_SECONDS = 0.02
_STEP_PX = 400
_MOST_MISSES = 8
_READ_SECONDS = 60
_SETTLED = """async () => {
  const scroller = document.querySelector('[data-testid=room] [data-testid=timeline]')
  const frame = () => new Promise(requestAnimationFrame)
  for (let still = 0, before = -1, frames = 0; still < 3 && frames < 120; before = scroller?.scrollTop ?? 0, frames++) {
    await frame()
    still = (scroller?.scrollTop ?? 0) === before ? still + 1 : 0
  }
  return {
    ...window.teahouseDrawn(),
    is_at_start: document.querySelector('[data-testid=start]') !== null && (scroller?.scrollTop ?? 0) <= 0,
    is_at_end: scroller !== null && scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight <= 3,
    has_more: document.querySelector('[data-testid=to-end]') !== null,
  }
}"""

# A number, of those that are not deleted.
_LAST_IN_VIEW = """person => {
  const view = document.querySelector('[data-testid=timeline]').getBoundingClientRect()
  const all = document.querySelectorAll(`.scroller article[data-author='${person}'][data-number]`)
  const own = [...all].filter((article) => {
    const { top, bottom } = article.getBoundingClientRect()
    return top > view.top && bottom < view.bottom && article.querySelector('[data-testid=state]') !== null
  })
  return own.length === 0 ? null : Number(own.at(-1).dataset.number)
}"""


class _Drawn(msgspec.Struct, kw_only=True):
    room: int
    rows: list[Row]
    is_at_start: bool
    is_at_end: bool
    has_more: bool

    @property
    def is_settled(self) -> bool:
        """At the end of the room, and all that was written has its answer."""
        is_open = any(row.state in ("waiting", "sending") for row in self.rows)
        return bool(self.rows) and self.is_at_end and not self.has_more and not is_open


class Tab:
    """`name` is that of the person and a letter. `rooms` are those to write to; at first the first one is open."""

    def __init__(
        self,
        name: str,
        person: int,
        context: BrowserContext,
        notebook: Notebook,
        choice: random.Random,
        *,
        rooms: Sequence[int],
    ) -> None:
        self.name = name
        self.person = person
        self.context = context
        self.rooms = list(rooms)
        self.room = self.rooms[0]
        self.seen: Shown | None = None
        # Held by whoever does something with the tab: a fault does not come between two keys of one word.
        self.lock = asyncio.Lock()
        # False from when a fault has chosen it until it has come back.
        self.is_there = True
        self.has_crashed = False
        # What could not be done as things were: of interest to who looks for the cause of something.
        self.hindrances: list[str] = []
        self._notebook = notebook
        self._random = choice
        self._words = itertools.count(1)
        self._run = f"{choice.randrange(16**4):04x}"
        self._page: Page | None = None
        self._is_changed = asyncio.Event()
        self._returning: asyncio.Task[None] | None = None

    @property
    def page(self) -> Page:
        assert self._page is not None
        return self._page

    def owns(self, page: Page) -> bool:
        return page is self._page

    def hear(self, told: str) -> None:
        """What the observer in the page says."""
        found = json.loads(told)
        # The clock of the page is that of this machine.
        at = self._notebook.now() - (time.time() - found.pop("at_ms") / 1_000)
        shown = msgspec.convert({**found, "at": at, "tab": self.name, "person": self.person}, Shown)
        self._notebook.note(shown)
        self.seen = shown
        self._is_changed.set()

    # Coming and going.

    async def open(self) -> None:
        """A new page of it, until it shows the room; as often as that takes."""
        self._page = await self.context.new_page()
        self.has_crashed = False
        self._page.on("crash", lambda _: setattr(self, "has_crashed", True))
        await self.come_back(lambda: self.page.goto(f"/rooms/{self.room}", wait_until="commit", timeout=_OPEN_MS))

    async def come_back(self, first: Callable[[], Awaitable[object]] | None = None) -> None:
        """Returns when the page shows a room again; somebody who waits for long presses reload."""
        load = first
        while True:
            with contextlib.suppress(PlaywrightError):
                if load is not None:
                    await load()
                await self.page.locator("[data-testid=chat][data-ready=true]").wait_for(timeout=_OPEN_MS)
                await self.page.get_by_test_id("composer-box").first.wait_for(timeout=_OPEN_MS)
                self.room = self._room_of_address()
                # It may have said everything before, and a page that is gone after that.
                self.seen = None
                await self.page.evaluate("window.teahouseTell()")
                return
            await asyncio.sleep(0.5)
            load = self._reload

    def returns(self, coming: Coroutine[object, object, None]) -> None:
        """By itself, later; nobody does anything with it before, and `lock` is free then."""

        async def come() -> None:
            await coming
            self.is_there = True
            self._is_changed.set()
            self.lock.release()

        self._returning = asyncio.create_task(come())

    async def leave(self) -> None:
        """Its document ends, and a new one has hardly begun."""
        with contextlib.suppress(PlaywrightError):
            await self.page.reload(wait_until="commit", timeout=_ACT_MS)

    async def end(self) -> None:
        """Nothing more is done with it."""
        if self._returning is not None:
            self._returning.cancel()
            await asyncio.gather(self._returning, return_exceptions=True)

    async def close(self) -> None:
        """As the cross in its corner; what it was about to do is not done."""
        with contextlib.suppress(PlaywrightError):
            await self.page.close()

    async def crash(self) -> None:
        """Its process ends at once."""
        if self.has_crashed:
            await self.close()
            return
        ended = asyncio.Event()
        self.page.once("crash", lambda _page: ended.set())
        going = asyncio.ensure_future(self.page.goto("chrome://crash", timeout=_ACT_MS))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), _ACT_MS / 1_000)
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)
        await self.close()

    async def _reload(self) -> None:
        await self.page.goto(f"/rooms/{self.room}", wait_until="commit", timeout=_OPEN_MS)

    def _room_of_address(self) -> int:
        return int(self.page.url.partition("/rooms/")[2].partition("/")[0].partition("?")[0])

    # Before the page.

    async def chatter(self, per_second: float, until: asyncio.Event) -> None:
        while not until.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(until.wait(), self._random.expovariate(per_second))
                return
            async with self.lock:
                try:
                    await self._do_something()
                except PlaywrightError as error:
                    # What cannot be done while it is broken is not done; what hangs for good is found in the end.
                    self.hindrances.append(f"{self.name}: {error}")
                    with contextlib.suppress(PlaywrightError):
                        await self.page.keyboard.press("Escape")

    async def _do_something(self) -> None:
        await self.page.bring_to_front()
        roll = self._random.random()
        if roll < 0.08:
            await self.go_to(self._random.choice([room for room in self.rooms if room != self.room] or self.rooms))
        elif roll < 0.18:
            await self.correct()
        elif roll < 0.26:
            await self.remove()
        elif roll < 0.32:
            await self._look_up()
        elif roll < 0.40 and self.seen is not None and self.seen.link == "waiting":
            with contextlib.suppress(PlaywrightError):
                await self.page.get_by_test_id("retry-now").click(timeout=300)
        else:
            await self.say()

    @property
    def _box(self) -> Locator:
        return self.page.get_by_test_id("composer-box").first

    def _new_text(self) -> str:
        text = f"{self.name} {self._run} {next(self._words)} 说 {self._random.randrange(10**6)}"
        return text + " 很长" * self._random.randrange(100) if self._random.random() < 0.05 else text

    async def say(self) -> str:
        """What was typed; it is noted whether the page has taken it."""
        body = self._new_text()
        await self._box.press("Escape", timeout=_ACT_MS)
        await self._box.fill(body, timeout=_ACT_MS)
        at, room, is_taken = self._notebook.now(), self._room_of_address(), False
        try:
            await self._box.press("Enter", timeout=_ACT_MS)
            is_taken = await self._until(self._is_empty)
        finally:
            self._notebook.note(
                Typed(at=at, tab=self.name, person=self.person, room=room, body=body, is_taken=is_taken)
            )
        return body

    async def correct(self) -> None:
        """Their last message, by the arrow up; nothing where there is none."""
        await self._box.press("Escape", timeout=_ACT_MS)
        await self._box.fill("", timeout=_ACT_MS)
        await self._box.press("ArrowUp", timeout=_ACT_MS)
        if not await self._until(self._has_words, seconds=1):
            return
        before = await self._box.input_value(timeout=_ACT_MS)
        body = self._new_text()
        await self._box.fill(body, timeout=_ACT_MS)
        at, room = self._notebook.now(), self._room_of_address()
        self._notebook.note(Corrected(at=at, tab=self.name, person=self.person, room=room, before=before, body=body))
        await self._box.press("Enter", timeout=_ACT_MS)
        await self._until(self._is_empty)

    async def remove(self) -> None:
        """The last of theirs that is in view, by its menu; nothing where there is none."""
        number = await self.page.evaluate(_LAST_IN_VIEW, self.person)
        if number is None:
            return
        article = self.page.locator(f"[data-testid=room] article[data-number='{number}']")
        await article.hover(timeout=_ACT_MS)
        await article.locator(".menu-holder > button").click(timeout=_ACT_MS)
        await article.locator("[data-action=remove]").click(timeout=_ACT_MS)
        form = self.page.get_by_test_id("remove-form")
        await form.locator("[type=submit]").click(timeout=_ACT_MS)
        # Without an answer the question stays for as long as a command may take.
        await form.wait_for(state="hidden", timeout=15_000)

    async def go_to(self, room: int) -> None:
        await self.page.locator(f"[data-testid=room-link][data-room='{room}']").click(timeout=_ACT_MS)
        await self.page.wait_for_url(lambda url: f"/rooms/{room}" in url, timeout=_ACT_MS, wait_until="commit")
        self.room = room
        await self._box.wait_for(timeout=_ACT_MS)

    async def _look_up(self) -> None:
        """At what was before, for a moment; then back to the end, or not."""
        await self._over_the_list()
        await self.page.mouse.wheel(0, -self._random.randrange(200, 3_000))
        await asyncio.sleep(self._random.uniform(0.1, 1))
        if self._random.random() < 0.7:
            await self.page.get_by_test_id("timeline").press("End", timeout=_ACT_MS)

    async def _over_the_list(self) -> None:
        box = await self.page.get_by_test_id("timeline").bounding_box(timeout=_ACT_MS)
        assert box is not None
        await self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    async def _has_words(self) -> bool:
        return await self._box.input_value(timeout=_ACT_MS) != ""

    async def _is_empty(self) -> bool:
        return not await self._has_words()

    async def _until(self, condition: Callable[[], Awaitable[bool]], seconds: float = 3) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if await condition():
                return True
            await asyncio.sleep(_POLL_SECONDS)
        return False

    # In the end.

    def has_heard(self, room: int, number: int) -> bool:
        """Whether it says that nothing is missing, and shows that message if its room is open at the end."""
        seen = self.seen
        if not self.is_there or seen is None or not seen.is_caught_up:
            return False
        numbers = [row.number for row in seen.rows if row.number is not None]
        return seen.room != room or not seen.is_following or (bool(numbers) and numbers[-1] >= number)

    def is_settled(self) -> bool:
        """It knows everything, and of its own there is nothing here that nobody knows about."""
        seen = self.seen
        if not self.is_there or seen is None or not seen.is_caught_up:
            return False
        return not any(row.state in ("waiting", "sending") for row in seen.rows)

    async def until_seen(self, condition: Callable[[], bool]) -> None:
        """Asked again whenever the page shows something else, or has come back."""
        while not condition():
            self._is_changed.clear()
            await self._is_changed.wait()

    async def read_all(self) -> None:
        """Every room from its end to its start, row by row. Raises TimeoutError when it does not get there."""
        async with self.lock:
            # Of one that is behind another, hardly a frame is drawn.
            await self.page.bring_to_front()
            for room in self.rooms:
                try:
                    async with asyncio.timeout(_READ_SECONDS):
                        await self.page.keyboard.press("Escape")
                        await self.go_to(room)
                        await self._read(room)
                except (TimeoutError, PlaywrightError) as error:
                    raise TimeoutError(f"{self.name} does not get through room {room}: {str(error)[:300]}") from error

    async def _read(self, room: int) -> None:
        await self._over_the_list()
        # As far down as it goes, which may have to be loaded.
        while not (drawn := await self._look()).is_settled:
            await self.page.get_by_test_id("timeline").press("End", timeout=_ACT_MS)
        stored: dict[int, Row] = {}
        pending: dict[str, Row] = {}
        misses = 0
        while True:
            numbers = [row.number for row in drawn.rows if row.number is not None]
            # What is new has to touch what was there, or the wheel has gone too far.
            is_far = bool(stored) and bool(numbers) and numbers[-1] < min(stored) - 1
            if is_far and misses < _MOST_MISSES:
                misses += 1
                await self._turn(_STEP_PX / 2)
                drawn = await self._look()
                continue
            misses = 0
            stored.update((row.number, row) for row in drawn.rows if row.number is not None)
            pending.update((row.key or row.text, row) for row in drawn.rows if row.number is None)
            if drawn.is_at_start:
                break
            await self._turn(-_STEP_PX)
            drawn = await self._look()
        rows = [*(stored[number] for number in sorted(stored)), *pending.values()]
        self._notebook.note(Read(at=self._notebook.now(), tab=self.name, person=self.person, room=room, rows=rows))

    async def _turn(self, pixels: float) -> None:
        await self.page.mouse.wheel(0, pixels)

    async def _look(self) -> _Drawn:
        return msgspec.convert(await self.page.evaluate(_SETTLED), _Drawn)
