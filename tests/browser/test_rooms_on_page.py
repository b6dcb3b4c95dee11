"""Rooms on the chat page: made, found, joined, filled, set up, moderated and left, as those who do it and those who
are there see it."""

import pathlib
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.visitor import Visitors, fill
from tests.live.server import Server

AXE = pathlib.Path(__file__).parents[2] / "client" / "node_modules" / "axe-core" / "axe.min.js"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
IDS = {"admin": 1, "alice": 2, "bob": 3, "carol": 4, "dave": 5}

Open = Callable[..., Page]


@pytest.fixture
def visitors(browser: Browser, house: Server) -> Iterator[Visitors]:
    """Each signs in anew: the cookies of the other tests lead to other pages."""
    visitors = Visitors(browser, house)
    yield visitors
    visitors.leave()


@pytest.fixture
def opened(visitors: Visitors) -> Open:
    """The chat page of a person of the demo, when all is loaded."""

    def open_(name: str, **options: Any) -> Page:
        page = visitors.arrive(**options).open("/sign-in")
        fill(page, username=name, password=f"{name}-teahouse")
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("chat")).to_have_attribute("data-ready", "true")
        return page

    return open_


def new_room(page: Page, name: str, *, people: tuple[str, ...] = (), kind: str = "public") -> int:
    page.get_by_test_id("new-room").click()
    form = page.get_by_test_id("new-room-form")
    form.locator(f"[name=kind][value={kind}]").check()
    fill(form, name=name)
    for person in people:
        form.locator("[name=people]").fill(person)
        form.locator(f"[data-testid=pick][data-user='{IDS[person]}']").click()
    form.locator("[type=submit]").click()
    expect(page.locator(".room-title h1")).to_have_text(name)
    expect(form).to_be_hidden()
    found = re.search(r"/rooms/(\d+)", page.url)
    assert found is not None
    return int(found[1])


def link_to(page: Page, room: int) -> Locator:
    return page.locator(f"[data-testid=room-link][data-room='{room}']")


def pane(page: Page, name: str) -> Locator:
    if not page.locator(f"[data-testid=pane][data-pane={name}]").is_visible():
        action = {"members": "members", "settings": "room-settings"}[name]
        menu = page.get_by_test_id("room-menu")
        # At phone width what stands in the head of a room is in one menu.
        if menu.is_visible():
            menu.get_by_role("button").click()
            menu.locator(f"[data-action={action}]").click()
        else:
            page.get_by_test_id(action).click()
    return page.locator(f"[data-testid=pane][data-pane={name}]")


def say(page: Page, text: str) -> None:
    box = page.locator("textarea#composer, #composer textarea, textarea[data-testid=composer]").first
    box.fill(text)
    box.press("Enter")


def card_of(page: Page, name: str) -> Locator:
    pane(page, "members").locator(f"[data-user='{IDS[name]}']").click()
    return page.get_by_test_id("person-card")


