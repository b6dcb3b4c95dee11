"""The article's page as people use it: in several browsers, on a phone, through a crash of the server (row 9)."""

import re
import urllib.parse

import pytest
from playwright.sync_api import Page, WebSocket, expect

from tests.browser.visitor import PHONE, Visitors, fill
from tests.services import wait_until

# What a browser writes when nobody listens, or nobody listens any more.
_UNREACHABLE = r"ERR_(CONNECTION_|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED)"


# Messages.


def test_what_one_says_to_everyone_both_read(people: Visitors) -> None:
    alice, bob = people.sign_in("alice"), people.sign_in("bob")

    alice.say("早上好 🍵")
    expect(bob.broadcasts).to_have_text(["早上好 🍵"])
    bob.say("<b>Morning</b>, Alice")

    for tab in (alice, bob):
        expect(tab.broadcasts).to_have_text(["<b>Morning</b>, Alice", "早上好 🍵"])
    expect(alice.message("Morning")).to_contain_text("Bob")


def test_a_direct_message_is_marked_and_reaches_both_tabs_of_the_receiver_and_nobody_else(people: Visitors) -> None:
    alice, bob, carol = people.sign_in("alice"), people.sign_in("bob"), people.sign_in("carol")
    second_tab = bob.another()

    alice.say("只对你说", to="Bob")

    for tab in (bob, second_tab):
        expect(tab.directs).to_have_text(["只对你说"])
        expect(tab.message("只对你说").locator(".kind")).to_have_text("To you")
        expect(tab.message("只对你说").locator(".sender")).to_have_text("Alice")
    expect(alice.message("只对你说").locator(".kind")).to_have_text("Sent")
    expect(alice.message("只对你说").locator(".sender")).to_have_text("to Bob")
    # What comes later is there, so what came before would be.
    alice.say("大家好")
    expect(carol.broadcasts).to_have_text(["大家好"])
    expect(carol.message("只对你说")).to_have_count(0)


def test_two_equal_messages_at_once_are_two_lines(people: Visitors) -> None:
    alice, bob = people.sign_in("alice"), people.sign_in("bob")

    alice.field.evaluate("""field => {
      for (const text of ['好', '好']) {
        field.value = text
        field.dispatchEvent(new Event('input'))
        field.form.requestSubmit()
      }
    }""")

    for tab in (alice, bob):
        expect(tab.broadcasts).to_have_text(["好", "好"])


# Notices.


def test_a_notice_is_there_at_once_and_after_a_reload_for_who_was_away(people: Visitors) -> None:
    admin, bob, carol = people.sign_in("admin"), people.sign_in("bob"), people.sign_in("carol")
    carol.toggle.click()
    carol.has_state("closed")

    admin.push_notice("明天停水", "上午九点到十一点")

    expect(bob.message("明天停水")).to_have_attribute("data-kind", "notice")
    expect(bob.message("明天停水")).to_contain_text("上午九点到十一点")
    expect(carol.message("明天停水")).to_have_count(0)
    for tab in (carol, bob, admin):
        tab.page.reload()
        expect(tab.message("明天停水")).to_have_count(1)
    expect(people.sign_in("dave").message("明天停水")).to_be_visible()


def test_a_notice_without_a_title_is_not_pushed_and_the_dialog_says_why(people: Visitors) -> None:
    admin = people.sign_in("admin")
    admin.visitor.expects("status of 400")
    admin.page.get_by_test_id("push-notice").click()
    form = admin.page.get_by_test_id("push-notice-form")
    fill(form, title=" ", content="nothing")

    form.locator("[type=submit]").click()

    expect(form.locator(".errors")).to_be_visible()
    admin.page.keyboard.press("Escape")
    expect(form).to_be_hidden()


def test_only_admins_are_offered_what_only_admins_may_do(people: Visitors) -> None:
    admin, bob = people.sign_in("admin"), people.sign_in("bob")

    for button in ("push-notice", "add-person"):
        expect(admin.page.get_by_test_id(button)).to_be_visible()
        expect(bob.page.get_by_test_id(button)).to_have_count(0)


# The connection.


def test_pages_come_back_by_themselves_after_the_server_was_killed_and_keep_what_they_showed(
    people_of_mortal_house: Visitors,
) -> None:
    alice, bob = people_of_mortal_house.sign_in("alice"), people_of_mortal_house.sign_in("bob")
    alice.say("before")
    for tab in (alice, bob):
        expect(tab.broadcasts).to_have_text(["before"])
        tab.visitor.expects(_UNREACHABLE)

    people_of_mortal_house.server.kill()
    for tab in (alice, bob):
        expect(tab.status).to_have_text("Reconnecting…")
        tab.field.fill("a draft")
        expect(tab.send_button).to_be_disabled()
    people_of_mortal_house.server.start()

    for tab in (alice, bob):
        tab.opened()
        expect(tab.field).to_have_value("a draft")
    alice.say("after")
    bob.say("indeed")
    for tab in (alice, bob):
        expect(tab.broadcasts).to_contain_text(["after", "before"])
        expect(tab.broadcasts).to_have_count(3)


def test_the_connection_is_closed_and_opened_by_its_button(people: Visitors) -> None:
    alice, bob = people.sign_in("alice"), people.sign_in("bob")
    expect(alice.status).to_have_text("Connected")

    alice.toggle.click()

    alice.has_state("closed")
    expect(alice.status).to_have_text("Closed")
    expect(alice.toggle).to_have_text("Open connection")
    alice.field.fill("not yet")
    expect(alice.send_button).to_be_disabled()
    bob.say("while you were away")
    expect(bob.broadcasts).to_have_text(["while you were away"])

    alice.toggle.click()

    alice.opened()
    expect(alice.toggle).to_have_text("Close connection")
    bob.say("welcome back")
    expect(alice.broadcasts).to_have_text(["welcome back"])


