"""The chat's page: writing, trust, reading. Names begin with the row of the list of what people expect."""

import json
import pathlib
import re

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.chat_tab import PHONE, ChatTab, new_room, post, sign_in
from tests.browser.conftest import Visitors
from tests.live.server import Server
from tests.services import wait_until

ALICE, BOB = 2, 3


@pytest.fixture
def alice(people: Visitors) -> ChatTab:
    return sign_in(people.arrive(), "alice")


@pytest.fixture
def bob(people: Visitors) -> ChatTab:
    return sign_in(people.arrive(locale="zh-CN"), "bob")


@pytest.fixture
def room(house: Server, request: pytest.FixtureRequest) -> int:
    """A room of alice and bob, of this test alone."""
    return new_room(house, "alice", request.node.name[:60], BOB)


def compose(page: Page, text: str) -> None:
    """An input method composes these characters."""
    page.context.new_cdp_session(page).send(
        "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
    )


def test_c1_enter_sends_and_shift_enter_breaks(alice: ChatTab, room: int) -> None:
    alice.go_to(room)
    alice.box.click()
    alice.page.keyboard.type("first line")
    alice.page.keyboard.press("Shift+Enter")
    alice.page.keyboard.type("second line")
    expect(alice.box).to_have_value("first line\nsecond line")
    alice.page.keyboard.press("Enter")
    expect(alice.message("second line").get_by_test_id("state")).to_have_attribute("data-state", "saved")
    expect(alice.box).to_have_value("")
    expect(alice.box).to_be_focused()


def test_c2_enter_while_composing_never_sends(alice: ChatTab, room: int) -> None:
    alice.go_to(room)
    alice.box.click()
    compose(alice.page, "ni hao")
    alice.page.keyboard.press("Enter")
    # Safari ends the composition first; the code of the key is all that says so.
    alice.box.evaluate(
        "box => box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', keyCode: 229, bubbles: true}))"
    )
    expect(alice.box).to_have_value(re.compile("ni hao"))
    expect(alice.rows).to_have_count(0)


@pytest.mark.pages
def test_c3_white_space_is_not_sent(alice: ChatTab, room: int) -> None:
    alice.go_to(room)
    alice.box.fill("  \n ")
    alice.box.press("Enter")
    alice.box.fill("seen")
    alice.box.press("Enter")
    expect(alice.message("seen")).to_be_visible()
    expect(alice.rows).to_have_count(1)


@pytest.mark.pages
def test_c4_a_draft_survives_switching_and_reloading_and_reaches_the_other_device(
    alice: ChatTab, people: Visitors, room: int, request: pytest.FixtureRequest
) -> None:
    alice.go_to(room)
    alice.box.fill("half a thought")
    alice.page.locator("[data-room='1']").click()
    expect(alice.box).to_have_value("")
    expect(alice.page.locator(f"[data-room='{room}']")).to_contain_text("Draft")
    alice.page.reload()
    alice.opened().page.locator(f"[data-room='{room}']").click()
    expect(alice.box).to_have_value("half a thought")
    other = sign_in(people.arrive(), "alice", f"/rooms/{room}")
    expect(other.box).to_have_value("half a thought")
    alice.say("half a thought")
    alice.page.locator("[data-room='1']").click()
    expect(alice.page.locator(f"[data-room='{room}']")).not_to_contain_text("Draft")


@pytest.mark.pages
def test_c10_typing_is_shown_to_others_and_not_to_oneself(alice: ChatTab, bob: ChatTab, room: int) -> None:
    alice.go_to(room)
    bob.go_to(room)
    alice.box.press_sequentially("hello")
    expect(bob.page.get_by_test_id("typing")).to_have_text("Alice 正在输入…", timeout=2_000)
    expect(alice.page.get_by_test_id("typing")).to_have_text("")
    expect(bob.page.get_by_test_id("typing")).to_have_text("", timeout=8_000)


