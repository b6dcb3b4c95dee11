"""People of the site: finding them while a name is typed, and those who may sign in, page by page."""

import functools
import time
from collections.abc import Collection
from typing import NamedTuple

from django.contrib.auth import get_user_model

from teahouse.chat import people
from teahouse.chat.access import Access
from teahouse.chat.models import Membership
from teahouse.chat.people import Person
from teahouse.chat.text import pinyin

# More are not searched.
_MOST_SEARCHED = 20_000
_FRESH_SECONDS = 10.0


def people_found(query: str, *, access: Access | None = None, limit: int) -> list[Person]:
    """
    Who may sign in, by user name, shown name, its pinyin or initials: exact ones first, then those that begin so. Of a
    room's members only, where `access` is given. Who is new, or has another name, in another process is found within
    ten seconds.
    """
    ranked: list[tuple[int, str, int]] = []
    members = None if access is None or access.is_lobby else _members_of(access)
    for pk, username, name in _names():
        if members is not None and pk not in members:
            continue
        ranks = [rank for text in (username, name) if (rank := rank_of(query, text)) is not None]
        if ranks:
            ranked.append((min(ranks), name.casefold(), pk))
    best = [pk for *_, pk in sorted(ranked)[:limit]]
    found = {person.pk: person for person in people.people_with_ids(best) if person.is_active}
    return [found[pk] for pk in best if pk in found]


def forget_names() -> None:
    """Somebody's account is new or has changed."""
    global _known_names
    _known_names = None


def people_of(user_ids: Collection[int]) -> list[Person]:
    """By their ids, whether they may sign in or not; who is not there is left out."""
    return people.people_with_ids(user_ids)


def count_of_active() -> int:
    return get_user_model()._default_manager.filter(is_active=True).count()


def active_ids_after(after: int, *, limit: int) -> dict[int, bool]:
    """The ids above `after` of who may sign in, in order; with whether they are superusers."""
    rows = get_user_model()._default_manager.filter(is_active=True, pk__gt=after).order_by("pk")
    return dict(rows.values_list("pk", "is_superuser")[:limit])


def rank_of(query: str, name: str) -> int | None:
    """As `pinyin.matches`, of which most names of a long list are spared the work."""
    asked = query.strip(" '’·-")
    if asked:
        begins = _first_letters(asked[0])
        if all(begins.isdisjoint(_first_letters(character)) for character in name):
            return None
    return pinyin.matches(query, name)


@functools.lru_cache(maxsize=8_192)
def _first_letters(character: str) -> frozenset[str]:
    """With which something that is found from this character on can begin."""
    return frozenset(key[0] for key in pinyin.keys_of(character) if key)


class _Name(NamedTuple):
    pk: int
    username: str
    name: str


# With the time until which they are taken for true: other processes change them too.
_known_names: tuple[float, list[_Name]] | None = None


def _names() -> list[_Name]:
    """Of all who may sign in, or did so a moment ago. Reading them takes longer than looking through them."""
    global _known_names
    known = _known_names
    if known is None or time.monotonic() > known[0]:
        persons = get_user_model()._default_manager.filter(is_active=True).order_by("pk")[:_MOST_SEARCHED]
        names = [_Name(person.pk, person.get_username(), people.name_of(person)) for person in persons.iterator()]
        known = _known_names = (time.monotonic() + _FRESH_SECONDS, names)
    return known[1]


def _members_of(access: Access) -> set[int]:
    return set(Membership.objects.filter(room=access.room).values_list("user", flat=True))
