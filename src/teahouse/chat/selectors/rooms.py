"""Rooms, their people, and what a member sees of them."""

from teahouse.chat import frames, people
from teahouse.chat.conf import conf
from teahouse.chat.models import Membership, Room

# Which rooms are of people, and of whom, never changes; it is asked for with every message.
_CACHED_ROOMS = 20_000
_MOST_NAMED = 20_000


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


def named_people_in(room_id: int) -> list[tuple[int, str, str]]:
    """Who can be mentioned there: id, user name and shown name of its members, or in the lobby of all; at most 20,000."""
    room = Room.objects.filter(pk=room_id).only("slug").first()
    if room is None:
        return []
    if room.slug == conf().lobby_slug:
        found = people.active_people(limit=_MOST_NAMED)
    else:
        members = Membership.objects.filter(room=room_id).values_list("user", flat=True)[:_MOST_NAMED]
        found = people.people_with_ids(members)
    return [(person.pk, person.get_username(), people.name_of(person)) for person in found]


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
