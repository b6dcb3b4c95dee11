"""
How a password is checked, for every door alike: the API, Django's admin, whatever calls Django's `authenticate`.

Not too often (`attempts`), and not many at once: a hash takes 100 MiB, and anybody may ask for one.
"""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext as _

from teahouse.accounts import attempts
from teahouse.accounts.models import User

_AT_ONCE = 2
_WAIT_SECONDS = 5.0

_places = threading.BoundedSemaphore(_AT_ONCE)


class TooBusy(Exception):
    """So many sign in at this moment that this one waited in vain. The text is for people."""

    retry_after_seconds = 5


class PasswordBackend(ModelBackend):
    """Django's own, within limits by person and by REMOTE_ADDR. Without a request (a shell) nothing is counted."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **more: Any
    ) -> User | None:
        """
        None when the person or the password is not right.

        Raises:
            PermissionDenied: after too many failures, whatever the password. Django's `authenticate` returns None then.
            TooBusy: after 5 seconds in which others had their passwords checked.
        """
        if username is None or password is None:
            return None
        if request is None:
            with place_for_hashing():
                return self._checked(None, username, password)
        address = request.META.get("REMOTE_ADDR", "")
        # Who has to wait for minutes anyway takes no place from others; `begin` is what holds the limit.
        if attempts.too_many(username=username, address=address):
            raise PermissionDenied
        with place_for_hashing():
            if not attempts.begin(username=username, address=address):
                raise PermissionDenied
            user = self._checked(request, username, password)
        if user is not None:
            attempts.succeeded(username=username, address=address)
        return user

    async def aauthenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **more: Any
    ) -> User | None:
        # Django's own checks the password by itself.
        return await sync_to_async(self.authenticate)(request, username, password, **more)

    def _checked(self, request: HttpRequest | None, username: str, password: str) -> User | None:
        # Two names that differ in case only are not given, so the case need not be right (phones begin with a capital).
        names = User.objects.filter(username__iexact=username).values_list("username", flat=True)[:2]
        if len(names) == 1:
            username = names[0]
        user = super().authenticate(request, username=username, password=password)
        return user if isinstance(user, User) else None


@contextlib.contextmanager
def place_for_hashing() -> Iterator[None]:
    """One of few, for whoever makes or checks a hash at the wish of a stranger. Raises TooBusy after 5 seconds."""
    if not _places.acquire(blocking=False):
        # Whoever waits here leaves the pool's connections to the others.
        if not connection.in_atomic_block:
            connection.close()
        if not _places.acquire(timeout=_WAIT_SECONDS):
            raise TooBusy(_("Too many people are signing in at this moment. Try again in a few seconds."))
    try:
        yield
    finally:
        _places.release()
