"""Heads made and locked; entries of one batch, each with its own answer."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection

from teahouse.accounts.models import User
from teahouse.chat import errors, frames
from teahouse.chat.log import batches, history
from teahouse.chat.log.batches import locked_heads
from teahouse.chat.log.entries import Batch, Entry, Outcome
from teahouse.chat.models import Channel, Room
from teahouse.chat.services.messages import prepared
from teahouse.chat.services.sending_rows import Sent
from tests.chat.conftest import room_of

pytestmark = pytest.mark.django_db


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Rename(Entry[int]):
    """Changes a row, publishes, and only then may refuse: what an entry had better not do, and may."""

    actor_id: int
    room_id: int
    name: str
    is_refused: bool = False

    @property
    def channels(self) -> Sequence[str]:
        return [f"room:{self.room_id}"]

    def take(self, batch: Batch) -> int:
        Room.objects.filter(pk=self.room_id).update(name=self.name)
        frame = frames.RoomChanged(room=frames.Room(id=self.room_id, kind="public", name=self.name, created_at=0))
        offset = batch.publish(f"room:{self.room_id}", frame, actor_id=self.actor_id, room=self.room_id)
        if self.is_refused:
            raise errors.NotAllowed
        return offset


def message(author: User, room: Room, body: str, key: str | None = None) -> Entry[Any]:
    return prepared(author_id=author.pk, room_id=room.pk, client_key=key or body, body=body)


def answers(outcomes: Sequence[Outcome]) -> list[object]:
    """The offset of what was done, the class of what was refused."""
    return [
        type(outcome.refusal)
        if outcome.refusal is not None
        else outcome.answer.offset
        if isinstance(outcome.answer, Sent)
        else outcome.answer
        for outcome in outcomes
    ]


def test_channels_are_made_once_and_found_again() -> None:
    first = locked_heads(["user:2", "site"])
    second = locked_heads(["site", "user:2", "user:3"])

    assert {"user:2", "site"} == set(first)
    assert {"user:2", "site", "user:3"} == set(second)
    assert {head.id for head in first.values()} < {head.id for head in second.values()}
    assert 3 == Channel.objects.count()


def test_nobody_makes_channels_by_asking_for_rooms_that_are_not_there(alice: User) -> None:
    room = room_of(alice)

    assert {room.channel} == set(locked_heads([room.channel, "room:999999"]))
    assert [room.channel] == list(Channel.objects.values_list("name", flat=True))


def test_a_channel_that_is_named_twice_is_one() -> None:
    assert ["user:1"] == list(locked_heads(["user:1", "user:1"]))


def test_they_are_locked_in_the_order_of_their_ids_whatever_was_asked_first() -> None:
    for name in ("c", "a", "b"):
        locked_heads([name])

    assert ["c", "a", "b"] == list(locked_heads(["a", "b", "c"]))


def test_each_entry_has_its_own_answer_and_a_refused_one_leaves_no_gap(alice: User, bob: User) -> None:
    room, stranger = room_of(alice), bob
    stored = batches.store(
        [
            message(alice, room, "1"),
            message(stranger, room, "never"),
            message(alice, room, "2"),
            Rename(actor_id=alice.pk, room_id=room.pk, name="never", is_refused=True),
            message(alice, room, "1"),
            message(alice, room, "something else", key="1"),
            Rename(actor_id=alice.pk, room_id=room.pk, name="tea"),
            message(alice, room, "3"),
        ]
    )

    assert [1, errors.NotAMember, 2, errors.NotAllowed, 1, errors.KeyConflict, 3, 4] == answers(stored.outcomes)
    room.refresh_from_db()
    assert "tea" == room.name
    found = history.publications_after(room.channel, 0, limit=9)
    assert stored.batch.publications == found
    assert [1, 2, 3, 4] == [publication.offset for publication in found]
    assert 4 == Channel.objects.get(name=room.channel).last_offset


def test_entries_of_one_kind_are_taken_at_once_but_never_past_another_of_the_same_person(
    alice: User, bob: User
) -> None:
    room = room_of(alice, bob)
    stored = batches.store(
        [
            message(alice, room, "alice 1"),
            Rename(actor_id=bob.pk, room_id=room.pk, name="x"),
            message(alice, room, "alice 2"),
            message(bob, room, "bob, after his rename"),
        ]
    )

    assert [1, 3, 2, 4] == answers(stored.outcomes)


def test_a_batch_costs_as_many_statements_for_forty_messages_as_for_two(
    alice: User, bob: User, django_assert_num_queries: Any
) -> None:
    room = room_of(alice, bob)
    batches.store([message(alice, room, "first")])
    from django.test.utils import CaptureQueriesContext

    counts = []
    for number in (1, 20):
        entries = [message(person, room, f"{number} {count}") for person in (alice, bob) for count in range(number)]
        with CaptureQueriesContext(connection) as captured:
            batches.store(entries)
        counts.append(len(captured))

    assert counts[0] == counts[1]
