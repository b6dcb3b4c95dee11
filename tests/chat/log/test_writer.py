"""The writer's thread: what goes together, what is tried again, and what nobody knows."""

import dataclasses
import queue
import threading
import time
from collections.abc import Callable, Sequence

import pytest
from django.db import OperationalError, connection, transaction

from teahouse.accounts.models import User
from teahouse.chat import errors
from teahouse.chat.log import writer
from teahouse.chat.log.entries import Batch, Entry, Outcome
from teahouse.chat.models import Channel, Message, Room
from teahouse.chat.services.drafts import SetDraft
from teahouse.chat.services.messages import prepared, send_message
from teahouse.chat.services.sending_rows import Sent
from tests.chat.conftest import room_of
from tests.realtime.fakes import NotingBroker

pytestmark = pytest.mark.django_db(transaction=True)

_SECONDS = 20


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Does(Entry[str]):
    """Whatever a test wants to happen inside a batch."""

    actor_id: int | None = None
    act: Callable[[], object] = lambda: None
    channel: str = "room:1"

    @property
    def channels(self) -> Sequence[str]:
        return [self.channel]

    def take(self, batch: Batch) -> str:
        self.act()
        return "done"


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Joins(Entry[None]):
    channels: Sequence[str]  # type: ignore[misc]
    actor_id: int | None = None

    def take(self, batch: Batch) -> None:
        pass


def fails(times: int, error: type[Exception]) -> Callable[[], None]:
    left = [error() for _ in range(times)]

    def act() -> None:
        if left:
            raise left.pop()

    return act


def outcomes_of(entries: Sequence[Entry[object]]) -> list[Outcome | None]:
    """Of entries that are in the queue before the writer takes any of them."""
    gate, found = threading.Event(), queue.SimpleQueue[tuple[int, Outcome | None]]()
    writer.append(Does(act=gate.wait), lambda _: None)
    for number, entry in enumerate(entries):
        writer.append(entry, lambda outcome, number=number: found.put((number, outcome)))  # type: ignore[misc]
    gate.set()
    told = dict(found.get(timeout=_SECONDS) for _ in entries)
    return [told[number] for number in range(len(entries))]


def test_an_answer_comes_after_the_commit_and_the_publication_with_it(alice: User, told: NotingBroker) -> None:
    room = room_of(alice)
    sent = send_message(author=alice, room_id=room.pk, client_key="1", body="hi")

    assert Message.objects.filter(pk=sent.id, number=sent.number).exists()
    assert [sent.offset] == [publication.offset for publication in told.publications]


def test_what_comes_together_is_stored_together(alice: User, told: NotingBroker) -> None:
    room = room_of(alice)
    entries = [prepared(author_id=alice.pk, room_id=room.pk, client_key=f"{n}", body=f"{n}") for n in range(50)]

    answers = [outcome.answer for outcome in outcomes_of(entries) if outcome is not None]

    assert list(range(1, 51)) == [answer.number for answer in answers if isinstance(answer, Sent)]
    # One batch has one time.
    assert 1 == Message.objects.values("created_at").distinct().count()


def test_one_at_fault_does_not_take_the_others_with_it(alice: User, told: NotingBroker) -> None:
    room, other = room_of(alice), room_of(alice)
    good = [prepared(author_id=alice.pk, room_id=room.pk, client_key="1", body="1")]
    beside = [prepared(author_id=alice.pk, room_id=other.pk, client_key="2", body="2")]
    bad = Does(act=fails(99, ZeroDivisionError), channel=room.channel)

    outcomes = outcomes_of([*good, bad, *beside])

    assert [True, False, True] == [outcome is not None for outcome in outcomes]
    assert 2 == Message.objects.count()


def test_a_connection_that_had_gone_stale_is_another_one(told: NotingBroker) -> None:
    assert "done" == writer.write(Does(act=fails(1, OperationalError)))


def test_when_the_database_does_not_answer_nobody_knows_and_is_told_so(told: NotingBroker) -> None:
    with pytest.raises(errors.TryAgain):
        writer.write(Does(act=fails(99, OperationalError)))

    assert "done" == writer.write(Does())


def test_what_fails_behind_the_commit_is_nobodys_fault(alice: User, told: NotingBroker) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    @dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
    class Follows(Does):
        def take(self, batch: Batch) -> str:
            batch.afterwards.append(fail)
            return "done"

    writer.follow(lambda _: fail())
    assert "done" == writer.write(Follows())
    assert 1 == send_message(author=alice, room_id=room_of(alice).pk, client_key="1", body="hi").number