def test_signing_out_in_one_tab_ends_the_other_and_leaves_other_browsers_alone(people: Visitors) -> None:
    laptop, phone = people.arrive().sign_in("alice"), people.arrive().sign_in("alice")
    second_tab = laptop.another()
    new_sockets_of_phone: list[WebSocket] = []
    phone.page.on("websocket", lambda socket: new_sockets_of_phone.append(socket))
    # The tab asks for a new token once, and hears that nobody is signed in any more.
    laptop.visitor.expects("status of 401")

    laptop.page.get_by_test_id("sign-out").click()

    for tab in (laptop, second_tab):
        expect(tab.page.get_by_test_id("sign-in-form")).to_be_visible()
        assert urllib.parse.urlsplit(tab.page.url).path == "/sign-in"
    phone.say("still here")
    expect(phone.broadcasts).to_have_text(["still here"])
    assert new_sockets_of_phone == []


def test_a_wrong_password_is_told_and_the_right_one_leads_to_where_one_wanted(people: Visitors) -> None:
    visitor = people.arrive()
    visitor.expects("status of 401")
    page = visitor.open("/classic")
    fill(page, username="alice", password="wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("The username or the password is wrong.")

    fill(page, password="alice-teahouse")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"/classic$"))


# Writing.


def test_enter_sends_and_shift_enter_begins_a_new_line(people: Visitors) -> None:
    alice = people.sign_in("alice")

    alice.field.type("one")
    alice.field.press("Shift+Enter")
    alice.field.type("two")
    expect(alice.field).to_have_value("one\ntwo")
    expect(alice.broadcasts).to_have_count(0)
    alice.field.press("Enter")

    expect(alice.broadcasts).to_have_text(["one\ntwo"])
    expect(alice.field).to_have_value("")
    expect(alice.field).to_be_focused()


def test_enter_belongs_to_the_input_method_while_it_composes(people: Visitors) -> None:
    alice = people.sign_in("alice")
    keyboard = alice.visitor.context.new_cdp_session(alice.page)
    # There is something to send already.
    alice.field.fill("早，")
    keyboard.send("Input.imeSetComposition", {"text": "nihao", "selectionStart": 5, "selectionEnd": 5})
    expect(alice.field).to_have_value("早，nihao")

    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
    keyboard.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})
    keyboard.send("Input.insertText", {"text": "你好"})
    expect(alice.field).to_have_value("早，你好")
    alice.field.press("Enter")

    expect(alice.broadcasts).to_have_text(["早，你好"])


# The page.


@pytest.mark.parametrize(
    ("locale", "language", "words", "other"),
    [
        pytest.param("zh-CN", "zh-Hans", ["登录", "已连接", "发送", "群发", "退出"], "Connected", id="Chinese"),
        pytest.param("en-GB", "en", ["Sign in", "Connected", "Send", "Everyone", "Sign out"], "已连接", id="English"),
    ],
)
def test_the_pages_speak_the_language_of_the_browser_until_another_is_chosen(
    people: Visitors, locale: str, language: str, words: list[str], other: str
) -> None:
    sign_in, connected, send, everyone, sign_out = words
    visitor = people.arrive(locale=locale)
    page = visitor.open("/sign-in")
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("[type=submit]")).to_have_text(sign_in)

    alice = visitor.sign_in("alice")
    alice.say("hello")
    expect(alice.page.locator("html")).to_have_attribute("lang", language)
    expect(alice.status).to_have_text(connected)
    expect(alice.send_button).to_have_text(send)
    expect(alice.message("hello").locator(".kind")).to_have_text(everyone)
    expect(alice.page.get_by_test_id("sign-out")).to_have_text(sign_out)

    alice.page.get_by_test_id("language").click()
    expect(alice.status).to_have_text(other)
    expect(alice.broadcasts).to_have_text(["hello"])
    alice.page.reload()
    expect(alice.status).to_have_text(other)


def test_a_phone_never_scrolls_sideways(people: Visitors) -> None:
    visitor = people.arrive(**PHONE)
    _fits(visitor.open("/sign-in"))
    admin = visitor.sign_in("admin")
    _fits(admin.page)

    admin.say("w" * 300)
    admin.say("茶" * 300, to="Bob")
    admin.push_notice("n" * 150, "https://example.com/" + "a" * 300)
    for text in ("www", "茶茶茶", "nnn"):
        expect(admin.message(text)).to_be_visible()
    _fits(admin.page)
    for dialog in ("push-notice", "add-person"):
        admin.page.get_by_test_id(dialog).click()
        expect(admin.page.get_by_test_id(f"{dialog}-form")).to_be_visible()
        _fits(admin.page)
        admin.page.keyboard.press("Escape")


def test_the_token_is_neither_shown_nor_kept_nor_logged(people: Visitors) -> None:
    visitor = people.arrive()
    alice = visitor.sign_in("alice")
    addresses: list[str] = []
    alice.page.on("websocket", lambda socket: addresses.append(socket.url))
    alice.page.reload()
    alice.opened()
    alice.say("hello")
    expect(alice.broadcasts).to_have_text(["hello"])
    token = urllib.parse.parse_qs(urllib.parse.urlsplit(wait_until(lambda: addresses)[0]).query)["token"][0]

    places = {
        "the page": alice.page.content(),
        "the title": alice.page.title(),
        "the address": alice.page.url,
        "the storage": alice.page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])"),
        "the console": "\n".join(visitor.console),
    }

    assert [place for place, text in places.items() if token in text or token[-20:] in text] == []
    shown = alice.page.locator(".address code")
    expect(shown).to_have_text(people.server.address.replace("http", "ws", 1) + "/infra/ws")


def _fits(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px wider than the screen"
