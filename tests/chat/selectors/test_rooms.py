"""What members and seekers find of rooms: people, pages, and public rooms by name or pinyin."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from teahouse.accounts.models import User
from teahouse.chat import access, errors
from teahouse.chat.models import Membership, Room
from teahouse.chat.selectors import rooms
from teahouse.chat.services.messages import send_message
from teahouse.chat.services.rooms import create_room
from tests.chat.conftest import new_person, room_of

pytestmark = pytest.mark.django_db


def public(actor: User, *names: str) -> list[int]:
    return [
        create_room(actor=actor, client_key=f"{number}", kind="public", name=name) for number, name in enumerate(names)
    ]


def names_found(query: str, user: User, limit: int = 50) -> list[str]:
    return [listed.room.name for listed in rooms.public_rooms_found(query, user=user, limit=limit)]


# People of a room.


def test_the_people_of_a_direct_room_are_those_in_its_key(alice: User, bob: User) -> None:
    direct = room_of(alice, bob, kind=Room.Kind.DIRECT, people_key=f"{alice.pk}:{bob.pk}")

    assert (alice.pk, bob.pk) == rooms.people_of(direct.pk)
    assert () == rooms.people_of(room_of(alice).pk) == rooms.people_of(999_999)


def test_whether_it_needs_the_database_is_known(alice: User) -> None:
    room = room_of(alice)
    assert not rooms.are_people_known(room.pk)
    rooms.people_of(room.pk)
    assert rooms.are_people_known(room.pk)
    rooms.people_of(999_999)
    assert not rooms.are_people_known(999_999)


def test_who_can_be_named_are_members_and_in_the_lobby_everybody(alice: User, bob: User) -> None:
    new_person("gone", is_active=False)

    assert {"alice": alice.pk} == rooms.people_by_mention_in(room_of(alice).pk)
    assert {"alice": alice.pk, "bob": bob.pk} == rooms.people_by_mention_in(access.lobby().pk)
    assert {} == rooms.people_by_mention_in(999_999)


# A room as one of its members finds it.


def test_the_state_of_a_room_names_the_head_it_is_at(alice: User, bob: User) -> None:
    room = room_of(alice, bob)
    sent = send_message(author=alice, room_id=room.pk, client_key="1", body="hi")
    state = rooms.state_for(user=bob, room_id=room.pk)

    assert (sent.offset, 2, 1) == (state.offset, state.members, state.access.room.last_number)
    assert state.epoch
    with pytest.raises(errors.NotAMember):
        rooms.state_for(user=new_person("carol"), room_id=room.pk)


def test_members_come_in_pages_by_their_ids(alice: User, bob: User) -> None:
    carol = new_person("carol")
    door = access.room_for(user=alice, room_id=room_of(alice, bob, carol).pk)
    first = rooms.members_after(door, after=0, limit=2)

    assert [alice.pk, bob.pk] == [found.membership.user_id for found in first]
    assert [carol.pk] == [found.membership.user_id for found in rooms.members_after(door, after=bob.pk, limit=2)]


def test_members_of_the_lobby_are_all_who_may_sign_in_in_the_role_they_act_in(
    alice: User, bob: User, admin: User
) -> None:
    new_person("gone", is_active=False)
    lobby = access.lobby()
    Membership.objects.create(room=lobby, user=bob, role="moderator")
    door = access.room_for(user=alice, room_id=lobby.pk)
    found = [rooms.member_frame_in(member) for member in rooms.members_after(door, after=0, limit=50)]

    assert {alice.pk: "member", bob.pk: "moderator", admin.pk: "owner"} == {one.user: one.role for one in found}
    assert {lobby.pk: 3} == rooms.member_counts([lobby])


# Public rooms.


def test_public_rooms_are_listed_with_their_members_and_whether_one_is_in(alice: User, bob: User) -> None:
    lobby = access.lobby()
    tea, coffee = public(alice, "tea", "coffee")
    room_of(bob)
    Room.objects.filter(pk=coffee).update(archived_at="2026-01-01T00:00Z")
    found = rooms.public_rooms_after(user=bob, after=0, limit=50)

    assert [(lobby.pk, 2, True), (tea, 1, False)] == [(one.room.pk, one.members, one.is_member) for one in found]
    assert [] == rooms.public_rooms_after(user=bob, after=tea, limit=50)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        pytest.param("tea", ["tea", "Tea room"], id="the name itself comes first"),
        pytest.param("ROOM", ["Tea room"], id="a later word, in any case"),
        pytest.param("设计", ["设计讨论"], id="Chinese"),
        pytest.param("sheji", ["设计讨论"], id="pinyin"),
        pytest.param("sjtl", ["设计讨论"], id="initials"),
        pytest.param("tea-room", ["Tea room"], id="the slug"),
        pytest.param("coffee", [], id="what is not there"),
    ],
)
def test_public_rooms_are_found_by(alice: User, bob: User, query: str, names: list[str]) -> None:
    public(alice, "Tea room", "tea", "设计讨论")
    room_of(alice, name="tea for two, and coffee")

    assert names == names_found(query, bob)


def test_a_page_of_public_rooms_costs_the_same_for_any_number(alice: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            rooms.public_rooms_after(user=alice, after=0, limit=50)
            names_found("room", alice)
        return len(queries)

    public(alice, "room 1", "room 2")
    few = cost()
    for number in range(20):
        create_room(actor=alice, client_key=f"more {number}", kind="public", name=f"room of {number}")

    assert few == cost()
