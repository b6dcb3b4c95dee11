"""Which connections are not welcome any more, for the engine's regular check. Reads only."""

import math
import uuid
from collections.abc import Sequence

from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken

from teahouse.accounts.models import LoginSession, User
from teahouse.realtime.application import Admission

_AT_ONCE = 500


def ended(admissions: Sequence[Admission]) -> list[Admission]:
    """Those whose person is deactivated or deleted, whose login session has ended or whose token is blacklisted."""
    gone: list[Admission] = []
    for start in range(0, len(admissions), _AT_ONCE):
        part = admissions[start : start + _AT_ONCE]
        people = _people({admission.user_id for admission in part})
        sessions = _live_sessions({admission.sid for admission in part if admission.sid is not None})
        void = _blacklisted({admission.token_id for admission in part if admission.token_id is not None})
        gone += [
            admission
            for admission in part
            if admission.user_id not in people
            or (admission.sid is not None and admission.sid not in sessions)
            or admission.token_id in void
            or admission.issued_at < people[admission.user_id]
        ]
    return gone


def _people(ids: set[int]) -> dict[int, float]:
    rows = User.objects.filter(pk__in=ids, is_active=True).values_list("pk", "credentials_changed_at")
    return {pk: math.floor(changed.timestamp()) for pk, changed in rows}


def _live_sessions(sids: set[str]) -> set[str]:
    keys = [uuid.UUID(sid) for sid in sids]
    found = LoginSession.objects.filter(pk__in=keys, ended_at=None).values_list("pk", flat=True)
    return {str(pk) for pk in found}


def _blacklisted(token_ids: set[str]) -> set[str]:
    return set(BlacklistedToken.objects.filter(token__jti__in=token_ids).values_list("token__jti", flat=True))
