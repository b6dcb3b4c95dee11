"""How far people have read: one number a membership, which moves by the hundred in one batch."""

import dataclasses
from collections.abc import Sequence
from typing import Literal, Self

import msgspec
from django.db import connection

from teahouse.chat import errors, frames, signals
from teahouse.chat.conf import conf
from teahouse.chat.log import rows, writer
from teahouse.chat.log.entries import Batch, Entry, Outcome
from teahouse.chat.models import Membership, Room
from teahouse.chat.people import Person
from teahouse.chat.selectors import counts
from teahouse.chat.services import sending_rows
from teahouse.chat.services.reading_pace import Place, ReadPace

# In larger rooms nobody is shown who has read; they may ask.
MOST_MEMBERS_WITH_RECEIPTS = 100


class ReadPosition(msgspec.Struct, frozen=True):
    """The answer: where it is now."""

    room: int
    read_number: int


def read_room(*, reader: Person, room_id: int, number: int) -> ReadPosition:
    """
    All up to `number` is read; one that is higher than the room's last counts as the last. It never moves back, so
    again, late or in another order is harmless. Raises errors.NotAMember; TryAgain.
    """
    return writer.write(MoveRead(actor_id=reader.pk, room_id=room_id, number=number, how="read"))


def unread_room(*, reader: Person, room_id: int, number: int) -> ReadPosition:
    """
    `number` and all above it are unread again; nothing becomes read by this. What is from before somebody came to a
    room without history for newcomers stays as it is. Again changes nothing. Raises errors.NotAMember; TryAgain.
    """
    return writer.write(MoveRead(actor_id=reader.pk, room_id=room_id, number=number, how="unread"))


def tell_what_waits() -> None:
    """The process ends: publish the positions that wait for the end of their second. Before `writer.finish`."""
    _pace.finish()


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class MoveRead(Entry[ReadPosition]):
    """`how` "tell" changes nothing, and publishes where it is."""

    actor_id: int
    room_id: int
    number: int
    how: Literal["read", "unread", "tell"]

    @property
    def channels(self) -> Sequence[str]:
        # The room's too: whoever writes there moves the same row, and two processes must not wait in a circle.
        return [f"user:{self.actor_id}", f"room:{self.room_id}"]

    @property
    def place(self) -> Place:
        return self.actor_id, self.room_id

    def take(self, batch: Batch) -> ReadPosition:
        raise NotImplementedError("taken by `take_all`")

    @classmethod
    def take_all(cls, entries: Sequence[Self], batch: Batch) -> list[Outcome]:
        return _Moving(entries, batch).outcomes()


class _Member:
    __slots__ = ("first", "is_new", "read_number", "stored_number")

    def __init__(self, read_number: int, joined_number: int, *, is_new: bool = False) -> None:
        self.read_number = read_number
        self.stored_number = read_number
        self.first = joined_number
        self.is_new = is_new


class _Room(msgspec.Struct, frozen=True):
    id: int
    slug: str | None
    last_number: int
    history: str
    kind: str


