"""Pins: who may, how many, and told as the history says."""

import pytest
from django.utils import timezone

from teahouse.accounts.models import User
from teahouse.chat import access, errors, frames
from teahouse.chat.conf import conf
from teahouse.chat.models import Membership, Message, Pin, Room
from teahouse.chat.selectors.messages import frame_of, pinned_in
from teahouse.chat.services.editing import delete_message
from teahouse.chat.services.messages import send_to_person
from teahouse.chat.services.pins import pin_message, unpin_message
from tests.chat.conftest import Wire
from tests.chat.talking import history_tells, join, new_member, new_room, say, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(alice: User) -> Room:
    """Of alice, who moderates it."""
    room = new_room()
    join(room, alice, Membership.Role.MODERATOR)
    return room


def pinned(user: User, room: Room) -> list[int]:
    return [pin.message.number for pin in pinned_in(access.room_for(user=user, room_id=room.pk))]


def test_pinning_and_unpinning_are_told_and_seen(alice: User, room: Room, wire: Wire) -> None:
    with wire.committed():
        first, second = say(alice, room), say(alice, room)
    with wire.committed():
        pin_message(actor=alice, message_id=second.pk)
        pin_message(actor=alice, message_id=first.pk)
        assert [1, 2] == pinned(alice, room)
        assert frame_of(first).is_pinned
        unpin_message(actor=alice, message_id=second.pk)

    at = frames.milliseconds(Pin.objects.get().at)
    added, added_too, removed = told(wire, 2)
    assert isinstance(added, frames.PinAdded)
    assert (second.pk, 2, alice.pk) == (added.message, added.number, added.by)
    assert frames.PinAdded(message=first.pk, number=1, by=alice.pk, at=at) == added_too
    assert frames.PinRemoved(message=second.pk, number=2) == removed
    assert [1] == pinned(alice, room)
    assert history_tells(wire)


def test_again_changes_nothing_and_tells_nobody(alice: User, room: Room, wire: Wire) -> None:
    with wire.committed():
        message = say(alice, room)
        for _ in range(2):
            pin_message(actor=alice, message_id=message.pk)
        for _ in range(2):
            unpin_message(actor=alice, message_id=message.pk)

    assert 3 == len(wire.publications)


def test_members_do_not_pin_where_there_are_moderators(alice: User, bob: User, room: Room) -> None:
    join(room, bob)
    message = say(bob, room)

    for act in (pin_message, unpin_message):
        with pytest.raises(errors.NotAllowed):
            act(actor=bob, message_id=message.pk)


def test_in_a_room_of_people_each_of_them_pins_and_unpins(alice: User, bob: User) -> None:
    sent = send_to_person(author=alice, receiver_id=bob.pk, body="hello", client_key="1")
    pin_message(actor=bob, message_id=sent.id)
    unpin_message(actor=alice, message_id=sent.id)

    assert not Pin.objects.exists()


def test_there_are_so_many_pins_in_a_room_and_no_more(alice: User, room: Room) -> None:
    most = conf().most_pins_per_room
    messages = [say(alice, room) for _ in range(most + 1)]
    Pin.objects.bulk_create(Pin(message=message, room=room, at=timezone.now()) for message in messages[:most])

    with pytest.raises(errors.TooMany):
        pin_message(actor=alice, message_id=messages[-1].pk)
    pin_message(actor=alice, message_id=messages[0].pk)
    unpin_message(actor=alice, message_id=messages[0].pk)
    pin_message(actor=alice, message_id=messages[-1].pk)


def test_a_deleted_message_is_pinned_no_more(alice: User, room: Room) -> None:
    message = say(alice, room)
    pin_message(actor=alice, message_id=message.pk)
    delete_message(actor=alice, message_id=message.pk)

    assert [] == pinned(alice, room)
    with pytest.raises(errors.NoSuchMessage):
        pin_message(actor=alice, message_id=message.pk)


def test_in_an_archived_room_nothing_is_pinned_or_unpinned(alice: User, room: Room) -> None:
    first, second = say(alice, room), say(alice, room)
    pin_message(actor=alice, message_id=first.pk)
    Room.objects.update(archived_at=timezone.now())

    for act, message in ((pin_message, second), (unpin_message, first)):
        with pytest.raises(errors.Archived):
            act(actor=alice, message_id=message.pk)


def test_a_newcomer_does_not_see_pins_from_before_they_came(alice: User, room: Room) -> None:
    Room.objects.update(history=Room.History.SINCE_JOIN)
    old = say(alice, room)
    newcomer = new_member(room, "newcomer")
    young = say(alice, room)
    for message in (old, young):
        pin_message(actor=alice, message_id=message.pk)

    assert [2] == pinned(newcomer, room)
    assert 2 == Message.objects.count()
