"""Rooms with a name: made once per client key, named once, changed and archived by whom they belong to."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from teahouse.accounts.models import User
from teahouse.chat import access, errors, frames
from teahouse.chat.models import Channel, Membership, Room
from teahouse.chat.selectors.rooms import room_frame_of
from teahouse.chat.services import members, messages, rooms
from teahouse.chat.services.rooms import Changes, change_room, create_room
from tests.chat.conftest import Wire, new_person, room_of
from tests.chat.services.test_messages import all_at_once

pytestmark = pytest.mark.django_db


def roles_in(room_id: int) -> dict[str, str]:
    return dict(Membership.objects.filter(room=room_id).values_list("user__username", "role"))


def test_a_new_room_belongs_to_who_made_it_and_its_people_gain_it(alice: User, bob: User, wire: Wire) -> None:
    with wire.committed():
        room_id = create_room(
            actor=alice,
            client_key="1",
            kind="private",
            name="  设计 \n 组 ",
            topic=" tea ",
            user_ids=[bob.pk, alice.pk],
        )

    room = Room.objects.get(pk=room_id)
    assert ("设计 组", "tea", None) == (room.name, room.topic, room.slug)
    assert {"alice": "owner", "bob": "member"} == roles_in(room_id)
    assert {f"user:{alice.pk}", f"user:{bob.pk}"} == {told.channel for told in wire.publications}
    assert {(f"room:{room_id}", frames.RoomGained(room=room_id))} == {
        (told.opens, frames.decode(told.data)) for told in wire.publications
    }
    assert wire.matches_history()


def test_the_same_client_key_finds_the_same_room_also_when_it_was_renamed(alice: User, bob: User, wire: Wire) -> None:
    with wire.committed():
        first = create_room(actor=alice, client_key="1", kind="public", name="tea", user_ids=[])
    with wire.committed():
        change_room(actor=alice, room_id=first, changes=Changes(name="coffee"))
    told = len(wire.publications)
    with wire.committed():
        assert first == create_room(actor=alice, client_key="1", kind="public", name="tea")
        assert first != create_room(actor=bob, client_key="1", kind="private", name="tea")

    assert {"alice": "owner"} == roles_in(first)
    assert [f"user:{bob.pk}"] == [publication.channel for publication in wire.publications[told:]]


def test_a_client_key_under_which_something_else_was_asked_is_a_conflict(alice: User, bob: User) -> None:
    asked: dict[str, Any] = {"actor": alice, "client_key": "1", "kind": "private", "name": "tea"}
    create_room(**asked)

    for other in ({"name": "coffee"}, {"topic": "x"}, {"description": "x"}, {"user_ids": [bob.pk]}):
        with pytest.raises(errors.KeyConflict):
            create_room(**{**asked, **other})


def test_a_client_key_of_a_room_of_the_other_kind_is_a_conflict(alice: User) -> None:
    create_room(actor=alice, client_key="1", kind="public", name="tea")

    with pytest.raises(errors.KeyConflict):
        create_room(actor=alice, client_key="1", kind="private", name="tea")


@pytest.mark.parametrize("name", ["Tea Room", "tea room", " TEA  ROOM ", "ｔｅａ room", "TEA\u200b ROOM"])
def test_a_public_name_is_taken_whatever_its_case_and_width(alice: User, bob: User, name: str) -> None:
    create_room(actor=alice, client_key="1", kind="public", name="Tea Room")

    with pytest.raises(errors.Conflict):
        create_room(actor=bob, client_key="1", kind="public", name=name)
    create_room(actor=bob, client_key="1", kind="private", name=name)
    other = create_room(actor=bob, client_key="2", kind="public", name="Coffee Room")
    with pytest.raises(errors.Conflict):
        change_room(actor=bob, room_id=other, changes=Changes(name=name))


def test_a_room_may_change_the_case_of_its_own_name(alice: User) -> None:
    room_id = create_room(actor=alice, client_key="1", kind="public", name="tea")
    change_room(actor=alice, room_id=room_id, changes=Changes(name="Tea"))

    assert ("Tea", "tea") == Room.objects.values_list("name", "slug").get(pk=room_id)


def test_what_is_refused_leaves_no_room_and_no_channel(alice: User) -> None:
    gone = new_person("gone", is_active=False)
    refused: list[tuple[type[errors.ChatError], Callable[[], int]]] = [
        (errors.BadArgument, lambda: create_room(actor=alice, client_key="", kind="public", name="a")),
        (errors.BadArgument, lambda: create_room(actor=alice, client_key="1", kind="direct", name="a")),
        (errors.BadArgument, lambda: create_room(actor=alice, client_key="1", kind="public", name=" \u200b")),
        (errors.BadArgument, lambda: create_room(actor=alice, client_key="1", kind="public", name="a" * 121)),
        (errors.BadArgument, lambda: create_room(actor=alice, client_key="1", kind="public", name="a", topic="\x00")),
        (errors.NoSuchPerson, lambda: create_room(actor=alice, client_key="1", kind="public", name="a", user_ids=[0])),
        (
            errors.NoSuchPerson,
            lambda: create_room(actor=alice, client_key="1", kind="public", name="a", user_ids=[10**30]),
        ),
        (
            errors.NoSuchPerson,
            lambda: create_room(actor=alice, client_key="1", kind="public", name="a", user_ids=[gone.pk]),
        ),
        (
            errors.TooMany,
            lambda: create_room(actor=alice, client_key="1", kind="public", name="a", user_ids=range(102)),
        ),
        (errors.NotAMember, lambda: create_room(actor=gone, client_key="1", kind="public", name="a")),
    ]
    for refusal, create in refused:
        with pytest.raises(refusal):
            create()

    assert not Room.objects.exists()
    assert not Channel.objects.filter(name__startswith="room:").exists()


@pytest.mark.django_db(transaction=True)
def test_many_who_want_the_same_public_name_at_once_make_one_room() -> None:
    people = [new_person(f"person-{number}") for number in range(8)]
    refused: list[User] = []

    def create(number: int) -> None:
        try:
            create_room(actor=people[number], client_key="1", kind="public", name="Tea" if number % 2 else "tea")
        except errors.Conflict:
            refused.append(people[number])

    all_at_once(8, create)

    assert 7 == len(refused)
    assert 1 == Room.objects.count()


# Changing.


def test_a_change_is_told_once_with_the_room_as_it_is(alice: User, wire: Wire) -> None:
    room = room_of(alice)
    changes = Changes(
        name="tea",
        topic="green",
        description="# Tea\n\nand more",
        posting="moderators",
        slow_mode_seconds=10,
        edit_window_seconds=0,
        history="since_join",
        retention_days=30,
    )
    with wire.committed():
        change_room(actor=alice, room_id=room.pk, changes=changes)
        change_room(actor=alice, room_id=room.pk, changes=changes)

    room.refresh_from_db()
    (told,) = wire.publications
    assert frames.RoomChanged(room=room_frame_of(room)) == frames.decode(told.data)
    assert msgspec.structs.asdict(changes).items() <= msgspec.structs.asdict(room_frame_of(room)).items()
    assert wire.matches_history()


def test_what_may_be_none_can_be_set_back(alice: User) -> None:
    room = room_of(alice, edit_window_seconds=60, retention_days=3, topic="tea", description="tea")
    changes = Changes(edit_window_seconds=None, retention_days=None, topic="", description=" ")
    change_room(actor=alice, room_id=room.pk, changes=changes)

    room.refresh_from_db()
    assert (None, None, "", "") == (room.edit_window_seconds, room.retention_days, room.topic, room.description)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(Changes(name=" "), id="no name"),
        pytest.param(Changes(topic="t" * 251), id="a long topic"),
        pytest.param(Changes(description="d" * 4_001), id="a long description"),
        pytest.param(Changes(posting="nobody"), id="a posting that is none"),
        pytest.param(Changes(history="none"), id="a history that is none"),
        pytest.param(Changes(slow_mode_seconds=-1), id="less than no seconds"),
        pytest.param(Changes(slow_mode_seconds=86_401), id="slower than a day"),
        pytest.param(Changes(edit_window_seconds=10**30), id="a number that fits no column"),
        pytest.param(Changes(retention_days=0), id="kept for no day"),
    ],
)
def test_a_setting_that_is_none_is_refused(alice: User, changes: Changes) -> None:
    room = room_of(alice)

    with pytest.raises(errors.BadArgument):
        change_room(actor=alice, room_id=room.pk, changes=changes)


# Archiving.


def test_an_archived_room_is_read_and_left_and_taken_up_again_and_nothing_else(
    alice: User, bob: User, wire: Wire
) -> None:
    room = room_of(alice, bob, kind=Room.Kind.PUBLIC)
    with wire.committed():
        rooms.archive_room(actor=alice, room_id=room.pk)
        rooms.archive_room(actor=alice, room_id=room.pk)
    (told,) = wire.publications
    carol = new_person("carol")
    for change in (
        lambda: change_room(actor=alice, room_id=room.pk, changes=Changes(topic="tea")),
        lambda: messages.send_message(author=alice, room_id=room.pk, client_key="1", body="hi"),
        lambda: members.join_room(actor=carol, room_id=room.pk),
        lambda: members.invite_people(actor=alice, room_id=room.pk, user_ids=[carol.pk]),
        lambda: members.remove_member(actor=alice, room_id=room.pk, user_id=bob.pk),
        lambda: members.prefer_in_room(actor=bob, room_id=room.pk, is_favourite=True),
    ):
        with pytest.raises(errors.Archived):
            change()
    with wire.committed():
        members.leave_room(actor=bob, room_id=room.pk)
        rooms.unarchive_room(actor=alice, room_id=room.pk)
        messages.send_message(author=alice, room_id=room.pk, client_key="1", body="hi")

    frame = frames.decode(told.data)
    assert isinstance(frame, frames.RoomChanged)
    assert frame.room.archived_at is not None
    assert {"alice": "owner"} == roles_in(room.pk)
    assert wire.matches_history()


def test_a_superuser_is_the_owner_of_the_lobby_which_is_never_archived(alice: User, admin: User, wire: Wire) -> None:
    lobby = access.lobby()
    with wire.committed():
        change_room(actor=admin, room_id=lobby.pk, changes=Changes(name="大厅", history="since_join"))

    lobby.refresh_from_db()
    assert ("大厅", "lobby") == (lobby.name, lobby.slug)
    with pytest.raises(errors.NotAllowed):
        change_room(actor=alice, room_id=lobby.pk, changes=Changes(name="mine"))
    with pytest.raises(errors.NotAllowed):
        rooms.archive_room(actor=admin, room_id=lobby.pk)


def test_a_superuser_is_a_stranger_in_a_private_room(alice: User, admin: User) -> None:
    room = room_of(alice)

    with pytest.raises(errors.NotAMember):
        change_room(actor=admin, room_id=room.pk, changes=Changes(name="mine"))
