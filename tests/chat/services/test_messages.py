"""Sending: dense numbers and offsets, once per client key, and what is told is what the history says."""

import contextlib
import threading
from collections.abc import Callable

import msgspec
import pytest
from django.db import connection, transaction

from teahouse.accounts.models import User
from teahouse.chat import access, errors, frames
from teahouse.chat.log import history
from teahouse.chat.models import Channel, Membership, Message, PublicationRecord, Room
from teahouse.chat.services.messages import send_to_lobby, send_to_person
from tests.chat.conftest import Wire, new_person
from tests.realtime.fakes import NotingBroker

pytestmark = pytest.mark.django_db


def numbers_of(room: Room | int) -> list[int]:
    return list(Message.objects.filter(room=room).order_by("number").values_list("number", flat=True))


def test_a_message_to_everyone_is_told_in_the_lobby_after_the_commit(alice: User, wire: Wire) -> None:
    with wire.committed():
        message = send_to_lobby(author=alice, body="  你好 🍵\n", client_key="1")
        assert [] == wire.publications

    (publication,) = wire.publications
    assert f"room:{message.room}" == publication.channel
    assert (1, 1) == (message.number, message.offset)
    assert frames.MessagePosted(
        message=frames.Message(
            id=message.id,
            room=message.room,
            number=1,
            author=alice.pk,
            key="1",
            body="你好 🍵",
            at=message.at,
        )
    ) == frames.decode(publication.data)
    assert wire.matches_history()


def test_a_message_to_a_person_is_told_in_their_room_and_rings_the_receiver_only(
    alice: User, bob: User, wire: Wire
) -> None:
    with wire.committed():
        message = send_to_person(author=alice, receiver_id=bob.pk, body="hi", client_key="1")

    gained, told = wire.publications[:2], wire.publications[2:]
    assert {f"user:{alice.pk}", f"user:{bob.pk}"} == {entry.channel for entry in gained}
    assert [f"room:{message.room}", f"user:{bob.pk}"] == [entry.channel for entry in told]
    posted, rang = (frames.decode(publication.data) for publication in told)
    assert isinstance(posted, frames.MessagePosted)
    assert frames.MessageRang(message=posted.message) == rang
    assert wire.matches_history()


def test_a_message_to_oneself_rings_oneself_once(alice: User, wire: Wire) -> None:
    with wire.committed():
        message = send_to_person(author=alice, receiver_id=alice.pk, body="note", client_key="1")

    assert [f"user:{alice.pk}", f"room:{message.room}", f"user:{alice.pk}"] == [
        entry.channel for entry in wire.publications
    ]
    assert [alice.pk] == list(Membership.objects.filter(room=message.room).values_list("user_id", flat=True))


def test_two_people_have_one_room_whoever_writes_first(alice: User, bob: User, wire: Wire) -> None:
    with wire.committed():
        messages = [
            send_to_person(author=alice, receiver_id=bob.pk, body="1", client_key="1"),
            send_to_person(author=bob, receiver_id=alice.pk, body="2", client_key="1"),
            send_to_person(author=alice, receiver_id=bob.pk, body="3", client_key="2"),
        ]

    assert 1 == len({message.room for message in messages})
    assert [1, 2, 3] == numbers_of(messages[0].room)
    assert wire.matches_history()


def test_numbers_count_each_room_and_offsets_each_channel(alice: User, bob: User, wire: Wire) -> None:
    carol = new_person("carol")
    with wire.committed():
        for number in range(3):
            send_to_lobby(author=alice, body=f"{number}", client_key=f"lobby {number}")
            send_to_person(author=alice, receiver_id=bob.pk, body=f"{number}", client_key=f"bob {number}")
            send_to_person(author=carol, receiver_id=bob.pk, body=f"{number}", client_key=f"bob {number}")

    for room in Room.objects.all():
        assert [1, 2, 3] == numbers_of(room)
        room.refresh_from_db()
        assert 3 == room.last_number
    # Both rooms rang in the same channel, which each of them was gained in.
    assert 8 == history.heads([f"user:{bob.pk}"])[f"user:{bob.pk}"].offset
    assert wire.matches_history()


# Again.


