"""The doors to rooms: who gets which, and that there is one of each."""

import threading

import pytest
from django.db import connection

from teahouse.accounts.models import User
from teahouse.chat import access, errors
from teahouse.chat.models import Membership, Room

pytestmark = pytest.mark.django_db


def test_the_lobby_is_made_once(alice: User) -> None:
    assert access.lobby() == access.lobby() == access.lobby_for(user=alice)
    assert [("public", "lobby", "Lobby")] == list(Room.objects.values_list("kind", "slug", "name"))


def test_whoever_may_not_sign_in_has_no_door(alice: User, bob: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)

    with pytest.raises(errors.NotAMember):
        access.lobby_for(user=alice)
    with pytest.raises(errors.NotAMember):
        access.direct_room_for(user=alice, other_id=bob.pk)
    with pytest.raises(errors.NoSuchPerson):
        access.direct_room_for(user=bob, other_id=alice.pk)


def test_a_direct_room_is_the_same_from_both_sides(alice: User, bob: User) -> None:
    room = access.direct_room_for(user=alice, other_id=bob.pk)

    assert room == access.direct_room_for(user=bob, other_id=alice.pk)
    assert f"{alice.pk}:{bob.pk}" == room.people_key
    assert {alice.pk, bob.pk} == set(Membership.objects.filter(room=room).values_list("user_id", flat=True))


def test_a_room_with_oneself_has_one_member(alice: User, bob: User) -> None:
    room = access.direct_room_for(user=alice, other_id=alice.pk)

    assert [alice.pk] == list(Membership.objects.filter(room=room).values_list("user_id", flat=True))
    assert room != access.direct_room_for(user=alice, other_id=bob.pk)


@pytest.mark.django_db(transaction=True)
def test_asked_for_by_both_at_the_same_moment_it_is_made_once(alice: User, bob: User) -> None:
    found: list[int] = []
    barrier = threading.Barrier(6, timeout=30)

    def ask(user: User, other: User) -> None:
        connection.ensure_connection()
        barrier.wait()
        try:
            found.append(access.direct_room_for(user=user, other_id=other.pk).pk)
            access.lobby()
        finally:
            connection.close()

    pairs = [(alice, bob), (bob, alice)] * 3
    threads = [threading.Thread(target=ask, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 6 == len(found)
    assert 1 == len(set(found))
    assert 2 == Membership.objects.count()
    assert 2 == Room.objects.count()


def test_which_channels_a_person_may_hear(alice: User, bob: User) -> None:
    lobby = access.lobby()
    ours, theirs = (
        access.direct_room_for(user=alice, other_id=bob.pk),
        access.direct_room_for(user=bob, other_id=bob.pk),
    )
    heard = {"site", f"user:{alice.pk}", lobby.channel, ours.channel}
    others = {
        f"user:{bob.pk}",
        theirs.channel,
        "site:",
        "room:",
        "room:0",
        "room:x",
        "room:²",
        f"room:{'9' * 400}",
        f"room:{ours.pk}:",
        "anything",
    }

    assert heard == {channel for channel in heard | others if access.may_hear(alice, channel)}
