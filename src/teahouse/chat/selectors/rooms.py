"""Rooms, their people, and what a member sees of them."""

import datetime
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import msgspec
from django.db.models import Count, Q
from django.utils import timezone

from teahouse.chat import access as doors
from teahouse.chat import frames, people
from teahouse.chat.access import Access
from teahouse.chat.conf import conf
from teahouse.chat.models import Ban, Channel, InviteLink, Membership, Room
from teahouse.chat.people import Person
from teahouse.chat.selectors import names
from teahouse.chat.selectors.people import active_ids_after, count_of_active, rank_of
from teahouse.chat.text import mentions

# Which rooms are of people, and of whom, never changes; it is asked for with every message.
_CACHED_ROOMS = 20_000


_people: dict[int, tuple[int, ...]] = {}


def people_of(room_id: int) -> tuple[int, ...]:
    """The people of a direct room or group, in the order of their ids; () for any other room, or none."""
    found = _people.get(room_id)
    if found is None:
        room = Room.objects.filter(pk=room_id).only("kind", "people_key").first()
        if room is None:
            # One that is made later may be of people.
            return ()
        if len(_people) >= _CACHED_ROOMS:
            _people.clear()
        found = _people[room_id] = people_in_key(room.people_key)
    return found


def are_people_known(room_id: int) -> bool:
    """Whether `people_of` needs no database."""
    return room_id in _people


def forget_cached() -> None:
    """For tests, which give the same ids to other rooms."""
    _people.clear()


def key_of_people(user_ids: set[int]) -> str:
    return ":".join(map(str, sorted(user_ids)))


def people_in_key(key: str | None) -> tuple[int, ...]:
    return tuple(map(int, key.split(":"))) if key else ()


def people_by_mention_in(room_id: int) -> Mapping[str, int]:
    """Whom each name mentions there: of its members, or in the lobby of all; at most 20,000 of them."""
    room = Room.objects.filter(pk=room_id).only("slug").first()
    if room is None:
        return {}
    if room.slug == conf().lobby_slug:
        return names.names().by_mention
    members = Membership.objects.filter(room=room_id).values_list("user", flat=True)[: names.MOST_NAMES]
    found = people.people_with_ids(members)
    return mentions.people_by_name((person.pk, person.get_username(), people.name_of(person)) for person in found)


def room_frame_of(room: Room) -> frames.Room:
    return frames.Room(
        id=room.pk,
        kind=room.kind,
        name=room.name,
        slug=room.slug or "",
        topic=room.topic,
        description=room.description,
        people=list(people_in_key(room.people_key)),
        posting=room.posting,
        history=room.history,
        slow_mode_seconds=room.slow_mode_seconds,
        edit_window_seconds=room.edit_window_seconds,
        retention_days=room.retention_days,
        created_at=frames.milliseconds(room.created_at),
        archived_at=None if room.archived_at is None else frames.milliseconds(room.archived_at),
    )


def member_frame_of(membership: Membership) -> frames.Member:
    return frames.Member(
        user=membership.user_id,
        role=membership.role,
        muted_until=None if membership.muted_until is None else frames.milliseconds(membership.muted_until),
    )


def membership_frame_of(membership: Membership) -> frames.Membership:
    return frames.Membership(
        role=membership.role,
        level=membership.level,
        read_number=membership.read_number,
        joined_number=membership.joined_number,
        is_favourite=membership.is_favourite,
        muted_until=None if membership.muted_until is None else frames.milliseconds(membership.muted_until),
    )


def member_frame_in(access: Access) -> frames.Member:
    """In the role in which they act."""
    return msgspec.structs.replace(member_frame_of(access.membership), role=access.role)


def membership_frame_in(access: Access) -> frames.Membership:
    """In the role in which they act."""
    return msgspec.structs.replace(membership_frame_of(access.membership), role=access.role)


# A room as one of its members finds it.


class State(NamedTuple):
    """`access` and `members` (how many) are as of the channel's `offset` or later."""

    access: Access
    offset: int
    epoch: str
    members: int