def test_the_same_client_key_returns_the_first_message_and_tells_nobody(alice: User, bob: User, wire: Wire) -> None:
    with wire.committed():
        first = send_to_lobby(author=alice, body="hi", client_key="1")
        direct = send_to_person(author=alice, receiver_id=bob.pk, body="hi", client_key="2")
    told = len(wire.publications)
    with wire.committed():
        assert first == send_to_lobby(author=alice, body=" hi ", client_key="1")
        assert direct == send_to_person(author=alice, receiver_id=bob.pk, body="hi", client_key="2")

    assert told == len(wire.publications)
    assert 2 == Message.objects.count()
    assert wire.matches_history()


def test_a_client_key_is_its_authors_own(alice: User, bob: User) -> None:
    messages = [send_to_lobby(author=author, body="hi", client_key="1") for author in (alice, bob)]

    assert [1, 2] == [message.number for message in messages]


def test_a_client_key_for_something_else_is_a_conflict_and_changes_nothing(alice: User, bob: User, wire: Wire) -> None:
    with wire.committed():
        send_to_lobby(author=alice, body="hi", client_key="1")
    with wire.committed():
        for send in (
            lambda: send_to_lobby(author=alice, body="something else", client_key="1"),
            lambda: send_to_person(author=alice, receiver_id=bob.pk, body="hi", client_key="1"),
        ):
            with pytest.raises(errors.KeyConflict):
                send()

    assert 1 == sum(b"message.posted" in publication.data for publication in wire.publications)
    assert 1 == Message.objects.count()
    assert wire.matches_history()


# What is refused.


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("茶" * 10_000, id="10,000 Chinese characters"),
        pytest.param("🍵" * 10_000, id="10,000 characters of two halves"),
        pytest.param(" " * 99 + "a" * 10_000 + "\n", id="10,000 characters and space around them"),
        pytest.param("line\nbreak\ttab", id="lines"),
        pytest.param("\u202ea\u200b", id="marks that are not seen"),
        pytest.param("'; DROP TABLE chat_message; --", id="an injection"),
        pytest.param("<script>alert(1)</script>", id="HTML, which is text here"),
    ],
)
def test_any_text_can_be_sent(alice: User, body: str) -> None:
    message = send_to_lobby(author=alice, body=body, client_key="1")

    assert body.strip() == Message.objects.get(pk=message.id).body


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("", id="empty"),
        pytest.param(" \t\n\u3000\u00a0", id="blank"),
        pytest.param("茶" * 10_001, id="10,001 characters"),
        pytest.param("a\x00b", id="a NUL"),
        pytest.param("a\x1b[31mb", id="a control character"),
        pytest.param("\x00", id="a NUL alone"),
        pytest.param("a\ud800b", id="the first half of a pair"),
        pytest.param("a\udfffb", id="the second half of a pair"),
    ],
)
def test_a_body_that_is_none_is_refused_in_every_room(alice: User, bob: User, body: str) -> None:
    for send in (
        lambda: send_to_lobby(author=alice, body=body, client_key="1"),
        lambda: send_to_person(author=alice, receiver_id=bob.pk, body=body, client_key="1"),
    ):
        with pytest.raises(errors.BadBody):
            send()

    assert not Message.objects.exists()


def test_a_person_who_was_deactivated_since_may_not_send(alice: User, bob: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)

    with pytest.raises(errors.NotAMember):
        send_to_lobby(author=alice, body="hi", client_key="1")
    with pytest.raises(errors.NotAMember):
        send_to_person(author=alice, receiver_id=bob.pk, body="hi", client_key="1")
    assert not Room.objects.filter(kind=Room.Kind.DIRECT).exists()


@pytest.mark.parametrize(
    "receiver_id", [0, -1, 999_999, 2**63 - 1, 2**63, 10**400], ids=lambda number: str(number)[:22]
)
def test_nobody_can_be_written_to_who_is_not_there(alice: User, receiver_id: int) -> None:
    with pytest.raises(errors.NoSuchPerson):
        send_to_person(author=alice, receiver_id=receiver_id, body="hi", client_key="1")

    assert not Room.objects.exists()


