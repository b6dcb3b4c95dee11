"""Commands about who is in a room, in which role, and who may not be."""

from typing import Annotated, Literal

import msgspec
from django.utils import timezone
from msgspec import Meta

from teahouse.chat import access, frames
from teahouse.chat.commands.messages import Id
from teahouse.chat.commands.rooms import After, Limit, OneRoom, Room, room_answer
from teahouse.chat.commands.table import Command
from teahouse.chat.models import Ban
from teahouse.chat.people import Person
from teahouse.chat.selectors import rooms as selectors
from teahouse.chat.services import members, moderation


class OneMember(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    room: Id
    user: Id


def join(person: Person, asked: OneRoom) -> Room:
    members.join_room(actor=person, room_id=asked.room)
    return room_answer(person, asked.room)


def leave(person: Person, asked: OneRoom) -> None:
    members.leave_room(actor=person, room_id=asked.room)


class InvitePeople(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    room: Id
    people: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=members.MOST_INVITED_AT_ONCE)]


def invite(person: Person, asked: InvitePeople) -> None:
    members.invite_people(actor=person, room_id=asked.room, user_ids=asked.people)


def remove(person: Person, asked: OneMember) -> None:
    members.remove_member(actor=person, room_id=asked.room, user_id=asked.user)


class BanPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`seconds` null: until it is lifted."""

    room: Id
    user: Id
    seconds: int | None = None
    reason: Annotated[str, Meta(max_length=1_000)] = ""


def ban(person: Person, asked: BanPerson) -> None:
    moderation.ban_person(
        actor=person, room_id=asked.room, user_id=asked.user, seconds=asked.seconds, reason=asked.reason
    )


def unban(person: Person, asked: OneMember) -> None:
    moderation.unban_person(actor=person, room_id=asked.room, user_id=asked.user)


class MuteMember(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`seconds` from now; 0 gives the word back."""

    room: Id
    user: Id
    seconds: int


def mute(person: Person, asked: MuteMember) -> None:
    moderation.mute_member(actor=person, room_id=asked.room, user_id=asked.user, seconds=asked.seconds)


class SetRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    room: Id
    user: Id
    role: Literal["owner", "moderator", "member", "reader"]


def set_role(person: Person, asked: SetRole) -> None:
    moderation.set_role(actor=person, room_id=asked.room, user_id=asked.user, role=asked.role)


class Prefer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is left out or null stays."""

    room: Id
    level: Literal["everything", "mentions", "nothing"] | None = None
    is_favourite: bool | None = None


def prefer(person: Person, asked: Prefer) -> None:
    members.prefer_in_room(actor=person, room_id=asked.room, level=asked.level, is_favourite=asked.is_favourite)


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`after` is the id of a person."""

    room: Id
    after: After = 0
    limit: Limit = 50


class Members(msgspec.Struct, frozen=True):
    results: list[frames.Member]
    next: int | None


def list_members(person: Person, asked: Page) -> Members:
    door = access.room_for(user=person, room_id=asked.room)
    found = selectors.members_after(door, after=asked.after, limit=asked.limit + 1)
    page = found[: asked.limit]
    following = page[-1].membership.user_id if len(found) > asked.limit else None
    return Members([selectors.member_frame_in(member) for member in page], following)


class Banned(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Times are milliseconds since 1970; without `until` the ban holds until it is lifted; `by` is None for a rule."""

    user: int
    by: int | None
    at: int
    until: int | None = None
    reason: str = ""


class Bans(msgspec.Struct, frozen=True):
    results: list[Banned]
    next: int | None


def list_bans(person: Person, asked: Page) -> Bans:
    door = access.moderated_room_for(user=person, room_id=asked.room)
    found = selectors.bans_after(door, after=asked.after, now=timezone.now(), limit=asked.limit + 1)
    page = found[: asked.limit]
    following = page[-1].user_id if len(found) > asked.limit else None
    return Bans([_banned(ban) for ban in page], following)


def _banned(ban: Ban) -> Banned:
    return Banned(
        user=ban.user_id,
        by=ban.banned_by_id,
        at=frames.milliseconds(ban.created_at),
        until=None if ban.until is None else frames.milliseconds(ban.until),
        reason=ban.reason,
    )


COMMANDS = {
    "room.join": Command(OneRoom, join, Room),
    "room.leave": Command(OneRoom, leave),
    "room.invite": Command(InvitePeople, invite),
    "room.remove": Command(OneMember, remove),
    "room.ban": Command(BanPerson, ban),
    "room.unban": Command(OneMember, unban),
    "room.mute": Command(MuteMember, mute),
    "room.role": Command(SetRole, set_role),
    "room.prefer": Command(Prefer, prefer),
    "room.members": Command(Page, list_members, Members),
    "room.bans": Command(Page, list_bans, Bans),
}