def state_for(*, user: Person, room_id: int) -> State:
    """Raises errors.NotAMember."""
    # The head is read first: what happens in between is in the room and is told again, which is harmless.
    head = Channel.objects.filter(name=f"room:{room_id}").values_list("last_offset", "epoch").first()
    access = doors.room_for(user=user, room_id=room_id)
    offset, epoch = head or (0, "")
    return State(access, offset, epoch, member_counts([access.room])[access.room.pk])


def member_counts(rooms: Sequence[Room]) -> dict[int, int]:
    """Of each; in the lobby everybody who may sign in."""
    counted = dict(
        Membership.objects.filter(room__in=[room.pk for room in rooms])
        .values("room")
        .annotate(members=Count("pk"))
        .values_list("room", "members")
    )
    return {room.pk: count_of_active() if doors.is_lobby(room) else counted.get(room.pk, 0) for room in rooms}


def members_after(access: Access, *, after: int, limit: int) -> list[Access]:
    """By the ids of the people, those above `after`; of the lobby everybody who may sign in."""
    room = access.room
    memberships = Membership.objects.filter(room=room, user__gt=after)
    if not access.is_lobby:
        return [Access(room, membership) for membership in memberships.order_by("user")[:limit]]
    ids = active_ids_after(after, limit=limit)
    stored = {membership.user_id: membership for membership in memberships.filter(user__in=ids)}
    return [
        Access(room, stored.get(user) or doors.implied_membership(room, user), is_site_owner=is_superuser)
        for user, is_superuser in ids.items()
    ]


def bans_after(access: Access, *, after: int, now: datetime.datetime, limit: int) -> list[Ban]:
    """Those that hold, by the ids of the people, of those above `after`."""
    bans = Ban.objects.filter(Q(until=None) | Q(until__gt=now), room=access.room, user__gt=after)
    return list(bans.order_by("user")[:limit])


def is_any_banned(room: Room, user_ids: Collection[int]) -> bool:
    now = timezone.now()
    return Ban.objects.filter(Q(until=None) | Q(until__gt=now), room=room, user__in=user_ids).exists()


def links_before(access: Access, *, before: int | None, limit: int) -> list[InviteLink]:
    """Of the room, good or not, the newest first, with ids below `before`."""
    links = InviteLink.objects.filter(room=access.room)
    return list((links if before is None else links.filter(pk__lt=before)).order_by("-pk")[:limit])


# Public rooms.


class Listed(NamedTuple):
    room: Room
    members: int
    is_member: bool


# More are not searched: a site with so many public rooms has lists of its own.
_MOST_SEARCHED = 20_000


def public_rooms_after(*, user: Person, after: int, limit: int) -> list[Listed]:
    """Those that are not archived, by id, above `after`."""
    found = doors.public_rooms().filter(archived_at=None, pk__gt=after).order_by("pk")[:limit]
    return _listed(list(found), user)


def public_rooms_found(query: str, *, user: Person, limit: int) -> list[Listed]:
    """Those that are not archived by name, slug or pinyin, the best match first."""
    rows = doors.public_rooms().filter(archived_at=None).order_by("pk").values_list("pk", "name", "slug")
    ranked = []
    for pk, name, slug in rows[:_MOST_SEARCHED].iterator():
        ranks = [rank for text in (name, slug or "") if (rank := rank_of(query, text)) is not None]
        if ranks:
            ranked.append((min(ranks), len(name), pk))
    ids = [pk for *_, pk in sorted(ranked)[:limit]]
    by_id = Room.objects.in_bulk(ids)
    return _listed([by_id[pk] for pk in ids if pk in by_id], user)


def _listed(rooms: list[Room], user: Person) -> list[Listed]:
    counts = member_counts(rooms)
    own = set(Membership.objects.filter(room__in=rooms, user=user.pk).values_list("room", flat=True))
    return [Listed(room, counts[room.pk], room.pk in own or doors.is_lobby(room)) for room in rooms]


def listed_for(user: Person, room: Room) -> Listed:
    """For somebody who knows of it by an invitation."""
    return _listed([room], user)[0]
