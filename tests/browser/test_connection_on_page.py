"""The chat's page and its connection: lost, silent, ended; several tabs; errors, crashes, upgrades. Named by rows."""

import json
import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from tests.browser.chat_tab import ChatTab, new_room, post, sign_in
from tests.browser.test_composer_on_page import UPLOADS, drop, file, uploads
from tests.browser.visitor import TOKEN, Visitors, fill
from tests.live.server import Server

pytestmark = pytest.mark.pages

BOB = 3
SOCKET = re.compile("/connection/websocket")
NO_NETWORK = (
    "Service Worker registration blocked|ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_REFUSED|net::ERR|"
    "WebSocket connection|Failed to load resource|Failed to fetch dynamically|Unable to preload"
)
_FOCUS = "is => { document.hasFocus = () => is; window.dispatchEvent(new Event(is ? 'focus' : 'blur')) }"


@pytest.fixture
def alice(people: Visitors) -> ChatTab:
    return sign_in(people.arrive(), "alice")


@pytest.fixture
def room(house: Server, request: pytest.FixtureRequest) -> int:
    return new_room(house, "alice", request.node.name[:60], BOB)


def sockets_that_can_fall_silent(page: Page) -> Callable[[], None]:
    """Called, it mutes those that are open, for good and without a word; later ones are well."""
    muted: list[list[bool]] = []

    def pass_on(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        is_muted = [False]
        muted.append(is_muted)
        socket.on_message(lambda frame: None if is_muted[0] else server.send(frame))
        server.on_message(lambda frame: None if is_muted[0] else socket.send(frame))

    def mute() -> None:
        for one in muted:
            one[0] = True

    page.route_web_socket(SOCKET, pass_on)
    return mute


def seconds_within(page: Page, milliseconds: int) -> list[int]:
    """The seconds that the line has counted, in their order."""
    texts: list[str] = page.evaluate(
        """async (milliseconds) => {
          const seen = []
          for (const end = performance.now() + milliseconds; performance.now() < end;) {
            const text = document.querySelector('[data-testid=connection-text]')?.textContent ?? ''
            if (text !== seen.at(-1)) seen.push(text)
            await new Promise(requestAnimationFrame)
          }
          return seen
        }""",
        milliseconds,
    )
    return [int(found[1]) for text in texts if (found := re.search(r"reconnecting in (\d+) s", text))]


def test_n3_a_loss_is_said_within_a_second_and_counts_down_and_ends(
    people_of_mortal_house: Visitors, mortal_house: Server
) -> None:
    visitor = people_of_mortal_house.arrive()
    visitor.expects(NO_NETWORK)
    # The longest delays there are: a quarter of a second, then twice that, up to four seconds at the fourth failure.
    visitor.context.add_init_script("Math.random = () => 0.999")
    alice = sign_in(visitor, "alice")
    trouble = alice.connection.locator(".trouble")
    expect(trouble).to_have_count(0)
    mortal_house.kill()
    expect(trouble).to_be_visible(timeout=1_000)
    expect(alice.connection).to_have_attribute("role", "status")
    counted = seconds_within(alice.page, 8_000)
    assert "3 2 1" in " ".join(map(str, counted)), counted
    # Read aloud it does not count.
    expect(alice.connection.locator(".unseen").first).to_have_text(re.compile("Connection lost|Connecting"))
    retry = alice.page.get_by_test_id("retry-now")
    expect(retry).to_be_visible()
    mortal_house.start()
    if retry.count():
        retry.click()
    expect(alice.connection).to_have_attribute("data-state", "connected", timeout=20_000)
    expect(trouble).to_have_count(0, timeout=1_000)


def test_n3_offline_says_so_and_online_is_back_at_once(alice: ChatTab, room: int) -> None:
    alice.visitor.expects(NO_NETWORK)
    alice.go_to(room)
    trouble = alice.connection.locator(".trouble")
    alice.visitor.context.set_offline(True)
    expect(trouble).to_contain_text("offline", timeout=1_000)
    alice.visitor.context.set_offline(False)
    expect(alice.connection).to_have_attribute("data-state", "connected", timeout=3_000)
    expect(trouble).to_have_count(0, timeout=1_000)


def test_n3_what_was_being_loaded_when_the_network_went_is_there_when_it_is_back(people: Visitors, room: int) -> None:
    visitor = people.arrive(service_workers="block")
    visitor.expects(NO_NETWORK)
    alice = sign_in(visitor, "alice")
    later = re.compile("/assets/(FindingLayer|NotificationLayer)-")
    alice.page.route(later, lambda route: route.abort("internetdisconnected"))
    # A network that is gone for a moment only: it is not worth loading all of the page anew.
    alice.page.route("**/static/teahouse/manifest.json", lambda route: route.abort("internetdisconnected"))
    alice.page.goto(f"/rooms/{room}")
    expect(alice.box).to_be_visible()
    expect(alice.page.get_by_test_id("find")).to_have_count(0)
    alice.page.unroute(later)
    expect(alice.page.get_by_test_id("find")).to_be_visible(timeout=5_000)
    expect(alice.page.get_by_test_id("crashed")).to_have_count(0)


def test_n7_a_silent_link_is_noticed_when_one_comes_back_to_it(alice: ChatTab, house: Server, room: int) -> None:
    mute = sockets_that_can_fall_silent(alice.page)
    alice.go_to(room)
    post(house, "bob", room, "heard")
    expect(alice.message("heard")).to_be_visible()
    mute()
    post(house, "bob", room, "said to nobody")
    # As after a sleep, or with another network.
    alice.page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(alice.message("said to nobody")).to_be_visible(timeout=8_000)
    expect(alice.connection).to_have_attribute("data-caught-up", "true")


def test_n7_a_message_into_a_silent_link_goes_over_another_one(alice: ChatTab, house: Server, room: int) -> None:
    mute = sockets_that_can_fall_silent(alice.page)
    alice.go_to(room)
    alice.say("before")
    expect(alice.message("before").get_by_test_id("state")).to_have_attribute("data-state", "saved")
    mute()
    alice.say("into the void")
    expect(alice.message("into the void").get_by_test_id("state")).to_have_attribute(
        "data-state", "saved", timeout=20_000
    )
    answer = house.http("GET", f"/api/rooms/{room}/messages", headers=house.bearer("alice"))
    assert 1 == [message["body"] for message in answer.json()["results"]].count("into the void")


@pytest.mark.parametrize("how", ["while connected", "while away"])
def test_n8_a_session_that_is_over_asks_once_and_keeps_the_draft(
    people: Visitors, house: Server, room: int, how: str
) -> None:
    visitor = people.arrive()
    visitor.expects(r"status of 40[13]|" + NO_NETWORK)
    alice = sign_in(visitor, "alice", f"/rooms/{room}")
    alice.box.fill("half a thought")
    if how == "while away":
        visitor.context.set_offline(True)
        expect(alice.connection.locator(".trouble")).to_be_visible()
    cookies = {cookie["name"]: cookie["value"] for cookie in visitor.context.cookies()}
    answer = house.http("POST", "/api/auth/logout", cookies=cookies, headers={"X-CSRFToken": cookies["csrftoken"]})
    assert answer.is_success, answer.text
    visitor.context.set_offline(False)
    dialog = alice.page.get_by_role("dialog")
    expect(dialog).to_have_count(1)
    expect(dialog).to_contain_text("signed out")
    # It stays one, and nothing is tried behind it.
    alice.page.wait_for_timeout(1_500)
    expect(dialog).to_have_count(1)
    dialog.get_by_role("link").click()
    fill(alice.page, username="alice", password="alice-teahouse")
    alice.page.keyboard.press("Enter")
    expect(alice.page).to_have_url(re.compile(f"/rooms/{room}$"))
    expect(alice.opened().box).to_have_value("half a thought")


def test_n8_no_token_is_ever_in_an_address(people: Visitors, room: int) -> None:
    visitor = people.arrive()
    visitor.expects(NO_NETWORK)
    addresses: list[str] = []
    visitor.context.on("request", lambda request: addresses.append(request.url))
    visitor.context.on("page", lambda page: page.on("websocket", lambda socket: addresses.append(socket.url)))
    alice = sign_in(visitor, "alice", f"/rooms/{room}")
    drop(alice.page, alice.timeline, file("a.txt"))
    expect(uploads(alice.page)).to_have_attribute("data-state", "done")
    visitor.context.set_offline(True)
    expect(alice.connection.locator(".trouble")).to_be_visible()
    visitor.context.set_offline(False)
    alice.opened().say("with a file")
    expect(alice.message("with a file").get_by_test_id("state")).to_have_attribute("data-state", "saved")
    assert 2 <= len([address for address in addresses if SOCKET.search(address)]), addresses
    assert [] == [address for address in addresses if TOKEN.search(address) or "token=" in address.lower()]


def test_n9_two_tabs_have_the_same_draft(alice: ChatTab, room: int) -> None:
    alice.go_to(room)
    other = ChatTab(alice.visitor, alice.visitor.open(f"/rooms/{room}")).opened()
    # One person is in one tab; a driven browser says of each that it has the focus.
    other.page.evaluate(_FOCUS, False)
    alice.box.fill("written in the first")
    # Before the server has been told.
    expect(other.box).to_have_value("written in the first", timeout=1_000)
    other.page.evaluate(_FOCUS, True)
    alice.page.evaluate(_FOCUS, False)
    other.box.fill("written in the first, and on in the second")
    expect(alice.box).to_have_value("written in the first, and on in the second", timeout=1_000)
    other.box.press("Enter")
    expect(alice.message("on in the second")).to_be_visible()
    expect(alice.box).to_have_value("")
    alice.page.reload()
    expect(alice.opened().box).to_have_value("")


def test_n9_a_reply_that_was_begun_in_one_tab_is_one_in_the_other(alice: ChatTab, house: Server, room: int) -> None:
    post(house, "bob", room, "what is asked")
    alice.go_to(room)
    other = ChatTab(alice.visitor, alice.visitor.open(f"/rooms/{room}")).opened()
    other.page.evaluate(_FOCUS, False)
    alice.message("what is asked").hover()
    alice.message("what is asked").get_by_role("button", name="Reply", exact=True).click()
    alice.box.fill("what is answered")
    expect(other.page.locator(".composer-about")).to_contain_text("what is asked")
    other.page.evaluate(_FOCUS, True)
    alice.page.evaluate(_FOCUS, False)
    other.box.press("Enter")
    expect(alice.message("what is answered")).to_contain_text("what is asked")
    expect(alice.page.locator(".composer-about")).to_have_count(0)
    expect(alice.box).to_have_value("")


def test_n9_what_is_read_in_one_tab_is_read_in_the_other(alice: ChatTab, house: Server, room: int) -> None:
    alice.page.goto("/settings")
    alice.page.evaluate(_FOCUS, False)
    other = ChatTab(alice.visitor, alice.visitor.open("/settings")).opened()
    post(house, "bob", room, "@alice look")
    for tab in (alice, other):
        expect(tab.page.locator(f"[data-room='{room}']").get_by_test_id("count")).to_have_text("1")
    other.page.evaluate(_FOCUS, True)
    other.page.locator(f"[data-room='{room}']").click()
    expect(other.message("look")).to_be_visible()
    expect(other.page.locator(f"[data-room='{room}']").get_by_test_id("count")).to_have_count(0)
    expect(alice.page.locator(f"[data-room='{room}']").get_by_test_id("count")).to_have_count(0, timeout=1_000)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (500, '{"detail": "raw"}', "Something went wrong on the server"),
        (413, "<html><h1>413 Request Entity Too Large</h1><hr>nginx</html>", "Too large for this server"),
        (413, '{"slug": "quota_exceeded", "detail": "raw"}', "no space"),
        (429, '{"detail": "raw"}', "Wait a while"),
        (403, '{"slug": "not_allowed", "detail": "raw"}', "may not send files"),
        (503, "<html>raw</html>", "busy"),
    ],
)
def test_a11_an_upload_that_is_refused_says_what_to_do(
    alice: ChatTab, room: int, status: int, body: str, said: str
) -> None:
    alice.visitor.expects(f"status of {status}")
    alice.go_to(room)
    # A pause that nobody waits for: it is not tried again by itself.
    alice.page.route(UPLOADS, lambda route: route.fulfill(status=status, body=body, headers={"Retry-After": "60"}))
    drop(alice.page, alice.timeline, file("a.txt"))
    expect(uploads(alice.page).get_by_role("alert")).to_contain_text(said)
    expect(uploads(alice.page)).not_to_contain_text(re.compile(r"raw|[{<]|nginx"))


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (500, "The server made a mistake"),
        (413, "too large"),
        (429, re.compile("Too many|wait a (moment|while)")),
        (403, "not allowed"),
        (502, "busy or restarting"),
    ],
)
def test_a11_a_form_that_is_refused_says_what_to_do(people: Visitors, status: int, said: str | re.Pattern[str]) -> None:
    visitor = people.arrive()
    visitor.expects(f"status of {status}")
    page = visitor.open("/sign-in")
    page.route("**/api/auth/session", _refusing(status))
    fill(page, username="alice", password="alice-teahouse")
    page.keyboard.press("Enter")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(said)
    expect(alert).not_to_contain_text(re.compile(r"[{<]|nginx"))


