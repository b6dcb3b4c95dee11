"""Rooms by what they are called, shown beside the messages of a search: those of the asker, and public ones."""

from collections.abc import Sequence
from typing import NamedTuple

from teahouse.chat.access import Access
from teahouse.chat.models import Room
from teahouse.chat.people import Person
from teahouse.chat.selectors.rooms import public_rooms_found
from teahouse.chat.text import pinyin

# Of a query; longer ones name nothing.
MOST_CHARS = 64
# Behind all that `pinyin.matches` gives.
_TOPIC_RANK = 7


class Found(NamedTuple):
    room: Room
    is_member: bool


def rooms_found(query: str, *, user: Person, accesses: Sequence[Access], limit: int) -> list[Found]:
    """
    By name, slug, pinyin or, of the asker's own, topic, the best match first. Archived ones are found by their members
    only.
    """
    if not query or len(query) > MOST_CHARS:
        return []
    own = {access.room.pk for access in accesses}
    public = [listed.room for listed in public_rooms_found(query, user=user, limit=limit) if listed.room.pk not in own]
    ranked = [
        (rank, len(room.name), room.pk, Found(room, room.pk in own))
        for room in (*(access.room for access in accesses), *public)
        if (rank := _rank(query, room)) is not None
    ]
    return [found for *_, found in sorted(ranked, key=lambda one: one[:3])[:limit]]


def _rank(query: str, room: Room) -> int | None:
    names = [name for name in (room.name, room.slug) if name]
    ranks = [rank for name in names if (rank := pinyin.matches(query, name)) is not None]
    if not ranks and query.casefold() in room.topic.casefold():
        ranks.append(_TOPIC_RANK)
    return min(ranks, default=None)
