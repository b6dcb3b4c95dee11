"""People of the site: finding them while a name is typed, and those who may sign in, page by page."""

from collections.abc import Collection

from django.contrib.auth import get_user_model

from teahouse.chat import people
from teahouse.chat.access import Access
from teahouse.chat.models import Membership
from teahouse.chat.people import Person
from teahouse.chat.selectors import names
from teahouse.chat.text import pinyin


def people_found(query: str, *, access: Access | None = None, limit: int) -> list[Person]:
    """
    Who may sign in, by user name, shown name, its pinyin or initials: exact ones first, then those that begin so. Of a
    room's members only, where `access` is given. Who is new, or has another name, in another process is found within
    half a minute.
    """
    ranked: list[tuple[int, str, int]] = []
    members = None if access is None or access.is_lobby else _members_of(access)
    begins = _begins(query)
    for one in names.names().all:
        if (members is not None and one.pk not in members) or (begins and begins.isdisjoint(one.letters)):
            continue
        ranks = [rank for text in (one.username, one.name) if (rank := pinyin.matches(query, text)) is not None]
        if ranks:
            ranked.append((min(ranks), one.name.casefold(), one.pk))
    best = [pk for *_, pk in sorted(ranked)[:limit]]
    found = {person.pk: person for person in people.people_with_ids(best) if person.is_active}
    return [found[pk] for pk in best if pk in found]


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
    begins = _begins(query)
    if begins and begins.isdisjoint(names.first_letters(name)):
        return None
    return pinyin.matches(query, name)


def _begins(query: str) -> frozenset[str]:
    """With what a name has to begin somewhere to be found; anything, when it is empty."""
    asked = query.strip(" '’·-")
    return names.first_letters(asked[0]) if asked else frozenset()


def _members_of(access: Access) -> set[int]:
    return set(Membership.objects.filter(room=access.room).values_list("user", flat=True))
