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
    by_both, by_address = _counts(username, address)
    return by_both >= _PER_PERSON_AND_ADDRESS or by_address >= _PER_ADDRESS


def begin(*, username: str, address: str) -> bool:
    """
    Count an attempt as failed before its outcome is known, so that no more than the limit are looked at, even at once.

    False when there were too many already: look at no password then. `succeeded` takes it back.
    """
    if too_many(username=username, address=address):
        return False
    _count(username, address)
    by_both, by_address = _counts(username, address)
    return by_both <= _PER_PERSON_AND_ADDRESS and by_address <= _PER_ADDRESS


def succeeded(*, username: str, address: str) -> None:
    """Forget the failures of the person at this address; at the address as a whole, only the attempt that succeeded."""
    both, address_alone = _keys(username, address)
    FailedSignIns.objects.filter(key=both).delete()
    FailedSignIns.objects.filter(key=address_alone, count__gt=0).update(count=F("count") - 1)


def _counts(username: str, address: str) -> tuple[int, int]:
    both, address_alone = _keys(username, address)
    rows = FailedSignIns.objects.filter(key__in=[both, address_alone], window_ends_at__gt=timezone.now())
    counts = dict(rows.values_list("key", "count"))
    return counts.get(both, 0), counts.get(address_alone, 0)


def _count(username: str, address: str) -> None:
    now = timezone.now()
    FailedSignIns.objects.filter(window_ends_at__lte=now).delete()
    for key in _keys(username, address):
        rows = FailedSignIns.objects.filter(key=key)
        if rows.update(count=F("count") + 1):
            continue
        _, is_first = FailedSignIns.objects.get_or_create(
            key=key, defaults={"count": 1, "window_ends_at": now + _WINDOW}
        )
        if not is_first:
            rows.update(count=F("count") + 1)


def _keys(username: str, address: str) -> tuple[str, str]:
    return _digest(f"person\n{username.casefold()}\n{address}"), _digest(f"address\n{address}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()
