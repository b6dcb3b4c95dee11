"""Finding on the chat's page: the palette, the search over all rooms and in one, to a date, the shortcuts."""

import datetime
import pathlib
import re
import uuid
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.visitor import Visitors, fill
from tests.services import wait_until

_AXE = pathlib.Path(__file__).parents[2] / "client/node_modules/axe-core/axe.min.js"


class FindingTab:
    """A tab of the chat of somebody of the demo; `ask` is the HTTP API with this person's session."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.composer = page.get_by_test_id("composer-box")
        self.palette = page.get_by_test_id("palette")
        self.hits = page.get_by_test_id("hit")
        self.bar = page.get_by_test_id("room-search")

    def ask(self, method: str, path: str, **body: Any) -> Any:
        token = next((c["value"] for c in self.page.context.cookies() if "csrf" in c["name"].lower()), "")
        answer = self.page.request.fetch(
            f"/api/{path}",
            method=method,
            data=body,
            headers={"X-CSRFToken": token, "Referer": self.page.url},
        )
        assert answer.ok, answer.text()
        return answer.json()

    def make_room(self, name: str, *texts: str) -> int:
        room: int = self.ask("POST", "rooms", name=name, kind="public", client_key=str(uuid.uuid4()))["room"]["id"]
        for text in texts:
            self.ask("POST", f"rooms/{room}/messages", body=text, client_key=str(uuid.uuid4()))
        return room

    def finds(self, word: str) -> int:
        answer = self.page.request.get("/api/search", params={"query": word})
        assert answer.ok, answer.text()
        return len(answer.json()["results"])

    def open_room(self, room: int) -> None:
        self.page.goto(f"/rooms/{room}")
        expect(self.composer).to_be_visible()

    def is_in(self, room: int) -> None:
        expect(self.page).to_have_url(re.compile(rf"/rooms/{room}\b"))

    def message(self, text: str) -> Locator:
        return self.page.get_by_test_id("message").filter(has_text=text)


def _enter(people: Visitors, name: str = "alice", **options: Any) -> FindingTab:
    page = people.arrive(**options).open("/sign-in")
    fill(page, username=name, password=f"{name}-teahouse")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("chat")).to_have_attribute("data-ready", "true")
    # The shortcuts come with it, a moment after the rooms.
    expect(page.locator(".find-button")).to_be_attached()
    return FindingTab(page)


def _word() -> str:
    return f"w{uuid.uuid4().hex[:8]}"


def _serious(page: Page) -> list[str]:
    page.evaluate(_AXE.read_text())
    found = page.evaluate("axe.run()")
    return [
        f"{one['id']}: {one['nodes'][0]['html']}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def test_a3_the_palette_finds_a_chinese_room_by_pinyin_and_is_used_by_keyboard_alone(people: Visitors) -> None:
    tab = _enter(people)
    room = tab.make_room("龙井茶会")
    expect(tab.composer).to_be_visible()
    tab.composer.focus()
    tab.page.keyboard.press("Control+k")
    expect(tab.palette).to_be_visible()
    expect(tab.hits.first).to_have_attribute("aria-selected", "true")
    assert _serious(tab.page) == []
    tab.page.keyboard.type("ljch")
    expect(tab.hits.first).to_contain_text("龙井茶会")
    expect(tab.hits.last).to_have_attribute("data-kind", "search")
    tab.page.keyboard.press("Enter")
    tab.is_in(room)
    expect(tab.palette).to_be_hidden()
    expect(tab.composer).to_be_focused()


def test_a3_esc_gives_the_focus_back_to_the_composer(people: Visitors) -> None:
    tab = _enter(people)
    tab.composer.fill("half a")
    tab.page.keyboard.press("Control+k")
    expect(tab.palette.get_by_role("combobox")).to_be_focused()
    tab.page.keyboard.press("ArrowDown")
    expect(tab.hits.nth(1)).to_have_attribute("aria-selected", "true")
    tab.page.keyboard.press("Escape")
    expect(tab.palette).to_be_hidden()
    expect(tab.composer).to_be_focused()
    expect(tab.composer).to_have_value("half a")


def test_r12_a_search_with_a_filter_and_two_chinese_characters_marks_what_it_finds(people: Visitors) -> None:
    tab = _enter(people)
    word = _word()
    room = tab.make_room(f"Search {word}", f"😀 明天下午开会讨论 {word}", f"nothing {word}")
    results = tab.page.get_by_test_id("search-result")

    def is_found() -> None:
        tab.page.goto(f"/search?q=from:me 开会 {word}")
        expect(results).to_have_count(1, timeout=3_000)

    for attempt in range(4):
        try:
            is_found()
            break
        except AssertionError:
            if attempt == 3:
                raise
    expect(results.locator("mark").first).to_have_text("开会")
    assert _serious(tab.page) == []
    results.first.click()
    expect(tab.page).to_have_url(re.compile(rf"/rooms/{room}/\d+"))
    expect(tab.message("开会讨论")).to_be_visible()
    tab.page.go_back()
    expect(results).to_have_count(1)


def test_r12_an_empty_result_gives_the_operators_as_a_hint(people: Visitors) -> None:
    tab = _enter(people, locale="zh-CN")
    tab.page.goto("/search?q=zzzznothingzzzz")
    expect(tab.page.get_by_test_id("search-count")).to_have_text("没有找到消息")
    tab.page.get_by_role("button", name="before:").click()
    expect(tab.page.get_by_test_id("search-field")).to_have_value("zzzznothingzzzz before:")


def test_r11_up_and_down_go_through_the_hits_of_a_room_and_esc_gives_the_focus_back(people: Visitors) -> None:
    tab = _enter(people)
    word = _word()
    room = tab.make_room(f"Hits {word}", f"{word} old", *(f"between {n}" for n in range(60)), f"{word} new")
    tab.open_room(room)
    expect(tab.message(f"{word} new")).to_be_visible()
    wait_until(lambda: tab.finds(word) == 2, what="an index that has both")
    # What hears the keys is loaded after the messages.
    expect(tab.page.get_by_role("button", name="Find")).to_be_visible()
    tab.composer.focus()
    tab.page.keyboard.press("Control+f")
    expect(tab.bar.get_by_role("searchbox")).to_be_focused()
    tab.page.keyboard.type(word)
    count = tab.page.get_by_test_id("room-search-count")
    expect(count).to_have_text("1 of 2")
    tab.page.keyboard.press("ArrowUp")
    expect(count).to_have_text("2 of 2")
    expect(tab.message(f"{word} old")).to_be_in_viewport()
    expect(tab.bar.get_by_role("searchbox")).to_be_focused()
    assert tab.page.evaluate("CSS.highlights.get('found').size") > 0
    tab.page.keyboard.press("ArrowDown")
    expect(tab.message(f"{word} new")).to_be_in_viewport()
    tab.page.keyboard.press("Escape")
    expect(tab.bar).to_be_hidden()
    expect(tab.composer).to_be_focused()


def test_r11_a_date_leads_to_its_first_message(people: Visitors) -> None:
    tab = _enter(people)
    room = tab.make_room(f"Dates {_word()}", "the very first", *(f"line {n}" for n in range(60)))
    tab.open_room(room)
    tab.page.get_by_test_id("search-in-room").click()
    today = datetime.datetime.now(datetime.UTC).date()
    tab.page.get_by_test_id("jump-date").fill(today.isoformat())
    expect(tab.message("the very first")).to_be_in_viewport()
    tab.page.get_by_test_id("jump-date").fill((today + datetime.timedelta(days=9)).isoformat())
    expect(tab.page.get_by_test_id("toasts")).to_contain_text("No messages since")


def test_a4_each_shortcut_does_what_the_sheet_says(people: Visitors) -> None:
    tab = _enter(people, "carol")
    tab.make_room(f"Keys {_word()}", "a")
    first = tab.page.url
    tab.composer.fill("not lost")
    tab.page.keyboard.press("Control+/")
    sheet = tab.page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet.locator("dd")).to_have_count(11)
    tab.page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(tab.composer).to_be_focused()
    expect(tab.page.get_by_test_id("room-link").nth(1)).to_be_visible()
    tab.page.keyboard.press("Alt+ArrowDown")
    expect(tab.page).not_to_have_url(first)
    tab.page.keyboard.press("Alt+ArrowUp")
    expect(tab.page).to_have_url(first)
    expect(tab.composer).to_have_value("not lost")
    areas = []
    for _ in range(3):
        tab.page.keyboard.press("F6")
        areas.append(tab.page.evaluate("document.activeElement.dataset.testid"))
    assert set(areas) == {"room-link", "timeline", "composer-box"}


def test_a4_unread_rooms_are_reached_and_esc_marks_the_room_as_read(people: Visitors) -> None:
    tab, other = _enter(people, "dave"), _enter(people, "bob")
    talk = other.ask("POST", "rooms/direct", people=[5])["room"]["id"]
    tab.composer.focus()
    for n in range(80):
        other.ask("POST", f"rooms/{talk}/messages", body=f"long {n}\n\n\n.", client_key=str(uuid.uuid4()))
    link = tab.page.locator(f"[data-testid=room-link][data-room='{talk}']")
    expect(link.get_by_test_id("count")).to_be_visible()
    tab.page.keyboard.press("Alt+Shift+ArrowDown")
    tab.is_in(talk)
    expect(link.get_by_test_id("count")).to_be_visible()
    tab.page.keyboard.press("Escape")
    expect(link.get_by_test_id("count")).to_be_hidden()
    expect(tab.message("long 79")).to_be_in_viewport()


def test_a4_no_shortcut_fires_while_an_input_method_composes(people: Visitors) -> None:
    tab = _enter(people)
    tab.composer.focus()
    url = tab.page.url
    keyboard = tab.page.context.new_cdp_session(tab.page)
    keyboard.send("Input.imeSetComposition", {"text": "ni", "selectionStart": 2, "selectionEnd": 2})
    for key, code, modifiers in (("k", 75, 2), ("ArrowDown", 40, 1), ("Escape", 27, 0)):
        keyboard.send(
            "Input.dispatchKeyEvent",
            {"type": "rawKeyDown", "key": key, "windowsVirtualKeyCode": 229 if code else 0, "modifiers": modifiers},
        )
    expect(tab.palette).to_be_hidden()
    expect(tab.page).to_have_url(url)
    keyboard.send("Input.insertText", {"text": "你"})
    expect(tab.composer).to_have_value("你")


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_a6_at_phone_width_palette_and_results_fit(people: Visitors, locale: str) -> None:
    tab = _enter(people, locale=locale, viewport={"width": 390, "height": 844}, has_touch=True)
    tab.page.goto("/search?q=zzzznothing")
    expect(tab.page.get_by_test_id("search-help")).to_be_visible()
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 390
    tab.page.goto("/")
    tab.page.get_by_test_id("find").click()
    expect(tab.palette).to_be_visible()
    assert (tab.hits.first.bounding_box() or {"height": 0})["height"] >= 44
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert _serious(tab.page) == []
