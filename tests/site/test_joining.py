"""An account by an invite link: all of it or nothing, and nothing without a link that is good."""

import concurrent.futures
import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from teahouse.accounts.models import User
from teahouse.chat import access, errors
from teahouse.chat.models import InviteLink, Membership, Room
from teahouse.chat.services.invitations import create_invite, revoke_invite
from teahouse.site.joining import join
from tests.accounts.api.test_views import ELSEWHERE, Visitor
from tests.accounts.conftest import PASSWORD
from tests.accounts.problems import assert_problem
from tests.chat.conftest import admin, alice, bob, room_of

__all__ = ["admin", "alice", "bob"]

pytestmark = pytest.mark.django_db

TOM = {"username": "tom", "name": "Tom", "password": PASSWORD}
NO_SECRET = "0" * 40


@pytest.fixture
def visitor() -> Visitor:
    visitor = Visitor()
    visitor.get("auth/session")
    return visitor


def link_to(room: Room, actor: User, **limits: Any) -> tuple[InviteLink, str]:
    link, secret = create_invite(actor=actor, room_id=room.pk, client_key=f"key-{InviteLink.objects.count()}", **limits)
    return link, secret


def test_whoever_has_a_link_sees_what_it_is_to_without_an_account(alice: User, visitor: Visitor) -> None:
    _, secret = link_to(room_of(alice, name="设计"), alice)

    assert {"room": "设计", "kind": "private", "is_lobby": False, "members": 1, "invited_by": "alice"} == visitor.post(
        "join/look", {"secret": secret}
    ).json()


def test_a_link_to_the_lobby_is_to_the_site(admin: User, alice: User, visitor: Visitor) -> None:
    User.objects.filter(pk=admin.pk).update(name="王掌柜")
    _, secret = link_to(access.lobby(), admin)
    looked = visitor.post("join/look", {"secret": secret}).json()

    assert (True, 2, "王掌柜") == (looked["is_lobby"], looked["members"], looked["invited_by"])


def test_the_name_of_who_was_deleted_is_not_told(alice: User, bob: User, visitor: Visitor) -> None:
    _, secret = link_to(room_of(alice, bob), alice)
    alice.delete()

    assert visitor.post("join/look", {"secret": secret}).json()["invited_by"] is None


def test_a_stranger_has_an_account_the_room_and_the_cookie_in_one_request(alice: User, visitor: Visitor) -> None:
    room = room_of(alice)
    link, secret = link_to(room, alice)
    response = visitor.post("join", {"secret": secret, **TOM})

    tom = User.objects.get(username="tom")
    me = {"id": tom.pk, "username": "tom", "name": "Tom", "is_admin": False}
    assert (201, {"user": me, "room": room.pk}) == (response.status_code, response.json())
    assert me == visitor.get("auth/session").json()["user"]
    assert "member" == Membership.objects.get(room=room, user=tom).role
    assert (False, False) == (tom.is_staff, tom.is_superuser)
    assert room.pk == visitor.get(f"rooms/{room.pk}").json()["room"]["id"]
    link.refresh_from_db()
    assert 1 == link.uses


def test_a_link_to_the_lobby_makes_an_account_and_is_used_up_by_it(admin: User, visitor: Visitor) -> None:
    lobby = access.lobby()
    _, secret = link_to(lobby, admin, most_uses=1)

    assert lobby.pk == visitor.post("join", {"secret": secret, **TOM}).json()["room"]
    late = Visitor()
    late.get("auth/session")
    assert_problem(late.post("join", {"secret": secret, **TOM, "username": "late"}), 404)
    assert not User.objects.filter(username="late").exists()


@pytest.mark.parametrize("why", ["unknown", "no secret", "expired", "used up", "revoked"])
def test_a_link_that_is_not_good_is_refused_like_one_that_never_was(alice: User, visitor: Visitor, why: str) -> None:
    link, secret = link_to(room_of(alice), alice, most_uses=1, expires_in_seconds=60)
    match why:
        case "unknown":
            secret = NO_SECRET
        case "no secret":
            secret = "../../茶"
        case "expired":
            InviteLink.objects.update(expires_at=timezone.now() - datetime.timedelta(seconds=1))
        case "used up":
            InviteLink.objects.update(uses=1)
        case _:
            revoke_invite(actor=alice, link_id=link.pk)

    looked, joined = visitor.post("join/look", {"secret": secret}), visitor.post("join", {"secret": secret, **TOM})

    for response in (looked, joined):
        assert_problem(response, 404)
        assert ("bad_link", 1016, "") == tuple(response.json()[name] for name in ("slug", "code", "detail"))
    assert {"alice"} == set(User.objects.values_list("username", flat=True))
    assert {"user": None, "connection_token": None} == visitor.get("auth/session").json()