def test_n1_a_message_that_is_told_before_it_is_answered_is_shown_once(alice: ChatTab, room: int) -> None:
    """The room's channel and the answer to the sender do not wait for each other."""
    held: list[str] = []

    def hold_answers(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(frame: str | bytes) -> None:
            for line in filter(None, str(frame).split("\n")):
                answer = json.loads(line).get("rpc", {}).get("data", {})
                if answer.keys() == {"id", "room", "number", "offset", "at"}:
                    held.append(line)
                else:
                    socket.send(line)

        server.on_message(pass_on)

    alice.page.route_web_socket(re.compile("/connection/websocket"), hold_answers)
    alice.go_to(room)
    alice.say("told first")
    told = alice.message("told first")
    expect(told.get_by_test_id("state")).to_have_attribute("data-state", "saved")
    expect(alice.rows).to_have_count(1)
    alice.say("and another one")
    expect(alice.message("and another one")).to_have_count(1)
    expect(alice.rows).to_have_count(2)
    assert held


@pytest.mark.pages
def test_n1_a_message_keeps_its_row_when_it_is_stored(alice: ChatTab, bob: ChatTab, room: int) -> None:
    alice.go_to(room)
    bob.go_to(room)
    alice.page.evaluate(
        """() => {
          window.removed = []
          const content = document.querySelector('[data-testid=timeline] .content')
          new MutationObserver(changes => changes.forEach(change =>
            change.removedNodes.forEach(node => node.dataset?.index && window.removed.push(node.innerText)),
          )).observe(content, { childList: true })
        }"""
    )
    alice.say("in its place")
    expect(alice.message("in its place").get_by_test_id("state")).to_have_attribute("data-state", "saved")
    expect(bob.message("in its place")).to_be_visible()
    assert alice.page.evaluate("window.removed") == []


@pytest.mark.pages
def test_n2_where_no_socket_comes_through_all_goes_over_plain_http(alice: ChatTab, bob: ChatTab, room: int) -> None:
    alice.visitor.expects("WebSocket connection|[Cc]ontent [Ss]ecurity [Pp]olicy|Connecting to")
    alice.page.add_init_script(
        "window.WebSocket = class extends WebSocket { constructor(_, names) { super('ws://192.0.2.1/', names) } }"
    )
    alice.go_to(room)
    bob.go_to(room)
    bob.say("by socket")
    expect(alice.message("by socket")).to_have_count(1)
    with alice.page.expect_request(re.compile("/emulation$")):
        alice.say("by request")
    expect(alice.message("by request").get_by_test_id("state")).to_have_attribute("data-state", "saved")
    expect(bob.message("by request")).to_have_count(1)


def test_n6_two_equal_messages_are_two(alice: ChatTab, bob: ChatTab, room: int) -> None:
    alice.go_to(room)
    bob.go_to(room)
    alice.say("again")
    alice.say("again")
    expect(bob.message("again")).to_have_count(2)
    expect(alice.message("again")).to_have_count(2)


def test_n2_what_is_written_while_the_server_is_dead_is_sent_once_when_it_is_back(
    people_of_mortal_house: Visitors, mortal_house: Server
) -> None:
    visitor = people_of_mortal_house.arrive()
    visitor.expects("ERR_CONNECTION_REFUSED|ERR_INVALID_HTTP|net::ERR|WebSocket connection")
    alice = sign_in(visitor, "alice")
    alice.say("before")
    expect(alice.message("before").get_by_test_id("state")).to_have_attribute("data-state", "saved")
    mortal_house.kill()
    # N3: within a second it says so, and counts down.
    expect(alice.connection).to_contain_text(re.compile("reconnecting|Connecting"), timeout=3_000)
    alice.say("while it was dead")
    expect(alice.message("while it was dead").get_by_test_id("state")).to_have_attribute("data-state", "waiting")
    expect(alice.connection).to_contain_text("1 message waiting")
    # It outlives the page as well: the outbox is in IndexedDB.
    mortal_house.start()
    alice.opened()
    expect(alice.message("while it was dead").get_by_test_id("state")).to_have_attribute("data-state", "saved")
    answer = mortal_house.http("GET", "/api/rooms/1/messages", headers=mortal_house.bearer("alice"))
    assert [message["body"] for message in answer.json()["results"]].count("while it was dead") == 1


@pytest.mark.pages
def test_n5_after_a_time_offline_all_is_there_in_order_and_the_place_is_kept(
    alice: ChatTab, bob: ChatTab, house: Server, room: int
) -> None:
    post(house, "alice", room, *(f"before {number}" for number in range(60)))
    alice.go_to(room)
    alice.visitor.expects("ERR_INTERNET_DISCONNECTED|net::ERR|WebSocket connection")
    alice.timeline.hover()
    alice.page.mouse.wheel(0, -900)
    expect(alice.timeline).to_have_attribute("data-following", "false")
    alice.has_settled()
    top = alice.first_in_view()
    alice.visitor.context.set_offline(True)
    expect(alice.connection).to_contain_text("offline", timeout=15_000)
    post(house, "bob", room, *(f"missed {number}" for number in range(200)))
    alice.visitor.context.set_offline(False)
    alice.opened()
    expect(alice.to_end).to_contain_text("200 new messages")
    assert alice.first_in_view() == top
    alice.to_end.click()
    expect(alice.message("missed 199")).to_be_in_viewport()
    alice.has_settled()
    assert [text for text in alice.texts() if text.startswith("missed")] == [
        f"missed {number}" for number in range(200)
    ][-len([text for text in alice.texts() if text.startswith("missed")]) :]
    assert numbers_are_dense(alice)


@pytest.mark.pages
def test_r1_a_room_opens_at_the_first_unread_with_a_line(alice: ChatTab, house: Server, room: int) -> None:
    post(house, "alice", room, *(f"read {number}" for number in range(30)))
    post(house, "bob", room, *(f"new {number}" for number in range(40)))
    alice.go_to(room)
    expect(alice.new_line).to_be_in_viewport()
    expect(alice.message("new 0")).to_be_in_viewport()
    alice.to_end.click()
    expect(alice.message("new 39")).to_be_in_viewport()
    expect(alice.page.locator(f"[data-room='{room}']").get_by_test_id("dot")).to_have_count(0)
    alice.timeline.hover()
    alice.page.mouse.wheel(0, -800)
    # Reading does not take the line away.
    expect(alice.new_line).to_have_count(1)


@pytest.mark.pages
def test_r2_reading_above_nothing_moves_and_a_button_counts(alice: ChatTab, house: Server, room: int) -> None:
    post(house, "alice", room, *(f"old {number}" for number in range(80)))
    alice.go_to(room)
    expect(alice.message("old 79")).to_be_in_viewport()
    alice.timeline.hover()
    alice.page.mouse.wheel(0, -1_200)
    alice.has_settled()
    before = alice.first_in_view()
    post(house, "bob", room, *(f"arrival {number}" for number in range(100)))
    expect(alice.to_end).to_contain_text("100 new messages")
    after = alice.first_in_view()
    assert after[0] == before[0]
    assert abs(after[1] - before[1]) <= 2
    alice.to_end.click()
    expect(alice.message("arrival 99")).to_be_in_viewport()
    expect(alice.to_end).to_have_count(0)


@pytest.mark.pages
def test_r3_pages_above_come_without_a_jump_and_the_start_is_said_once(
    alice: ChatTab, house: Server, room: int
) -> None:
    post(house, "alice", room, *(f"row {number} " + "长" * (number % 90) for number in range(400)))
    alice.go_to(room)
    expect(alice.message("row 399 ")).to_be_in_viewport()
    worst = alice.page.evaluate(
        """async () => {
          const timeline = document.querySelector('[data-testid=timeline]')
          const frame = () => new Promise(requestAnimationFrame)
          let worst = 0
          for (let step = 0; step < 900 && !document.querySelector('[data-testid=start]'); step++) {
            const top = timeline.getBoundingClientRect().top
            const row = [...timeline.querySelectorAll('[data-number]')]
              .find(one => one.getBoundingClientRect().top > top + 40)
            if (!row) { await frame(); continue }
            const number = row.dataset.number, before = row.getBoundingClientRect().top
            timeline.dispatchEvent(new WheelEvent('wheel', { deltaY: -60 }))
            const moved = Math.min(60, timeline.scrollTop)
            timeline.scrollTop -= 60
            await frame(); await frame()
            const now = timeline.querySelector(`[data-number="${number}"]`)
            if (now && moved === 60) worst = Math.max(worst, Math.abs(now.getBoundingClientRect().top - before - 60))
          }
          return worst
        }"""
    )
    assert worst <= 2
    expect(alice.page.get_by_test_id("start")).to_have_count(1)


@pytest.mark.pages
def test_r3_a_jump_of_the_scrollbar_loads_what_is_above(alice: ChatTab, house: Server, room: int) -> None:
    """At the moment of its event the rows are still those from before it."""
    post(house, "alice", room, *(f"row {number} " + "长" * (number % 90) for number in range(150)))
    alice.go_to(room)
    expect(alice.message("row 149 ")).to_be_in_viewport()
    height = alice.timeline.evaluate(
        """timeline => {
          timeline.dispatchEvent(new WheelEvent('wheel', { deltaY: -1 }))
          timeline.scrollTop = 0
          return timeline.scrollHeight
        }"""
    )
    wait_until(
        lambda: alice.timeline.evaluate("timeline => timeline.scrollHeight") > height + 1_000, what="a page above"
    )


@pytest.mark.pages
def test_r7_what_is_seen_is_read_and_what_is_not_in_view_is_not(
    alice: ChatTab, bob: ChatTab, house: Server, room: int
) -> None:
    bob.go_to(room)
    post(house, "alice", room, *(f"unread {number}" for number in range(50)))
    expect(bob.message("unread 49")).to_be_in_viewport()
    expect(bob.page.locator(f"[data-room='{room}']").get_by_test_id("dot")).to_have_count(0, timeout=5_000)
    bob.page.locator("[data-room='1']").click()
    post(house, "alice", room, "@bob look")
    expect(bob.page.locator(f"[data-room='{room}']").get_by_test_id("count")).to_have_text("1")
    # A1: the title says it too.
    expect(bob.page).to_have_title(re.compile(r"^\(\d+\)"))


@pytest.mark.pages
def test_r8_a_link_to_a_message_far_up_centres_it_and_back_returns(alice: ChatTab, house: Server, room: int) -> None:
    post(house, "alice", room, *(f"line {number}" for number in range(300)))
    alice.go_to(room)
    expect(alice.message("line 299")).to_be_in_viewport()
    alice.page.evaluate(f"history.pushState(history.state, '', '/rooms/{room}')")
    alice.go_to(room, 20)
    expect(alice.message("line 19")).to_be_in_viewport()
    box = alice.message("line 19").first.bounding_box()
    view = alice.timeline.bounding_box()
    assert box is not None
    assert view is not None
    assert abs((box["y"] + box["height"] / 2) - (view["y"] + view["height"] / 2)) < view["height"] / 4


def test_r11_reactions_edits_and_deletions_are_seen_by_the_other(alice: ChatTab, bob: ChatTab, room: int) -> None:
    alice.go_to(room)
    bob.go_to(room)
    alice.say("to be changed")
    theirs = bob.message("to be changed")
    theirs.hover()
    theirs.get_by_role("button", name="用 👍 回应").click()
    expect(alice.page.get_by_test_id("reaction")).to_contain_text("👍 1")
    mine = alice.message("to be changed")
    mine.hover()
    mine.get_by_role("button", name="More").click()
    mine.locator("[data-action=edit]").click()
    expect(alice.box).to_have_value("to be changed")
    alice.box.fill("was changed")
    alice.box.press("Enter")
    expect(bob.message("was changed")).to_contain_text("（已编辑）")
    mine = alice.message("was changed")
    mine.hover()
    mine.get_by_role("button", name="More").click()
    mine.locator("[data-action=remove]").click()
    alice.page.get_by_test_id("remove-form").locator("[type=submit]").click()
    expect(bob.message("这条消息已撤回")).to_be_visible()
    expect(bob.message("was changed")).to_have_count(0)


@pytest.mark.pages
def test_a6_on_a_phone_list_and_room_are_two_pages(people: Visitors) -> None:
    tab = sign_in(people.arrive(**PHONE), "carol")
    tab.page.goto("/")
    tab.room_link("Lobby").tap()
    expect(tab.box).to_be_visible()
    expect(tab.page.get_by_test_id("room-list")).to_be_hidden()
    wide = tab.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    tab.page.get_by_test_id("back").tap()
    expect(tab.page.get_by_test_id("room-list")).to_be_visible()


@pytest.fixture(scope="module")
def axe() -> str:
    return (pathlib.Path(__file__).parents[2] / "client/node_modules/axe-core/axe.min.js").read_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a7_axe_finds_nothing_in_the_room(alice: ChatTab, room: int, axe: str, scheme: str) -> None:
    alice.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    alice.go_to(room)
    alice.say("**bold** `code` https://example.com @bob\n\n```python\nprint(1)\n```")
    expect(alice.message("bold").get_by_test_id("state")).to_have_attribute("data-state", "saved")
    alice.page.evaluate(axe)
    found = alice.page.evaluate(
        "axe.run().then(result => result.violations.map(one => [one.id, one.impact, one.nodes[0].html]))"
    )
    assert found == []


@pytest.mark.pages
def test_a8_the_list_is_a_log_that_is_not_read_by_itself(alice: ChatTab, room: int) -> None:
    alice.go_to(room)
    alice.say("one")
    alice.say("two")
    log = alice.page.get_by_role("log")
    expect(log).to_have_attribute("aria-live", "off")
    two = alice.page.get_by_role("article").last
    expect(two).to_have_attribute("aria-label", re.compile("^Alice, "))
    two.focus()
    alice.page.keyboard.press("ArrowUp")
    expect(alice.page.get_by_role("article").first).to_be_focused()


@pytest.mark.pages
def test_a9_no_chinese_in_the_english_page(people: Visitors) -> None:
    tab = sign_in(people.arrive(), "dave")
    expect(tab.page.locator("html")).to_have_attribute("lang", "en")
    assert not re.search("[\u4e00-\u9fff]", tab.page.get_by_test_id("room-list").inner_text())
    assert not re.search("[\u4e00-\u9fff]", tab.page.locator(".room-head").inner_text())


def numbers_are_dense(tab: ChatTab) -> bool:
    numbers = tab.timeline.evaluate(
        "timeline => [...timeline.querySelectorAll('[data-number]')].map(one => Number(one.dataset.number))"
    )
    return sorted(numbers) == list(range(min(numbers), max(numbers) + 1))
