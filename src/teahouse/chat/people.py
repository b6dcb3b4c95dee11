"""The port to the site's people: what the chat needs of AUTH_USER_MODEL, and nothing else asks it."""

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


def name_of(person: Person) -> str:
    return person.get_full_name() or person.get_username()  # type: ignore[attr-defined]
