"""Whose rooms are which: for many people at once, and for one with what they have not read."""

from collections.abc import Mapping, Sequence

from teahouse.chat import access, people
from teahouse.chat.conf import conf
from teahouse.chat.models import Membership, Room


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
        .order_by("-room__last_message_at")
        .values_list("user", "room", "room__history", "joined_offset")
    )
    for user, room, history, joined_offset in rows.iterator():
        channels = heard[user]
        if len(channels) < conf().most_rooms_per_person:
            channels[f"room:{room}"] = joined_offset + 1 if history == Room.History.SINCE_JOIN else 1
    return [heard.get(user, {}) for user in user_ids]
