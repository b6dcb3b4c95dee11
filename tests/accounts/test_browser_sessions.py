"""The login session behind a cookie, whichever page somebody signed in or out on."""

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.sessions.models import Session
from django.test import AsyncClient, Client

from teahouse.accounts import tokens
from teahouse.accounts.models import LoginSession, User
from teahouse.accounts.services import end_login_session
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


def test_a_cookie_that_never_had_a_login_session_gets_one_when_it_needs_one(admin: User) -> None:
    client = Client()
    client.force_login(admin)
    LoginSession.objects.all().delete()
    session = client.session
    del session["sid"]
    session.save()

    assert 200 == client.post("/api/auth/access-token").status_code
    assert [admin] == [session.user for session in live_sessions()]


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(lambda session: end_login_session(sid=session.pk), id="ended"),
        pytest.param(lambda session: session.delete(), id="deleted"),
    ],
)
def test_a_cookie_ends_with_its_login_session_on_every_page(admin: User, end: Callable[[LoginSession], None]) -> None:
    client = Client()
    client.force_login(admin)
    assert 200 == client.get("/admin/").status_code
    end(LoginSession.objects.get())

    assert 302 == client.get("/admin/").status_code
    assert not Session.objects.exists()
    assert [] == live_sessions()


def test_it_ends_in_the_event_loop_too(admin: User) -> None:
    client = AsyncClient()
    client.force_login(admin)
    end_login_session(sid=LoginSession.objects.get().pk)

    assert 302 == async_to_sync(client.get)("/admin/").status_code
    assert not Session.objects.exists()


def test_who_has_no_cookie_costs_no_query(admin: User, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        Client().get("/healthz")


@pytest.mark.parametrize("by", ["the form for oneself", "the form for people"])
def test_who_changes_the_own_password_stays_signed_in_here_and_nowhere_else(admin: User, by: str) -> None:
    here, elsewhere = Client(), Client()
    here.force_login(admin)
    elsewhere.force_login(admin)
    old = here.post("/api/auth/access-token").json()["access"]
    new = "another-password-9"
    if by == "the form for oneself":
        fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
        response = here.post("/admin/password_change/", fields)
    else:
        fields = {"usable_password": "true", "password1": new, "password2": new}
        response = here.post(f"/admin/accounts/user/{admin.pk}/password/", fields)
    assert 302 == response.status_code

    assert 200 == here.get("/admin/").status_code
    access = here.post("/api/auth/access-token").json()["access"]
    assert [tokens.verify(access).sid] == [str(session.pk) for session in live_sessions()]
    with pytest.raises(tokens.BadToken):
        tokens.verify(old)
    assert 302 == elsewhere.get("/admin/").status_code


def test_a_password_that_is_changed_in_the_admin_ends_the_persons_login_sessions(admin: User, alice: User) -> None:
    hers, admins = Client(), Client()
    hers.force_login(alice)
    admins.force_login(admin)
    new = "another-password-9"
    path = f"/admin/accounts/user/{alice.pk}/password/"
    response = admins.post(path, {"usable_password": "true", "password1": new, "password2": new})

    assert 302 == response.status_code
    assert [admin] == [session.user for session in live_sessions()]
    assert hers.get("/api/auth/session").json() == {"user": None, "connection_token": None}
