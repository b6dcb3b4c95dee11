"""The index follows the log: what it has is what the messages say, whoever indexes it and how often."""

import threading

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from teahouse.accounts.models import User
from teahouse.chat.models import Channel, Message, Room, SearchPosition
from teahouse.chat.search import indexer
from teahouse.chat.services.editing import delete_message, edit_message
from teahouse.chat.services.reactions import add_reaction
from tests.chat.search.searching import found, say_with_file, search
from tests.chat.talking import new_room, say
from tests.services import wait_until

in_a_transaction = pytest.mark.django_db


@pytest.fixture
def room(alice: User, bob: User) -> Room:
    return new_room(alice, bob)


def _indexed() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT message_id FROM chat_search ORDER BY 1")
        return [pk for (pk,) in cursor.fetchall()]


@in_a_transaction
def test_an_edited_message_is_found_by_the_new_text_only(alice: User, room: Room) -> None:
    message = say(alice, room, "green tea")
    indexer.catch_up()
    edit_message(actor=alice, message_id=message.pk, body="black tea")
    edit_message(actor=alice, message_id=message.pk, body="black coffee")

    assert ["black coffee"] == found(alice, "black")
    assert [] == found(alice, "green")
    assert [] == found(alice, "tea")


@in_a_transaction
def test_a_deleted_message_leaves_the_index(alice: User, room: Room) -> None:
    gone, stays = say(alice, room, "green tea"), say(alice, room, "tea")
    indexer.catch_up()
    delete_message(actor=alice, message_id=gone.pk)

    assert ["tea"] == found(alice, "tea")
    assert [stays.pk] == _indexed()


@in_a_transaction
def test_what_was_edited_and_deleted_before_it_was_indexed_is_as_it_is_now(alice: User, room: Room) -> None:
    edited, gone = say(alice, room, "green tea"), say(alice, room, "red tea")
    edit_message(actor=alice, message_id=edited.pk, body="white tea")
    delete_message(actor=alice, message_id=gone.pk)

    assert ["white tea"] == found(alice, "tea")
    assert [] == found(alice, "green")
    assert [] == found(alice, "red")


@in_a_transaction
def test_a_deleted_message_is_not_shown_before_the_index_knows(alice: User, room: Room) -> None:
    message = say(alice, room, "tea")
    indexer.catch_up()
    delete_message(actor=alice, message_id=message.pk)

    assert [] == search(alice, "tea").results


@in_a_transaction
def test_what_is_forgotten_is_found_no_more(alice: User, room: Room) -> None:
    gone, stays = say(alice, room, "tea 1"), say(alice, room, "tea 2")
    indexer.catch_up()
    indexer.forget([gone.pk, 10**12])
    indexer.forget([])

    assert ["tea 2"] == [one.message.body for one in search(alice, "tea").results]
    assert [stays.pk] == _indexed()


@in_a_transaction
def test_positions_are_at_the_heads_and_nothing_is_done_twice(alice: User, room: Room) -> None:
    message = say(alice, room, "tea")
    add_reaction(actor=alice, message_id=message.pk, emoji="👍")

    assert 2 == indexer.catch_up()
    assert 0 == indexer.catch_up()
    assert 0 == indexer.catch_up([room.channel])
    assert [2] == list(SearchPosition.objects.values_list("offset", flat=True))


@in_a_transaction
def test_only_the_channels_that_are_named_are_indexed(alice: User, room: Room) -> None:
    other = new_room(alice)
    say(alice, room, "tea here")
    say(alice, other, "tea there")

    assert 1 == indexer.catch_up([other.channel, "user:1", "room:999"])
    assert ["tea there"] == [one.message.body for one in search(alice, "tea").results]


@in_a_transaction
def test_many_are_indexed_in_parts(alice: User, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexer, "_MOST_AT_ONCE", 3)
    other = new_room(alice)
    for number in range(5):
        say(alice, room, f"tea {number}")
        say(alice, other, f"tea {number}")
    told: list[int] = []

    assert 10 == indexer.catch_up(told=told.append)
    assert [3, 6, 9, 10] == told
    assert 10 == search(alice, "tea").count


@in_a_transaction
def test_a_position_that_somebody_else_moved_is_left_to_them(
    alice: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(alice, room, "tea")
    channel = Channel.objects.get(name=room.channel)
    steps = list(indexer._transactions(indexer._behind(None)))
    SearchPosition.objects.create(channel=channel, offset=1)

    assert [0] == [indexer._index(step) for step in steps]
    assert [] == _indexed()


@in_a_transaction
def test_rebuilding_finds_what_was_found_before(alice: User, room: Room) -> None:
    gone = say(alice, room, "tea, gone")
    say_with_file(alice, room, "tea.pdf", body="file")
    edited = say(alice, room, "green")
    edit_message(actor=alice, message_id=edited.pk, body="开会 tea")
    delete_message(actor=alice, message_id=gone.pk)
    before = found(alice, "tea")
    ids = _indexed()
    for _ in range(2):
        call_command("rebuild_search", verbosity=0)

        assert (["开会 tea", "file"], before) == (before, found(alice, "tea"))
        assert ids == _indexed()


@in_a_transaction
def test_an_index_that_lost_everything_is_made_anew_by_rebuilding(alice: User, room: Room) -> None:
    say(alice, room, "tea")
    indexer.catch_up()
    indexer.forget(list(Message.objects.values_list("pk", flat=True)))
    call_command("rebuild_search", verbosity=0)

    assert ["tea"] == found(alice, "tea")


@pytest.fixture
def clean_index(transactional_db: None) -> None:
    """The tables of the index are no models', so that nobody empties them after a test that commits."""
    with transaction.atomic():
        indexer.engines.current().clear()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("clean_index")
def test_a_thread_indexes_what_it_is_told_of(alice: User, room: Room) -> None:
    say(alice, room, "tea 1")
    try:
        # It compares all rooms first.
        indexer.note([])
        wait_until(lambda: search(alice, "tea").count == 1)
        say(alice, room, "tea 2")
        indexer.note([room.channel, f"user:{alice.pk}"])
        wait_until(lambda: search(alice, "tea").count == 2)
        indexer.finish(10)
        say(alice, room, "tea 3")
        indexer.note([room.channel])
        wait_until(lambda: search(alice, "tea").count == 3)
    finally:
        indexer.finish(10)
    assert 0 == indexer.catch_up()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("clean_index")
def test_several_at_once_do_nothing_twice_and_lose_nothing(
    alice: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer, "_MOST_AT_ONCE", 5)
    other = new_room(alice)
    for number in range(30):
        say(alice, room if number % 3 else other, f"tea {number}")
    done: list[int] = []
    start = threading.Barrier(4)

    def work() -> None:
        try:
            start.wait(10)
            done.append(sum(indexer.catch_up() for _ in range(10)))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    done.append(indexer.catch_up())

    assert 30 == sum(done)
    assert 30 == search(alice, "tea").count == len(_indexed())
