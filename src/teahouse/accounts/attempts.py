"""Failed sign-ins per person and address, so that passwords cannot be tried by the thousand. In Django's cache."""

import hashlib

from django.core.cache import cache

_WINDOW_SECONDS = 15 * 60
_PER_PERSON_AND_ADDRESS = 10
_PER_ADDRESS = 100


def too_many(*, username: str, address: str) -> bool:
    """The person itself may still sign in from another address."""
    counts: dict[str, int] = cache.get_many([_key(username, address), _key("", address)])
    return (
        counts.get(_key(username, address), 0) >= _PER_PERSON_AND_ADDRESS
        or counts.get(_key("", address), 0) >= _PER_ADDRESS
    )


def failed(*, username: str, address: str) -> None:
    for key in (_key(username, address), _key("", address)):
        cache.add(key, 0, _WINDOW_SECONDS)
        try:
            cache.incr(key)
        except ValueError:
            cache.set(key, 1, _WINDOW_SECONDS)


def succeeded(*, username: str, address: str) -> None:
    cache.delete(_key(username, address))


def _key(username: str, address: str) -> str:
    digest = hashlib.sha256(f"{username.casefold()}\n{address}".encode(errors="replace")).hexdigest()
    return f"sign-in-failures:{digest}"
