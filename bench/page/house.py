"""The house under measure, `teahouse up` with filled rooms on the first core, and the browsers that look at it."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, Playwright, StorageState

from bench.fanout.machine import cores, on_core
from tests.browser.chat_tab import ChatTab
from tests.browser.conftest import FLAGS
from tests.browser.visitor import Visitor, fill
from tests.live.server import Server
from tests.services import chromium_binary, free_port

HUGE, LARGE, TALK = "a hundred thousand", "ten thousand", "talk"
# To go to and fro between, each with a screen or more of its own.
SWITCHED = [f"room {place:02}" for place in range(1, 41)]
_MESSAGES = {HUGE: 100_000, LARGE: 10_000, TALK: 500, **dict.fromkeys(SWITCHED, 120)}
_FREE = {"TEAHOUSE_SENDS_PER_SECOND": "100000", "TEAHOUSE_SEND_BURST": "100000", "TEAHOUSE_LOG_LEVEL": "WARNING"}
_INSTRUMENTS = (pathlib.Path(__file__).parent / "instruments.js").read_text()
# As a person's browser has them: with scrollbars, which Playwright hides.
_UNWANTED_FLAGS = ["--hide-scrollbars"]
_PATIENCE_MS = 60_000
_SETTLING_MS = 4_000


class House:
    def __init__(self, server: Server, rooms: dict[str, int]) -> None:
        self.server = server
        self.rooms = rooms

    def token(self, name: str) -> str:
        """Of a connection."""
        answer = self.server.http("POST", "/api/auth/connection-token", headers=self.server.bearer(name))
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["token"]
        return token

    def sending(self, room: str, *, per_second: float, seconds: float) -> subprocess.Popen[str]:
        """A process in which four people send to this room. It prints its tally."""
        asked = {
            "port": self.server.port,
            "tokens": [self.token(name) for name in ("admin", "bob", "carol", "dave")],
            "room": self.rooms[room],
            "per_second": per_second,
            "seconds": seconds,
        }
        command = [sys.executable, "-m", "bench.page.sending", json.dumps(asked)]
        with on_core(cores().server):
            return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@contextlib.contextmanager
def filled_house(kept: pathlib.Path | None) -> Iterator[House]:
    """With `kept`, what was filled is left in that folder and copied from there the next time."""
    with tempfile.TemporaryDirectory(prefix="teahouse-bench-") as folder:
        data = pathlib.Path(folder) / "data"
        rooms_file = data / "rooms.json"
        if kept is not None and (kept / rooms_file.name).exists():
            shutil.copytree(kept, data)
        else:
            _fill(data, rooms_file)
            if kept is not None:
                shutil.copytree(data, kept)
        server = Server(data, **_FREE)
        try:
            with on_core(cores().server):
                server.start()
            yield House(server, json.loads(rooms_file.read_text()))
        finally:
            server.kill()


def _fill(data: pathlib.Path, rooms_file: pathlib.Path) -> None:
    # The first start makes the database and its people.
    Server(data, **_FREE).start().stop()
    environment = {**os.environ, "TEAHOUSE_DATA": str(data), "DJANGO_SETTINGS_MODULE": "teahouse.site.settings"}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "bench.page.filling", json.dumps({"rooms": _MESSAGES})]
    found = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    rooms_file.write_text(found.stdout.splitlines()[-1])


class Browsers:
    """Chromium, started when it is wanted. Every visitor has a browser context, and so a cache, of their own."""

    def __init__(self, playwright: Playwright, house: House) -> None:
        self._playwright = playwright
        self.house = house
        self._started: dict[str, Browser] = {}
        self._cookies: dict[str, StorageState] = {}

    @contextlib.contextmanager
    def visitor(self, name: str = "alice", *, browser: str = "one", **options: Any) -> Iterator[Visitor]:
        """Somebody who is signed in and has looked at nothing yet. Another `browser` is other processes."""
        state = self._state(name)
        visitor = Visitor(self._browser(browser), self.house.server, locale="en-US", storage_state=state, **options)
        visitor.context.add_init_script(_INSTRUMENTS)
        visitor.context.set_default_timeout(_PATIENCE_MS)
        try:
            yield visitor
        finally:
            visitor.context.close()

    @contextlib.contextmanager
    def room(self, room: str, name: str = "alice", **options: Any) -> Iterator[ChatTab]:
        """This room, opened by somebody a while ago: nothing is being loaded any more."""
        with self.visitor(name, **options) as visitor:
            tab = ChatTab(visitor, visitor.context.new_page()).go_to(self.house.rooms[room])
            tab.rows.first.wait_for()
            # Whatever it loads later: the palette, the service worker and all files of the page.
            tab.page.wait_for_timeout(_SETTLING_MS)
            yield tab

    @contextlib.contextmanager
    def with_port(self, name: str | None) -> Iterator[int]:
        """The port of another Chromium's DevTools, in which this person is signed in, or nobody."""
        port = free_port()
        with tempfile.TemporaryDirectory(prefix="teahouse-bench-") as folder:
            context = self._playwright.chromium.launch_persistent_context(
                folder, executable_path=chromium_binary(), args=[*FLAGS, f"--remote-debugging-port={port}"]
            )
            if name is not None:
                context.add_cookies(self._state(name)["cookies"])  # type: ignore[arg-type]
            try:
                yield port
            finally:
                context.close()

    @property
    def version(self) -> str:
        return self._browser("one").version

    def close(self) -> None:
        for browser in self._started.values():
            browser.close()

    def _browser(self, name: str) -> Browser:
        if name not in self._started:
            self._started[name] = self._playwright.chromium.launch(
                executable_path=chromium_binary(), args=list(FLAGS), ignore_default_args=_UNWANTED_FLAGS
            )
        return self._started[name]

    def _state(self, name: str) -> StorageState:
        """Cookies alone: what the page keeps in the browser is part of what is measured."""
        if name not in self._cookies:
            visitor = Visitor(self._browser("one"), self.house.server)
            page = visitor.open("/sign-in")
            fill(page, username=name, password=f"{name}-teahouse")
            page.keyboard.press("Enter")
            page.wait_for_url(lambda url: "/sign-in" not in url)
            self._cookies[name] = {"cookies": visitor.context.storage_state()["cookies"], "origins": []}
            visitor.leave()
        return self._cookies[name]


def devtools(page: Page) -> CDPSession:
    return page.context.new_cdp_session(page)


class MainThread:
    """
    What the page's main thread computes while this is open: `ms` of its own time, of which `script_ms` in scripts.
    Other work on the machine lengthens what a person waits for, and hardly this.
    """

    def __init__(self, page: Page) -> None:
        self._session = devtools(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.ms = self.script_ms = 0.0

    def __enter__(self) -> "MainThread":
        self._before = self._metrics()
        return self

    def __exit__(self, *_: object) -> None:
        after = self._metrics()
        self.ms = round((after["TaskDuration"] - self._before["TaskDuration"]) * 1000, 1)
        self.script_ms = round((after["ScriptDuration"] - self._before["ScriptDuration"]) * 1000, 1)
        self._session.detach()

    def _metrics(self) -> dict[str, float]:
        return {each["name"]: each["value"] for each in self._session.send("Performance.getMetrics")["metrics"]}


def memory(page: Page) -> dict[str, float]:
    """What is left after the garbage is collected: heap in MB and DOM nodes, detached ones too."""
    session = devtools(page)
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")["usedSize"]
    nodes = session.send("Memory.getDOMCounters")["nodes"]
    session.detach()
    return {"heap_mb": round(used / 1e6, 2), "nodes": nodes}
