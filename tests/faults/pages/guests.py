"""
Everybody in a run with pages: three people in Chromium, one of them with two tabs, beside two who are simulated; two
rooms that all of the three are in.
"""

import asyncio
import pathlib
import random
from collections.abc import Mapping, Sequence

from playwright.async_api import Browser, BrowserContext, Playwright, async_playwright

from tests.browser.conftest import FLAGS
from tests.faults.accounts import Account
from tests.faults.crowd import lobby_of
from tests.faults.devices import Complaint, Device
from tests.faults.houses import House
from tests.faults.notebook import Notebook
from tests.faults.pages.said import sends_of
from tests.faults.pages.tab import Tab
from tests.faults.people import Person
from tests.faults.record import Acked, Event, History, MembershipChanged
from tests.services import chromium_binary

# Of the demo.
_NUMBERS = {"admin": 1, "alice": 2, "bob": 3, "carol": 4, "dave": 5}
_TABS = {"alice": "a", "bob": "ab", "carol": "a"}
_SIMULATED = ("admin", "dave")
_HOST = "alice"
_OBSERVER = pathlib.Path(__file__).parent / "observer.js"
_SET_UP_SECONDS = 90.0
# Narrow enough that the list is longer than what is drawn of it.
_VIEWPORT = {"width": 900, "height": 560}


class Guests:
    """`lobby` is everybody's, `closed` that of the three with pages and of dave."""

    def __init__(
        self,
        house: House,
        notebook: Notebook,
        choice: random.Random,
        *,
        per_second: float,
        typed_per_second: float = 1.2,
    ) -> None:
        self._house = house
        self._notebook = notebook
        self._random = choice
        self._per_second = per_second
        self._typed_per_second = typed_per_second
        self._accounts: dict[str, Account] = {}
        self._people: dict[str, Person] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._chatter: list[asyncio.Task[None]] = []
        self._is_over = asyncio.Event()
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self.tabs: list[Tab] = []
        self.lobby = 0
        self.closed = 0

    @property
    def devices(self) -> list[Device]:
        return [device for person in self._people.values() for device in person.devices]

    @property
    def complaints(self) -> list[Complaint]:
        return [complaint for device in self.devices for complaint in device.complaints]

    async def come_in(self) -> None:
        """Everybody is signed in and connected, and begins to talk."""
        for name in (*_SIMULATED, _HOST):
            self._accounts[name] = Account(name, _NUMBERS[name], self._house.address)
            await self._accounts[name].sign_in()
        await self._make_rooms()
        await self._simulate()
        async with asyncio.timeout(_SET_UP_SECONDS):
            await self._open_pages()
            for device in self.devices:
                await device.connected()
        each = self._per_second / len(_SIMULATED)
        self._chatter = [
            *(asyncio.create_task(person.chatter(each, self._is_over)) for person in self._people.values()),
            *(asyncio.create_task(tab.chatter(self._typed_per_second, self._is_over)) for tab in self.tabs),
        ]

    async def say(self) -> Acked:
        return await self._people["admin"].insist(self.lobby)

    async def have_heard(self, said: Acked) -> None:
        """Returns when every device, and every page that shows the end of the lobby, has it."""
        for device in self.devices:
            await device.reached(f"room:{self.lobby}", said.offset)
        for tab in self.tabs:
            await tab.until_seen(lambda tab=tab: tab.has_heard(self.lobby, said.number))  # type: ignore[misc]

    async def fall_silent(self, seconds: float) -> None:
        """Nothing new is said; what is under way is answered. Raises TimeoutError."""
        self._is_over.set()
        async with asyncio.timeout(seconds):
            await asyncio.gather(*self._chatter)
            for tab in self.tabs:
                await tab.until_seen(tab.is_settled)

    async def look_back(self) -> None:
        """Everybody reads everything once more. Raises TimeoutError."""
        for tab in self.tabs:
            await tab.read_all()

    def events(self, histories: Sequence[History]) -> list[Event]:
        """For the record, beside what was noted meanwhile."""
        changes: list[Event] = [
            MembershipChanged(at=0, person=_NUMBERS[name], channel=f"room:{room}", offset=0, is_member=True)
            for room, names in ((self.lobby, _NUMBERS), (self.closed, (*_TABS, "dave")))
            for name in names
        ]
        return [*changes, *sends_of(self._notebook, histories)]

    async def leave(self) -> None:
        for task in (*self._chatter, *self._tasks):
            task.cancel()
        await asyncio.gather(*self._chatter, *self._tasks, return_exceptions=True)
        for tab in self.tabs:
            await tab.end()
        for account in self._accounts.values():
            await account.close()
        if self._browser is not None:
            await self._browser.close()
        if self._playwright is not None:
            await self._playwright.stop()

    # Inside.

    async def _make_rooms(self) -> None:
        self.lobby = await lobby_of(self._accounts["admin"])
        people = [_NUMBERS[name] for name in (*_TABS, "dave") if name != _HOST]
        asked = {"kind": "private", "name": "closed", "client_key": "faults-closed", "people": people}
        made = await self._accounts[_HOST].request("POST", "/api/rooms", asked)
        self.closed = made["room"]["id"]

    async def _simulate(self) -> None:
        for name in _SIMULATED:
            rooms = [self.lobby, self.closed] if name == "dave" else [self.lobby]
            self._people[name] = Person(
                self._accounts[name], self._notebook, random.Random(self._random.random()), devices=1, rooms=rooms
            )
        self._tasks = [asyncio.create_task(device.live()) for device in self.devices]

    async def _open_pages(self) -> None:
        self._playwright = await async_playwright().start()
        self._browser = await self._playwright.chromium.launch(executable_path=chromium_binary(), args=list(FLAGS))
        for name, letters in _TABS.items():
            context = await self._browser.new_context(
                base_url=self._house.address,
                locale="en-US",
                viewport=_VIEWPORT,  # type: ignore[arg-type]
            )
            tabs = [self._new_tab(name, letter, context) for letter in letters]
            await context.expose_binding("teahouseShown", self._heard)
            await context.add_init_script(path=_OBSERVER)
            await self._sign_in(context, name)
            self.tabs += tabs
            for tab in tabs:
                await tab.open()

    def _new_tab(self, name: str, letter: str, context: BrowserContext) -> Tab:
        # Each begins in the other room than the one before it.
        rooms = [self.lobby, self.closed] if letter == "a" else [self.closed, self.lobby]
        return Tab(
            f"{name}-{letter}",
            _NUMBERS[name],
            context,
            self._notebook,
            random.Random(self._random.random()),
            rooms=rooms,
        )

    def _heard(self, source: Mapping[str, object], told: str) -> None:
        """A page that is not any tab's any more says nothing."""
        for tab in self.tabs:
            if tab.owns(source["page"]):  # type: ignore[arg-type]
                tab.hear(told)

    async def _sign_in(self, context: BrowserContext, name: str) -> None:
        page = await context.new_page()
        await page.goto("/sign-in")
        await page.locator("[name=username]").fill(name)
        await page.locator("[name=password]").fill(f"{name}-teahouse")
        await page.keyboard.press("Enter")
        await page.wait_for_url(lambda url: "/sign-in" not in url)
        # It opens without a network from now on.
        await page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
        await page.close()
