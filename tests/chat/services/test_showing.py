"""Typing: shown to the room, not too often, only by who may post."""

import datetime

import pytest
from django.utils import timezone

from teahouse.accounts.models import User
from teahouse.chat import classic, errors, frames
from teahouse.chat.models import Membership, PublicationRecord, Room
from teahouse.chat.services.showing import show_typing
from tests.chat.conftest import Wire, new_person
from tests.chat.reading_times import Clock, clock, paced
from tests.chat.talking import new_member, new_room, say

__all__ = ["clock", "paced"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("paced")]


@pytest.fixture
def room(alice: User, bob: User) -> Room:
    return new_room(alice, bob)


def test_the_room_is_shown_it_without_an_offset_and_nothing_is_stored(room: Room, alice: User, wire: Wire) -> None:
    show_typing(person=alice, room_id=room.pk)

    (signal,) = wire.publications
    assert (room.channel, 0) == (signal.channel, signal.offset)
    assert frames.Typing(room=room.pk, user=alice.pk) == frames.decode(signal.data)
    assert not PublicationRecord.objects.exists()


def test_a_classic_connection_has_no_word_for_it(room: Room, alice: User, wire: Wire) -> None:
    show_typing(person=alice, room_id=room.pk)

    assert classic.frame_of(wire.publications[0].data) is None


def test_it_is_shown_once_in_three_seconds(room: Room, alice: User, bob: User, wire: Wire, clock: Clock) -> None:
    for seconds in (0, 1, 1.9, 0.1, 1):
        clock.now += seconds
        show_typing(person=alice, room_id=room.pk)
    assert 2 == len(wire.publications)
    show_typing(person=bob, room_id=room.pk)
    show_typing(person=alice, room_id=new_room(alice).pk)
    assert 4 == len(wire.publications)


def test_a_thread_is_named_and_has_to_be_there(room: Room, alice: User, bob: User, wire: Wire) -> None:
    with pytest.raises(errors.NoSuchMessage):
        show_typing(person=alice, room_id=room.pk, thread=say(bob, new_room(bob)).pk)
    with pytest.raises(errors.NoSuchMessage):
        show_typing(person=alice, room_id=room.pk, thread=say(alice, new_room(alice)).pk)
    root = say(bob, room)
    show_typing(person=alice, room_id=room.pk, thread=root.pk)

    assert frames.Typing(room=room.pk, user=alice.pk, thread=root.pk) == frames.decode(wire.publications[0].data)


@pytest.mark.parametrize("who", ["a stranger", "a reader", "a muted member"])
def test_who_may_not_post_is_not_shown(room: Room, wire: Wire, who: str) -> None:
    soon = timezone.now() + datetime.timedelta(minutes=1)
    person, refusal = {
        "a stranger": lambda: (new_person("stranger"), errors.NotAMember),
        "a reader": lambda: (new_member(room, "reader", Membership.Role.READER), errors.NotAllowed),
        "a muted member": lambda: (new_member(room, "muted", muted_until=soon), errors.Muted),
    }[who]()
    with pytest.raises(refusal):
        show_typing(person=person, room_id=room.pk)

    assert [] == wire.publications


def test_nobody_writes_in_an_archived_room(room: Room, alice: User) -> None:
    Room.objects.filter(pk=room.pk).update(archived_at=timezone.now())

    with pytest.raises(errors.Archived):
        show_typing(person=alice, room_id=room.pk)
