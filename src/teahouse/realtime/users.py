"""The engine's port for a site that pushes to its own users: welcome are those of AUTH_USER_MODEL who are active."""

from collections.abc import Sequence

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError

from teahouse.realtime.application import Admission, BaseApplication, Heard
from teahouse.realtime.wire.codes import Ending


class UsersApplication(BaseApplication):
    """`sub` of a token is the user's primary key as text. Strangers ("") are the setting's business, not ours."""

    def connecting(self, admissions: Sequence[Admission]) -> list[Heard | Ending]:
        ended = set(self.ended(admissions))
        return [Ending.SIGNED_OUT if admission in ended else () for admission in admissions]

    def ended(self, admissions: Sequence[Admission]) -> list[Admission]:
        active = _active({admission.user for admission in admissions if admission.user})
        return [admission for admission in admissions if admission.user and admission.user not in active]


def _active(users: set[str]) -> set[str]:
    """Those that are there and active, whatever type their key has."""
    model = get_user_model()
    keys = []
    for user in users:
        try:
            # Also whether the database can hold it: one that it cannot would fail the question about all of them.
            keys.append(model._meta.pk.clean(user, None))
        except ValidationError:
            continue
    if not keys:
        return set()
    found = model._default_manager.filter(pk__in=keys).values_list("pk", "is_active")
    return {str(pk) for pk, is_active in found if is_active}
