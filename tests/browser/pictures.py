"""
The pictures of the chat's page in docs/pictures, one of each main state: `python -m tests.browser.pictures [name ...]`.

Made from a house of its own with people and texts in it, so that they can be made again when the page changes. Nothing
is judged here. Emoji need a font: Debian's fonts-noto-color-emoji.
"""

import io
import pathlib
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests import services
from tests.browser.chat_tab import ChatTab, new_room, post, sign_in
from tests.browser.conftest import FLAGS
from tests.browser.visitor import Visitor, fill
from tests.live.server import Server, running

FOLDER = pathlib.Path(__file__).parents[2] / "docs" / "pictures"
_DESK: dict[str, Any] = {"viewport": {"width": 1200, "height": 760}, "locale": "en-GB"}
_PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 780}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True,
    "locale": "zh-CN",
}  # fmt: skip
_PEOPLE = {"admin": 1, "alice": 2, "bob": 3, "carol": 4, "dave": 5}


def main(wanted: list[str]) -> None:
    """Writes those that are named, or all. What is there already is replaced."""
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=services.chromium_binary(), args=list(FLAGS))
        for pictures in (_of_the_first_minute, _of_a_day):
            for name, page in pictures(browser):
                if not wanted or name in wanted:
                    _keep(name, page)
        browser.close()


def _keep(name: str, page: Page) -> None:
    # For what moves in and for what is loaded after the first view.
    time.sleep(1)
    picture = Image.open(io.BytesIO(page.screenshot()))
    # A page has few colours; a third of the bytes are enough for them.
    picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True)
    print(name)


def _of_the_first_minute(browser: Browser) -> Iterator[tuple[str, Page]]:
    with tempfile.TemporaryDirectory() as data, running(pathlib.Path(data) / "data", "teahouse", "up") as server:
        owner = Visitor(browser, server, **_DESK)
        page = owner.open("/")
        page.wait_for_url("**/setup")
        fill(page, username="wang", name="王掌柜", password="wang-teahouse")
        yield "setup", page
        page.keyboard.press("Enter")
        tab = ChatTab(owner, page).opened()
        yield "first-room", page
        page.goto(f"{page.url.split('?')[0]}?pane=members")
        tab.opened()
        page.get_by_test_id("pane").get_by_role("button", name="Invite").first.click()
        page.get_by_role("dialog").get_by_role("button", name="Make a link").click()
        yield "invite", page
        body = {"client_key": "first"}
        link = server.http("POST", "/api/rooms/1/invites", json=body, headers=server.bearer("wang")).json()
        guest = Visitor(browser, server, **_DESK)
        yield "invitation", guest.open(link["path"])


def _of_a_day(browser: Browser) -> Iterator[tuple[str, Page]]:
    with tempfile.TemporaryDirectory() as data, running(pathlib.Path(data) / "data") as server:
        room, thread = _a_day(server)
        sign_in(Visitor(browser, server, **_DESK), "carol")
        alice = sign_in(Visitor(browser, server, **_DESK), "alice")
        page = alice.go_to(room).page
        yield "chat", page
        page.emulate_media(color_scheme="dark")
        yield "chat-dark", page
        page.emulate_media(color_scheme="light")
        page.keyboard.press("Control+k")
        page.keyboard.type("sj")
        yield "palette", page
        page.keyboard.press("Escape")
        for name, path in {
            "thread": f"/rooms/{room}?thread={thread}",
            "members": f"/rooms/{room}?pane=members",
            "search": "/search?q=草图",
            "notices": "/notices",
            "settings": "/settings",
        }.items():
            page.goto(path)
            alice.opened()
            yield name, page
        alice.go_to(room)
        alice.page.context.set_offline(True)
        alice.say("这条先写下，连上了自己会发出去。")
        yield "waiting", page
        phone = sign_in(Visitor(browser, server, **_PHONE), "bob")
        phone.go_to(room)
        yield "chat-phone", phone.page
        phone.page.goto("/")
        phone.opened()
        yield "rooms-phone", phone.page


def _a_day(server: Server) -> tuple[int, int]:
    """Rooms with messages in them; the room to look at, and a message with a thread in it."""
    alice, bob, carol = _PEOPLE["alice"], _PEOPLE["bob"], _PEOPLE["carol"]
    design = new_room(server, "alice", "设计 design", bob, carol, topic="新首页，周四评审 · the new front page")
    lunch = new_room(server, "bob", "午饭 lunch", alice, carol)
    operations = new_room(server, "carol", "ops", alice, bob)
    post(server, "bob", lunch, "今天吃面？")
    (sketch,) = post(server, "bob", design, "早！昨天的草图我放进共享文件夹了。")
    (question,) = post(server, "carol", design, "Looks great. **One question:** do we keep the tea bowl in the header?")
    post(server, "alice", design, "留着吧，它是我们的标志 🍵", reply_to=question["id"])
    post(server, "bob", design, "那我改一下间距：\n```css\n.brand { gap: 0.5rem }\n```")
    (review,) = post(server, "carol", design, "@alice can you review before Thursday? https://example.com/board，谢谢")
    post(server, "alice", design, "没问题，今天下午就看。")
    post(server, "carol", design, "The second sketch has less text.", "Shall we try it?", thread=sketch["id"])
    post(server, "alice", design, "好，先试第二版草图。", thread=sketch["id"])
    for who in ("alice", "bob"):
        server.http("PUT", f"/api/messages/{review['id']}/reactions/👍", headers=server.bearer(who))
    post(server, "carol", operations, "@bob 部署完成了")
    direct = server.http("POST", "/api/rooms/direct", json={"people": [alice]}, headers=server.bearer("bob")).json()
    post(server, "bob", direct["room"]["id"], "有空一起喝茶吗？")
    notice = {"client_key": "friday", "type": 2, "title": "周五休馆", "content": "周五下午休馆，周六照常。"}
    headers = server.bearer("admin")
    server.http("POST", "/api/notices/publish", json={**notice, "asks_confirmation": True}, headers=headers)
    return design, sketch["id"]


if __name__ == "__main__":
    main(sys.argv[1:])
