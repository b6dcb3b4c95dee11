"""The snapshot of everything, and the publications after an offset."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from teahouse.accounts.models import User
from teahouse.chat import errors
from teahouse.chat.access import lobby
from teahouse.chat.models import Channel, Room
from teahouse.chat.refusals import refusal_of
from teahouse.chat.services.notices import publish_notice
from tests.chat.conftest import new_person
from tests.chat.reading_times import clock, paced
from tests.chat.state import do
from tests.chat.talking import join, new_room, say

__all__ = ["clock", "paced"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("paced")]


@pytest.fixture
def room(alice: User, bob: User) -> Room:
    return new_room(alice, bob)


def test_a_room_comes_with_all_that_is_shown_of_it(room: Room, alice: User, bob: User) -> None:
    say(alice, room)
    last = say(bob, room, "@alice hello")
    synced = do(alice, "sync")
    (one,) = synced.rooms

    assert (room.pk, 2, 1, [2], 1, 2) == (
        one.room.id,
        one.last_number,
        one.unread,
        one.mentions,
        one.badge,
        one.first_unread,
    )
    assert last.pk == one.last_message.id
    head = Channel.objects.get(name=room.channel)
    assert (head.last_offset, head.epoch) == (one.head.offset, one.head.epoch)
    assert {alice.pk, bob.pk} == {person.id for person in synced.people}
    assert alice.pk == synced.user.id


def test_what_is_from_before_they_came_is_not_shown(room: Room, bob: User) -> None:
    Room.objects.filter(pk=room.pk).update(history=Room.History.SINCE_JOIN)
    say(bob, room)
    carol = new_person("carol")
    join(room, carol)

    (one,) = do(carol, "sync").rooms
    assert (None, 0, 1) == (one.last_message, one.unread, one.last_number)


def test_rooms_of_others_are_not_in_it(room: Room, bob: User) -> None:
    say(bob, room)

    assert [] == do(new_person("carol"), "sync").rooms


def test_the_lobby_is_everyones(bob: User) -> None:
    carol = new_person("carol")
    say(bob, lobby(), "@all hello")

    (one,) = do(carol, "sync").rooms
    assert (lobby().pk, 1, [1]) == (one.room.id, one.unread, one.mentions)


def test_it_takes_as_many_statements_for_many_rooms_as_for_one(alice: User, bob: User, admin: User) -> None:
    def fill() -> None:
        room = new_room(alice, bob)
        root = say(alice, room, "hi @alice")
        say(bob, room, "@all", thread=root.pk)
        do(alice, "draft.set", room=room.pk, body="x")
        do(alice, "saved.add", message=root.pk)
        publish_notice(author=admin, title="a", content="")

    fill()
    with CaptureQueriesContext(connection) as of_one:
        assert 1 == len(do(alice, "sync").rooms)
    for _ in range(4):
        fill()
    with CaptureQueriesContext(connection) as of_five:
        assert 5 == len(do(alice, "sync").rooms)

    assert len(of_one) == len(of_five) < 26


def test_a_threads_unread_replies_are_counted_once(room: Room, alice: User, bob: User) -> None:
    roots = [say(alice, room) for _ in range(3)]
    for root in (roots[0], roots[0], roots[1]):
        say(bob, room, thread=root.pk)
    do(alice, "thread.mute", message=roots[1].pk)
    synced = do(alice, "sync")

    assert 1 == synced.unread_threads
    assert {(roots[0].pk, "follows"), (roots[1].pk, "mutes")} == {(one.thread, one.following) for one in synced.threads}


# Publications.


def test_publications_come_in_pages_and_are_what_was_pushed(room: Room, alice: User, bob: User) -> None:
    for number in range(5):
        say(bob, room, f"{number}")
    found, after = [], 0
    while after is not None:
        page = do(alice, "room.publications", room=room.pk, after=after, limit=2)
        assert 5 == page.head.offset
        found += page.results
        after = page.next

    assert [1, 2, 3, 4, 5] == [one.offset for one in found]
    data = [json.loads(bytes(one.data)) for one in found]
    assert [(1, "0"), (5, "4")] == [(one["offset"], one["message"]["body"]) for one in (data[0], data[-1])]
    assert [] == do(alice, "room.publications", room=room.pk, after=5).results


def test_a_newcomers_history_begins_when_they_came(room: Room, bob: User) -> None:
    Room.objects.filter(pk=room.pk).update(history=Room.History.SINCE_JOIN)
    carol = new_person("carol")
    say(bob, room)
    join(room, carol, joined_offset=Channel.objects.get(name=room.channel).last_offset)
    say(bob, room)

    assert [2] == [one.offset for one in do(carol, "room.publications", room=room.pk, after=0).results]


def test_what_is_not_kept_any_more_is_gone(room: Room, alice: User, bob: User) -> None:
    for _ in range(5):
        say(bob, room)
    Channel.objects.filter(name=room.channel).update(first_offset=4)
    with pytest.raises(errors.Gone) as refused:
        do(alice, "room.publications", room=room.pk, after=2)

    assert (410, "gone") == (refusal_of(refused.value).status, refused.value.slug)
    assert [4, 5] == [one.offset for one in do(alice, "room.publications", room=room.pk, after=3).results]


def test_a_rooms_are_its_members_and_everyone_has_their_own(room: Room, alice: User, bob: User, admin: User) -> None:
    say(bob, room)
    publish_notice(author=admin, title="a", content="")
    stranger = new_person("stranger")
    with pytest.raises(errors.NotAMember):
        do(stranger, "room.publications", room=room.pk, after=0)

    assert [] == do(stranger, "user.publications", after=0).results
    do(alice, "room.read", room=room.pk, number=1)
    assert [1] == [one.offset for one in do(alice, "user.publications", after=0).results]
    assert [1] == [one.offset for one in do(stranger, "site.publications", after=0).results]


# Who has read a message.


def test_the_readers_of_a_message_are_others_who_were_there(room: Room, alice: User, bob: User) -> None:
    message = say(bob, room)
    late = new_person("late")
    join(room, late)
    assert 0 == do(bob, "room.readers", message=message.pk).count
    do(alice, "room.read", room=room.pk, number=message.number)
    answer = do(bob, "room.readers", message=message.pk)

    assert (1, [alice.pk], None) == (answer.count, answer.results, answer.next)
    assert [] == do(bob, "room.readers", message=message.pk, after=alice.pk).results
    with pytest.raises(errors.NoSuchMessage):
        do(new_person("stranger"), "room.readers", message=message.pk)
