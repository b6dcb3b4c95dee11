"""Which connections are found not to be welcome any more."""

import datetime
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.utils import timezone
from rest_framework_simplejwt.tokens import RefreshToken

from teahouse.accounts import services, tokens
from teahouse.accounts.admission import ended
from teahouse.accounts.models import LoginSession, User
from teahouse.realtime.application import Admission

pytestmark = pytest.mark.django_db


class Present(NamedTuple):
    user: User
    login_session: LoginSession
    lone_token: RefreshToken
    by_session: Admission
    by_lone_token: Admission


def admission_by(text: str) -> Admission:
    identity = tokens.verify(text)
    return Admission(
        user=str(identity.user.pk),
        sid=identity.sid,
        token_id=identity.token_id,
        issued_at=identity.issued_at,
        expires_at=identity.expires_at,
        channels=("site",),
    )


@pytest.fixture
def present(alice: User) -> Present:
    """Alice with two connections: one by a login session, one by a token that names none."""
    session = services.start_login_session(user=alice, device="")
    lone = RefreshToken.for_user(alice)
    access = tokens.issue_access_token(user=alice, login_session=session)
    return Present(alice, session, lone, admission_by(str(access)), admission_by(str(lone)))


def change_password_long_after(present: Present) -> None:
    later = timezone.now() + datetime.timedelta(minutes=1)
    User.objects.filter(pk=present.user.pk).update(credentials_changed_at=later)


@pytest.mark.parametrize(
    ("happen", "gone"),
    [
        pytest.param(lambda present: None, [], id="nothing happened"),
        pytest.param(
            lambda present: User.objects.filter(pk=present.user.pk).update(is_active=False),
            ["by_session", "by_lone_token"],
            id="the person was deactivated",
        ),
        pytest.param(lambda present: present.user.delete(), ["by_session", "by_lone_token"], id="deleted"),
        pytest.param(
            lambda present: services.end_login_session(sid=present.login_session.id), ["by_session"], id="signed out"
        ),
        pytest.param(lambda present: present.login_session.delete(), ["by_session"], id="the login session is gone"),
        pytest.param(
            lambda present: tokens.blacklist(str(present.lone_token)), ["by_lone_token"], id="the token was blacklisted"
        ),
        pytest.param(change_password_long_after, ["by_session", "by_lone_token"], id="the password was changed"),
    ],
)
def test_who_is_not_welcome_any_more(present: Present, happen: Callable[[Present], Any], gone: list[str]) -> None:
    happen(present)

    assert [getattr(present, name) for name in gone] == ended([present.by_session, present.by_lone_token])


def test_of_many_only_those_are_named(alice: User, bob: User, django_assert_max_num_queries: Any) -> None:
    sessions = LoginSession.objects.bulk_create(LoginSession(user=alice) for _ in range(600))
    admissions = [
        Admission(
            user=str(alice.pk),
            sid=str(session.pk),
            token_id=f"t{number}",
            issued_at=timezone.now().timestamp(),
            expires_at=None,
            channels=(),
        )
        for number, session in enumerate(sessions)
    ]
    for session in (sessions[3], sessions[550]):
        services.end_login_session(sid=session.pk)

    with django_assert_max_num_queries(6):
        assert [admissions[3], admissions[550]] == ended(admissions)


def test_nobody_is_asked_about_without_connections(django_assert_num_queries: Any, db: None) -> None:
    with django_assert_num_queries(0):
        assert [] == ended([])