@pytest.mark.on("postgresql")
def test_a_room_that_somebody_else_holds_keeps_nobody_else_waiting_and_is_written_when_it_is_free(
    alice: User, told: NotingBroker
) -> None:
    held, free = room_of(alice), room_of(alice)
    for room in (held, free):
        send_message(author=alice, room_id=room.pk, client_key=f"{room.pk} 0", body="hi")
    release, is_held = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Channel.objects.select_for_update().get(name=held.channel)
            is_held.set()
            release.wait(_SECONDS)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert is_held.wait(_SECONDS)
    found = queue.SimpleQueue[Outcome | None]()
    try:
        for number in (1, 2, 3):
            entry = prepared(author_id=alice.pk, room_id=held.pk, client_key=f"held {number}", body=f"{number}")
            writer.append(entry, found.put)
        begin = time.monotonic()
        for number in range(5):
            send_message(author=alice, room_id=free.pk, client_key=f"free {number}", body="hi")
        assert time.monotonic() - begin < 4
        assert found.empty()
    finally:
        release.set()
        thread.join()

    answers = [outcome.answer for _ in range(3) if (outcome := found.get(timeout=_SECONDS)) is not None]
    assert [2, 3, 4] == [answer.number for answer in answers if isinstance(answer, Sent)]


@pytest.mark.on("postgresql")
def test_a_lock_that_is_not_had_at_the_commit_leaves_nobody_else_in_doubt(
    alice: User, bob: User, told: NotingBroker
) -> None:
    held, free = room_of(bob), room_of(alice)
    release, is_held = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            # As for deletion: what refers to it is looked at when a transaction commits.
            Room.objects.select_for_update().get(pk=held.pk)
            is_held.set()
            release.wait(_SECONDS)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert is_held.wait(_SECONDS)
    drafts, sent = queue.SimpleQueue[Outcome | None](), queue.SimpleQueue[Outcome | None]()
    gate = threading.Event()
    try:
        writer.append(Does(act=gate.wait), lambda _: None)
        draft = SetDraft(actor_id=bob.pk, room_id=held.pk, thread=None, body="not finished", reply_to=None)
        writer.append(draft, drafts.put)
        writer.append(prepared(author_id=alice.pk, room_id=free.pk, client_key="1", body="hi"), sent.put)
        gate.set()
        outcome = sent.get(timeout=_SECONDS)
        assert outcome is not None
        assert isinstance(outcome.answer, Sent)
        assert drafts.empty()
    finally:
        release.set()
        thread.join()

    assert drafts.get(timeout=_SECONDS) is not None


def test_those_without_a_channel_in_common_are_apart_and_the_others_in_their_order() -> None:
    channels = [["a"], ["b", "x"], ["c"], ["a", "c"], ["b"], ["d"]]
    items = [writer._Item(Joins(channels=names), lambda _: None, is_waiting=False) for names in channels]

    parts = [[channels[items.index(item)] for item in part] for part in writer._unconnected(items)]

    assert [[["a"], ["c"], ["a", "c"]], [["b", "x"], ["b"]], [["d"]]] == parts


def test_a_refusal_comes_back_as_it_was_raised(alice: User, bob: User, told: NotingBroker) -> None:
    with pytest.raises(errors.NotAMember):
        send_message(author=bob, room_id=room_of(alice).pk, client_key="1", body="hi")


def test_inside_a_transaction_it_is_a_part_of_it(alice: User, told: NotingBroker) -> None:
    room = room_of(alice)
    with transaction.atomic():
        sent = send_message(author=alice, room_id=room.pk, client_key="1", body="hi")
        assert [] == told.publications
        assert sent.number == Message.objects.get().number
        transaction.set_rollback(True)

    assert [] == told.publications
    assert not Message.objects.exists()
    assert 0 == Room.objects.get().last_number


def test_what_it_was_given_is_stored_before_it_ends(alice: User, told: NotingBroker) -> None:
    room, found = room_of(alice), []
    gate = threading.Event()
    writer.append(Does(act=gate.wait), lambda _: None)
    for number in range(9):
        entry = prepared(author_id=alice.pk, room_id=room.pk, client_key=f"{number}", body="hi")
        writer.append(entry, found.append)
    threading.Timer(0.1, gate.set).start()
    writer.finish(_SECONDS)

    assert 9 == len(found) == Message.objects.count()


def test_after_its_end_another_one_begins(alice: User, told: NotingBroker) -> None:
    room = room_of(alice)
    send_message(author=alice, room_id=room.pk, client_key="1", body="hi")
    writer.finish(_SECONDS)

    assert 2 == send_message(author=alice, room_id=room.pk, client_key="2", body="hi").number
