"""
Draws docs/pictures/classic-page.png for the README: `.venv/bin/python -m scripts.screenshot`.

A server of its own with the demo's people, a short conversation through the pages themselves, and Alice's page as it
is then. Needs Chromium and the built client, as the browser tests do.
"""

import pathlib
import tempfile

from playwright.sync_api import expect, sync_playwright

from tests.browser.conftest import FLAGS
from tests.browser.visitor import Visitors
from tests.live.server import running
from tests.services import chromium_binary

_PICTURE = pathlib.Path(__file__).parents[1] / "docs/pictures/classic-page.png"
_MOST_BYTES = 200_000


def draw(picture: pathlib.Path) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        running(pathlib.Path(folder) / "data") as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium_binary(), args=list(FLAGS))
        people = Visitors(browser, server)
        alice = people.sign_in(
            "alice",
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            color_scheme="light",
            viewport={"width": 1200, "height": 800},
            device_scale_factor=1,
        )
        bob, carol, admin = people.sign_in("bob"), people.sign_in("carol"), people.sign_in("admin")

        said = 0
        for tab, text, receiver in (
            (alice, "大家好，今天的龙井已经泡好了。", None),
            (bob, "Is there a cup left for me?", None),
            (carol, "有的，自己来倒吧。", None),
            (bob, "Could you read my draft this afternoon?", "Alice"),
            (alice, "没问题，四点前看完。", "Bob"),
        ):
            tab.say(text, to=receiver)
            said += 1
            expect(alice.page.get_by_test_id("message")).to_have_count(said)
        admin.push_notice("今晚 22:00 升级服务器", "大约十分钟。页面会自己连回来，写好的内容不会丢。")
        expect(alice.page.get_by_test_id("message")).to_have_count(said + 1)

        alice.receiver.select_option("")
        alice.field.fill("谁要再来一壶？")
        alice.field.blur()
        picture.parent.mkdir(parents=True, exist_ok=True)
        alice.page.screenshot(path=picture, animations="disabled")
        people.leave()
        browser.close()
    if (size := picture.stat().st_size) > _MOST_BYTES:
        raise SystemExit(f"{picture} has {size} bytes, more than a README should load.")


if __name__ == "__main__":
    draw(_PICTURE)
