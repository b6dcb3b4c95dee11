"""Which connections are not welcome any more, for the engine's regular check. Reads only."""

import math
import uuid
from collections.abc import Sequence

from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken

from teahouse.accounts.models import LoginSession, User
from teahouse.realtime.application import Admission

_AT_ONCE = 500
# What fits the key of a person in every database.
_MOST_DIGITS = 18


def ended(admissions: Sequence[Admission], *, may_be_strangers: bool = False) -> list[Admission]:
    """
    Those whose person is deactivated or deleted, whose login session has ended or whose token is blacklisted.

    With `may_be_strangers` also people whom nobody here knows are welcome.
    """
    gone: list[Admission] = []
    for start in range(0, len(admissions), _AT_ONCE):
        part = admissions[start : start + _AT_ONCE]
        people = _people({_pk(admission) for admission in part})
        sessions = _live_sessions({admission.sid for admission in part if admission.sid is not None})
        void = _blacklisted({admission.token_id for admission in part if admission.token_id is not None})
        gone += [
            admission
            for admission in part
            if not _is_welcome(admission, people.get(_pk(admission)), may_be_strangers=may_be_strangers)
            or (admission.sid is not None and admission.sid not in sessions)
            or admission.token_id in void
        ]
    return gone


def _is_welcome(admission: Admission, person: tuple[bool, float] | None, *, may_be_strangers: bool) -> bool:
    if person is None:
        return may_be_strangers
    is_active, credentials_changed_at = person
    return is_active and admission.issued_at >= credentials_changed_at


def _pk(admission: Admission) -> int:
    """0, which nobody has, for users that cannot be ours."""
    user = admission.user
    return int(user) if user.isascii() and user.isdecimal() and len(user) <= _MOST_DIGITS else 0


def _people(ids: set[int]) -> dict[int, tuple[bool, float]]:
    ids.discard(0)
    if not ids:
        return {}
    rows = User.objects.filter(pk__in=ids).values_list("pk", "is_active", "credentials_changed_at")
    return {pk: (is_active, math.floor(changed.timestamp())) for pk, is_active, changed in rows}


def _live_sessions(sids: set[str]) -> set[str]:
    keys = [key for sid in sids if (key := _key(sid)) is not None]
    found = LoginSession.objects.filter(pk__in=keys, ended_at=None).values_list("pk", flat=True) if keys else ()
    return {str(pk) for pk in found}


def _key(sid: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(sid)
    except ValueError:
        return None


def _blacklisted(token_ids: set[str]) -> set[str]:
    if not token_ids:
        return set()
    return set(BlacklistedToken.objects.filter(token__jti__in=token_ids).values_list("token__jti", flat=True))
