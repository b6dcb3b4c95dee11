"""The chat as an app: notifications, settings, the theme, what tabs share, and opening without a network."""

import re

from playwright.sync_api import Page, expect

from tests.browser.test_notices_on_page import enter, opened, serious
from tests.browser.visitor import PHONE, Visitor, Visitors
from tests.services import wait_until

# The notifications of the browser are outside ours: those that are asked for are written down.
_RECORD = """
  window.notified = []
  window.Notification = class {
    static permission = 'granted'
    static requestPermission = async () => 'granted'
    constructor(title, options) { Object.assign(this, { title, ...options }); window.notified.push(this) }
    close() { this.isClosed = true }
  }
  // Not in the empty page before the first one.
  if (location.origin.startsWith('http'))
    localStorage.setItem('teahouse-settings', JSON.stringify({ notifies: true, wasAsked: true }))
"""
_FOCUS = "is => { document.hasFocus = () => is; window.dispatchEvent(new Event(is ? 'focus' : 'blur')) }"


def say(page: Page, text: str) -> None:
    page.get_by_test_id("composer-box").fill(text)
    page.get_by_test_id("composer-box").press("Enter")
    expect(page.get_by_test_id("message").filter(has_text=text)).to_be_visible()


def texts(page: Page) -> list[str]:
    found: list[str] = page.evaluate("notified.map(one => one.body)")
    return found


def wait_for(page: Page, count: int) -> None:
    """Asked again and again from here: the page's policy allows no eval, which `wait_for_function` needs."""
    wait_until(lambda: len(texts(page)) >= count, what=f"{count} notifications")


def installed(page: Page) -> None:
    page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    wait_until(lambda: page.evaluate("navigator.serviceWorker.controller !== null"), what="a worker that has the page")


def test_a5_a_notification_comes_only_when_one_looks_elsewhere_and_leads_to_the_message(people: Visitors) -> None:
    visitor = people.arrive()
    visitor.context.add_init_script(_RECORD)
    bob = enter(visitor, "bob", "/rooms/1")
    alice = enter(people.arrive(), "alice", "/rooms/1")
    expect(bob.get_by_test_id("room")).to_be_visible()
    bob.evaluate(_FOCUS, True)
    say(alice, "while Bob looks")
    expect(bob.get_by_test_id("message").filter(has_text="while Bob looks")).to_be_visible()
    bob.evaluate(_FOCUS, False)
    say(alice, "while Bob is away")

    wait_for(bob, 1)
    assert ["while Bob is away"] == texts(bob)
    bob.goto("/settings")
    bob.evaluate(_FOCUS, True)
    opened(bob)
    say(alice, "while Bob is elsewhere")
    wait_for(bob, 1)
    assert ["while Bob is elsewhere"] == texts(bob)
    bob.evaluate("notified.at(-1).onclick()")
    expect(bob).to_have_url(re.compile(r"/rooms/1/\d+$"))
    expect(bob.get_by_test_id("message").filter(has_text="while Bob is elsewhere")).to_be_visible()


def test_a5_of_two_tabs_one_tells(people: Visitors) -> None:
    visitor = people.arrive()
    visitor.context.add_init_script(_RECORD)
    first = enter(visitor, "carol", "/settings")
    second = visitor.open("/settings")
    expect(second.locator("[data-testid=chat][data-ready=true]")).to_be_visible()
    alice = enter(people.arrive(), "alice", "/rooms/1")
    for number in range(3):
        say(alice, f"told once {number}")

    wait_for(first, 3)
    assert ([f"told once {number}" for number in range(3)], []) == (texts(first), texts(second))


def test_a5_the_browser_is_asked_by_a_click_only(people: Visitors) -> None:
    visitor = people.arrive()
    visitor.context.add_init_script(
        "window.asked = 0; Notification.requestPermission = async () => { window.asked += 1; return 'denied' };"
        "Object.defineProperty(Notification, 'permission', { get: () => 'default' })"
    )
    page = enter(visitor, "bob")
    hint = page.get_by_test_id("notification-hint")
    expect(hint).to_be_visible()
    assert 0 == page.evaluate("asked")
    hint.get_by_role("button", name="Turn on").click()
    expect(hint).to_be_hidden()
    assert 1 == page.evaluate("asked")
    page.reload()
    expect(page.locator("[data-testid=chat][data-ready=true]")).to_be_visible()
    expect(hint).to_be_hidden()