def test_an_archived_room_takes_nobody_in(alice: User, visitor: Visitor) -> None:
    room = room_of(alice)
    _, secret = link_to(room, alice)
    Room.objects.update(archived_at=timezone.now())

    assert_problem(visitor.post("join/look", {"secret": secret}), 409)
    assert_problem(visitor.post("join", {"secret": secret, **TOM}), 409)
    assert 1 == User.objects.count()


def test_a_link_that_ends_while_the_password_is_hashed_makes_no_account(alice: User) -> None:
    link, secret = link_to(room_of(alice), alice)
    revoke_invite(actor=alice, link_id=link.pk)

    # What the view asks first is passed over here.
    with pytest.raises(errors.BadLink):
        join(secret=secret, **TOM)
    assert 1 == User.objects.count()


@pytest.mark.parametrize(
    ("field", "value"),
    [("username", "two words"), ("username", "ALICE"), ("password", "12345"), ("name", "x" * 81)],
)
def test_what_is_wrong_with_an_account_is_said_by_field_and_uses_nothing_up(
    alice: User, visitor: Visitor, field: str, value: str
) -> None:
    link, secret = link_to(room_of(alice), alice)
    response = visitor.post("join", {"secret": secret, **TOM, field: value})

    assert_problem(response, 400)
    assert [field] == list(response.json()["errors"])
    link.refresh_from_db()
    assert (0, 1) == (link.uses, User.objects.count())


def test_a_page_of_another_site_makes_no_account(alice: User, visitor: Visitor) -> None:
    _, secret = link_to(room_of(alice), alice)

    assert_problem(visitor.post("join", {"secret": secret, **TOM}, csrf=False), 403)
    assert 1 == User.objects.count()


def test_whoever_was_signed_in_before_is_signed_out(alice: User, bob: User) -> None:
    _, secret = link_to(room_of(alice), alice)
    visitor = Visitor()
    visitor.sign_in("bob")
    visitor.post("join", {"secret": secret, **TOM})

    assert "tom" == visitor.get("auth/session").json()["user"]["username"]
    assert 1 == bob.login_sessions.exclude(ended_at=None).count()


def test_one_dead_link_is_looked_at_ten_times_from_an_address_and_shuts_nobody_out_of_another(
    alice: User, visitor: Visitor
) -> None:
    _, secret = link_to(room_of(alice), alice)
    for _ in range(10):
        assert_problem(visitor.post("join/look", {"secret": NO_SECRET}), 404)

    assert_problem(visitor.post("join/look", {"secret": NO_SECRET}), 429)
    assert_problem(visitor.post("join", {"secret": NO_SECRET, **TOM}), 429)
    assert 200 == visitor.post("join/look", {"secret": secret}).status_code
    assert 404 == Visitor(address=ELSEWHERE).post("join/look", {"secret": NO_SECRET}).status_code


def test_an_address_tries_a_hundred_links(alice: User, visitor: Visitor) -> None:
    for number in range(100):
        assert_problem(visitor.post("join/look", {"secret": f"{number:040}"}), 404)

    assert_problem(visitor.post("join/look", {"secret": "f" * 40}), 429)


@pytest.mark.django_db(transaction=True)
def test_of_those_who_come_at_once_as_many_get_an_account_as_the_link_says(alice: User) -> None:
    room = room_of(alice)
    link, secret = link_to(room, alice, most_uses=3)
    refused: list[int] = []

    def come(number: int) -> None:
        try:
            join(secret=secret, username=f"person-{number}", name="", password=PASSWORD)
        except errors.BadLink:
            refused.append(number)
        finally:
            connection.close()

    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        list(threads.map(come, range(8)))

    link.refresh_from_db()
    assert (5, 3) == (len(refused), link.uses)
    assert (4, 4) == (User.objects.count(), room.memberships.count())


@pytest.mark.django_db(transaction=True)
def test_of_two_who_want_one_username_at_once_one_gets_it_and_one_use_is_gone(alice: User) -> None:
    link, secret = link_to(room_of(alice), alice)
    refused: list[list[str]] = []

    def come(number: int) -> None:
        try:
            join(secret=secret, username="tom", name=f"{number}", password=PASSWORD)
        except ValidationError as error:
            refused.append(list(error.message_dict))
        finally:
            connection.close()

    with concurrent.futures.ThreadPoolExecutor(2) as threads:
        list(threads.map(come, range(2)))

    link.refresh_from_db()
    assert ([["username"]], 1) == (refused, link.uses)
