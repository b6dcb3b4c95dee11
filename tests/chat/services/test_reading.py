"""Read positions: where they move, who is told, and how often."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from teahouse.accounts.models import User
from teahouse.chat import errors, frames
from teahouse.chat.log import batches
from teahouse.chat.log.entries import Outcome
from teahouse.chat.models import Membership, Room
from teahouse.chat.services.messages import send_message, send_to_lobby
from teahouse.chat.services.reading import MoveRead, read_room, unread_room
from teahouse.chat.services.reading_pace import ReadPace
from tests.chat.conftest import Wire, new_person
from tests.chat.reading_times import Clock, clock, paced
from tests.chat.services.test_messages import all_at_once
from tests.chat.talking import join, new_room, say
from tests.realtime.fakes import NotingBroker

__all__ = ["clock", "paced"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("paced")]


@pytest.fixture
def room(alice: User, bob: User) -> Room:
    """With five messages of bob's."""
    room = new_room(alice, bob)
    for _ in range(5):
        say(bob, room)
    return room


def read_number(room: Room, user: User) -> int:
    return Membership.objects.get(room=room, user=user).read_number


def moved(wire: Wire) -> list[frames.ReadMoved]:
    found = [frames.decode(publication.data) for publication in wire.publications]
    return [frame for frame in found if isinstance(frame, frames.ReadMoved)]


def receipts(wire: Wire) -> list[frames.Receipt]:
    found = [frames.decode(publication.data) for publication in wire.publications]
    return [frame for frame in found if isinstance(frame, frames.Receipt)]


@pytest.mark.parametrize(
    ("numbers", "where"),
    [
        pytest.param([3], 3, id="up"),
        pytest.param([3, 5], 5, id="and on"),
        pytest.param([5, 3], 5, id="never back"),
        pytest.param([3, 3], 3, id="again"),
        pytest.param([99], 5, id="no further than the last message"),
        pytest.param([2**63 - 1], 5, id="as far as a number goes"),
        pytest.param([0], 0, id="nothing"),
    ],
)
def test_reading_moves_the_position_up(room: Room, alice: User, numbers: list[int], where: int) -> None:
    answers = [read_room(reader=alice, room_id=room.pk, number=number) for number in numbers]

    assert (where, where) == (answers[-1].read_number, read_number(room, alice))


@pytest.mark.parametrize(
    ("read", "unread", "where"),
    [
        pytest.param(5, 3, 2, id="from there on"),
        pytest.param(5, 1, 0, id="everything"),
        pytest.param(5, 0, 0, id="less than everything"),
        pytest.param(2, 3, 2, id="what is unread already"),
        pytest.param(2, 5, 2, id="a later one: what is between becomes read by nothing"),
    ],
)
def test_marking_as_unread_moves_it_back(room: Room, alice: User, read: int, unread: int, where: int) -> None:
    read_room(reader=alice, room_id=room.pk, number=read)
    answer = unread_room(reader=alice, room_id=room.pk, number=unread)

    assert (where, where) == (answer.read_number, read_number(room, alice))


def test_nobody_marks_as_unread_what_is_from_before_they_came(room: Room) -> None:
    Room.objects.filter(pk=room.pk).update(history=Room.History.SINCE_JOIN)
    carol = new_person("carol")
    join(room, carol)

    assert 5 == unread_room(reader=carol, room_id=room.pk, number=1).read_number


def test_the_persons_devices_are_told_where_it_is_and_what_mentions_them(
    room: Room, alice: User, bob: User, wire: Wire
) -> None:
    say(bob, room, "@alice")
    say(bob, room, "@all @alice")
    say(bob, room, "more")
    with wire.committed():
        read_room(reader=alice, room_id=room.pk, number=6)

    (frame,) = moved(wire)
    assert frames.ReadMoved(room=room.pk, read_number=6, last_number=8, mentions=[7]) == frame
    assert [f"user:{alice.pk}"] == [entry.channel for entry in wire.publications if entry.offset]
    assert wire.publications[0].offset == 1


def test_what_changes_nothing_is_told_to_nobody(room: Room, alice: User, wire: Wire) -> None:
    read_room(reader=alice, room_id=room.pk, number=4)
    with wire.committed():
        read_room(reader=alice, room_id=room.pk, number=4)
        read_room(reader=alice, room_id=room.pk, number=1)
        unread_room(reader=alice, room_id=room.pk, number=5)

    assert [] == wire.publications


def test_in_the_lobby_a_membership_is_made_for_it(alice: User, bob: User) -> None:
    room = send_to_lobby(author=bob, body="hi", client_key="1").room

    assert 1 == read_room(reader=alice, room_id=room, number=1).read_number
    assert 1 == Membership.objects.get(room=room, user=alice).read_number


def test_reading_is_for_members_also_of_archived_rooms(room: Room, alice: User) -> None:
    Room.objects.filter(pk=room.pk).update(archived_at=timezone.now())
    assert 5 == read_room(reader=alice, room_id=room.pk, number=5).read_number
    for room_id in (room.pk, 999_999):
        with pytest.raises(errors.NotAMember):
            read_room(reader=new_person(f"carol{room_id}"), room_id=room_id, number=1)


