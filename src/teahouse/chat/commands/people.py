"""Commands about people."""

from typing import Annotated

import msgspec
from msgspec import Meta

from teahouse.chat import access, people
from teahouse.chat.commands.messages import Id
from teahouse.chat.commands.rooms import Limit
from teahouse.chat.commands.table import Command
from teahouse.chat.people import Person
from teahouse.chat.selectors.people import people_found, people_of


class Someone(msgspec.Struct, frozen=True):
    """`name` is the shown one; who is not active may not sign in."""

    id: int
    username: str
    name: str
    is_active: bool


class People(msgspec.Struct, frozen=True):
    results: list[Someone]


class FindPeople(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Among the members of `room`, or everybody. An empty query finds all, by name."""

    query: Annotated[str, Meta(max_length=64)]
    room: Id | None = None
    limit: Limit = 20


def find(person: Person, asked: FindPeople) -> People:
    door = None if asked.room is None else access.room_for(user=person, room_id=asked.room)
    return People([_someone(found) for found in people_found(asked.query, access=door, limit=asked.limit)])


class GetPeople(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    users: Annotated[tuple[Id, ...], Meta(max_length=200)]


def get(person: Person, asked: GetPeople) -> People:
    """By their ids; who is not there is left out."""
    return People([_someone(found) for found in people_of(asked.users)])


def _someone(person: Person) -> Someone:
    return Someone(person.pk, person.get_username(), people.name_of(person), person.is_active)


COMMANDS = {
    "people.find": Command(FindPeople, find, People),
    "people.get": Command(GetPeople, get, People),
}
