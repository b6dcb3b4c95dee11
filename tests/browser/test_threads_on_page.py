"""Threads, pins, what is saved, forwarding, earlier versions and readers, as two people see them on the chat's page."""

import pathlib
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chat_tab import sign_in
from tests.browser.visitor import PHONE, Visitors, fill
from tests.services import wait_until

_AXE = pathlib.Path(__file__).parents[2] / "client/node_modules/axe-core/axe.min.js"


_BOB = 3


class _Tab:
    """A tab that shows the chat in its first room."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pane = page.get_by_test_id("pane")

    def say(self, text: str) -> Locator:
        box = self.page.locator("[data-testid=room] textarea").first
        box.fill(text)
        box.press("Enter")
        return self.stored(text)

    def stored(self, text: str) -> Locator:
        return self.message(text).and_(self.page.locator("[data-number]"))

    def readers_of(self, text: str) -> list[int]:
        messages = self.page.request.get("/api/rooms/1/messages").json()["results"]
        message = next(one["id"] for one in messages if one.get("body") == text)
        readers: list[int] = self.page.request.get(f"/api/messages/{message}/readers").json()["results"]
        return readers

    def message(self, text: str) -> Locator:
        return self.page.get_by_test_id("timeline").get_by_test_id("message").filter(has_text=text)

    def choose(self, text: str, action: str) -> None:
        message = self.stored(text)
        message.hover()
        message.get_by_role("button", name="More", exact=True).click()
        message.get_by_role("menuitem", name=action, exact=True).click()

    def reply(self, text: str) -> None:
        box = self.pane.locator("textarea")
        box.fill(text)
        box.press("Enter")

    def is_accessible(self) -> None:
        # The page's policy allows no script of a test in the page, but what the browser evaluates.
        # A colour that is still changing is none to judge.
        self.page.emulate_media(reduced_motion="reduce")
        self.page.evaluate(_AXE.read_text())
        found = self.page.evaluate(
            "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations"
            ".filter(({ impact }) => impact === 'serious' || impact === 'critical')"
            ".map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 200)}`))"
        )
        assert found == []


def _chat(people: Visitors, name: str, **options: object) -> _Tab:
    page = sign_in(people.arrive(**options), name, "/rooms/1").page  # type: ignore[arg-type]
    expect(page.get_by_test_id("timeline")).to_be_visible()
    return _Tab(page)


@pytest.fixture
def alice(people: Visitors) -> _Tab:
    return _chat(people, "alice")


@pytest.fixture
def bob(people: Visitors) -> _Tab:
    return _chat(people, "bob")


def test_a_reply_in_a_thread_is_seen_live_and_counted_on_the_root(alice: _Tab, bob: _Tab) -> None:
    alice.say("Which oolong?")
    expect(bob.stored("Which oolong?")).to_be_visible()
    alice.choose("Which oolong?", "Reply in a thread")
    bob.choose("Which oolong?", "Reply in a thread")

    bob.reply("The roasted one")

    expect(alice.pane.get_by_test_id("message").filter(has_text="The roasted one")).to_be_visible()
    expect(alice.stored("Which oolong?").get_by_test_id("thread-summary")).to_contain_text("1 reply")
    expect(alice.pane.get_by_test_id("follow")).to_have_attribute("aria-pressed", "true")
    alice.pane.get_by_test_id("mute-thread").click()
    expect(alice.pane.get_by_test_id("mute-thread")).to_have_text("Unmute")
    alice.pane.get_by_test_id("mute-thread").click()
    expect(alice.pane.get_by_test_id("follow")).to_have_text("Following")

    alice.pane.get_by_test_id("resolve").click()
    expect(bob.pane.get_by_test_id("resolved")).to_contain_text("Alice")
    bob.pane.get_by_test_id("resolve").click()
    expect(alice.pane.get_by_test_id("resolved")).to_have_count(0)
    alice.is_accessible()


def test_c4_the_draft_of_a_thread_survives_a_reload(alice: _Tab) -> None:
    alice.say("A thread to think about")
    alice.choose("A thread to think about", "Reply in a thread")
    alice.pane.locator("textarea").fill("not yet")
    alice.page.reload()
    expect(alice.pane.locator("textarea")).to_have_value("not yet")


def test_r8_followed_threads_are_listed_with_what_is_unread(alice: _Tab, bob: _Tab) -> None:
    alice.say("Listed thread")
    expect(bob.stored("Listed thread")).to_be_visible()
    alice.page.get_by_test_id("threads-link").click()
    bob.choose("Listed thread", "Reply in a thread")
    bob.reply("for the list")

    card = alice.page.get_by_test_id("message-card").filter(has_text="Listed thread")
    expect(card.get_by_test_id("unread")).to_have_text("1 unread reply")
    expect(alice.page.get_by_test_id("unread-threads")).to_be_visible()
    alice.is_accessible()
    card.get_by_test_id("open-thread").click()
    expect(alice.pane.get_by_test_id("message").filter(has_text="for the list")).to_be_visible()
    alice.page.go_back()
    expect(alice.page.get_by_test_id("threads")).to_be_visible()
    expect(card).to_be_visible()


def test_saved_messages_are_kept_and_lead_back(alice: _Tab) -> None:
    alice.say("To be kept")
    alice.choose("To be kept", "Save for later")
    alice.page.get_by_test_id("saved-link").click()
    card = alice.page.get_by_test_id("message-card").filter(has_text="To be kept")
    expect(card).to_be_visible()
    alice.is_accessible()
    card.get_by_test_id("jump").click()
    expect(alice.page).to_have_url(re.compile(r"/rooms/1/\d+$"))
    expect(alice.stored("To be kept")).to_be_in_viewport()
    alice.page.go_back()
    card.get_by_test_id("unsave").click()
    expect(card).to_have_count(0)


def test_a_message_is_pinned_and_unpinned_for_both(people: Visitors, alice: _Tab) -> None:
    admin = _chat(people, "admin")
    alice.page.get_by_role("button", name="Pinned messages").click()
    admin.say("House rules")
    admin.choose("House rules", "Pin")
    card = alice.pane.get_by_test_id("message-card").filter(has_text="House rules")
    expect(card).to_be_visible()
    alice.is_accessible()
    admin.choose("House rules", "Unpin")
    expect(card).to_have_count(0)


def test_a_message_is_forwarded_edited_and_read(alice: _Tab, bob: _Tab) -> None:
    alice.say("First words")
    expect(bob.stored("First words")).to_be_visible()
    alice.choose("First words", "Edit")
    box = alice.page.locator("[data-testid=room] textarea").first
    box.fill("Second words")
    box.press("Enter")
    expect(bob.stored("Second words")).to_be_visible()

    bob.choose("Second words", "Earlier versions")
    expect(bob.page.get_by_test_id("revision")).to_contain_text("First words")
    bob.is_accessible()
    bob.page.keyboard.press("Escape")
    expect(bob.page.get_by_test_id("history")).to_have_count(0)

    bob.page.bring_to_front()
    wait_until(lambda: _BOB in alice.readers_of("Second words"), what="Bob to have read it")
    alice.choose("Second words", "Who has read it")
    expect(alice.page.get_by_test_id("have-read")).to_contain_text("Bob")
    alice.is_accessible()
    alice.page.keyboard.press("Escape")

    alice.choose("Second words", "Forward")
    form = alice.page.get_by_test_id("forward-form")
    fill(form, where="Dave", comment="for you")
    form.get_by_test_id("target").filter(has_text="Dave").click()
    alice.is_accessible()
    form.locator("[type=submit]").click()
    alice.page.get_by_test_id("toasts").get_by_role("link", name="Show").click()
    expect(alice.stored("Second words")).to_contain_text("for you")


def test_a6_at_phone_width_threads_and_saved_are_pages_with_a_way_back(people: Visitors) -> None:
    carol = _chat(people, "carol", **PHONE)
    for view in ("threads", "saved"):
        carol.page.goto("/")
        carol.page.get_by_test_id(f"{view}-link").click()
        expect(carol.page.get_by_test_id(view)).to_be_visible()
        assert carol.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        carol.is_accessible()
        carol.page.get_by_test_id(view).get_by_test_id("back").click()
        expect(carol.page.get_by_test_id("room-list")).to_be_visible()
