"""The chat's page in the words of its users: say, opened, row of a text. And seeding a room by the API."""

import functools
import time
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.visitor import Visitor, fill
from tests.live.server import Server
from tests.services import wait_until

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


class ChatTab:
    """A tab that shows the chat."""

    def __init__(self, visitor: Visitor, page: Page) -> None:
        self.visitor = visitor
        self.page = page
        self.box = page.get_by_test_id("composer-box").first
        self.timeline = page.get_by_test_id("timeline")
        self.connection = page.get_by_test_id("connection")
        self.rows = page.get_by_test_id("row")
        self.to_end = page.get_by_test_id("to-end")
        self.new_line = page.get_by_test_id("new-line")

    def opened(self) -> "ChatTab":
        """Connected, with nothing missing. After a loss that may take as long as the longest delay."""
        expect(self.page.get_by_test_id("chat")).to_have_attribute("data-ready", "true")
        expect(self.connection).to_have_attribute("data-caught-up", "true", timeout=40_000)
        # With it comes all that is loaded behind the first messages: shortcuts, what is spoken.
        expect(self.page.locator(".find-button")).to_be_attached()
        return self

    def say(self, text: str) -> None:
        self.box.fill(text)
        self.box.press("Enter")
        expect(self.box).to_have_value("")

    def message(self, text: str) -> Locator:
        return self.page.get_by_test_id("message").filter(has_text=text)

    def room_link(self, name: str) -> Locator:
        return self.page.get_by_test_id("room-link").filter(has_text=name)

    def go_to(self, room: int, number: int | None = None) -> "ChatTab":
        self.page.goto(f"/rooms/{room}" + ("" if number is None else f"/{number}"))
        return self.opened()

    def has_settled(self) -> None:
        """What was scrolled stands still for ten frames."""
        self.timeline.evaluate(
            """async timeline => {
              const frame = () => new Promise(requestAnimationFrame)
              for (let still = 0, before = -1; still < 10; before = timeline.scrollTop) {
                await frame()
                still = timeline.scrollTop === before ? still + 1 : 0
              }
            }"""
        )

    def first_in_view(self) -> tuple[str, float]:
        """The number of the first message that is wholly in view, and where it stands."""
        number, top = self.timeline.evaluate(
            """timeline => {
              const top = timeline.getBoundingClientRect().top
              const rows = [...timeline.querySelectorAll('[data-number]')]
              const row = rows.find(one => one.getBoundingClientRect().top >= top)
              return [row.dataset.number, row.getBoundingClientRect().top]
            }"""
        )
        return number, top

    def choose(self, text: str, action: str) -> None:
        """In the menu of a message."""
        message = self.message(text).last
        message.hover()
        message.locator(".menu-holder > button").click()
        message.locator(f"[data-action={action}]").click()

    def texts(self) -> list[str]:
        """Of the messages that are mounted, in their order."""
        return self.page.locator("[data-testid=row] .text").all_inner_texts()


def sign_in(visitor: Visitor, name: str, path: str = "/") -> ChatTab:
    """Through the sign-in page, to the chat."""
    page = visitor.open("/sign-in")
    fill(page, username=name, password=f"{name}-teahouse")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    if path != "/":
        page.goto(path)
    return ChatTab(visitor, page).opened()


def new_room(server: Server, owner: str, name: str, *people: int, **rest: Any) -> int:
    """A private room; its id."""
    key = f"room-{time.monotonic_ns()}"
    body = {"client_key": key, "kind": "private", "name": name, "people": list(people), **rest}
    answer = server.http("POST", "/api/rooms", json=body, headers=server.bearer(owner))
    assert answer.status_code in (200, 201), answer.text
    return int(answer.json()["room"]["id"])


def post(server: Server, who: str, room: int, *texts: str, **rest: Any) -> list[dict[str, Any]]:
    """Messages, one after the other; what the server answers to each."""
    answers = []
    for text in texts:
        body = {"client_key": f"seed-{time.monotonic_ns()}", "body": text, **rest}
        answers.append(wait_until(functools.partial(_posted, server, who, room, body), what="a pace that lets it in"))
    return answers


def _posted(server: Server, who: str, room: int, body: dict[str, Any]) -> dict[str, Any] | None:
    """None while the server asks for patience."""
    answer = server.http("POST", f"/api/rooms/{room}/messages", json=body, headers=server.bearer(who))
    if answer.status_code == 429:
        return None
    assert answer.status_code in (200, 201), answer.text
    message: dict[str, Any] = answer.json()
    return message
