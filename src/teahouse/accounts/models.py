"""Users and their login sessions. One row's own questions only; writes that belong together are in `services`."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone


class User(AbstractUser):
    """A person. `name` is what others see; the username is what one signs in with."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=80, blank=True)
    # Tokens issued before this moment are void.
    credentials_changed_at = models.DateTimeField(default=timezone.now, editable=False)

    REQUIRED_FIELDS = ["email"]

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return self.shown_name

    def get_short_name(self) -> str:
        return self.shown_name

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        # Django sets `_password` when a person chooses a password, and not when it only renews the hash of one.
        chosen: str | None = self._password  # type: ignore[attr-defined]
        password_changed = chosen is not None and not self._state.adding
        if password_changed:
            self.credentials_changed_at = timezone.now()
            update_fields = None if update_fields is None else {*update_fields, "credentials_changed_at"}
        super().save(*args, update_fields=update_fields, **kwargs)
        if password_changed:
            from teahouse.accounts.services import end_all_login_sessions

            end_all_login_sessions(user=self)


class LoginSession(models.Model):
    """
    One sign-in of one device, from signing in to signing out: the `sid` of its cookie and of all its tokens.

    The row stays when the session has ended, so that its tokens stay void.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="login_sessions")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    device = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "ended_at"], name="login_session_user")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.device}"


class FailedSignIns(models.Model):
    """How often signing in has failed for a person at an address, or at an address; `key` is a digest of them."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.IntegerField()
    window_ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.count} until {self.window_ends_at}"
