"""The composer on the chat's page: completion, commands, editing, files, its height. Names begin with the row."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.chat_tab import ChatTab, new_room, post, sign_in
from tests.browser.visitor import Visitors
from tests.live.server import Server
from tests.services import wait_until

pytestmark = pytest.mark.pages

BOB = 3
UPLOADS = re.compile(r"/api/rooms/\d+/files\?")
# A picture of one pixel.
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

_TRANSFER = """(files) => {
  const transfer = new DataTransfer()
  for (const { name, type, bytes, base64 } of files) {
    const content = base64 ? Uint8Array.from(atob(base64), c => c.charCodeAt(0)) : new Uint8Array(bytes)
    transfer.items.add(new File([content], name, { type }))
  }
  return transfer
}"""


@pytest.fixture
def alice(people: Visitors) -> ChatTab:
    return sign_in(people.arrive(), "alice")


@pytest.fixture
def room(house: Server, request: pytest.FixtureRequest) -> int:
    return new_room(house, "alice", request.node.name[:60], BOB)


def file(name: str, size: int = 40, kind: str = "text/plain") -> dict[str, object]:
    return {"name": name, "type": kind, "bytes": size, "base64": ""}


def picture(name: str) -> dict[str, object]:
    return {"name": name, "type": "image/png", "bytes": 0, "base64": PNG}


def drop(page: Page, over: Locator, *files: dict[str, object]) -> None:
    transfer = page.evaluate_handle(_TRANSFER, list(files))
    for event in ("dragenter", "dragover", "drop"):
        over.dispatch_event(event, {"dataTransfer": transfer})


def paste(page: Page, into: Locator, *files: dict[str, object]) -> None:
    transfer = page.evaluate_handle(_TRANSFER, list(files))
    into.evaluate(
        "(box, transfer) => box.dispatchEvent("
        "new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true }))",
        transfer,
    )


def hold_uploads(page: Page) -> Callable[[], None]:
    """Uploads wait; called, it lets them and all later ones through."""
    held: list[Route] = []
    is_open = False

    def handle(route: Route) -> None:
        if is_open:
            route.continue_()
        else:
            held.append(route)

    def let_through() -> None:
        nonlocal is_open
        wait_until(lambda: page.evaluate("1") and held, what="an upload that waits")
        is_open = True
        for route in held:
            route.continue_()

    page.route(UPLOADS, handle)
    return let_through


def uploads(page: Page, within: str = "room") -> Locator:
    return page.get_by_test_id(within).first.get_by_test_id("upload")


def files_of(tab: ChatTab, text: str) -> list[str]:
    return tab.message(text).get_by_test_id("file-row").locator(".file-name").all_inner_texts()


def test_c6_emoji_and_commands_are_completed(alice: ChatTab, room: int) -> None:
    alice.go_to(room)
    completion = alice.page.get_by_test_id("completion")
    alice.box.press_sequentially("well :smi")
    expect(completion.get_by_role("option").first).to_contain_text(":smi")
    alice.box.press("Tab")
    expect(alice.box).to_have_value(re.compile(r"^well \W+$"))
    alice.box.fill("")
    alice.box.press_sequentially("/to")
    expect(completion.get_by_role("option")).to_have_text([re.compile("^/topic")])
    alice.box.press("Enter")
    alice.box.press_sequentially("green tea")
    alice.box.press("Enter")
    expect(alice.page.locator(".room-head .topic")).to_have_text("green tea")
    expect(alice.box).to_have_value("")
    expect(alice.message("/topic")).to_have_count(0)


def _level(house: Server, room: int) -> str:
    synced = house.http("GET", "/api/sync", headers=house.bearer("alice")).json()
    (level,) = (one["membership"]["level"] for one in synced["rooms"] if one["room"]["id"] == room)
    return str(level)


def test_c6_commands_do_what_the_page_does_and_other_texts_are_sent(alice: ChatTab, house: Server, room: int) -> None:
    alice.go_to(room)
    answer = house.http(
        "PATCH", f"/api/rooms/{room}/membership", json={"level": "mentions"}, headers=house.bearer("alice")
    )
    assert answer.is_success, answer.text
    alice.say("/mute")
    expect(alice.page.get_by_test_id("toasts")).to_contain_text("muted")
    alice.say("/unmute")
    wait_until(lambda: _level(house, room) == "mentions", what="the level that it had")
    alice.say("/mute")
    wait_until(lambda: _level(house, room) == "nothing", what="nothing again")
    alice.page.reload()
    alice.opened()
    alice.box.press_sequentially("/")
    expect(alice.page.get_by_test_id("completion")).to_contain_text("/unmute")
    alice.box.press("Escape")
    alice.box.fill("/invite @nobody-at-all")
    alice.box.press("Enter")
    expect(alice.page.get_by_test_id("toasts")).to_contain_text("nobody-at-all")
    # What was not done can be mended.
    expect(alice.box).to_have_value("/invite @nobody-at-all")
    alice.say("/invite @carol")
    expect(alice.page.get_by_test_id("toasts")).to_contain_text("Carol")
    alice.say("/etc/hosts is a file")
    expect(alice.message("/etc/hosts is a file")).to_be_visible()
    alice.say("//leave is a command")
    expect(alice.page.locator("[data-testid=row] .text").last).to_have_text("/leave is a command")
    alice.say("/shrug no idea")
    expect(alice.message(r"no idea ¯\_(ツ)_/¯")).to_be_visible()
    alice.say("/leave")
    expect(alice.page.get_by_test_id("leave-form")).to_be_visible()


def test_c6_the_last_message_is_edited_by_a_key_and_esc_restores(alice: ChatTab, house: Server, room: int) -> None:
    post(house, "bob", room, "of somebody else")
    alice.go_to(room)
    alice.say("frist")
    alice.say("a reply to come")
    post(house, "bob", room, "later")
    expect(alice.message("later")).to_be_visible()
    alice.box.press("ArrowUp")
    expect(alice.box).to_have_value("a reply to come")
    alice.box.fill("never kept")
    alice.box.press("Escape")
    expect(alice.box).to_have_value("")
    alice.box.fill("half a thought")
    # Not in a box with a text: there the key is the caret's.
    alice.box.press("ArrowUp")
    expect(alice.box).to_have_value("half a thought")
    alice.box.fill("")
    alice.box.press("ArrowUp")
    expect(alice.box).to_have_value("a reply to come")
    alice.box.fill("a better reply")
    alice.box.press("Enter")
    expect(alice.message("a better reply")).to_contain_text("edited")
    expect(alice.message("a reply to come")).to_have_count(0)
    expect(alice.box).to_have_value("")


def test_c6_an_edit_that_does_not_reach_the_server_stays_in_the_box(alice: ChatTab, room: int) -> None:
    alice.visitor.expects("ERR_INTERNET_DISCONNECTED|net::ERR|WebSocket connection")
    alice.go_to(room)
    alice.say("frist")
    expect(alice.message("frist").get_by_test_id("state")).to_have_attribute("data-state", "saved")
    alice.box.press("ArrowUp")
    alice.visitor.context.set_offline(True)
    alice.box.fill("first")
    alice.box.press("Enter")
    expect(alice.page.get_by_test_id("toasts")).to_contain_text("cannot be reached")
    expect(alice.box).to_have_value("first")
    alice.visitor.context.set_offline(False)
    alice.opened()
    alice.box.press("Enter")
    expect(alice.message("first")).to_be_visible()


def test_c6_an_edit_waits_for_whoever_goes_elsewhere_meanwhile(alice: ChatTab, house: Server, room: int) -> None:
    alice.go_to(room)
    alice.say("frist")
    alice.box.fill("half a thought")
    alice.choose("frist", "edit")
    expect(alice.box).to_have_value("frist")
    alice.box.fill("first, and more")
    post(house, "bob", room, "said meanwhile")
    expect(alice.message("said meanwhile")).to_be_visible()
    expect(alice.box).to_have_value("first, and more")
    alice.page.locator("[data-room='1']").click()
    expect(alice.box).to_have_value("")
    alice.page.locator(f"[data-room='{room}']").click()
    expect(alice.box).to_have_value("first, and more")
    # Whoever answers another one instead finds it when they edit it again.
    alice.choose("said meanwhile", "reply")
    expect(alice.box).to_have_value("half a thought")
    alice.choose("frist", "edit")
    expect(alice.box).to_have_value("first, and more")
    alice.box.press("Enter")
    expect(alice.message("first, and more")).to_contain_text("edited")
    expect(alice.box).to_have_value("half a thought")


def test_c6_a_reply_without_a_text_is_there_after_going_elsewhere(alice: ChatTab, house: Server, room: int) -> None:
    post(house, "bob", room, "which tea?")
    alice.go_to(room)
    alice.choose("which tea?", "reply")
    about = alice.page.locator("#composer").get_by_text("which tea?")
    expect(about).to_be_visible()
    alice.page.locator("[data-room='1']").click()
    expect(about).to_have_count(0)
    alice.page.locator(f"[data-room='{room}']").click()
    expect(about).to_be_visible()
    alice.say("the green one")
    expect(alice.message("the green one").get_by_test_id("origin")).to_contain_text("which tea?")


def test_c6_what_was_unsent_in_a_room_one_was_taken_out_of_can_be_copied(
    people: Visitors, house: Server, room: int
) -> None:
    bob = sign_in(people.arrive(permissions=["clipboard-read", "clipboard-write"]), "bob", f"/rooms/{room}")
    bob.box.fill("a long thought")
    answer = house.http("DELETE", f"/api/rooms/{room}/members/{BOB}", headers=house.bearer("alice"))
    assert answer.is_success, answer.text
    gone = bob.page.get_by_test_id("room-gone")
    expect(gone).to_contain_text("not a member")
    expect(gone.get_by_test_id("unsent")).to_have_value("a long thought")
    gone.get_by_role("button", name="Copy").click()
    expect(bob.page.get_by_test_id("toasts")).to_contain_text("Copied")
    assert bob.page.evaluate("navigator.clipboard.readText()") == "a long thought"
    gone.get_by_role("link").click()
    expect(bob.box).to_have_value("")


def test_c7_files_are_pasted_and_dropped_with_previews_and_text_stays_plain(alice: ChatTab, room: int) -> None:
    alice.go_to(room)
    paste(alice.page, alice.box, picture("one.png"), picture("two.png"))
    drop(alice.page, alice.timeline, file("three.txt"))
    expect(uploads(alice.page)).to_have_count(3)
    expect(uploads(alice.page).locator("img.upload-preview")).to_have_count(2)
    # Also over the box itself: the overlay must go with it.
    drop(alice.page, alice.box, file("four.txt"))
    expect(uploads(alice.page)).to_have_count(4)
    expect(alice.page.get_by_test_id("drop-overlay")).to_have_count(0)
    uploads(alice.page).filter(has_text="four.txt").get_by_role("button", name="four.txt").click()
    expect(uploads(alice.page)).to_have_count(3)
    alice.box.fill("three of them")
    alice.box.press("Enter")
    message = alice.message("three of them")
    expect(message.get_by_test_id("picture")).to_have_count(2)
    assert ["three.txt"] == files_of(alice, "three of them")
    expect(alice.page.get_by_test_id("upload")).to_have_count(0)
    expect(alice.page.locator(".composer-box")).to_be_focused()


def test_c7_dragged_files_are_welcome_over_the_whole_room(alice: ChatTab, room: int) -> None:
    alice.go_to(room)
    transfer = alice.page.evaluate_handle(_TRANSFER, [file("a.txt")])
    alice.timeline.dispatch_event("dragenter", {"dataTransfer": transfer})
    overlay = alice.page.get_by_test_id("drop-overlay")
    expect(overlay).to_contain_text("50 MB")
    shown, whole = overlay.bounding_box(), alice.page.locator(".room-main").bounding_box()
    assert shown is not None
    assert whole is not None
    assert shown["width"] > 0.9 * whole["width"]
    assert shown["height"] > 0.9 * whole["height"]
    alice.page.locator(".room-main").dispatch_event("dragleave", {"dataTransfer": transfer})
    expect(overlay).to_have_count(0)


def test_c7_files_of_a_thread_go_into_the_thread(alice: ChatTab, house: Server, room: int) -> None:
    [root] = post(house, "bob", room, "the beginning")
    alice.page.goto(f"/rooms/{room}?thread={root['id']}")
    alice.opened()
    thread = alice.page.get_by_test_id("thread")
    box = thread.get_by_test_id("composer-box")
    paste(alice.page, box, picture("pasted.png"))
    drop(alice.page, thread, file("dropped.txt"))
    expect(thread.get_by_test_id("upload")).to_have_count(2)
    expect(alice.page.locator(".room-main").get_by_test_id("upload")).to_have_count(0)
    box.fill("with two files")
    box.press("Enter")
    reply = thread.get_by_test_id("message").filter(has_text="with two files")
    expect(reply.get_by_test_id("picture")).to_have_count(1)
    expect(reply.get_by_test_id("file-row")).to_have_count(1)


def test_c7_uploads_go_on_in_another_room_and_stay_with_theirs(alice: ChatTab, room: int) -> None:
    alice.go_to(room)
    let_through = hold_uploads(alice.page)
    drop(alice.page, alice.timeline, file("kept.txt"))
    expect(uploads(alice.page)).to_have_attribute("data-state", "uploading")
    alice.box.fill("its text")
    alice.page.locator("[data-room='1']").click()
    expect(alice.page).to_have_url(re.compile("/rooms/1$"))
    expect(uploads(alice.page)).to_have_count(0)
    let_through()
    alice.page.locator(f"[data-room='{room}']").click()
    expect(uploads(alice.page)).to_have_attribute("data-state", "done")
    expect(alice.box).to_have_value("its text")
    alice.box.press("Enter")
    expect(alice.message("its text").get_by_test_id("file-row")).to_have_count(1)


def test_c7_a_message_waits_for_its_files_and_goes_though_one_reads_elsewhere(alice: ChatTab, room: int) -> None:
    alice.go_to(room)
    let_through = hold_uploads(alice.page)
    paste(alice.page, alice.box, picture("late.png"))
    expect(uploads(alice.page)).to_have_count(1)
    alice.box.fill("sent before it was there")
    alice.box.press("Enter")
    expect(alice.box).to_have_value("")
    expect(alice.page.get_by_test_id("departing")).to_contain_text("sent before it was there")
    # The next one does not wait for it.
    alice.say("no files")
    expect(alice.message("no files").get_by_test_id("state")).to_have_attribute("data-state", "saved")
    alice.page.locator("[data-room='1']").click()
    let_through()
    alice.page.locator(f"[data-room='{room}']").click()
    expect(alice.message("sent before it was there").get_by_test_id("picture")).to_have_count(1)
    expect(alice.page.get_by_test_id("departing")).to_have_count(0)


def test_c8_progress_moves(alice: ChatTab, room: int) -> None:
    alice.go_to(room)
    session = alice.page.context.new_cdp_session(alice.page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 600_000}
    session.send("Network.emulateNetworkConditions", slow)
    alice.page.evaluate(
        """() => {
          window.seen = []
          new MutationObserver(() => {
            const now = document.querySelector('[data-testid=upload] [role=progressbar]')?.ariaValueNow
            if (now != null && now !== window.seen.at(-1)) window.seen.push(now)
          }).observe(document.body, { subtree: true, childList: true, attributes: true })
        }"""
    )
    drop(alice.page, alice.timeline, file("large.bin", 1_500_000, "application/octet-stream"))
    expect(uploads(alice.page)).to_have_attribute("data-state", "done", timeout=20_000)
    seen = [int(value) for value in alice.page.evaluate("seen")]
    assert seen == sorted(seen)
    assert len([value for value in seen if 0 < value < 100]) >= 3, seen


def test_c8_a_failed_upload_says_why_and_is_tried_again(alice: ChatTab, room: int) -> None:
    alice.visitor.expects("status of 401|status of 507|Failed to load resource")
    alice.go_to(room)
    alice.page.route(UPLOADS, lambda route: route.fulfill(status=401, json={"slug": "unauthenticated"}))
    drop(alice.page, alice.timeline, file("again.txt"))
    expect(uploads(alice.page).get_by_role("alert")).to_contain_text("Sign in")
    alice.page.unroute(UPLOADS)
    alice.box.fill("not without its file")
    alice.box.press("Enter")
    expect(alice.page.get_by_test_id("departing").get_by_role("alert").first).to_contain_text("not uploaded")
    uploads(alice.page).get_by_role("button", name="Upload again.txt again").click()
    expect(alice.message("not without its file").get_by_test_id("file-row")).to_have_count(1)


def test_c8_what_is_too_large_says_the_limit_before_anything_is_sent(alice: ChatTab, room: int) -> None:
    asked: list[str] = []
    alice.page.on("request", lambda request: asked.append(request.url))
    alice.go_to(room)
    drop(alice.page, alice.timeline, file("huge.bin", 51 * 1024 * 1024), file("empty.txt", 0))
    expect(uploads(alice.page).filter(has_text="huge.bin").get_by_role("alert")).to_contain_text("50 MB")
    expect(uploads(alice.page).filter(has_text="empty.txt").get_by_role("alert")).to_contain_text("empty")
    drop(alice.page, alice.timeline, *(file(f"{number}.txt") for number in range(11)))
    expect(alice.page.get_by_test_id("upload-tray")).to_contain_text("at most 10 files; 1 was not added")
    assert not [url for url in asked if "huge" in url or "empty" in url]


def test_c8_a_page_that_is_left_with_files_asks_first(alice: ChatTab, room: int) -> None:
    alice.go_to(room)
    alice.box.click()
    drop(alice.page, alice.timeline, file("mine.txt"))
    expect(uploads(alice.page)).to_have_attribute("data-state", "done")
    with alice.page.expect_event("dialog") as asked:
        alice.page.close(run_before_unload=True)
    assert "beforeunload" == asked.value.type
    asked.value.dismiss()
    alice.box.fill("x")
    alice.box.press("Enter")
    expect(alice.message("x")).to_be_visible()


def test_c9_the_box_grows_to_two_fifths_and_the_last_message_stays_in_view(
    alice: ChatTab, house: Server, room: int
) -> None:
    post(house, "alice", room, *(f"line {number}" for number in range(40)))
    alice.go_to(room)
    expect(alice.message("line 39")).to_be_in_viewport()
    heights = []
    for lines in (1, 6, 60):
        alice.box.fill("\n".join(f"thought {line}" for line in range(lines)))
        expect(alice.message("line 39")).to_be_in_viewport(ratio=0.9)
        box = alice.box.bounding_box()
        assert box is not None
        heights.append(box["height"])
    view = alice.page.locator(".room-main").bounding_box()
    assert view is not None
    assert heights[0] < heights[1] < heights[2] <= 0.4 * view["height"] + 1
    assert heights[2] > 0.35 * view["height"]
    # The rest scrolls, and the caret is in sight.
    assert alice.box.evaluate("box => box.scrollHeight > box.clientHeight")
    alice.say("small again")
    box = alice.box.bounding_box()
    assert box is not None
    assert heights[0] == box["height"]
    expect(alice.message("small again")).to_be_in_viewport(ratio=0.9)
