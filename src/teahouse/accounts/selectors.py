"""Reads of people, each with a limit."""

from teahouse.accounts.models import User


def people_after(user_id: int, *, limit: int) -> list[User]:
    """The `limit` people past `user_id` who may sign in, by id."""
    return list(User.objects.filter(pk__gt=user_id, is_active=True).order_by("pk")[:limit])
