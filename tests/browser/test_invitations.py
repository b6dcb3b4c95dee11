"""The second person: by a link, without e-mail, within half a minute of opening it."""

import re
import time
import uuid
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.visitor import PHONE, Visitor, Visitors, fill

_PASSWORD = "oolong-in-a-clay-pot"
_SECONDS = 30


class Owner:
    """Has set the house up, and asks the API by the cookie."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        page = visitor.open("/setup")
        fill(page, username="mei", name="梅", password=_PASSWORD)
        page.locator("[type=submit]").click()
        expect(page).not_to_have_url(re.compile("/setup$"))
        self.context = visitor.context

    def post(self, path: str, **fields: Any) -> Any:
        token = next(cookie["value"] for cookie in self.context.cookies() if cookie["name"] == "csrftoken")
        response = self.context.request.post(f"/api/{path}", data=fields, headers={"X-CSRFToken": token})
        assert response.ok, response.text()
        return response.json()

    def lobby(self) -> int:
        rooms = [found["room"] for found in get(self.context, "sync")["rooms"]]
        (lobby,) = (room["id"] for room in rooms if room.get("slug") == "lobby")
        return int(lobby)

    def room(self, name: str) -> int:
        room: int = self.post("rooms", client_key=uuid.uuid4().hex, kind="private", name=name)["room"]["id"]
        return room

    def link_to(self, room: int, **limits: Any) -> Any:
        return self.post(f"rooms/{room}/invites", client_key=f"link-{room}", origin="http://localhost", **limits)


def get(context: BrowserContext, path: str) -> Any:
    response = context.request.get(f"/api/{path}")
    assert response.ok, response.text()
    return response.json()


def is_in(page: Page, room: int, username: str) -> None:
    """Signed in as this person, sent to the room, and a member of it for the API."""
    expect(page).to_have_url(re.compile(rf"/rooms/{room}$"))
    me = get(page.context, "auth/session")["user"]
    assert username == me["username"]
    members = get(page.context, f"rooms/{room}/members")["results"]
    assert me["id"] in [member["user"] for member in members]


def guest_of(people: Visitors, **options: Any) -> Visitor:
    guest = people.arrive(**options)
    # Where the chat's page is not built.
    guest.expects("status of 404")
    return guest


def test_a_stranger_is_in_the_room_within_half_a_minute_of_opening_the_link(first_people: Visitors) -> None:
    owner = Owner(guest_of(first_people))
    room = owner.room("设计")
    link = owner.link_to(room, most_uses=1)
    requests: list[Any] = []
    tom = guest_of(first_people)
    tom.context.on("request", lambda request: requests.append(request))

    began = time.monotonic()
    page = tom.open(link["path"])
    expect(page.get_by_role("heading")).to_have_text("梅 invites you to “设计”")
    fill(page, name="Tom Baker")
    expect(page.locator("[name=username]")).to_have_value("tom.baker")
    fill(page, password=_PASSWORD)
    page.keyboard.press("Enter")
    is_in(page, room, "tom.baker")
    assert time.monotonic() - began < _SECONDS

    # The link is in the address of its own page and in bodies, and nowhere else.
    told = [request for request in requests if link["secret"] in request.url + request.all_headers().get("referer", "")]
    assert [link["path"]] == [request.url.removeprefix(tom.server.address) for request in told]
    assert link["secret"] not in tom.server.log
    # Over https it is this, and no Referer, that Django knows our own page by.
    (joining,) = [request for request in requests if request.url.endswith("/api/join")]
    assert tom.server.address == joining.all_headers()["origin"]
    # It was for one.
    late = guest_of(first_people).open(link["path"])
    expect(late.get_by_role("heading")).to_have_text("This invitation is no longer good")


@pytest.mark.pages
def test_a10_the_lobby_welcomes_the_owner_and_a_link_to_it_is_an_invitation_to_the_house(
    first_people: Visitors,
) -> None:
    owner = Owner(guest_of(first_people, locale="zh-CN"))
    lobby = owner.lobby()
    (welcome,) = get(owner.context, f"rooms/{lobby}/messages")["results"]
    assert "欢迎来到你的茶馆" in welcome["body"]
    link = owner.link_to(lobby)

    guest = guest_of(first_people, locale="zh-CN", **PHONE)
    # Of a username that is taken.
    guest.expects("status of 400")
    page = guest.open(link["path"])
    expect(page.get_by_role("heading")).to_have_text("梅 邀请你来茶馆")
    # Nobody is told how to spell a name in Latin letters.
    fill(page, name="小明")
    expect(page.locator("[name=username]")).to_have_value("")
    fill(page, username="mei", password=_PASSWORD)
    page.locator("[type=submit]").click()
    expect(page.locator(".field", has=page.locator("[name=username]")).locator(".errors")).to_have_text(
        "该用户名已被使用。"
    )
    fill(page, username="小明")
    page.locator("[type=submit]").click()
    is_in(page, lobby, "小明")


@pytest.mark.pages
def test_who_has_an_account_signs_in_first_or_joins_by_one_button(first_people: Visitors) -> None:
    owner = Owner(guest_of(first_people))
    first, second = (owner.room(name) for name in ("tea", "cake"))
    owner.post("users", username="tom", name="Tom", password=_PASSWORD)
    tom = guest_of(first_people)

    page = tom.open(owner.link_to(first)["path"])
    page.get_by_test_id("have-account").click()
    expect(page.get_by_test_id("sign-in-form")).to_be_visible()
    fill(page, username="tom", password=_PASSWORD)
    page.keyboard.press("Enter")
    accept = page.get_by_test_id("accept")
    expect(accept).to_have_text("Join as Tom")
    accept.click()
    is_in(page, first, "tom")

    page.goto(owner.link_to(second)["path"])
    page.get_by_test_id("accept").click()
    is_in(page, second, "tom")


@pytest.mark.pages
def test_a_dead_link_says_so_and_what_to_do(first_people: Visitors) -> None:
    owner = Owner(guest_of(first_people))
    link = owner.link_to(owner.room("tea"))
    token = next(cookie["value"] for cookie in owner.context.cookies() if cookie["name"] == "csrftoken")
    revoked = owner.context.request.delete(f"/api/invites/{link['id']}", headers={"X-CSRFToken": token})
    assert revoked.ok, revoked.text()

    page = guest_of(first_people).open(link["path"])
    expect(page.get_by_role("heading")).to_have_text("This invitation is no longer good")
    expect(page.get_by_text("Ask whoever invited you for a new one.")).to_be_visible()
    expect(page.get_by_test_id("join-form")).to_have_count(0)
    page.get_by_test_id("to-home").click()
    expect(page.get_by_test_id("sign-in-form")).to_be_visible()
