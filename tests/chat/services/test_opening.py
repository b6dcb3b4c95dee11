"""Rooms of people: found again by their people, whoever opens them, and made once."""

import pytest
from django.db import transaction

from teahouse.accounts.models import User
from teahouse.chat import errors, frames
from teahouse.chat.conf import Conf
from teahouse.chat.models import Channel, Membership, Room
from teahouse.chat.services.opening import direct_room_of
from tests.chat.conftest import Wire, new_person
from tests.chat.services.test_messages import all_at_once

pytestmark = pytest.mark.django_db


def people_in(room_id: int) -> set[int]:
    return set(Membership.objects.filter(room=room_id).values_list("user", flat=True))


def test_a_direct_room_is_the_same_from_both_sides(alice: User, bob: User, wire: Wire) -> None:
    with wire.committed():
        room_id = direct_room_of(alice, {bob.pk})
        assert room_id == direct_room_of(bob, {alice.pk})
        assert room_id == direct_room_of(bob, [alice.pk, bob.pk])

    room = Room.objects.get(pk=room_id)
    assert ("direct", f"{alice.pk}:{bob.pk}") == (room.kind, room.people_key)
    assert {alice.pk, bob.pk} == people_in(room_id)
    assert [(f"user:{user.pk}", room.channel) for user in (alice, bob)] == [
        (told.channel, told.opens) for told in wire.publications
    ]
    assert {frames.RoomGained(room=room_id)} == {frames.decode(told.data) for told in wire.publications}
    assert wire.matches_history()


def test_a_group_is_found_by_its_people_in_any_order(alice: User, bob: User) -> None:
    carol = new_person("carol")
    group = direct_room_of(alice, [bob.pk, carol.pk])

    assert group == direct_room_of(carol, [bob.pk, alice.pk])
    assert group not in (direct_room_of(alice, [bob.pk]), direct_room_of(alice, [carol.pk]))
    assert "group" == Room.objects.get(pk=group).kind


def test_a_room_with_oneself_has_one_member(alice: User, bob: User) -> None:
    own = direct_room_of(alice, [])

    assert own == direct_room_of(alice, [alice.pk]) != direct_room_of(alice, [bob.pk])
    assert ({alice.pk}, "direct") == (people_in(own), Room.objects.get(pk=own).kind)


def test_who_may_not_sign_in_opens_nothing_and_is_in_nothing_new(alice: User, bob: User) -> None:
    gone = new_person("gone", is_active=False)

    with pytest.raises(errors.NotAMember):
        direct_room_of(gone, [alice.pk])
    for others in ([gone.pk], [bob.pk, gone.pk], [999_999], [0], [-1], [10**30]):
        with pytest.raises(errors.NoSuchPerson):
            direct_room_of(alice, others)
    assert not Room.objects.exists()
    assert not Channel.objects.filter(name="user:999999").exists()


def test_a_group_has_so_many_people(alice: User) -> None:
    with pytest.raises(errors.TooMany):
        direct_room_of(alice, range(1_000, 1_016))


def test_one_person_begins_only_so_many_groups_and_finds_those_that_are_there(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("teahouse.chat.services.opening.conf", lambda: Conf(most_groups_begun=2))
    people = [new_person(f"person{number}") for number in range(3)]
    groups = [direct_room_of(alice, [bob.pk, person.pk]) for person in people[:2]]
    with pytest.raises(errors.TooMany):
        direct_room_of(alice, [bob.pk, people[2].pk])

    assert groups[0] == direct_room_of(alice, [bob.pk, people[0].pk])
    # Of two, and begun by others, there may be more.
    direct_room_of(alice, [people[2].pk])
    direct_room_of(people[2], [alice.pk, bob.pk])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("own_transactions", [False, True], ids=["through the writer", "in transactions of their own"])
def test_opened_by_both_at_the_same_moment_it_is_made_once(alice: User, bob: User, own_transactions: bool) -> None:
    found: list[int] = []

    def ask(number: int) -> None:
        person, other = (alice, bob) if number % 2 else (bob, alice)
        if own_transactions:
            with transaction.atomic():
                found.append(direct_room_of(person, [other.pk]))
        else:
            found.append(direct_room_of(person, [other.pk]))

    all_at_once(8, ask)

    assert (8, 1) == (len(found), len(set(found)))
    assert (1, 2) == (Room.objects.count(), Membership.objects.count())
