"""
What somebody asks for, as the index is asked: words, marks, and in which rooms, from which message on. Everything that
decides who may find what is here; what is not theirs is not told apart from what is not there.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import Q

from teahouse.chat import people
from teahouse.chat.access import MOST_ID, Access
from teahouse.chat.models import Message
from teahouse.chat.people import Person
from teahouse.chat.search.documents import author_mark, has_mark
from teahouse.chat.search.engines import Marks, Part, Wanted
from teahouse.chat.selectors.people import people_found
from teahouse.chat.selectors.rooms import people_in_key
from teahouse.chat.text import filters, pinyin, terms

# Of people, and of rooms, that one filter may mean.
MOST_MEANT = 20
# How well a name has to fit: itself, its beginning, a word's, or that of its pinyin.
_WORST_MATCH = 4
_MOST_NAME_SEARCHES = 3
_MOST_NAME_CHARS = 150


class Asked(NamedTuple):
    """`accesses` are the rooms to look in. None of them, or `is_nothing`: nothing can be found."""

    text: str
    wanted: Wanted
    accesses: Sequence[Access]
    low: int
    high: int
    is_nothing: bool
    has_filters: bool

    def parts(self, *, high: int = MOST_ID) -> list[Part]:
        """
        Disjoint, the newest ids first, and up to `high`. Where somebody may not read all of a room, the part in which
        that matters ends where they came, as ids of a room's messages grow with their numbers.
        """
        if self.is_nothing:
            return []
        high = min(high, self.high)
        sizes = {access.room.pk: access.room.last_number for access in self.accesses}
        all_rooms, messages = list(sizes), sum(sizes.values())
        first_numbers = {access.room.pk: access.from_number for access in self.accesses if access.from_number > 1}
        if not first_numbers:
            return [Part(all_rooms, {}, messages, self.low, high)]
        whole = [room for room in all_rooms if room not in first_numbers]
        begun = max(self.low, min(_first_id(room, number) for room, number in first_numbers.items()))
        return [
            Part(all_rooms, first_numbers, messages, begun, high),
            Part(whole, {}, sum(sizes[room] for room in whole), self.low, min(high, begun - 1)),
        ]


def asked(
    search: str,
    *,
    user: Person,
    accesses: Sequence[Access],
    utc_offset: dt.timedelta,
) -> Asked:
    """Of `accesses` those that `in:` names, if it does. Takes any text."""
    found = filters.parse(search)
    # A space behind the last word says that it is whole.
    query = terms.query_of(found.text + " " * search[-1:].isspace())
    marks: list[tuple[str, ...]] = [(has_mark(has),) for has in sorted(found.has)]
    is_nothing = False
    if found.people:
        authors = _people_meant(found.people, user)
        marks.append(tuple(map(author_mark, authors)))
        is_nothing = not authors
    if found.rooms:
        accesses = _rooms_meant(found.rooms, user, accesses)
    low = 1 if found.after is None else _first_id_at(_midnight_after(found.after, utc_offset))
    high = MOST_ID if found.before is None else _first_id_at(_midnight(found.before, utc_offset)) - 1
    has_filters = bool(marks or found.rooms or found.before or found.after)
    return Asked(
        text=found.text,
        wanted=Wanted(query, _distinct(marks)),
        accesses=accesses,
        low=low,
        high=high,
        is_nothing=is_nothing or not (query or has_filters) or not accesses,
        has_filters=has_filters,
    )


def _distinct(marks: Iterable[tuple[str, ...]]) -> Marks:
    return tuple(dict.fromkeys(marks))


def _people_meant(names: Sequence[str], user: Person) -> list[int]:
    """
    Of each name, whose user name or shown name it is, may they sign in or not, or else who is found by it; `me` is who
    asks.
    """
    meant: dict[int, None] = {}
    # Each that is no exact name goes through all people, which is not to be had by the dozen.
    searches_left = _MOST_NAME_SEARCHES
    for name in dict.fromkeys(names[:MOST_MEANT]):
        if name.casefold() == "me":
            meant[user.pk] = None
            continue
        clean = name.encode(errors="ignore").decode().replace("\x00", "")[:_MOST_NAME_CHARS]
        User = get_user_model()
        exact = User._default_manager.filter(Q(**{f"{User.USERNAME_FIELD}__iexact": clean}))
        ids = list(exact.values_list("pk", flat=True)[:MOST_MEANT])
        if not ids and searches_left:
            searches_left -= 1
            ids = [
                person.pk
                for person in people_found(clean, limit=MOST_MEANT)
                if (rank := _rank(clean, (person.get_username(), people.name_of(person)))) is not None
                and rank <= _WORST_MATCH
            ]
        meant |= dict.fromkeys(ids)
    return sorted(meant)


def _rooms_meant(names: Sequence[str], user: Person, accesses: Sequence[Access]) -> list[Access]:
    """Of each name, those whose name or slug it is, or else is found by it; `@somebody` is the room of the two."""
    meant: dict[int, Access] = {}
    for name in dict.fromkeys(names[:MOST_MEANT]):
        if name.startswith("@"):
            pairs = [{user.pk, other} for other in _people_meant([name.lstrip("@")], user)]
            found = [access for access in accesses if set(people_in_key(access.room.people_key)) in pairs]
        else:
            ranked = [
                (rank, access)
                for access in accesses
                if (rank := _rank(name, (access.room.name, access.room.slug or ""))) is not None
            ]
            exact = [access for rank, access in ranked if rank == 0]
            found = exact or [access for rank, access in ranked if rank <= _WORST_MATCH]
        meant |= {access.room.pk: access for access in found}
    return [meant[room] for room in sorted(meant)]


def _rank(query: str, names: Iterable[str]) -> int | None:
    return min((rank for name in names if name and (rank := pinyin.matches(query, name)) is not None), default=None)


# Messages are stored in the order of their time, so a day is a range of ids.


def _midnight(day: dt.date, utc_offset: dt.timedelta) -> dt.datetime:
    """When it begins, where the clock is so far before UTC's."""
    try:
        return dt.datetime.combine(day, dt.time(), dt.UTC) - utc_offset
    except OverflowError:
        return dt.datetime.min.replace(tzinfo=dt.UTC) if day.year == 1 else dt.datetime.max.replace(tzinfo=dt.UTC)


def _midnight_after(day: dt.date, utc_offset: dt.timedelta) -> dt.datetime:
    if day == dt.date.max:
        return dt.datetime.max.replace(tzinfo=dt.UTC)
    return _midnight(day + dt.timedelta(days=1), utc_offset)


def _first_id_at(moment: dt.datetime) -> int:
    """The lowest id of a message at or after it, or one past the last. Where a clock was put back, one nearby."""
    messages = Message.objects.order_by("pk").values_list("pk", "created_at")
    last = messages.last()
    low, high = 1, 1 if last is None else last[0] + 1
    while low < high:
        middle = (low + high) // 2
        found = messages.filter(pk__gte=middle).first()
        if found is None or found[1] >= moment:
            high = middle
        else:
            low = found[0] + 1
    return low


def _first_id(room: int, number: int) -> int:
    """Of the first message of a room from this number on; past all ids when there is none yet."""
    found = Message.objects.filter(room=room, number__gte=number).order_by("number").values_list("pk", flat=True)
    return found[:1].first() or MOST_ID
