"""
People whose account is new are members of the lobby from then on, with nothing unread from before. Those who were made
past the signal (in bulk, or before the chat was there) are members all the same, without a row.
"""

from typing import Any

from django.db import transaction

from teahouse.chat import access
from teahouse.chat.models import Channel, Membership, Room
from teahouse.chat.selectors import names

_SIGNING_IN = frozenset(["last_login"])


def welcome(
    instance: Any, *, created: bool, raw: bool = False, update_fields: frozenset[str] | None = None, **_: object
) -> None:
    """Receives `post_save` of AUTH_USER_MODEL, which is any app's: there is no other way to hear of its new people."""
    if update_fields != _SIGNING_IN:
        # Whoever reads them before the commit reads what was.
        transaction.on_commit(names.forget)
    if not created or raw or (lobby := access.lobby_id()) is None:
        return
    last_number = Room.objects.values_list("last_number", flat=True).get(pk=lobby)
    last_offset = Channel.objects.filter(name=f"room:{lobby}").values_list("last_offset", flat=True).first()
    now = {"read_number": last_number, "joined_number": last_number, "joined_offset": last_offset or 0}
    Membership.objects.get_or_create(room_id=lobby, user_id=instance.pk, defaults=now)