def _refusing(status: int) -> Callable[[Route], None]:
    """As a proxy before the server does, in HTML."""

    def handle(route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(status=status, body=f"<html><h1>{status}</h1>nginx</html>", content_type="text/html")
        else:
            route.continue_()

    return handle


def test_a11_who_cannot_be_signed_out_without_a_network_is_told_so(alice: ChatTab, room: int) -> None:
    alice.visitor.expects(NO_NETWORK)
    alice.go_to(room)
    alice.visitor.context.set_offline(True)
    alice.page.get_by_role("button", name="Menu", exact=True).click()
    alice.page.locator("[data-action=signOut]").click()
    expect(alice.page.get_by_test_id("toasts")).to_contain_text("still signed in")
    alice.visitor.context.set_offline(False)
    expect(alice.opened().box).to_be_visible()


def test_a11_messages_that_a_lost_network_took_away_come_with_the_next(
    alice: ChatTab, house: Server, room: int
) -> None:
    alice.visitor.expects(NO_NETWORK)
    other = new_room(house, "alice", "read later", BOB)
    post(house, "bob", other, "worth the wait")
    alice.go_to(room)
    alice.visitor.context.set_offline(True)
    expect(alice.connection.locator(".trouble")).to_be_visible()
    alice.page.locator(f"[data-room='{other}']").click()
    expect(alice.page.get_by_role("alert").filter(has_text="could not be loaded")).to_be_visible()
    alice.visitor.context.set_offline(False)
    expect(alice.message("worth the wait")).to_be_visible(timeout=40_000)


def test_a11_a_real_refusal_of_the_server_says_why(people: Visitors, house: Server, room: int) -> None:
    answer = house.http("PATCH", f"/api/rooms/{room}", json={"slow_mode_seconds": 600}, headers=house.bearer("alice"))
    assert answer.status_code == 200, answer.text
    bob = sign_in(people.arrive(), "bob", f"/rooms/{room}")
    bob.say("the first")
    expect(bob.message("the first").get_by_test_id("state")).to_have_attribute("data-state", "saved")
    bob.say("too soon after it")
    expect(bob.message("too soon after it")).to_contain_text("Slow mode")
    # What was refused is not lost: it can be written otherwise.
    bob.message("too soon after it").get_by_role("button", name="Edit").click()
    expect(bob.box).to_have_value("too soon after it")


def test_a11_a_crash_offers_to_reload_and_keeps_the_draft(alice: ChatTab, house: Server, room: int) -> None:
    alice.visitor.expects("TypeError|Cannot read|uncaught")
    alice.page.route_web_socket(SOCKET, _breaking)
    alice.go_to(room)
    alice.box.fill("half a thought")
    post(house, "bob", room, "a message that breaks the page")
    crashed = alice.page.get_by_test_id("crashed")
    expect(crashed).to_contain_text("Something went wrong")
    expect(crashed).to_contain_text("kept")
    crashed.get_by_role("button", name="Reload").click()
    expect(alice.opened().box).to_have_value("half a thought")


def _breaking(socket: WebSocketRoute) -> None:
    """A publication that no server of ours would send: a message with a file that is none."""
    server = socket.connect_to_server()

    def pass_on(frame: str | bytes) -> None:
        lines = []
        for line in filter(None, str(frame).split("\n")):
            told = json.loads(line)
            data = told.get("push", {}).get("pub", {}).get("data", {})
            if data.get("kind") == "message.posted":
                data["message"]["files"] = [None]
            lines.append(json.dumps(told))
        socket.send("\n".join(lines))

    server.on_message(pass_on)


def test_a11_a_part_that_cannot_be_loaded_leaves_the_page_as_it_is(people: Visitors, room: int) -> None:
    visitor = people.arrive(service_workers="block")
    visitor.expects("Service Worker registration blocked|Failed to|net::ERR|preload|importing")
    alice = sign_in(visitor, "alice", f"/rooms/{room}")
    alice.page.evaluate("window.isTheSame = true")
    alice.page.route(re.compile("/assets/MembersPane-"), lambda route: route.abort())
    # Without a network nothing is loaded anew.
    alice.page.evaluate("Object.defineProperty(navigator, 'onLine', { get: () => false })")
    alice.box.fill("half a thought")
    alice.page.get_by_test_id("members").click()
    expect(alice.page.get_by_test_id("toasts")).to_contain_text("could not be loaded")
    expect(alice.box).to_have_value("half a thought")
    expect(alice.page.get_by_test_id("crashed")).to_have_count(0)
    assert alice.page.evaluate("window.isTheSame === true")


def test_a12_a_new_version_is_a_quiet_chip_and_waits_for_a_click(people: Visitors, room: int) -> None:
    visitor = people.arrive(service_workers="block")
    visitor.expects(NO_NETWORK)
    alice = sign_in(visitor, "alice", f"/rooms/{room}")
    expect(alice.page.get_by_test_id("update")).to_have_count(0)
    alice.page.evaluate("window.isTheSame = true")
    alice.page.route(
        "**/static/teahouse/manifest.json",
        lambda route: route.fulfill(json={"src/chat/main.ts": {"file": "assets/chat-another.js"}}),
    )
    alice.box.fill("half a thought")
    # Upgrades restart the server: it is asked after connecting.
    visitor.context.set_offline(True)
    expect(alice.connection.locator(".trouble")).to_be_visible()
    visitor.context.set_offline(False)
    chip = alice.page.get_by_test_id("update")
    expect(chip).to_be_visible()
    expect(alice.opened().box).to_have_value("half a thought")
    alice.page.wait_for_timeout(1_000)
    assert alice.page.evaluate("window.isTheSame === true")
    with alice.page.expect_event("load"):
        chip.click()
    expect(alice.opened().box).to_have_value("half a thought")


def test_a12_a_lazy_part_that_an_upgrade_took_away_reloads_once(people: Visitors, room: int) -> None:
    visitor = people.arrive(service_workers="block")
    visitor.expects("Service Worker registration blocked|Failed to|404|preload|importing")
    alice = sign_in(visitor, "alice", f"/rooms/{room}")
    loads: list[float] = []
    alice.page.on("load", lambda _: loads.append(time.monotonic()))
    alice.page.route(re.compile("/assets/MembersPane-"), lambda route: route.fulfill(status=404, body="gone"))
    alice.box.fill("half a thought")
    with alice.page.expect_event("load"):
        alice.page.get_by_test_id("members").click()
    expect(alice.opened().box).to_have_value("half a thought")
    if alice.page.get_by_test_id("pane").count() == 0:
        alice.page.get_by_test_id("members").click()
    expect(alice.page.get_by_test_id("toasts")).to_contain_text("could not be loaded")
    alice.page.wait_for_timeout(1_500)
    assert 1 == len(loads)
    expect(alice.box).to_have_value("half a thought")