class _Moving:
    def __init__(self, entries: Sequence[MoveRead], batch: Batch) -> None:
        self._entries = entries
        self._batch = batch
        # In the order in which they came.
        self._to_tell: dict[Place, None] = {}
        self._to_tell_later: set[Place] = set()
        self._to_receipt: set[Place] = set()

    def outcomes(self) -> list[Outcome]:
        places = {entry.place for entry in self._entries}
        self._people = sending_rows.active({user for user, _ in places})
        self._members = _members(places)
        # After the members are locked: their last own message is in the room's number then.
        self._rooms = _rooms({room for _, room in places})
        outcomes = [self._outcome_of(entry) for entry in self._entries]
        self._store()
        self._publish()
        return outcomes

    def _outcome_of(self, entry: MoveRead) -> Outcome:
        room = self._rooms.get(entry.room_id)
        member = None if room is None else self._member_of(entry, room)
        if room is None or member is None:
            return Outcome(refusal=errors.NotAMember())
        before = member.read_number
        last = room.last_number
        if entry.how == "read":
            member.read_number = max(before, min(entry.number, last))
        elif entry.how == "unread":
            first = member.first if room.history == Room.History.SINCE_JOIN else 0
            member.read_number = min(before, max(entry.number - 1, first))
        if member.read_number != before or entry.how == "tell":
            self._note(entry)
        return Outcome(answer=ReadPosition(entry.room_id, member.read_number))

    def _member_of(self, entry: MoveRead, room: _Room) -> _Member | None:
        if entry.actor_id not in self._people:
            return None
        member = self._members.get(entry.place)
        if member is None and room.slug == conf().lobby_slug:
            member = self._members[entry.place] = _Member(0, 0, is_new=True)
        return member

    def _note(self, entry: MoveRead) -> None:
        place = entry.place
        if place in self._to_tell or entry.how == "tell" or _pace.is_due(place):
            self._to_tell[place] = None
        else:
            self._to_tell_later.add(place)
        if entry.how != "unread":
            self._to_receipt.add(place)

    def _store(self) -> None:
        moved = {place: member for place, member in self._members.items() if member.read_number != member.stored_number}
        if new := [(room, user) for (user, room), member in moved.items() if member.is_new]:
            # In the lobby somebody may be writing their first message at this very moment.
            Membership.objects.bulk_create(
                (Membership(room_id=room, user_id=user) for room, user in sorted(new)), ignore_conflicts=True
            )
        rows.update(
            Membership,
            ("room_id", "user_id"),
            ("read_number",),
            [(room, user, member.read_number) for (user, room), member in moved.items()],
        )

    def _publish(self) -> None:
        mentions = counts.mentions_at(self._to_tell)
        for place in self._to_tell:
            user, room = place
            self._batch.publish(
                f"user:{user}",
                frames.ReadMoved(
                    room=room,
                    read_number=self._members[place].read_number,
                    last_number=self._rooms[room].last_number,
                    mentions=mentions.get(place, []),
                ),
                actor_id=user,
                room=room,
            )
        told, later = list(self._to_tell), self._to_tell_later - set(self._to_tell)
        receipts = self._receipts()
        if told or later:
            self._batch.afterwards.append(lambda: _after_commit(told, later, receipts))

    def _receipts(self) -> list[frames.Signal]:
        places = [place for place in self._to_tell if place in self._to_receipt]
        small = _small_rooms({self._rooms[room] for _, room in places})
        return [
            frames.Receipt(room=room, user=user, read_number=self._members[user, room].read_number)
            for user, room in places
            if room in small
        ]


def _members(places: set[Place]) -> dict[Place, _Member]:
    """Locked in one order, whoever asks."""
    for_update = ' FOR UPDATE OF "m"' if connection.features.has_select_for_update else ""
    found = rows.select(_MEMBERS + for_update, places)
    return {(user, room): _Member(read_number, joined) for user, room, read_number, joined in found}


def _rooms(ids: set[int]) -> dict[int, _Room]:
    found = rows.select(
        'SELECT "id", "slug", "last_number", "history", "kind" FROM "chat_room" WHERE "id" IN {keys}', ids
    )
    return {row[0]: _Room(*row) for row in found}


def _small_rooms(asked: set[_Room]) -> set[int]:
    """Those whose members are shown who has read. Of a large one no more is counted than says so."""
    of_people = {room.id for room in asked if room.kind in (Room.Kind.DIRECT, Room.Kind.GROUP)}
    others = {room.id for room in asked if room.slug != conf().lobby_slug} - of_people
    return of_people | {pk for (pk,) in rows.select(_SMALL + f"{MOST_MEMBERS_WITH_RECEIPTS})", others)}


_MEMBERS = (
    'WITH "wanted" ("user", "room") AS {keys} '
    'SELECT "user_id", "room_id", "read_number", "joined_number" FROM "wanted" CROSS JOIN "chat_membership" AS "m" '
    'WHERE "user_id" = "wanted"."user" AND "room_id" = "wanted"."room" ORDER BY "room_id", "user_id"'
)
_SMALL = (
    'SELECT "id" FROM "chat_room" AS "r" WHERE "id" IN {keys} AND NOT EXISTS (SELECT 1 FROM "chat_membership" '
    'WHERE "room_id" = "r"."id" ORDER BY "user_id" LIMIT 1 OFFSET '
)


def _after_commit(told: Sequence[Place], later: set[Place], receipts: list[frames.Signal]) -> None:
    for place in told:
        _pace.note_told(place)
    for place in later:
        _pace.tell_later(place)
    if receipts:
        signals.show(receipts)


def _tell(place: Place) -> None:
    user, room = place
    writer.append(MoveRead(actor_id=user, room_id=room, number=0, how="tell"), lambda _: None)


_pace = ReadPace(_tell)