def test_whoever_was_deactivated_since_reads_nothing(room: Room, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)

    with pytest.raises(errors.NotAMember):
        read_room(reader=alice, room_id=room.pk, number=5)


# How often it is told.


def test_within_a_second_it_is_told_once_more_and_as_it_is_then(
    room: Room, alice: User, wire: Wire, paced: ReadPace
) -> None:
    for number in (1, 2, 3, 4):
        with wire.committed():
            read_room(reader=alice, room_id=room.pk, number=number)
        assert number == read_number(room, alice)
    assert [1] == [frame.read_number for frame in moved(wire)]

    with wire.committed():
        paced.finish()
    assert [1, 4] == [frame.read_number for frame in moved(wire)]


def test_after_a_second_it_is_told_at_once(room: Room, alice: User, wire: Wire, clock: Clock) -> None:
    for number in (1, 2, 3):
        with wire.committed():
            read_room(reader=alice, room_id=room.pk, number=number)
        clock.now += 1.0

    assert [1, 2, 3] == [frame.read_number for frame in moved(wire)]


def test_rooms_and_people_do_not_wait_for_each_other(room: Room, alice: User, bob: User, wire: Wire) -> None:
    other = new_room(alice, bob)
    say(bob, other)
    say(alice, room)
    with wire.committed():
        read_room(reader=alice, room_id=room.pk, number=6)
        read_room(reader=alice, room_id=other.pk, number=1)
        read_room(reader=bob, room_id=room.pk, number=6)

    assert 2 == len(moved(wire))


# Who else is shown.


def test_in_a_small_room_the_others_are_shown_who_has_read(room: Room, alice: User, wire: Wire) -> None:
    with wire.committed():
        read_room(reader=alice, room_id=room.pk, number=5)
    with wire.committed():
        unread_room(reader=alice, room_id=room.pk, number=2)

    assert [frames.Receipt(room=room.pk, user=alice.pk, read_number=5)] == receipts(wire)


@pytest.mark.parametrize(("more", "are_shown"), [(98, True), (99, False)], ids=["100 members", "101 members"])
def test_in_a_large_room_they_are_not(room: Room, alice: User, wire: Wire, more: int, are_shown: bool) -> None:
    people = User.objects.bulk_create(User(username=f"member{number}") for number in range(more))
    Membership.objects.bulk_create(Membership(room=room, user=person) for person in people)
    with wire.committed():
        read_room(reader=alice, room_id=room.pk, number=5)

    assert are_shown == bool(receipts(wire))
    assert 1 == len(moved(wire))


# Many at once.


def test_64_reads_cost_as_many_statements_as_one() -> None:
    people = [new_person(f"person{number}") for number in range(65)]
    room = new_room(*people)
    say(people[-1], room)
    say(people[-1], room)

    def stored(some: list[User], number: int) -> list[Outcome]:
        entries = [MoveRead(actor_id=person.pk, room_id=room.pk, number=number, how="read") for person in some]
        return batches.store(entries).outcomes

    stored(people, 1)
    with CaptureQueriesContext(connection) as of_one:
        stored(people[:1], 2)
    with CaptureQueriesContext(connection) as of_64:
        assert all(outcome.refusal is None for outcome in stored(people[1:], 2))
    assert len(of_one) == len(of_64)


def test_a_refused_one_leaves_the_others_of_its_batch_alone(room: Room, alice: User, bob: User) -> None:
    stranger = new_person("stranger")
    entries = [MoveRead(actor_id=person.pk, room_id=room.pk, number=3, how="read") for person in (alice, stranger, bob)]
    outcomes = batches.store(entries).outcomes

    assert [None, errors.NotAMember, None] == [outcome.refusal and type(outcome.refusal) for outcome in outcomes]
    assert 3 == read_number(room, alice)


def test_writing_reads_what_is_above(room: Room, alice: User) -> None:
    send_message(author=alice, room_id=room.pk, client_key="1", body="hi")

    assert 6 == read_number(room, alice)


@pytest.mark.django_db(transaction=True)
def test_reading_and_writing_at_once_loses_nothing(alice: User, bob: User, told: NotingBroker) -> None:
    room = new_room(alice, bob)

    def work(number: int) -> None:
        person = (alice, bob)[number % 2]
        for count in range(5):
            if number < 2:
                send_message(author=person, room_id=room.pk, client_key=f"{number} {count}", body="hi")
            else:
                read_room(reader=person, room_id=room.pk, number=2**40)

    all_at_once(4, work)
    for person in (alice, bob):
        assert 10 == read_room(reader=person, room_id=room.pk, number=10).read_number
        offsets = [entry.offset for entry in told.publications if entry.channel == f"user:{person.pk}"]
        assert list(range(1, len(offsets) + 1)) == sorted(offsets)
