"""Badges: right after any order of events, by a naive model; and the same work whatever the history."""

import contextlib
import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from teahouse.accounts.models import User
from teahouse.chat import errors
from teahouse.chat.access import lobby
from teahouse.chat.models import Membership, Message, Room
from teahouse.chat.selectors import counts, rooms
from teahouse.chat.selectors.memberships import accesses_of
from tests.chat.conftest import new_person
from tests.chat.reading_times import clock, paced
from tests.chat.state import do
from tests.chat.talking import join, new_room, say

__all__ = ["clock", "paced"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("paced")]

NAMES = ["ann", "ben", "cat"]
TEXTS = {
    "hi": (set(), False),
    "@ann look": ({"ann"}, False),
    "@ben and @cat": ({"ben", "cat"}, False),
    "@all": (set(), True),
    "@here @ann": ({"ann"}, True),
}


@dataclasses.dataclass
class Said:
    author: str
    text: str
    named: set[str]
    is_to_all: bool
    is_deleted: bool = False

    def mentions(self, name: str) -> bool:
        return not self.is_deleted and self.author != name and (name in self.named or self.is_to_all)


class Naive:
    """Who has read what, message by message."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self.read = dict.fromkeys(NAMES, 0)
        self.came = dict.fromkeys(NAMES, 0)
        self.is_since_join = False

    def shown(self, name: str) -> tuple[int, int, list[int]] | None:
        if name not in self.read:
            return None
        first = max(self.read[name], self.came[name] if self.is_since_join else 0) + 1
        unread = list(enumerate(self.said, 1))[first - 1 :]
        return len(unread), first, sorted((number for number, said in unread if said.mentions(name)), reverse=True)

    def do(self, name: str, what: str, number: int, text: str) -> None:
        """Only what the room would take."""
        if what == "join" and name not in self.read:
            self.read[name] = self.came[name] = len(self.said)
        elif what == "history" and self.read:
            self.is_since_join = not self.is_since_join
        elif name not in self.read:
            return
        elif what == "send":
            self.said.append(Said(name, text, TEXTS[text][0] & set(self.read), TEXTS[text][1]))
            self.read[name] = len(self.said)
        elif what == "read":
            self.read[name] = max(self.read[name], min(number, len(self.said)))
        elif what == "unread":
            first = self.came[name] if self.is_since_join else 0
            self.read[name] = min(self.read[name], max(number - 1, first))
        elif what == "leave" and len(self.read) > 1:
            del self.read[name]
        elif 0 < number <= len(self.said):
            self._change(name, what, number, text)

    def _change(self, name: str, what: str, number: int, text: str) -> None:
        said = self.said[number - 1]
        may_see = not self.is_since_join or number > self.came[name]
        if said.author != name or said.is_deleted or not may_see:
            return
        if what == "delete":
            said.is_deleted = True
        elif what == "edit" and said.text != text:
            readers = {who for who in self.read if not self.is_since_join or number > self.came[who]}
            said.text, said.named, said.is_to_all = text, TEXTS[text][0] & readers, TEXTS[text][1]


class Real:
    """The same by the commands."""

    def __init__(self) -> None:
        rooms.forget_cached()
        self.people = {name: new_person(name) for name in NAMES}
        self.room = new_room(kind=Room.Kind.PUBLIC)
        for person in self.people.values():
            join(self.room, person)
        self._sent = 0

    def do(self, name: str, what: str, number: int, text: str) -> None:
        person, room = self.people[name], self.room.pk
        message = Message.objects.filter(room=room, number=number).values_list("pk", flat=True).first() or 2**40
        self._sent += 1
        acts: dict[str, Callable[[], Any]] = {
            "send": lambda: do(person, "message.send", room=room, client_key=f"{self._sent}", body=text),
            "read": lambda: do(person, "room.read", room=room, number=number),
            "unread": lambda: do(person, "room.unread", room=room, number=number),
            "edit": lambda: do(person, "message.edit", message=message, body=text),
            "delete": lambda: do(person, "message.delete", message=message),
            "join": lambda: do(person, "room.join", room=room),
            "leave": lambda: self._leave(person),
            "history": self._turn_history,
        }
        with contextlib.suppress(errors.NotAMember, errors.NoSuchMessage, errors.NotAllowed):
            acts[what]()

    def _leave(self, person: User) -> None:
        if Membership.objects.filter(room=self.room).count() > 1:
            do(person, "room.leave", room=self.room.pk)

    def _turn_history(self) -> None:
        now = Room.objects.get(pk=self.room.pk).history
        other = Room.History.ALL if now == Room.History.SINCE_JOIN else Room.History.SINCE_JOIN
        Room.objects.filter(pk=self.room.pk).update(history=other)

    def shown(self, name: str) -> tuple[int, int, list[int]] | None:
        person = self.people[name]
        found = accesses_of(user=person, room_ids=[self.room.pk])
        if not found:
            return None
        mentions = counts.mentions_of(person.pk).get(self.room.pk, [])
        place = (person.pk, self.room.pk)
        assert mentions == counts.mentions_at([place]).get(place, [])
        unread = counts.unread_in(found[0].room, found[0].membership, mentions)
        return unread.unread, unread.first_unread, unread.mentions


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(["send", "send", "send", "read", "unread", "edit", "delete", "join", "leave", "history"]),
        st.integers(0, 8),
        st.sampled_from(sorted(TEXTS)),
    ),
    max_size=16,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS)
def test_counts_are_right_after_any_order_of_events(db: None, events: list[tuple[str, str, int, str]]) -> None:
    with transaction.atomic():
        naive, real = Naive(), Real()
        for event in events:
            naive.do(*event)
            real.do(*event)
        assert {name: naive.shown(name) for name in NAMES} == {name: real.shown(name) for name in NAMES}
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("level", "badge"), [("everything", 3), ("mentions", 1), ("nothing", 0)], ids=lambda value: str(value)
)
def test_the_badge_is_by_the_level_and_the_counts_are_not(alice: User, bob: User, level: str, badge: int) -> None:
    room = new_room(alice, bob)
    for body in ("1", "@alice", "3"):
        say(bob, room, body)
    do(alice, "room.prefer", room=room.pk, level=level)
    (synced,) = (one for one in do(alice, "sync").rooms if one.room.id == room.pk)

    assert (badge, 3, [2], 1) == (synced.badge, synced.unread, synced.mentions, synced.first_unread)


def test_of_more_than_100_mentions_the_newest_100_are_counted(alice: User, bob: User) -> None:
    room = new_room(alice, bob)
    for _ in range(60):
        say(bob, room, "@alice")
        say(bob, room, "@all")

    assert list(range(120, 20, -1)) == counts.mentions_of(alice.pk)[room.pk]


def test_in_the_lobby_nobody_needs_a_row(alice: User, bob: User) -> None:
    say(bob, lobby(), "@all hello @alice")

    assert {lobby().pk: [1]} == counts.mentions_of(alice.pk)


def test_all_rooms_are_counted_in_one_statement(alice: User, bob: User) -> None:
    for _ in range(5):
        say(bob, new_room(alice, bob), "@alice @all")

    with CaptureQueriesContext(connection) as queries:
        assert 5 == len(counts.mentions_of(alice.pk))
    assert 1 == len(queries)


def test_it_is_read_from_indexes_only_as_far_as_it_is_unread(alice: User, bob: User) -> None:
    room = new_room(alice, bob)
    say(bob, room, "@alice @all")
    with CaptureQueriesContext(connection) as queries:
        counts.mentions_of(alice.pk)
    plan = explained(queries[0]["sql"])

    assert "message_everyone" in plan
    assert not [line for line in plan.splitlines() if line.startswith(("scan n", "scan g")) and "named" not in line]
    assert "seq scan" not in plan


def explained(sql: str) -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Of tables this small it would read all.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("EXPLAIN " + sql)
        else:
            cursor.execute("EXPLAIN QUERY PLAN " + sql)
        return "\n".join(str(row[-1]).lower() for row in cursor.fetchall())
