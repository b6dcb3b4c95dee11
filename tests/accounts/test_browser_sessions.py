"""The login session behind a cookie, whichever page somebody signed in or out on."""

import pytest
from django.test import Client

from teahouse.accounts.models import LoginSession, User
from tests.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def live_sessions() -> list[LoginSession]:
    return list(LoginSession.objects.filter(ended_at=None))


def test_signing_in_and_out_of_the_admin_is_a_login_session_too(admin: User) -> None:
    client = Client(headers={"user-agent": "Firefox/140"})
    client.post("/admin/login/", {"username": "root", "password": PASSWORD})
    assert [("root", "Firefox/140")] == [(session.user.username, session.device) for session in live_sessions()]

    client.post("/admin/logout/")
    assert [] == live_sessions()


def test_a_cookie_keeps_its_login_session(admin: User) -> None:
    client = Client()
    client.force_login(admin)
    for _ in range(3):
        assert 200 == client.post("/api/auth/access-token").status_code

    assert 1 == len(live_sessions())


def test_each_browser_has_a_login_session_of_its_own(admin: User) -> None:
    for _ in range(2):
        client = Client()
        client.post("/admin/login/", {"username": "root", "password": PASSWORD})

    assert 2 == len(live_sessions())


def test_a_cookie_without_a_login_session_gets_one_when_it_needs_one(admin: User) -> None:
    client = Client()
    client.force_login(admin)
    LoginSession.objects.all().delete()

    assert 200 == client.post("/api/auth/access-token").status_code
    assert [admin] == [session.user for session in live_sessions()]


def test_a_password_that_is_changed_in_the_admin_ends_the_persons_login_sessions(admin: User, alice: User) -> None:
    hers, admins = Client(), Client()
    hers.force_login(alice)
    admins.force_login(admin)
    new = "another-password-9"
    path = f"/admin/accounts/user/{alice.pk}/password/"
    response = admins.post(path, {"usable_password": "true", "password1": new, "password2": new})

    assert 302 == response.status_code
    assert [admin] == [session.user for session in live_sessions()]
    assert hers.get("/api/auth/session").json() == {"user": None}
