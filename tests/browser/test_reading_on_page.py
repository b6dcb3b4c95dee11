"""Reading on the chat's page: the list at its end and above it, times, texts, pictures, reactions, what is unread, who
is here, what is empty."""

import functools
import io
import itertools
import json
import re
import time
from typing import Any

import PIL.Image
import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from tests.browser.chat_tab import ChatTab, new_room, post, sign_in
from tests.browser.test_invitations import Owner, guest_of
from tests.browser.visitor import Visitors
from tests.live.server import Server
from tests.services import wait_until

ALICE, BOB, CAROL = 2, 3, 4
_DAY_MS = 86_400_000


@pytest.fixture
def alice(people: Visitors) -> ChatTab:
    return sign_in(people.arrive(), "alice")


@pytest.fixture
def room(house: Server, request: pytest.FixtureRequest) -> int:
    """A room of alice and bob, of this test alone."""
    return new_room(house, "alice", request.node.name[:60], BOB)


def ask(server: Server, who: str, method: str, path: str, **body: Any) -> Any:
    answer = server.http(method, f"/api/{path}", json=body, headers=server.bearer(who))
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


def upload(server: Server, room: int, *, width: int = 640, height: int = 480) -> int:
    content = io.BytesIO()
    PIL.Image.new("RGB", (width, height), (90, 140, 80)).save(content, "PNG")
    key = f"{time.monotonic_ns()}.png"
    answer = server.http(
        "POST",
        f"/api/rooms/{room}/files",
        params={"client_key": key, "name": key},
        content=content.getvalue(),
        headers={**server.bearer("alice"), "Content-Type": "application/octet-stream"},
    )
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


