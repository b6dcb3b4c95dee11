"""Whose rooms are which: for many people at once, and for one with all that is in them now."""

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import F, QuerySet

from teahouse.chat import access, people
from teahouse.chat.access import Access
from teahouse.chat.conf import conf
from teahouse.chat.models import Membership, Message, Room
from teahouse.chat.people import Person


def heard_by(user_ids: Sequence[int]) -> list[Mapping[str, int]]:
    """
    Of each: the channels they hear (their own, the site's, those of their rooms), with the first offset that is theirs
    to recover. Nobody's for who may not sign in. Three statements, for any number of people.
    """
    active = people.active_among({user for user in user_ids if user})
    heard: dict[int, dict[str, int]] = {user: {"site": 1, f"user:{user}": 1} for user in active}
    lobby = access.lobby_id()
    if lobby is not None:
        for channels in heard.values():
            channels[f"room:{lobby}"] = 1
    rows = (
        Membership.objects.filter(user__in=active)
        .order_by(F("room__last_message_at").desc(nulls_last=True), "room")
        .values_list("user", "room", "room__history", "joined_offset")
    )
    counts = dict.fromkeys(active, 0)
    for user, room, history, joined_offset in rows.iterator():
        channels, counts[user] = heard[user], counts[user] + 1
        if counts[user] <= conf().most_rooms_per_person:
            channels[f"room:{room}"] = joined_offset + 1 if history == Room.History.SINCE_JOIN else 1
    return [heard.get(user, {}) for user in user_ids]


def accesses_of(*, user: Person, room_ids: Iterable[int]) -> list[Access]:
    """Those of these rooms where they are a member, the lobby among them, by id. Two statements."""
    rooms = set(room_ids)
    is_superuser = bool(getattr(user, "is_superuser", False))
    memberships = Membership.objects.filter(user=user.pk).select_related("room")
    found = {
        membership.room_id: Access(
            membership.room, membership, is_site_owner=is_superuser and access.is_lobby(membership.room)
        )
        for membership in memberships
        if membership.room_id in rooms
    }
    for room in Room.objects.filter(slug=conf().lobby_slug):
        if room.pk in rooms and room.pk not in found:
            implied = access.implied_membership(room, user.pk)
            found[room.pk] = Access(room, implied, is_site_owner=is_superuser)
    return [found[room] for room in sorted(found)]


def readers_of(message: Message) -> QuerySet[Membership]:
    """
    The members who have read a message, but for its author, and for those who came after it: they began with all of it
    read.
    """
    readers = Membership.objects.filter(
        room=message.room_id, read_number__gte=message.number, joined_number__lt=message.number
    )
    return readers if message.author_id is None else readers.exclude(user=message.author_id)