def test_settings_hold_at_once_in_all_tabs_and_after_loading_anew(people: Visitors) -> None:
    visitor = people.arrive()
    page = enter(visitor, "alice", "/settings")
    other = visitor.open("/rooms/1")
    expect(other.get_by_test_id("composer-box")).to_be_visible()
    page.locator("[name=theme][value=dark]").check()
    page.locator("[name=sends][value=control]").check()
    expect(other.locator("html")).to_have_attribute("data-theme", "dark")
    other.get_by_test_id("composer-box").fill("one")
    other.get_by_test_id("composer-box").press("Enter")
    expect(other.get_by_test_id("composer-box")).to_have_value("one\n")
    assert not serious(page)

    page.reload()
    expect(page.locator("[name=theme][value=dark]")).to_be_checked()
    expect(page.locator("[name=sends][value=control]")).to_be_checked()
    page.locator("[name=language][value=zh-Hans]").check()
    expect(page.get_by_role("heading", name="设置")).to_be_visible()
    expect(other.locator("html")).to_have_attribute("lang", "zh-Hans")
    other.get_by_test_id("composer-box").fill("")


def test_a7_a_dark_page_is_dark_before_its_scripts_have_run(people: Visitors) -> None:
    visitor = people.arrive(color_scheme="light")
    visitor.expects("Failed to load resource|ERR_FAILED|Service Worker")
    page = enter(visitor, "alice", "/settings")
    page.locator("[name=theme][value=dark]").check()
    # Only what stands in the head is loaded: what is painted now is what is painted first.
    bare = visitor.context.new_page()
    bare.route(re.compile(r"/assets/.*\.js"), lambda route: route.abort())
    bare.goto("/settings")

    assert "rgb(25, 23, 19)" == bare.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("[name=theme][value=system]").check()
    bare.goto("/settings")
    assert "rgb(244, 240, 230)" == bare.evaluate("getComputedStyle(document.body).backgroundColor")


def test_a_page_opens_without_a_network_and_sends_later_what_was_written(people: Visitors) -> None:
    visitor = people.arrive()
    visitor.expects("ERR_INTERNET_DISCONNECTED|Failed to load resource|WebSocket connection")
    page = enter(visitor, "dave", "/rooms/1")
    installed(page)
    visitor.context.set_offline(True)
    page.get_by_test_id("composer-box").fill("written in a tunnel")
    page.get_by_test_id("composer-box").press("Enter")
    expect(page.get_by_test_id("connection")).to_contain_text("waiting to be sent")
    page.reload()

    expect(page.get_by_test_id("chat")).to_be_visible()
    expect(page.get_by_test_id("connection")).to_contain_text("offline")
    expect(page.get_by_test_id("connection")).to_contain_text("1 message waiting")
    visitor.context.set_offline(False)
    expect(page.get_by_test_id("message").filter(has_text="written in a tunnel")).to_have_count(1)


def test_the_service_worker_keeps_nothing_of_anybody(people: Visitors) -> None:
    page = enter(people.arrive(), "alice", "/rooms/1")
    installed(page)
    page.reload()
    expect(page.get_by_test_id("room")).to_be_visible()
    kept = page.evaluate(
        "(async () => (await Promise.all((await caches.keys()).map(async name =>"
        " (await (await caches.open(name)).keys()).map(one => new URL(one.url).pathname)))).flat())()"
    )

    assert "/" in kept
    assert [] == [path for path in kept if path != "/" and not path.startswith("/static/teahouse/")]


def test_n9_signing_out_in_one_tab_is_signing_out_in_all(people: Visitors) -> None:
    visitor = people.arrive()
    page = enter(visitor, "carol")
    other = visitor.open("/rooms/1")
    expect(other.get_by_test_id("room")).to_be_visible()
    _sign_out(visitor, page)

    expect(other).to_have_url(re.compile("/sign-in"), timeout=2_000)
    assert other.evaluate("localStorage.getItem('teahouse-user')") is None


def test_a6_the_settings_fit_a_phone(people: Visitors) -> None:
    page = enter(people.arrive(locale="zh-CN", **PHONE), "dave", "/settings")
    expect(page.get_by_test_id("settings")).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not serious(page)


def test_a8_what_is_said_in_the_open_room_is_spoken(people: Visitors) -> None:
    bob = enter(people.arrive(), "bob", "/rooms/1")
    alice = enter(people.arrive(), "alice", "/rooms/1")
    expect(bob.get_by_test_id("room")).to_be_visible()
    say(alice, "a quiet word")

    expect(bob.get_by_test_id("announcer")).to_have_text(re.compile(r"^.+: a quiet word$"))
    say(bob, "my own word")
    expect(bob.get_by_test_id("announcer")).not_to_contain_text("my own word")


def _sign_out(visitor: Visitor, page: Page) -> None:
    page.get_by_role("button", name="Menu", exact=True).click()
    page.locator("[data-action=signOut]").click()
    expect(page).to_have_url(re.compile("/sign-in"))
