"""
The yudao front end's WebSocket page against our door, with the VueUse options that it has: nothing may need changing.

The page is in yudao/, built by Vite for the tests and served from an origin of its own, as yudao's front end is.
"""

import functools
import http.server
import pathlib
import shutil
import subprocess
import threading
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Locator, Page, WebSocket, expect

from tests import services
from tests.browser.visitor import Visitor, Visitors

_HERE = pathlib.Path(__file__).parent
_ROOT = _HERE.parents[1]
_VITE = _ROOT / "client/node_modules/vite/bin/vite.js"

ALICE, BOB = 2, 3

_KEEP_CLOSE_CODES = """
  window.closeCodes = []
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given)
      this.addEventListener('close', ({ code }) => window.closeCodes.push(code))
    }
  }
"""


@pytest.fixture(scope="package")
def front_end(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the built page."""
    folder = tmp_path_factory.mktemp("yudao")
    if not _VITE.exists():
        services.missing("what belongs in client/node_modules")
    node = shutil.which("node") or shutil.which("node", path=_ROOT / ".tools/bin") or services.missing("Node")
    options = [f"--config={_HERE}/yudao/vite.config.js", "--configLoader=native", f"--outDir={folder}", "--emptyOutDir"]
    subprocess.run([node, _VITE, "build", *options], check=True, cwd=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Files, directory=str(folder))) as files:
        threading.Thread(target=files.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{files.server_port}/"
        files.shutdown()


class _Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class YudaoTab:
    """A tab that shows the page, opened with a refresh token."""

    def __init__(self, visitor: Visitor, front_end: str, token: str) -> None:
        self.visitor = visitor
        self.page: Page = visitor.context.new_page()
        self.page.add_init_script(_KEEP_CLOSE_CODES)
        with self.page.expect_websocket() as first:
            self.page.goto(f"{front_end}?{urlencode({'server': visitor.server.address, 'token': token})}")
        self.socket: WebSocket = first.value
        # Newest first.
        self.messages: Locator = self.page.locator("#messages li")

    def opened(self) -> "YudaoTab":
        expect(self.page.locator("#status")).to_have_text("OPEN")
        return self

    def say(self, text: str, *, to: int | None = None) -> None:
        self.page.locator("#receiver").fill("" if to is None else str(to))
        self.page.locator("#text").fill(text)
        self.page.locator("#send").click()

    def has_no_failures(self) -> None:
        """It shows no 未处理消息 and no 处理消息发生异常, which upstream are red popups."""
        expect(self.page.locator("#failures li")).to_have_count(0)


def _opened(people: Visitors, front_end: str, name: str) -> YudaoTab:
    return YudaoTab(people.arrive(), front_end, people.server.tokens(name)["refresh"]).opened()


def test_two_pages_chat_with_everyone_and_with_one(people: Visitors, front_end: str) -> None:
    alice, bob = _opened(people, front_end, "alice"), _opened(people, front_end, "bob")

    alice.say("你好")
    expect(bob.messages).to_have_text(["【群发】用户编号(2)：你好"])
    bob.say("收到", to=ALICE)
    expect(alice.messages).to_have_text(["【单发】用户编号(3)：收到", "【群发】用户编号(2)：你好"])
    bob.say("大家好")

    for tab in (alice, bob):
        expect(tab.messages.first).to_have_text("【群发】用户编号(3)：大家好")
        tab.has_no_failures()
    # As upstream: who writes to one person gets nothing back.
    expect(bob.messages).to_have_text(["【群发】用户编号(3)：大家好", "【群发】用户编号(2)：你好"])


def test_equal_texts_in_a_row_are_all_shown(people: Visitors, front_end: str) -> None:
    alice, bob = _opened(people, front_end, "alice"), _opened(people, front_end, "bob")

    for text in ("1", "1", "1"):
        alice.say(text)

    for tab in (alice, bob):
        expect(tab.messages).to_have_text(["【群发】用户编号(2)：1"] * 3)


def test_the_page_and_ours_hear_each_other(people: Visitors, front_end: str) -> None:
    alice, bob = _opened(people, front_end, "alice"), people.sign_in("bob")

    bob.say("<i>茶</i>", to="Alice")
    expect(alice.messages).to_have_text(["【单发】用户编号(3)：<i>茶</i>"])
    alice.say("谢谢", to=BOB)

    expect(bob.directs).to_have_text(["谢谢"])
    alice.has_no_failures()


def test_a_notice_is_shown_by_its_title_each_time_it_is_pushed(people: Visitors, front_end: str) -> None:
    alice = _opened(people, front_end, "alice")
    admin = people.server.bearer("admin")

    notice = people.server.http("POST", "/api/notices", headers=admin, json={"title": "系统维护", "content": "22:00"})
    expect(alice.messages).to_have_text(["【系统通知】：系统维护"])
    people.server.http("POST", f"/api/notices/{notice.json()['id']}/push", headers=admin).raise_for_status()

    expect(alice.messages).to_have_text(["【系统通知】：系统维护"] * 2)
    alice.has_no_failures()


def test_its_heartbeats_are_answered_and_it_stays(people: Visitors, front_end: str) -> None:
    alice = _opened(people, front_end, "alice")

    # One each second; VueUse leaves when an answer takes a second.
    for _ in range(5):
        alice.socket.wait_for_event("framereceived", lambda frame: frame == "pong")

    expect(alice.page.locator("#statuses")).to_have_text("CONNECTING OPEN")
    alice.has_no_failures()


def test_it_comes_back_by_itself_with_its_token_after_the_server_was_killed(
    people_of_mortal_house: Visitors, front_end: str
) -> None:
    alice, bob = _opened(people_of_mortal_house, front_end, "alice"), _opened(people_of_mortal_house, front_end, "bob")
    alice.say("before")
    for tab in (alice, bob):
        expect(tab.messages).to_have_text(["【群发】用户编号(2)：before"])
        # The browser's own words, with the whole address: upstream keeps the token there.
        tab.visitor.expects(r"WebSocket connection to .* failed")

    people_of_mortal_house.server.kill()
    for tab in (alice, bob):
        expect(tab.page.locator("#status")).not_to_have_text("OPEN")
    people_of_mortal_house.server.start()

    alice.opened()
    bob.opened().say("after")
    for tab in (alice, bob):
        expect(tab.messages).to_have_text(["【群发】用户编号(3)：after", "【群发】用户编号(2)：before"])
        tab.has_no_failures()


def test_a_bad_token_is_told_by_the_close_code_4003(people: Visitors, front_end: str) -> None:
    stranger = YudaoTab(people.arrive(), front_end, "not-a-token")

    stranger.page.wait_for_function("window.closeCodes.length > 0")

    assert stranger.page.evaluate("window.closeCodes[0]") == 4003
    stranger.has_no_failures()
