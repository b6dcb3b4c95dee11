"""The port to the site's people: what the chat needs of AUTH_USER_MODEL. Pages of them are in `selectors/people.py`."""

from collections.abc import Collection, Iterable
from typing import TypeAlias

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser

Person: TypeAlias = AbstractBaseUser

# What fits the key of a person in every database.
_MAX_ID = 2**63 - 1


def person_with_id(user_id: int) -> Person | None:
    """The person, if there is one and they may sign in."""
    if not 0 < user_id <= _MAX_ID:
        return None
    return get_user_model()._default_manager.filter(pk=user_id, is_active=True).first()


def active_among(user_ids: Collection[int]) -> set[int]:
    """Those who may sign in."""
    if not user_ids:
        return set()
    return set(get_user_model()._default_manager.filter(pk__in=user_ids, is_active=True).values_list("pk", flat=True))


def people_with_ids(user_ids: Iterable[int]) -> list[Person]:
    """Whether they may sign in or not: whoever wrote something has a name."""
    return list(get_user_model()._default_manager.filter(pk__in=set(user_ids)).order_by("pk"))


def name_of(person: Person) -> str:
    return person.get_full_name() or person.get_username()  # type: ignore[attr-defined]