def has_no_faults(page: Page) -> None:
    """What axe calls serious or critical."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    faults = [
        (one["id"], node["target"], node["failureSummary"])
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]
    assert not faults, faults


def is_not_wider_than_the_screen(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    wide = page.evaluate(
        "[...document.querySelectorAll('dialog, .pane-body, .browse, .room-list')]"
        ".filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.className)"
    )
    assert wide == []


def test_a_new_room_is_seen_at_once_by_who_is_invited(opened: Open) -> None:
    alice, bob = opened("alice"), opened("bob")
    room = new_room(alice, "Tea leaves", people=("bob",), kind="private")
    expect(link_to(bob, room)).to_contain_text("Tea leaves")


def test_a_taken_name_is_refused_at_the_field(opened: Open) -> None:
    alice = opened("alice")
    new_room(alice, "Taken name")
    alice.get_by_test_id("new-room").click()
    form = alice.get_by_test_id("new-room-form")
    fill(form, name="Taken name")
    form.locator("[type=submit]").click()
    expect(form.locator(".field .errors")).to_have_text("Another public room has this name.")
    expect(form.locator("[name=name]")).to_have_attribute("aria-invalid", "true")


def test_public_rooms_are_found_by_pinyin_and_joined(opened: Open) -> None:
    alice, carol = opened("alice"), opened("carol")
    room = new_room(alice, "设计讨论")
    carol.get_by_test_id("browse-rooms").click()
    carol.locator("[name=query]").fill("sheji")
    found = carol.get_by_test_id("public-room").filter(has_text="设计讨论")
    expect(found).to_contain_text("1 member")
    found.get_by_test_id("join").click()
    expect(carol.locator(".room-title h1")).to_have_text("设计讨论")
    expect(link_to(carol, room)).to_be_visible()
    expect(pane(alice, "members").locator(f"[data-user='{IDS['carol']}']")).to_contain_text("here")


def test_a1_a_room_that_tells_nothing_has_no_dot(opened: Open) -> None:
    alice, bob = opened("alice"), opened("bob")
    room = new_room(alice, "Quiet corner", people=("bob",))
    other = new_room(bob, "Elsewhere")
    say(alice, "one")
    expect(link_to(bob, room).get_by_test_id("dot")).to_be_visible()
    link_to(bob, room).click()
    pane(bob, "settings").locator("[value=nothing]").check()
    expect(link_to(bob, room)).to_have_class(re.compile("muted"))
    link_to(bob, other).click()
    say(alice, "two")
    alice.get_by_test_id("message").filter(has_text="two").wait_for()
    # What is told later in another room has come, and with it what was said before.
    expect(link_to(bob, room).get_by_test_id("dot")).to_have_count(0)


def test_a_favourite_moves_to_its_section_in_every_tab(opened: Open) -> None:
    alice, other_tab = opened("alice"), opened("alice")
    room = new_room(alice, "Best of all")
    pane(alice, "settings").locator("[name=favourite]").check()
    for page in (alice, other_tab):
        expect(page.locator("[data-section=favourites]").locator(f"[data-room='{room}']")).to_be_visible()


def test_who_is_muted_is_told_in_place_of_the_composer(opened: Open) -> None:
    alice, bob = opened("alice"), opened("bob")
    room = new_room(alice, "Strict room", people=("bob",))
    link_to(bob, room).click()
    card = card_of(alice, "bob")
    card.locator("[data-action=mute]").click()
    card.locator("[name=term]").select_option("600")
    card.locator("[type=submit]").click()
    expect(bob.get_by_text("You are muted here.")).to_be_visible()
    expect(pane(alice, "members").locator(f"[data-user='{IDS['bob']}']")).to_contain_text("muted until")
    card_of(alice, "bob").locator("[data-action=unmute]").click()
    expect(bob.get_by_text("You are muted here.")).to_be_hidden()


def test_who_is_banned_is_gone_and_listed_until_it_is_lifted(opened: Open) -> None:
    alice, bob = opened("alice"), opened("bob")
    room = new_room(alice, "No bobs", people=("bob",))
    expect(link_to(bob, room)).to_be_visible()
    card = card_of(alice, "bob")
    card.locator("[data-action=ban]").click()
    fill(card, reason="Spilled the tea")
    card.locator("[type=submit]").click()
    expect(link_to(bob, room)).to_have_count(0)
    expect(alice.get_by_test_id("bans")).to_contain_text("Spilled the tea")
    alice.get_by_test_id("unban").click()
    expect(alice.get_by_test_id("bans")).to_have_count(0)
    expect(pane(alice, "members").locator(f"[data-user='{IDS['bob']}']")).to_have_count(0)


def test_a_role_is_given_and_seen(opened: Open) -> None:
    alice = opened("alice")
    new_room(alice, "With moderators", people=("bob",))
    card = card_of(alice, "bob")
    card.locator("[data-action=role]").click()
    card.locator("[value=moderator]").check()
    card.locator("[type=submit]").click()
    expect(pane(alice, "members").locator(f"[data-user='{IDS['bob']}']")).to_have_attribute("data-role", "moderator")


def test_settings_are_told_to_everyone_and_the_last_owner_stays(opened: Open) -> None:
    alice, bob = opened("alice"), opened("bob")
    room = new_room(alice, "Old name", people=("bob",))
    settings = pane(alice, "settings")
    fill(settings, name="New name", topic="What is new")
    settings.locator("[name=posting]").select_option("moderators")
    settings.locator("[type=submit]").click()
    link_to(bob, room).click()
    expect(bob.locator(".room-title")).to_contain_text("What is new")
    expect(bob.get_by_text("Only moderators write in this room.")).to_be_visible()
    settings.get_by_test_id("leave").click()
    form = alice.get_by_test_id("leave-form")
    form.locator("[type=submit]").click()
    expect(form.get_by_role("alert")).to_contain_text("last owner")


def test_a_room_is_left_and_another_archived(opened: Open) -> None:
    alice, bob = opened("alice"), opened("bob")
    room = new_room(alice, "Passing", people=("bob",))
    link_to(bob, room).click()
    pane(bob, "settings").get_by_test_id("leave").click()
    bob.get_by_test_id("leave-form").locator("[type=submit]").click()
    expect(link_to(bob, room)).to_have_count(0)
    pane(alice, "settings").get_by_test_id("archive").click()
    alice.get_by_test_id("archive-form").locator("[type=submit]").click()
    expect(alice.locator("[data-section=archived]").locator(f"[data-room='{room}']")).to_be_visible()
    expect(alice.get_by_text("This room is archived; it can only be read.")).to_be_visible()


def test_a_person_is_written_to_from_the_members(opened: Open) -> None:
    alice, bob = opened("alice"), opened("bob")
    new_room(alice, "Meeting place", people=("bob",))
    card = card_of(alice, "bob")
    expect(card).to_contain_text("@bob")
    card.get_by_test_id("write-to").click()
    expect(alice.locator("[data-section=people] [aria-current=page]")).to_be_visible()
    say(alice, "Just between us")
    expect(bob.locator("[data-section=people]").get_by_test_id("count").first).to_be_visible()


def test_a_conversation_of_several_begins_in_the_list(opened: Open) -> None:
    alice = opened("alice")
    alice.get_by_test_id("new-talk").click()
    form = alice.get_by_test_id("new-talk-form")
    for name in ("bob", "carol"):
        form.locator("[name=people]").fill(name)
        form.locator(f"[data-testid=pick][data-user='{IDS[name]}']").click()
    form.locator("[type=submit]").click()
    expect(alice.locator(".room-title h1")).to_have_text(re.compile("Bob.*Carol|Carol.*Bob"))


def test_the_link_that_is_copied_is_the_one_that_works_until_it_is_revoked(opened: Open, house: Server) -> None:
    alice = opened("alice", permissions=["clipboard-read", "clipboard-write"])
    new_room(alice, "By invitation", kind="private")
    alice.get_by_test_id("invite-people").click()
    form = alice.get_by_test_id("invite-form")
    form.locator("[type=submit]").click()
    form.get_by_test_id("copy-link").click()
    url = form.locator("[name=url]").input_value()
    assert url.startswith(f"{house.address}/")
    alice.wait_for_function("url => navigator.clipboard.readText().then(text => text === url)", arg=url)
    picture = form.locator("img")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    expect(form.get_by_test_id("link")).to_have_count(1)
    has_no_faults(alice)
    form.get_by_test_id("revoke").click()
    expect(form.get_by_test_id("link")).to_have_count(0)
    expect(picture).to_have_count(0)


def test_the_admin_makes_a_link_to_the_lobby(opened: Open) -> None:
    admin = opened("admin")
    admin.get_by_test_id("room-link").filter(has_text=re.compile("Lobby|大厅")).first.click()
    admin.get_by_test_id("invite-people").click()
    form = admin.get_by_test_id("invite-form")
    form.locator("[type=submit]").click()
    expect(form.locator("[name=url]")).to_have_value(re.compile("^http"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_dialogs_and_panes_have_no_faults_and_fit_a_phone(
    opened: Open, scheme: str, locale: str, tmp_path: pathlib.Path
) -> None:
    alice = opened("alice", color_scheme=scheme, locale=locale, **PHONE)

    def look(name: str) -> None:
        alice.screenshot(path=tmp_path / f"{name}-{scheme}-{locale}.png", animations="disabled")
        has_no_faults(alice)
        is_not_wider_than_the_screen(alice)

    alice.goto("/browse")
    alice.get_by_test_id("public-room").first.wait_for()
    look("browse")
    alice.locator(".browse .back").click()
    alice.get_by_test_id("new-talk").click()
    alice.get_by_test_id("pick").first.wait_for()
    look("new-talk")
    alice.keyboard.press("Escape")
    alice.get_by_test_id("new-room").click()
    alice.get_by_test_id("pick").first.wait_for()
    look("new-room")
    alice.keyboard.press("Escape")
    expect(alice.get_by_test_id("new-room")).to_be_focused()
    new_room(alice, f"Phone {scheme} {locale}", people=("bob",))
    members = pane(alice, "members")
    members.get_by_test_id("member").nth(1).wait_for()
    look("members")
    alice.get_by_test_id("add-people").click()
    alice.get_by_test_id("pick").first.wait_for()
    look("add-people")
    alice.keyboard.press("Escape")
    card = card_of(alice, "bob")
    look("card")
    for action in ("role", "mute", "ban"):
        card.locator(f"[data-action={action}]").click()
        look(action)
        card.locator("form .quiet").click()
    alice.keyboard.press("Escape")
    alice.get_by_test_id("invite").click()
    alice.get_by_test_id("invite-form").locator("[type=submit]").click()
    alice.get_by_test_id("fresh-link").wait_for()
    look("invite")
    alice.keyboard.press("Escape")
    members.locator(".pane-head button").click()
    settings = pane(alice, "settings")
    look("settings")
    settings.get_by_test_id("leave").scroll_into_view_if_needed()
    look("settings-below")
    settings.get_by_test_id("archive").click()
    look("archive")
