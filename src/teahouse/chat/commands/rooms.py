"""Commands about rooms: making, opening, changing and listing them."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from teahouse.chat import frames
from teahouse.chat.commands.messages import Id, Key
from teahouse.chat.commands.table import Command
from teahouse.chat.people import Person
from teahouse.chat.selectors import rooms as selectors
from teahouse.chat.selectors.rooms import Listed
from teahouse.chat.services import opening, rooms

Limit = Annotated[int, Meta(ge=1, le=200)]
After = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Name = Annotated[str, Meta(max_length=1_000)]
Description = Annotated[str, Meta(max_length=10_000)]


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """
    A room as its member finds it; at the channel's `offset`, or later by what is told after it anyway. `members` is how
    many there are.
    """

    room: frames.Room
    membership: frames.Membership
    last_number: int
    offset: int
    epoch: str
    members: int


def room_answer(person: Person, room_id: int) -> Room:
    state = selectors.state_for(user=person, room_id=room_id)
    return Room(
        room=selectors.room_frame_of(state.access.room),
        membership=selectors.membership_frame_in(state.access),
        last_number=state.access.room.last_number,
        offset=state.offset,
        epoch=state.epoch,
        members=state.members,
    )


class CreateRoom(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    client_key: Key
    kind: Literal["public", "private"]
    name: Name
    topic: Name = ""
    description: Description = ""
    people: Annotated[tuple[Id, ...], Meta(max_length=rooms.MOST_PEOPLE_AT_FIRST + 1)] = ()


def create(person: Person, asked: CreateRoom) -> Room:
    room_id = rooms.create_room(
        actor=person,
        client_key=asked.client_key,
        kind=asked.kind,
        name=asked.name,
        topic=asked.topic,
        description=asked.description,
        user_ids=asked.people,
    )
    return room_answer(person, room_id)


class OpenRoom(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Without anybody: of oneself alone."""

    people: Annotated[tuple[Id, ...], Meta(max_length=200)]


def open_room(person: Person, asked: OpenRoom) -> Room:
    return room_answer(person, opening.direct_room_of(person, asked.people))


class OneRoom(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    room: Id


def get(person: Person, asked: OneRoom) -> Room:
    return room_answer(person, asked.room)


class ChangeRoom(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is left out stays. `edit_window_seconds` null is for ever, `retention_days` null keeps everything."""

    room: Id
    name: Name | UnsetType = UNSET
    topic: Name | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    posting: Literal["members", "moderators"] | UnsetType = UNSET
    slow_mode_seconds: int | UnsetType = UNSET
    edit_window_seconds: int | UnsetType | None = UNSET
    history: Literal["all", "since_join"] | UnsetType = UNSET
    retention_days: int | UnsetType | None = UNSET


def change(person: Person, asked: ChangeRoom) -> None:
    changes = rooms.Changes(
        name=asked.name,
        topic=asked.topic,
        description=asked.description,
        posting=asked.posting,
        slow_mode_seconds=asked.slow_mode_seconds,
        edit_window_seconds=asked.edit_window_seconds,
        history=asked.history,
        retention_days=asked.retention_days,
    )
    rooms.change_room(actor=person, room_id=asked.room, changes=changes)


def archive(person: Person, asked: OneRoom) -> None:
    rooms.archive_room(actor=person, room_id=asked.room)


def unarchive(person: Person, asked: OneRoom) -> None:
    rooms.unarchive_room(actor=person, room_id=asked.room)


class ListPublic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """With a `query` the answer is one page, the best match first, and `after` means nothing."""

    query: Annotated[str, Meta(max_length=64)] = ""
    after: After = 0
    limit: Limit = 50


class PublicRoom(msgspec.Struct, frozen=True):
    room: frames.Room
    members: int
    is_member: bool


class PublicRooms(msgspec.Struct, frozen=True):
    results: list[PublicRoom]
    next: int | None


def list_public(person: Person, asked: ListPublic) -> PublicRooms:
    if query := asked.query.strip():
        found = selectors.public_rooms_found(query, user=person, limit=asked.limit)
        return PublicRooms([_public_room(listed) for listed in found], None)
    found = selectors.public_rooms_after(user=person, after=asked.after, limit=asked.limit + 1)
    page = found[: asked.limit]
    following = page[-1].room.pk if len(found) > asked.limit else None
    return PublicRooms([_public_room(listed) for listed in page], following)


def _public_room(listed: Listed) -> PublicRoom:
    return PublicRoom(selectors.room_frame_of(listed.room), listed.members, listed.is_member)


COMMANDS = {
    "room.create": Command(CreateRoom, create, Room),
    "room.open": Command(OpenRoom, open_room, Room),
    "room.get": Command(OneRoom, get, Room),
    "room.change": Command(ChangeRoom, change),
    "room.archive": Command(OneRoom, archive),
    "room.unarchive": Command(OneRoom, unarchive),
    "room.list_public": Command(ListPublic, list_public, PublicRooms),
}