@pytest.mark.pages
def test_r4_at_the_end_a_flood_is_followed_and_few_rows_are_drawn(alice: ChatTab, house: Server, room: int) -> None:
    """A hundred messages a second for eight seconds, as the server would tell of them."""
    told: list[dict[str, Any]] = []
    sockets: list[WebSocketRoute] = []

    def look(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        sockets.append(socket)

        def pass_on(frame: str | bytes) -> None:
            for line in filter(None, str(frame).split("\n")):
                push = json.loads(line).get("push", {})
                if push.get("pub", {}).get("data", {}).get("kind") == "message.posted":
                    told.append(push)
            socket.send(frame)

        server.on_message(pass_on)

    alice.page.route_web_socket(re.compile("/connection/websocket"), look)
    alice.go_to(room)
    post(house, "bob", room, "the first")
    expect(alice.message("the first")).to_be_visible()
    (first,) = (push for push in told if push["channel"] == f"room:{room}")
    most_rows = 0
    sent = 0
    while sent < 800:
        frames = []
        for n in range(sent + 1, sent + 11):
            push = json.loads(json.dumps(first))
            push["pub"]["offset"] += n
            message = push["pub"]["data"]["message"]
            message.update(id=message["id"] + 10_000 + n, number=message["number"] + n, body=f"flood {n}", key=f"f{n}")
            message.pop("html", None)
            frames.append(json.dumps({"push": push}))
        sockets[-1].send("\n".join(frames))
        sent += 10
        # The rate is what is tested.
        alice.page.wait_for_timeout(95)
        most_rows = max(most_rows, alice.rows.count())
        assert alice.timeline.get_attribute("data-following") == "true"
    expect(alice.message("flood 800")).to_be_in_viewport()
    expect(alice.to_end).to_have_count(0)
    assert most_rows < 80
    gap = alice.timeline.evaluate("one => one.scrollHeight - one.scrollTop - one.clientHeight")
    assert gap <= 3


@pytest.mark.pages
def test_r5_what_changes_above_leaves_the_row_that_is_read_where_it_is(
    alice: ChatTab, house: Server, room: int
) -> None:
    before = post(house, "alice", room, *(f"line {n}" for n in range(40)))
    (picture,) = post(house, "alice", room, "with a picture", files=[upload(house, room)])
    near = post(house, "alice", room, *(f"near {n}" for n in range(4)))
    post(house, "alice", room, *(f"after {n}" for n in range(40)))
    held: list[Route] = []
    alice.page.route("**/thumbnail*", lambda route: held.append(route))
    alice.go_to(room, before[-1]["number"] + 4)
    alice.timeline.hover()
    # The picture and what is near it are above the view, and drawn.
    for _ in range(40):
        alice.page.mouse.wheel(0, 40)
        alice.has_settled()
        if int(alice.first_in_view()[0]) >= near[-1]["number"] + 1:
            break
    else:
        pytest.fail("the rows below were not reached")
    place = alice.first_in_view()
    expect(alice.message("with a picture")).to_have_count(1)

    def is_where_it_was() -> None:
        alice.has_settled()
        number, top = alice.first_in_view()
        assert number == place[0]
        assert abs(top - place[1]) <= 2

    assert held
    for route in held:
        route.continue_()
    image = alice.message("with a picture").locator("img")
    wait_until(lambda: image.evaluate("one => one.complete && one.naturalWidth > 0"), what="the picture")
    is_where_it_was()
    ask(house, "bob", "PUT", f"messages/{near[0]['id']}/reactions/👍")
    expect(alice.message("near 0").get_by_test_id("reaction")).to_have_count(1)
    is_where_it_was()
    ask(house, "alice", "PATCH", f"messages/{near[1]['id']}", body="near 1, and\n\nmuch\n\nlonger")
    expect(alice.message("much")).to_have_count(1)
    is_where_it_was()
    ask(house, "alice", "DELETE", f"messages/{near[1]['id']}")
    expect(alice.message("much")).to_have_count(0)
    is_where_it_was()
    ask(house, "alice", "DELETE", f"messages/{picture['id']}")
    expect(alice.message("with a picture")).to_have_count(0)
    is_where_it_was()


@pytest.mark.pages
@pytest.mark.parametrize(
    ("days", "chinese", "english"),
    [
        (0, r"今天 \d\d:\d\d", r"Today \d\d:\d\d"),
        (1, r"昨天 \d\d:\d\d", r"Yesterday \d\d:\d\d"),
        (3, r"星期. \d\d:\d\d", r"\w+day \d\d:\d\d"),
        (9, r"\d+月\d+日 \d\d:\d\d", r"[A-Z]\w\w \d+ \d\d:\d\d"),
    ],
)
def test_r6_a_line_says_the_day_as_a_person_would(
    people: Visitors, house: Server, room: int, days: int, chinese: str, english: str
) -> None:
    post(house, "alice", room, "some time ago", "and right after")
    for locale, wanted in (("zh-CN", chinese), ("en-US", english)):
        tab = sign_in(people.arrive(locale=locale), "alice")
        tab.page.clock.set_system_time(time.time() + days * _DAY_MS / 1_000)
        tab.go_to(room)
        lines = tab.page.get_by_test_id("time-line")
        # What follows within five minutes has none, and stands under the same name.
        expect(lines).to_have_count(1)
        expect(lines).to_have_text(re.compile(f"^{wanted}$"))
        expect(tab.timeline.locator(".author")).to_have_count(1)


@pytest.mark.pages
def test_r6_the_full_time_is_shown_to_the_pointer_and_to_the_keyboard(alice: ChatTab, house: Server, room: int) -> None:
    post(house, "bob", room, "first", "second")
    alice.go_to(room)
    shown = "one => getComputedStyle(one, '::after').content"
    full = re.compile(r'^"\w+day, \w+ \d+, \d{4} at \d+:\d\d:\d\d')
    first = alice.message("first").locator("time")
    assert first.evaluate(shown) == "none"
    first.hover()
    assert full.search(first.evaluate(shown))
    alice.page.mouse.move(5, 5)
    alice.timeline.focus()
    alice.page.keyboard.press("ArrowUp")
    expect(alice.message("second")).to_be_focused()
    second = alice.message("second").locator("time")
    expect(second).to_be_visible()
    assert full.search(second.evaluate(shown))
    assert first.evaluate(shown) == "none"


@pytest.mark.pages
def test_r7_a_message_marked_unread_stays_so_until_one_comes_back_to_it(
    people: Visitors, house: Server, room: int
) -> None:
    post(house, "alice", room, *(f"line {n}" for n in range(6)))
    bob = sign_in(people.arrive(), "bob", f"/rooms/{room}")
    link = bob.page.locator(f"[data-room='{room}']")
    expect(bob.message("line 5")).to_be_in_viewport()
    expect(link.get_by_test_id("dot")).to_have_count(0)
    bob.choose("line 3", "markUnread")
    expect(link.get_by_test_id("dot")).to_be_visible()
    # Still in view, for longer than it takes to read.
    bob.page.wait_for_timeout(1_500)
    expect(link.get_by_test_id("dot")).to_be_visible()
    (mine,) = (one for one in ask(house, "bob", "GET", "sync")["rooms"] if one["room"]["id"] == room)
    assert mine["membership"]["read_number"] == 3
    bob.page.locator("[data-room='1']").click()
    link.click()
    expect(bob.new_line).to_be_in_viewport()
    row = bob.page.get_by_test_id("row").filter(has=bob.new_line)
    expect(row).to_contain_text("line 3")
    expect(link.get_by_test_id("dot")).to_have_count(0)


@pytest.mark.pages
def test_r8_a_link_to_a_message_that_is_not_there_says_so_and_opens_the_room(
    alice: ChatTab, house: Server, room: int
) -> None:
    post(house, "bob", room, "older", "the last")
    alice.go_to(room, 99_999)
    expect(alice.page.get_by_test_id("toasts")).to_contain_text("no such message")
    expect(alice.message("the last")).to_be_in_viewport()
    post(house, "bob", room, "and one more")
    expect(alice.message("and one more")).to_be_in_viewport()


@pytest.mark.pages
def test_r9_links_lead_outside_and_are_links_only_where_they_should_be(
    alice: ChatTab, house: Server, room: int
) -> None:
    post(
        house,
        "alice",
        room,
        "看 https://example.com/a，然后（https://example.com/b）。还有https://example.com/c！",
        "[press](javascript:alert(1)) and javascript:alert(2)",
        "**注意：**请看",
    )
    alice.go_to(room)
    links = alice.message("然后").locator("a")
    expect(links).to_have_count(3)
    assert [link.get_attribute("href") for link in links.all()] == [
        "https://example.com/a",
        "https://example.com/b",
        "https://example.com/c",
    ]
    for link in links.all():
        assert link.get_attribute("target") == "_blank"
        assert set((link.get_attribute("rel") or "").split()) >= {"noopener", "noreferrer"}
    expect(alice.message("press").locator("a")).to_have_count(0)
    expect(alice.message("请看").locator("strong").last).to_have_text("注意：")
    expect(alice.message("请看").locator(".text")).to_have_text("注意：请看")


@pytest.mark.pages
def test_r9_a_block_of_code_is_copied_by_its_button(people: Visitors, house: Server, room: int) -> None:
    post(house, "alice", room, "```python\nprint('茶')\n```")
    visitor = people.arrive(permissions=["clipboard-read", "clipboard-write"])
    alice = sign_in(visitor, "alice", f"/rooms/{room}")
    block = alice.page.locator("pre", has_text="print")
    block.hover()
    block.get_by_role("button", name="Copy code").click()
    expect(block.get_by_role("button", name="Copied")).to_be_visible()
    assert alice.page.evaluate("navigator.clipboard.readText()") == "print('茶')\n"
    expect(block.get_by_role("button", name="Copy code")).to_be_visible()


@pytest.mark.pages
def test_r10_a_picture_moves_nothing_when_it_comes(alice: ChatTab, house: Server, room: int) -> None:
    post(house, "alice", room, "look", files=[upload(house, room, width=900, height=1200)])
    post(house, "alice", room, "below")
    held: list[Route] = []
    alice.page.route("**/thumbnail*", lambda route: held.append(route))
    alice.go_to(room)
    picture = alice.page.get_by_test_id("picture")
    expect(picture).to_be_visible()
    alice.has_settled()
    alice.page.evaluate(
        """() => {
          window.shifts = []
          new PerformanceObserver(list => window.shifts.push(...list.getEntries().map(one => one.value)))
            .observe({ type: 'layout-shift' })
        }"""
    )
    before = picture.bounding_box(), alice.message("below").bounding_box()
    wait_until(lambda: held, what="the picture to be asked for")
    for route in held:
        route.continue_()
    image = picture.locator("img")
    wait_until(lambda: image.evaluate("one => one.complete && one.naturalWidth > 0"), what="the picture")
    alice.has_settled()
    assert (picture.bounding_box(), alice.message("below").bounding_box()) == before
    assert alice.page.evaluate("window.shifts") == []
    assert before[0] is not None
    assert before[0]["width"] / before[0]["height"] == pytest.approx(0.75, abs=0.01)


@pytest.mark.pages
def test_r10_the_lightbox_goes_by_arrows_and_gives_the_focus_back(alice: ChatTab, house: Server, room: int) -> None:
    post(house, "alice", room, "two", files=[upload(house, room), upload(house, room, width=300)])
    alice.go_to(room)
    first = alice.page.get_by_test_id("picture").first
    first.focus()
    alice.page.keyboard.press("Enter")
    lightbox = alice.page.get_by_test_id("lightbox")
    place = lightbox.locator(".lightbox-place")
    expect(place).to_have_text("1 of 2")
    expect(lightbox.locator("img")).to_have_js_property("naturalWidth", 640)
    alice.page.keyboard.press("ArrowRight")
    expect(place).to_have_text("2 of 2")
    expect(lightbox.locator("img")).to_have_js_property("naturalWidth", 300)
    alice.page.keyboard.press("ArrowLeft")
    expect(place).to_have_text("1 of 2")
    alice.page.keyboard.press("Escape")
    expect(lightbox).to_have_count(0)
    expect(first).to_be_focused()


@pytest.mark.pages
def test_r11_reactions_toggle_count_and_say_who(alice: ChatTab, house: Server, room: int) -> None:
    (message,) = post(house, "alice", room, "tea?")
    alice.go_to(room)
    row = alice.message("tea?")
    row.hover()
    row.get_by_role("button", name="React with 👍").click()
    reaction = row.get_by_test_id("reaction")
    expect(reaction).to_have_text("👍 1")
    expect(reaction).to_have_attribute("aria-pressed", "true")
    ask(house, "bob", "PUT", f"messages/{message['id']}/reactions/👍")
    expect(reaction).to_have_text("👍 2")
    expect(reaction).to_have_attribute("aria-label", "Me, Bob reacted with 👍, 2")
    shown = "one => getComputedStyle(one, '::after').content"
    reaction.hover()
    assert reaction.evaluate(shown) == '"Me, Bob reacted with 👍"'
    alice.page.mouse.move(5, 5)
    assert reaction.evaluate(shown) == "none"
    reaction.click()
    expect(reaction).to_have_text("👍 1")
    expect(reaction).to_have_attribute("aria-pressed", "false")
    ask(house, "bob", "DELETE", f"messages/{message['id']}/reactions/👍")
    expect(reaction).to_have_count(0)


@pytest.mark.pages
def test_r11_by_keyboard_alone_one_reacts_and_replies(alice: ChatTab, house: Server, room: int) -> None:
    post(house, "bob", room, "older", "which tea?")
    alice.go_to(room)
    alice.box.focus()
    keyboard = alice.page.keyboard
    # From the box to the messages, into them, to the one above.
    keyboard.press("Shift+F6")
    expect(alice.timeline).to_be_focused()
    keyboard.press("ArrowUp")
    expect(alice.message("which tea?")).to_be_focused()
    keyboard.press("ArrowUp")
    expect(alice.message("older")).to_be_focused()
    keyboard.press("ArrowDown")
    keyboard.press("Tab")
    expect(alice.message("which tea?").get_by_role("button", name="React with 👍")).to_be_focused()
    keyboard.press("Enter")
    expect(alice.message("which tea?").get_by_test_id("reaction")).to_have_text("👍 1")
    reply = alice.message("which tea?").get_by_role("button", name="Reply", exact=True)
    for _ in range(8):
        if reply.evaluate("one => one === document.activeElement"):
            break
        keyboard.press("Tab")
    keyboard.press("Enter")
    expect(alice.box).to_be_focused()
    keyboard.type("Green")
    keyboard.press("Enter")
    answer = alice.message("Green")
    expect(answer.get_by_test_id("origin")).to_have_text("Bob which tea?")
    answer.get_by_test_id("origin").click()
    expect(alice.message("which tea?").first).to_be_focused()


@pytest.mark.pages
def test_r11_what_is_recalled_leaves_a_line_and_what_is_edited_says_so(
    alice: ChatTab, house: Server, room: int
) -> None:
    edited, recalled = post(house, "bob", room, "to edit", "to recall")
    alice.go_to(room)
    ask(house, "bob", "PATCH", f"messages/{edited['id']}", body="was edited")
    expect(alice.message("was edited")).to_contain_text("(edited)")
    ask(house, "bob", "DELETE", f"messages/{recalled['id']}")
    line = alice.page.locator(f"[data-number='{recalled['number']}']")
    expect(line).to_contain_text("This message was deleted")
    expect(alice.message("to recall")).to_have_count(0)


@pytest.mark.pages
def test_a1_title_and_favicon_tell_in_all_tabs_and_are_clear_within_a_second_of_reading(
    people: Visitors, house: Server
) -> None:
    talk = ask(house, "carol", "POST", "rooms/direct", people=[BOB])["room"]["id"]
    visitor = people.arrive()
    bob = sign_in(visitor, "bob", "/rooms/1")
    run_command(bob.page, "Mark everything as read")
    other = ChatTab(visitor, visitor.open("/rooms/1")).opened()
    expect(other.page).to_have_title("Lobby · Teahouse")
    icon = "document.querySelector('link[rel=icon]').href"
    assert not str(other.page.evaluate(icon)).endswith("favicon-unread.svg")
    post(house, "carol", talk, *(f"for bob {n}" for n in range(3)))
    for tab in (bob, other):
        expect(tab.page).to_have_title("(3) Lobby · Teahouse")
        expect(tab.page.locator(f"[data-room='{talk}']").get_by_test_id("count")).to_have_text("3")
        assert str(tab.page.evaluate(icon)).endswith("favicon-unread.svg")
    post(house, "carol", talk, *(f"more {n}" for n in range(97)))
    expect(other.page).to_have_title("(99+) Lobby · Teahouse")
    expect(other.page.locator(f"[data-room='{talk}']").get_by_test_id("count")).to_have_text("99+")
    bob.page.locator(f"[data-room='{talk}']").click()
    expect(bob.new_line).to_be_visible()
    bob.to_end.click()
    expect(bob.message("more 96")).to_be_in_viewport()
    seen = time.monotonic()
    # Read is what was in view for half a second, looked at each half second: then there is a second to be clear in.
    expect(other.page).to_have_title("Lobby · Teahouse", timeout=3_000)
    assert time.monotonic() - seen < 2.1
    expect(bob.page).to_have_title("Carol · Teahouse", timeout=500)
    for tab in (bob, other):
        expect(tab.page.locator(f"[data-room='{talk}']").get_by_test_id("count")).to_have_count(0, timeout=500)
        assert not str(tab.page.evaluate(icon)).endswith("favicon-unread.svg")


@pytest.mark.pages
def test_a2_who_is_here_is_said_in_words_and_when_who_left_was_seen(people: Visitors, house: Server) -> None:
    talk = ask(house, "carol", "POST", "rooms/direct", people=[ALICE])["room"]["id"]
    alice = sign_in(people.arrive(), "alice", f"/rooms/{talk}")
    words = alice.page.get_by_test_id("presence-text")
    dot = alice.page.locator(f"[data-room='{talk}'] [data-testid=presence]")
    expect(words).to_have_text("away")
    expect(dot).to_have_attribute("aria-label", "away")
    shape = (
        "one => { const { width, height } = one.getBoundingClientRect(); return getComputedStyle(one).backgroundColor }"
    )
    ring = dot.evaluate(shape)
    visitor = people.arrive()
    sign_in(visitor, "carol")
    expect(words).to_have_text("here")
    expect(alice.page.get_by_role("link", name="here Carol")).to_be_visible()
    assert dot.evaluate(shape) != ring
    visitor.context.close()
    expect(words).to_have_text(re.compile(r"^last seen \d\d:\d\d$"))
    expect(dot).to_have_attribute("aria-label", re.compile(r"^last seen \d\d:\d\d$"))


@pytest.mark.pages
def test_a8_a_burst_is_spoken_at_most_once_a_second_as_a_number(alice: ChatTab, house: Server, room: int) -> None:
    alice.go_to(room)
    expect(alice.page.get_by_test_id("announcer")).to_be_attached()
    alice.page.evaluate(
        """() => {
          window.spoken = []
          const region = document.querySelector('[data-testid=announcer]')
          new MutationObserver(() => window.spoken.push([performance.now(), region.textContent]))
            .observe(region, { childList: true, characterData: true, subtree: true })
        }"""
    )
    post(house, "bob", room, *(f"burst {n}" for n in range(40)))
    expect(alice.message("burst 39")).to_be_visible()

    def all_spoken() -> list[tuple[float, str]] | None:
        """Once none is left: those that came alone are spoken in full, the others counted."""
        spoken: list[tuple[float, str]] = alice.page.evaluate("window.spoken")
        alone = sum(text.startswith("Bob: burst") for _, text in spoken)
        return spoken if sum(_counts(spoken)) + alone == 40 else None

    spoken = wait_until(all_spoken, what="40 messages to be spoken")
    assert _counts(spoken)
    assert all(later[0] - earlier[0] >= 950 for earlier, later in itertools.pairwise(spoken))
    assert alice.page.get_by_test_id("announcer").get_attribute("aria-live") == "polite"


def _counts(spoken: list[tuple[float, str]]) -> list[int]:
    return [int(found[1]) for _, text in spoken if (found := re.fullmatch(r"(\d+) new messages", text))]


def run_command(page: Page, label: str) -> None:
    # What opens the palette is loaded after the messages.
    expect(page.locator(".find-button")).to_be_visible()
    page.keyboard.press("Control+k")
    field = page.get_by_test_id("palette").get_by_role("combobox")
    field.fill(label)
    expect(page.get_by_test_id("hit").first).to_contain_text(label)
    field.press("Enter")
    expect(page.get_by_test_id("palette")).to_be_hidden()


@pytest.mark.pages
def test_a3_the_palette_makes_rooms_and_talks_and_changes_looks_and_language(
    alice: ChatTab, house: Server, room: int
) -> None:
    page = alice.page
    alice.go_to(room)
    run_command(page, "New room")
    expect(page.get_by_test_id("new-room-form")).to_be_visible()
    page.keyboard.press("Escape")
    run_command(page, "New conversation")
    expect(page.get_by_role("dialog", name="New conversation")).to_be_visible()
    page.keyboard.press("Escape")
    run_command(page, "Switch to dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    run_command(page, "Look as the system does")
    expect(page.locator("html")).not_to_have_attribute("data-theme", "dark")
    for label, pane in (("Members", "members"), ("Room settings", "settings"), ("Pinned messages", "pins")):
        run_command(page, label)
        expect(page.get_by_test_id("pane")).to_have_attribute("data-pane", pane)
    run_command(page, "Settings: notifications")
    expect(page).to_have_url(re.compile("/settings#notifications$"))
    expect(page.locator("[data-part=notifications] input").first).to_be_focused()
    run_command(page, "Switch to Chinese")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    run_command(page, "切换到英文")
    expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.pages
def test_a10_what_is_empty_says_what_to_do(first_people: Visitors) -> None:
    owner = Owner(guest_of(first_people, locale="en-US"))
    page = owner.visitor.open(f"/rooms/{owner.lobby()}")
    # The lobby of who has just come: invite somebody.
    page.get_by_test_id("begin-here").click()
    expect(page.get_by_test_id("invite-form")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("begin-here")).to_be_focused()
    empty = owner.room("Empty")
    page.goto(f"/rooms/{empty}")
    start = page.get_by_test_id("start")
    expect(start).to_contain_text("Write the first message below.")
    expect(start.get_by_role("button", name="Invite people")).to_be_visible()
    for path, words in {
        f"/rooms/{empty}?pane=files": "files",
        f"/rooms/{empty}?pane=pins": "Choose “Pin” in the menu of a message",
        "/threads": "Reply to a message in a thread",
        "/saved": "Choose “Save for later”",
        "/notices": "Publish one for everybody or for some",
        "/search?q=zzzznothing": "from:",
    }.items():
        page.goto(path)
        expect(page.locator("main")).to_contain_text(words)
    page.goto("/browse")
    page.locator("[name=query]").fill("zzzznothing")
    expect(page.get_by_test_id("browse")).to_contain_text("Try another word, or make a new room.")


@pytest.mark.pages
def test_a10_without_any_room_there_are_ways_to_one(people: Visitors) -> None:
    tab = sign_in(people.arrive(), "dave")

    def forget_rooms(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(frame: str | bytes) -> None:
            lines = []
            for line in filter(None, str(frame).split("\n")):
                reply = json.loads(line)
                data = reply.get("rpc", {}).get("data", {})
                if isinstance(data, dict) and "user_head" in data:
                    data["rooms"] = []
                lines.append(json.dumps(reply) if reply else line)
            socket.send("\n".join(lines))

        server.on_message(pass_on)

    tab.page.route_web_socket(re.compile("/connection/websocket"), forget_rooms)
    tab.page.goto("/")
    home = tab.page.locator(".home-view")
    expect(home).to_contain_text("No rooms yet.")
    expect(home.get_by_role("link", name="Browse public rooms")).to_be_visible()
    home.get_by_role("button", name="New room").click()
    expect(tab.page.get_by_test_id("new-room-form")).to_be_visible()


@pytest.mark.pages
@pytest.mark.parametrize(("path", "method"), [("/browse", "room.list_public"), ("/notices", "notice.list")])
def test_a10_what_was_not_loaded_is_asked_for_again_by_a_button(alice: ChatTab, path: str, method: str) -> None:
    refused = []

    def refuse(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(frame: str | bytes) -> None:
            for line in filter(None, str(frame).split("\n")):
                command = json.loads(line)
                if command.get("rpc", {}).get("method") == method and len(refused) < 4 and "unread_only" not in line:
                    refused.append(line)
                    socket.send(json.dumps({"id": command["id"], "error": {"code": 100, "message": "internal"}}))
                else:
                    server.send(line)

        socket.on_message(pass_on)
        server.on_message(functools.partial(_send, socket))

    alice.page.route_web_socket(re.compile("/connection/websocket"), refuse)
    alice.page.goto(path)
    retry = alice.page.get_by_test_id("retry")
    expect(retry).to_be_visible()
    refused.extend([""] * 4)
    retry.click()
    expect(retry).to_have_count(0)
    expect(alice.page.locator("[data-testid=public-room], [data-testid=notices]").first).to_be_visible()


def _send(socket: WebSocketRoute, frame: str | bytes) -> None:
    socket.send(frame)
