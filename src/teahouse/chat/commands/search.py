"""The command that finds messages, and beside them rooms and people of that name."""

import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from teahouse.chat import access, frames
from teahouse.chat.commands.messages import Id, Limit
from teahouse.chat.commands.people import Someone
from teahouse.chat.commands.table import Command
from teahouse.chat.models import Message
from teahouse.chat.people import Person, name_of
from teahouse.chat.search import asking, finding, names
from teahouse.chat.search.finding import MOST_COUNTED, Hit
from teahouse.chat.selectors.messages import frames_of
from teahouse.chat.selectors.people import people_found
from teahouse.chat.selectors.rooms import room_frame_of
from teahouse.chat.text import terms
from teahouse.chat.text.terms import Query

# Of rooms and of people beside the messages.
_MOST_NAMES = 5


class Search(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    `query` is words, "phrases" and filters: `from:`, `in:`, `has:file|image|link`, `before:` and `after:` a day, which
    begins by the asker's clock, `utc_offset_minutes` before UTC's. `cursor` is the `next` of the page before.
    """

    query: str
    order: Literal["newest", "best"] = "newest"
    room: Id | None = None
    cursor: Annotated[str, Meta(max_length=64)] | None = None
    limit: Limit = 50
    utc_offset_minutes: Annotated[int, Meta(ge=-1080, le=1080)] = 0


class FoundMessage(msgspec.Struct, frozen=True, omit_defaults=True):
    """`highlights` are ranges of code points of the body, half open. `rank` is of the best first only."""

    message: frames.Message
    highlights: list[tuple[int, int]]
    rank: float | None = None


class FoundRoom(msgspec.Struct, frozen=True):
    room: frames.Room
    is_member: bool


class Found(msgspec.Struct, frozen=True):
    """
    `count` is of all pages and only of messages that the asker may see, exact up to 1,000; `is_more` says that there
    are more. It, `rooms` and `people` come with the first page only.
    """

    results: list[FoundMessage]
    next: str | None
    count: int | None
    is_more: bool
    rooms: list[FoundRoom]
    people: list[Someone]


def search(person: Person, asked: Search) -> Found:
    if asked.room is None:
        doors = access.memberships_for(user=person)
    else:
        doors = [access.room_for(user=person, room_id=asked.room)]
    utc_offset = datetime.timedelta(minutes=asked.utc_offset_minutes)
    wanted = asking.asked(asked.query, user=person, accesses=doors, utc_offset=utc_offset)
    find = finding.newest_page if asked.order == "newest" else finding.best_page
    page = find(wanted, cursor=asked.cursor, limit=asked.limit)
    has_names = asked.cursor is None and asked.room is None and not wanted.has_filters
    name = wanted.text.strip() if has_names else ""
    return Found(
        results=_messages(page.hits, wanted.wanted.query),
        next=page.next,
        count=None if page.counted is None else min(page.counted, MOST_COUNTED),
        is_more=page.counted is not None and page.counted > MOST_COUNTED,
        rooms=[
            FoundRoom(room_frame_of(found.room), found.is_member)
            for found in names.rooms_found(name, user=person, accesses=doors, limit=_MOST_NAMES)
        ],
        people=_people(name),
    )


def _messages(hits: list[Hit], query: Query) -> list[FoundMessage]:
    """Without those that were deleted since, which the index does not know yet."""
    ranks = {hit.message_id: hit.rank for hit in hits}
    by_id = Message.objects.in_bulk(list(ranks))
    alive = [by_id[pk] for pk in ranks if pk in by_id and by_id[pk].deleted_at is None]
    return [FoundMessage(frame, terms.highlights(frame.body, query), ranks[frame.id]) for frame in frames_of(alive)]


def _people(name: str) -> list[Someone]:
    if not name or len(name) > names.MOST_CHARS:
        return []
    return [
        Someone(found.pk, found.get_username(), name_of(found), found.is_active)
        for found in people_found(name, limit=_MOST_NAMES)
    ]


COMMANDS = {"search": Command(Search, search, Found)}
