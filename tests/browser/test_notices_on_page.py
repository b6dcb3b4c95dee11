"""Notices on the chat's page: published by an admin, seen as a banner, confirmed, and who has read them."""

import pathlib
import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.visitor import PHONE, Visitor, Visitors, fill

_AXE = pathlib.Path(__file__).parents[2] / "client" / "node_modules" / "axe-core" / "axe.min.js"


def enter(visitor: Visitor, name: str, path: str = "/") -> Page:
    page = visitor.open(f"/sign-in?next={path}")
    fill(page, username=name, password=f"{name}-teahouse")
    page.keyboard.press("Enter")
    return opened(page)


def opened(page: Page) -> Page:
    expect(page.locator("[data-testid=chat][data-ready=true]")).to_be_visible()
    # With it comes all that is loaded behind the first messages.
    expect(page.locator(".find-button")).to_be_attached()
    return page


def serious(page: Page) -> list[Any]:
    """What axe finds that is serious or worse, in the order of its rules."""
    # As a file of ours could not be: the policy of the page holds for scripts of the page, not for the test's.
    page.evaluate(_AXE.read_text())
    found: list[Any] = page.evaluate(
        "async () => (await axe.run()).violations.filter(v => ['serious', 'critical'].includes(v.impact))"
        ".map(v => [v.id, v.nodes.map(n => n.html).slice(0, 3)])"
    )
    return found


def publish(page: Page, title: str, content: str = "", *, asks: bool = False) -> None:
    page.get_by_test_id("notices-link").click()
    page.get_by_test_id("publish").click()
    form = page.get_by_test_id("publish-form")
    fill(form, title=title, content=content)
    if asks:
        form.locator("[name=asks]").check()
    form.locator("[type=submit]").click()
    expect(form).to_be_hidden()


def test_a_notice_is_confirmed_from_its_banner_and_counted(people: Visitors) -> None:
    bob = enter(people.arrive(), "bob")
    admin = enter(people.arrive(), "admin")
    publish(admin, "The kiln is lit", "Come and see.", asks=True)

    banner = bob.get_by_test_id("notice-banner")
    expect(banner).to_contain_text("The kiln is lit")
    expect(bob.locator("[role=status]", has=banner)).to_have_count(1)
    expect(bob.get_by_test_id("unread-notices")).to_be_visible()
    assert not serious(bob)
    notice = banner.get_attribute("data-notice")
    banner.get_by_role("button", name="Confirm").click()
    expect(bob.locator(f"[data-testid=notice-banner][data-notice='{notice}']")).to_have_count(0)

    entry = admin.locator(f"[data-testid=notice][data-notice='{notice}']")
    entry.get_by_test_id("readers").click()
    dialog = admin.get_by_role("dialog")
    dialog.locator("[data-list=confirmed]").click()
    expect(dialog.get_by_test_id("reader")).to_contain_text(["Bob"])
    expect(dialog.locator("[data-list=confirmed]")).to_contain_text("1")
    dialog.locator("[data-list=unconfirmed]").click()
    expect(dialog.get_by_test_id("reader").filter(has_text="Carol")).to_be_visible()
    expect(dialog.get_by_test_id("reader").filter(has_text="Bob")).to_have_count(0)
    assert not serious(admin)


def test_to_see_a_notice_in_the_inbox_is_to_have_read_it_and_pushed_again_it_is_back(people: Visitors) -> None:
    admin = enter(people.arrive(), "admin")
    publish(admin, "Water is boiling")
    carol = enter(people.arrive(), "carol", "/notices")
    entry = carol.get_by_test_id("notice").filter(has_text="Water is boiling")
    expect(entry).to_have_class(re.compile("unread"))
    carol.bring_to_front()
    expect(entry).not_to_have_class(re.compile("unread"))

    carol.get_by_test_id("room-link").first.click()
    expect(carol.get_by_test_id("notice-banner").filter(has_text="Water is boiling")).to_have_count(0)
    admin.get_by_test_id("notice").filter(has_text="Water is boiling").get_by_test_id("push-again").click()
    banner = carol.get_by_test_id("notice-banner")
    expect(banner).to_contain_text("Water is boiling")
    banner.get_by_role("button", name="Mark as read").click()
    expect(banner.filter(has_text="Water is boiling")).to_have_count(0)


def test_a_notice_for_one_person_is_not_found_by_others(people: Visitors) -> None:
    admin = enter(people.arrive(), "admin", "/notices")
    alice = enter(people.arrive(), "alice")
    dave = enter(people.arrive(), "dave", "/notices")
    admin.get_by_test_id("publish").click()
    form = admin.get_by_test_id("publish-form")
    fill(form, title="Only for Alice")
    form.get_by_label("Some people").check()
    expect(form.locator("[type=submit]")).to_be_disabled()
    form.locator("[name=person]").fill("alice")
    form.get_by_role("checkbox", name="Alice").check()
    form.locator("[type=submit]").click()
    expect(form).to_be_hidden()

    expect(alice.get_by_test_id("notice-banner")).to_contain_text("Only for Alice")
    # What is published after it has come to Dave, and it has not.
    publish(admin, "For all again")
    expect(dave.get_by_test_id("notice").filter(has_text="For all again")).to_be_visible()
    expect(dave.get_by_text("Only for Alice")).to_have_count(0)


def test_a6_the_inbox_fits_a_phone(people: Visitors) -> None:
    admin = enter(people.arrive(), "admin")
    publish(admin, "A" * 200, "word " * 300)
    page = enter(people.arrive(locale="zh-CN", **PHONE), "dave", "/notices")
    expect(page.get_by_test_id("notice").first).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not serious(page)
    page.get_by_role("link", name="返回房间列表").click()
    expect(page.get_by_test_id("room-list")).to_be_visible()