def test_a_message_stays_when_its_author_is_deleted_and_its_publication_names_nobody(alice: User, bob: User) -> None:
    message = send_to_lobby(author=alice, body="hi", client_key="1")
    send_to_lobby(author=bob, body="hello", client_key="1")
    alice.delete()

    posted = [frames.decode(entry.data) for entry in history.publications_after(f"room:{message.room}", 0, limit=9)]
    assert [(None, "hi"), (bob.pk, "hello")] == [
        (one.message.author, one.message.body) for one in posted if isinstance(one, frames.MessagePosted)
    ]


# All or nothing, and one after the other.


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_leaves_no_gap_and_is_told_to_nobody(alice: User, told: NotingBroker) -> None:
    send_to_lobby(author=alice, body="1", client_key="1")
    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        send_to_lobby(author=alice, body="never", client_key="2")
        raise ZeroDivisionError
    message = send_to_lobby(author=alice, body="2", client_key="3")

    assert 2 == message.number
    assert [1, 2] == [publication.offset for publication in told.publications]
    assert told.publications == history.publications_after(f"room:{message.room}", 0, limit=9)


def all_at_once(threads: int, work: Callable[[int], None]) -> None:
    """Run `work(0)`, `work(1)`, ... in threads that begin together; raise what the first one raised."""
    barrier, failures = threading.Barrier(threads, timeout=30), []

    def run(number: int) -> None:
        connection.ensure_connection()
        barrier.wait()
        try:
            work(number)
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    running = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    if failures:
        raise failures[0]


def told_in_order(told: NotingBroker, channel: str) -> list[int]:
    return sorted(publication.offset for publication in told.publications if publication.channel == channel)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_in_one_new_room_leave_no_gap(told: NotingBroker) -> None:
    people = [new_person(f"person-{number}") for number in range(8)]

    def talk(number: int) -> None:
        for count in range(10):
            send_to_lobby(author=people[number], body=f"{number} {count}", client_key=f"{count}")

    all_at_once(8, talk)

    room = access.lobby()
    everything = list(range(1, 81))
    records = PublicationRecord.objects.filter(channel__name=room.channel).order_by("offset")
    assert everything == numbers_of(room)
    assert everything == [record.offset for record in records]
    # Numbers and offsets are in one order, since one lock orders both.
    assert everything == [record.message.number for record in records.select_related("message") if record.message]
    assert everything == told_in_order(told, room.channel)
    assert (80, 80) == (Room.objects.get().last_number, Channel.objects.get(name=room.channel).last_offset)
    for person in people:
        bodies = Message.objects.filter(author=person).order_by("number").values_list("body", flat=True)
        assert [str(count) for count in range(10)] == [body.split()[1] for body in bodies]


@pytest.mark.django_db(transaction=True)
def test_the_same_message_sent_by_many_copies_at_once_is_one(alice: User, told: NotingBroker) -> None:
    sent: list[int] = []
    all_at_once(8, lambda _: sent.append(send_to_lobby(author=alice, body="hi", client_key="1").id))

    assert [Message.objects.get().pk] * 8 == sent
    assert 1 == len(told.publications)


@pytest.mark.django_db(transaction=True)
def test_two_people_who_write_to_each_other_at_once_have_one_room_and_never_wait_in_a_circle(
    alice: User, bob: User, told: NotingBroker
) -> None:
    def talk(number: int) -> None:
        author, receiver = (alice, bob) if number % 2 else (bob, alice)
        for count in range(5):
            send_to_person(author=author, receiver_id=receiver.pk, body="hi", client_key=f"{number} {count}")

    all_at_once(8, talk)

    room = Room.objects.get()
    assert list(range(1, 41)) == numbers_of(room)
    assert list(range(1, 41)) == told_in_order(told, room.channel)
    for person in (alice, bob):
        # Behind the publication of the room itself.
        assert list(range(1, 22)) == told_in_order(told, f"user:{person.pk}")


def test_a_frame_of_the_history_is_json_as_it_was_told(alice: User, wire: Wire) -> None:
    with wire.committed():
        send_to_lobby(author=alice, body="你好", client_key="1")

    decoded = msgspec.json.decode(wire.publications[0].data)
    assert ("message.posted", "你好") == (decoded["kind"], decoded["message"]["body"])
