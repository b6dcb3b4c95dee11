"""
Failed sign-ins per person and address, so that passwords cannot be tried by the thousand.

In the database: the count holds across workers and restarts, and needs nothing else to be up.
"""

import datetime
import hashlib

from django.db.models import F
from django.utils import timezone

from teahouse.accounts.models import FailedSignIns

_WINDOW = datetime.timedelta(minutes=15)
_PER_PERSON_AND_ADDRESS = 10
_PER_ADDRESS = 100


def too_many(*, username: str, address: str) -> bool:
    """The person itself may still sign in from another address."""
    both, address_alone = _key(username, address), _key("", address)
    rows = FailedSignIns.objects.filter(key__in=[both, address_alone], window_ends_at__gt=timezone.now())
    counts = dict(rows.values_list("key", "count"))
    return counts.get(both, 0) >= _PER_PERSON_AND_ADDRESS or counts.get(address_alone, 0) >= _PER_ADDRESS


def failed(*, username: str, address: str) -> None:
    now = timezone.now()
    FailedSignIns.objects.filter(window_ends_at__lte=now).delete()
    for key in (_key(username, address), _key("", address)):
        if not FailedSignIns.objects.filter(key=key).update(count=F("count") + 1):
            FailedSignIns.objects.get_or_create(key=key, defaults={"count": 1, "window_ends_at": now + _WINDOW})


def succeeded(*, username: str, address: str) -> None:
    FailedSignIns.objects.filter(key=_key(username, address)).delete()


def _key(username: str, address: str) -> str:
    return hashlib.sha256(f"{username.casefold()}\n{address}".encode(errors="replace")).hexdigest()
