"""People of the site: finding them while a name is typed, and those who may sign in, page by page."""

import functools
from collections.abc import Collection, Iterable

from django.contrib.auth import get_user_model
from django.db.models import Q

from teahouse.chat import people
from teahouse.chat.access import Access
from teahouse.chat.models import Membership
from teahouse.chat.people import Person
from teahouse.chat.text import pinyin

# More are not searched.
_MOST_SEARCHED = 20_000


def people_found(query: str, *, access: Access | None = None, limit: int) -> list[Person]:
    """
    Who may sign in, by user name, shown name, its pinyin or initials: exact ones first, then those that begin so. Of a
    room's members only, where `access` is given.
    """
    ranked: list[tuple[int, str, int, Person]] = []
    for person in _searched(access):
        name, username = people.name_of(person), person.get_username()
        ranks = [rank for text in (username, name) if (rank := rank_of(query, text)) is not None]
        if ranks:
            ranked.append((min(ranks), name.casefold(), person.pk, person))
    return [person for *_, person in sorted(ranked, key=lambda found: found[:3])[:limit]]


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


def _searched(access: Access | None) -> Iterable[Person]:
    persons = get_user_model()._default_manager.filter(is_active=True)
    if access is not None and not access.is_lobby:
        persons = persons.filter(Q(pk__in=Membership.objects.filter(room=access.room).values("user")))
    return persons.order_by("pk")[:_MOST_SEARCHED].iterator()
