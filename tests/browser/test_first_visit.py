"""The first hour of a new teahouse: the owner's account, the second person, their first words."""

import re

from playwright.sync_api import Page, expect

from tests.browser.visitor import ClassicTab, Visitor, Visitors, fill

_PASSWORD = "oolong-in-a-clay-pot"


def _set_up(page: Page) -> None:
    fill(page, username="mei", name="梅", password=_PASSWORD)
    page.locator("[type=submit]").click()


def _is_told_what_is_wrong(visitor: Visitor, page: Page) -> None:
    """Beside the field it is about, and nobody is made by it."""
    visitor.expects("status of 400")
    username = page.locator(".field", has=page.locator("[name=username]"))
    password = page.locator(".field", has=page.locator("[name=password]"))

    fill(page, username="two words", password=_PASSWORD)
    page.locator("[type=submit]").click()
    expect(username.locator(".errors")).to_contain_text("valid username")
    expect(page.locator("[name=username]")).to_have_attribute("aria-invalid", "true")
    expect(password.locator(".errors")).to_have_count(0)

    fill(page, username="mei", password="12345")
    page.locator("[type=submit]").click()
    expect(password.locator(".errors")).to_contain_text("too short")
    expect(username.locator(".errors")).to_have_count(0)
    assert page.request.get("/api/setup").json()["needed"] is True


def test_from_an_empty_house_to_two_people_who_chat(first_people: Visitors) -> None:
    mei_arrives = first_people.arrive()
    page = mei_arrives.open("/")
    expect(page).to_have_url(re.compile(r"/setup$"))
    _is_told_what_is_wrong(mei_arrives, page)

    _set_up(page)

    expect(page.get_by_test_id("chat")).to_have_attribute("data-ready", "true")
    page.goto("/classic")
    mei = ClassicTab(mei_arrives, page).opened()
    mei.page.get_by_test_id("add-person").click()
    form = mei.page.get_by_test_id("add-person-form")
    fill(form, username="tom", name="Tom", password=_PASSWORD)
    form.locator("[type=submit]").click()
    expect(mei.page.get_by_role("status").filter(has_text="Tom was added.")).to_be_visible()

    tom = first_people.arrive().sign_in("tom", _PASSWORD)
    tom.say("Is there tea?")
    expect(mei.message("Is there tea?").locator(".sender")).to_have_text("Tom")
    mei.say("龙井", to="Tom")
    expect(tom.directs).to_have_text(["龙井"])
    expect(tom.message("龙井").locator(".sender")).to_have_text("梅")
    expect(tom.page.get_by_test_id("add-person")).to_have_count(0)


def test_the_setup_is_over_once_there_is_an_owner(first_people: Visitors) -> None:
    late = first_people.arrive()
    late.expects("status of 409")
    late_page = late.open("/setup")
    page = first_people.arrive().open("/")
    _set_up(page)
    expect(page.get_by_test_id("composer-box")).to_be_visible()

    page.goto("/setup")
    expect(page).to_have_url(re.compile(r"/rooms/\d+$"))
    # This form was opened before there was an owner.
    _set_up(late_page)
    expect(late_page).to_have_url(re.compile(r"/sign-in$"))
    late_page.goto("/setup")
    expect(late_page.get_by_test_id("sign-in-form")).to_be_visible()
