"""Commands about reading: how far somebody has read, who has read a message, who is typing."""

import msgspec

from teahouse.chat import access
from teahouse.chat.commands.messages import Id, Limit, Number
from teahouse.chat.commands.table import Command
from teahouse.chat.people import Person
from teahouse.chat.selectors.memberships import readers_of
from teahouse.chat.services import reading, showing
from teahouse.chat.services.reading import ReadPosition


class ReadRoom(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All up to `number` is read; from `number` on all is unread. It is a message's, in the room."""

    room: Id
    number: Number


def read(person: Person, asked: ReadRoom) -> ReadPosition:
    return reading.read_room(reader=person, room_id=asked.room, number=asked.number)


def unread(person: Person, asked: ReadRoom) -> ReadPosition:
    return reading.unread_room(reader=person, room_id=asked.room, number=asked.number)


class ReadersOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`after` is the id of a person."""

    message: Id
    after: Number = 0
    limit: Limit = 50


class Readers(msgspec.Struct, frozen=True):
    """
    Who has read a message, by id: neither its author nor those who came after it. `count` is of all pages. In the
    lobby, who has never read or written anything there has read nothing.
    """

    count: int
    results: list[int]
    next: int | None


def readers(person: Person, asked: ReadersOf) -> Readers:
    _, message = access.message_for(user=person, message_id=asked.message)
    found = readers_of(message)
    ids = found.filter(user__gt=asked.after).order_by("user").values_list("user", flat=True)
    page = list(ids[: asked.limit + 1])
    results = page[: asked.limit]
    return Readers(found.count(), results, results[-1] if len(page) > asked.limit else None)


class Typing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`thread` is the message that begins it."""

    room: Id
    thread: Id | None = None


def typing(person: Person, asked: Typing) -> None:
    showing.show_typing(person=person, room_id=asked.room, thread=asked.thread)


COMMANDS = {
    "room.read": Command(ReadRoom, read, ReadPosition),
    "room.unread": Command(ReadRoom, unread, ReadPosition),
    "room.readers": Command(ReadersOf, readers, Readers),
    "typing": Command(Typing, typing),
}
