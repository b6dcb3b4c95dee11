"""
The names of all who may sign in, kept in memory: looking through them takes less time than reading them, and they are
looked through at every key that is pressed after `@`. Found people are read anew; only who is found comes from here.
"""

import functools
import threading
import time
from typing import NamedTuple

from django.contrib.auth import get_user_model

from teahouse.chat import people
from teahouse.chat.text import mentions, pinyin

# More are not searched, nor mentioned where everybody is.
MOST_NAMES = 20_000
# What other processes change is known after so long.
_FRESH_SECONDS = 30.0


class Name(NamedTuple):
    pk: int
    username: str
    name: str
    # With which something that either of them is found by can begin.
    letters: frozenset[str]


class Names:
    """As they were at one moment. Not changed after it is made."""

    def __init__(self, names: list[Name]) -> None:
        self.all = names

    @functools.cached_property
    def by_mention(self) -> dict[str, int]:
        """Whom each name mentions where everybody is: as `mentions.people_by_name`."""
        return mentions.people_by_name((one.pk, one.username, one.name) for one in self.all)


class _Kept(NamedTuple):
    names: Names
    until: float


_lock = threading.Lock()
_kept: _Kept | None = None
# How often they were forgotten: what was being read at that moment is not kept.
_forgotten = 0


def names() -> Names:
    global _kept
    kept = _kept
    if kept is not None and time.monotonic() < kept.until:
        return kept.names
    before = _forgotten
    found = Names(_read())
    with _lock:
        if before == _forgotten:
            _kept = _Kept(found, time.monotonic() + _FRESH_SECONDS)
    return found


def forget() -> None:
    """Somebody's account is new or has changed, and it is committed."""
    global _kept, _forgotten
    with _lock:
        _kept = None
        _forgotten += 1


def first_letters(text: str) -> frozenset[str]:
    """With which something that is found from one of its characters on can begin."""
    return frozenset().union(*map(_letters_of, text))


def _read() -> list[Name]:
    persons = get_user_model()._default_manager.filter(is_active=True).order_by("pk")[:MOST_NAMES]
    return [_name_of(person.pk, person.get_username(), people.name_of(person)) for person in persons.iterator()]


@functools.lru_cache(maxsize=2 * MOST_NAMES)
def _name_of(pk: int, username: str, name: str) -> Name:
    return Name(pk, username, name, first_letters(username) | first_letters(name))


@functools.lru_cache(maxsize=8_192)
def _letters_of(character: str) -> frozenset[str]:
    return frozenset(key[0] for key in pinyin.keys_of(character) if key)
