"""The whole HTTP API of people, as a browser (cookie and CSRF token) and as a program (tokens) use it."""

import json
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from rest_framework_simplejwt.tokens import RefreshToken

from teahouse.accounts import owner_setup, services, tokens
from teahouse.accounts.models import LoginSession, User
from teahouse.realtime.broker.base import Ended
from tests.accounts.conftest import PASSWORD, new_person
from tests.accounts.problems import assert_problem
from tests.realtime.fakes import NotingBroker

pytestmark = pytest.mark.django_db

ELSEWHERE = "192.168.1.7"
OWNER = {"username": "掌柜", "name": "王掌柜", "password": PASSWORD}


class Visitor:
    """A browser with its cookies, or a program without any; CSRF is enforced as it is for the world."""

    def __init__(self, *, address: str = "127.0.0.1", **headers: str) -> None:
        self.client = Client(enforce_csrf_checks=True, headers={"host": "localhost:8000", **headers})
        self._address = address

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.client.get(f"/api/{path}", REMOTE_ADDR=self._address, headers=headers)

    def post(self, path: str, data: object = None, *, csrf: bool = True, **headers: str) -> HttpResponse:
        """With the CSRF token of the cookie, as the page does, unless `csrf` is False."""
        if csrf and "csrftoken" in self.client.cookies:
            headers = {"X-CSRFToken": self.client.cookies["csrftoken"].value, **headers}
        body = data if isinstance(data, str | bytes) else json.dumps(data or {})
        return self.client.post(
            f"/api/{path}", body, content_type="application/json", REMOTE_ADDR=self._address, headers=headers
        )

    def sign_in(self, username: str, password: str = PASSWORD) -> HttpResponse:
        self.get("auth/session")
        return self.post("auth/session", {"username": username, "password": password})


@pytest.fixture
def browser() -> Visitor:
    visitor = Visitor()
    visitor.get("auth/session")
    return visitor


@pytest.fixture
def program() -> Visitor:
    return Visitor()


def bearer(token: object) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def tokens_of(program: Visitor, username: str) -> dict[str, str]:
    answer: dict[str, str] = program.post("auth/token", {"username": username, "password": PASSWORD}).json()
    return answer


# Setup.


@pytest.fixture
def at_home(settings: Any) -> None:
    """The server was started for this machine alone."""
    settings.TEAHOUSE_AT_HOME = True


@pytest.fixture
def code() -> Iterator[str]:
    yield owner_setup.new_code()
    owner_setup.forget_code()


def test_the_first_visitor_on_this_machine_becomes_the_owner_and_is_signed_in(at_home: None, browser: Visitor) -> None:
    assert {"needed": True, "code_required": False} == browser.get("setup").json()

    response = browser.post("setup", OWNER)

    owner = User.objects.get()
    me = {"id": owner.pk, "username": "掌柜", "name": "王掌柜", "is_admin": True}
    assert (201, {"user": me}) == (response.status_code, response.json())
    assert me == browser.get("auth/session").json()["user"]
    assert {"needed": False, "code_required": False} == browser.get("setup").json()


def test_the_second_visitor_is_told_that_there_is_an_owner(at_home: None, browser: Visitor) -> None:
    browser.post("setup", OWNER)
    late = Visitor(address=ELSEWHERE)
    late.get("auth/session")

    assert_problem(late.post("setup", {**OWNER, "username": "second"}), 409)
    assert 1 == User.objects.count()


def test_a_visitor_from_elsewhere_needs_the_code(code: str) -> None:
    visitor = Visitor(address=ELSEWHERE)
    visitor.get("auth/session")
    assert {"needed": True, "code_required": True} == visitor.get("setup").json()

    for wrong in ({}, {"code": ""}, {"code": "1111-2222-333x"}):
        assert_problem(visitor.post("setup", {**OWNER, **wrong}), 403)
    assert not User.objects.exists()

    assert 201 == visitor.post("setup", {**OWNER, "code": code}).status_code
    assert not (pathlib.Path(settings.TEAHOUSE_DATA) / "setup-code").exists()


def test_a_visitor_on_this_machine_needs_the_code_of_a_server_that_was_not_started_for_it_alone(
    browser: Visitor, code: str
) -> None:
    assert {"needed": True, "code_required": True} == browser.get("setup").json()

    response = browser.post("setup", OWNER)
    assert_problem(response, 403)
    for command in ("teahouse prepare", "teahouse manage createsuperuser"):
        assert command in response.json()["detail"]
    assert 201 == browser.post("setup", {**OWNER, "code": code}).status_code


def test_a_visitor_through_a_proxy_on_this_machine_is_from_elsewhere(at_home: None, code: str) -> None:
    visitor = Visitor(**{"x-forwarded-for": "203.0.113.9"})
    visitor.get("auth/session")

    assert visitor.get("setup").json()["code_required"]
    assert_problem(visitor.post("setup", OWNER), 403)
    assert 201 == visitor.post("setup", {**OWNER, "code": code}).status_code


def test_a_code_is_kept_while_the_person_is_not_right(code: str) -> None:
    visitor = Visitor(address=ELSEWHERE)
    visitor.get("auth/session")
    response = visitor.post("setup", {**OWNER, "password": "short", "code": code})

    assert_problem(response, 400)
    assert ["password"] == list(response.json()["errors"])
    assert 201 == visitor.post("setup", {**OWNER, "code": code}).status_code


def test_wrong_codes_are_counted(code: str) -> None:
    visitor = Visitor(address=ELSEWHERE)
    visitor.get("auth/session")
    for _ in range(10):
        visitor.post("setup", {**OWNER, "code": "wrong"})

    assert_problem(visitor.post("setup", {**OWNER, "code": code}), 429)


def test_another_site_cannot_make_the_owner_in_somebodys_browser(at_home: None, browser: Visitor) -> None:
    assert_problem(browser.post("setup", OWNER, csrf=False), 403)
    assert not User.objects.exists()


# The browser's sign-in.


def test_nobody_is_signed_in_at_first_and_gets_a_csrf_token() -> None:
    visitor = Visitor()

    assert {"user": None, "connection_token": None} == visitor.get("auth/session").json()
    assert visitor.client.cookies["csrftoken"].value


def test_a_person_signs_in_and_is_remembered(alice: User, browser: Visitor) -> None:
    me = {"id": alice.pk, "username": "alice", "name": "alice", "is_admin": False}
    response = browser.sign_in("alice")

    assert (200, {"user": me}) == (response.status_code, response.json())
    assert me == browser.get("auth/session").json()["user"]
    cookie = browser.client.cookies["sessionid"]
    assert (True, "Lax") == (cookie["httponly"], cookie["samesite"])
    assert 1 == LoginSession.objects.filter(user=alice, ended_at=None).count()


def test_signing_in_needs_a_csrf_token(alice: User, browser: Visitor) -> None:
    credentials = {"username": "alice", "password": PASSWORD}

    assert_problem(browser.post("auth/session", credentials, csrf=False), 403)
    assert_problem(browser.post("auth/session", credentials, csrf=False, **{"X-CSRFToken": "x" * 64}), 403)
    assert_problem(Visitor().post("auth/session", credentials), 403)
    assert {"user": None, "connection_token": None} == browser.get("auth/session").json()


@pytest.mark.parametrize(
    "username",
    [
        pytest.param("ａｌｉｃｅ", id="full-width, as an input method types it"),
        pytest.param(" alice ", id="with space around it"),
    ],
)
def test_a_username_is_read_as_it_was_when_the_person_was_made(alice: User, browser: Visitor, username: str) -> None:
    assert 200 == browser.sign_in(username).status_code


@pytest.mark.parametrize(
    ("username", "password"),
    [
        pytest.param("alice", "not-her-password", id="a wrong password"),
        pytest.param("alice", f" {PASSWORD}", id="a password with a space in front"),
        pytest.param("nobody", PASSWORD, id="an unknown username"),
        pytest.param("茶客", PASSWORD, id="a Chinese username that is unknown"),
        pytest.param("dormant", PASSWORD, id="a deactivated person"),
    ],
)
@pytest.mark.parametrize("door", ["auth/session", "auth/token"])
def test_a_sign_in_that_is_not_right_does_not_say_what_was_wrong(
    alice: User, browser: Visitor, door: str, username: str, password: str
) -> None:
    new_person("dormant", is_active=False)
    response = browser.post(door, {"username": username, "password": password})

    assert_problem(response, 401, detail="The username or the password is not right.")
    assert response["WWW-Authenticate"]
    assert {"user": None, "connection_token": None} == browser.get("auth/session").json()


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        pytest.param({}, ["password", "username"], id="nothing"),
        pytest.param({"username": "alice"}, ["password"], id="no password"),
        pytest.param({"username": "", "password": ""}, ["password", "username"], id="blank"),
        pytest.param({"username": None, "password": None}, ["password", "username"], id="null"),
        pytest.param({"username": ["alice"], "password": {}}, ["password", "username"], id="of other types"),
        pytest.param({"username": "a\0b", "password": PASSWORD}, ["username"], id="a NUL"),
        pytest.param({"username": "\ud800", "password": PASSWORD}, ["username"], id="half a surrogate pair"),
        pytest.param({"username": "a" * 151, "password": PASSWORD}, ["username"], id="too long"),
        pytest.param([], ["non_field_errors"], id="a list"),
        pytest.param('"alice"', ["non_field_errors"], id="a string"),
    ],
)
@pytest.mark.parametrize("door", ["auth/session", "auth/token"])
def test_a_sign_in_of_another_shape_is_told_by_its_fields(
    browser: Visitor, door: str, body: object, fields: list[str]
) -> None:
    response = browser.post(door, body if isinstance(body, str) else json.dumps(body))

    assert_problem(response, 400)
    assert fields == sorted(response.json()["errors"])


# Too many attempts.


@pytest.mark.parametrize("door", ["auth/session", "auth/token"])
def test_after_ten_failures_the_person_waits_and_may_still_come_from_elsewhere(alice: User, door: str) -> None:
    guesser, elsewhere = Visitor(address="203.0.113.9"), Visitor(address="203.0.113.10")
    for visitor in (guesser, elsewhere):
        visitor.get("auth/session")
    for _ in range(10):
        assert_problem(guesser.post(door, {"username": "alice", "password": "guess"}), 401)

    assert_problem(guesser.post(door, {"username": "alice", "password": PASSWORD}), 429)
    assert 200 == elsewhere.post(door, {"username": "alice", "password": PASSWORD}).status_code


def test_spelling_a_username_otherwise_gives_no_more_attempts(alice: User, browser: Visitor) -> None:
    for username in ["alice", " alice", "ａｌｉｃｅ", "Alice"] * 3:
        browser.post("auth/session", {"username": username, "password": "guess"})

    assert_problem(browser.post("auth/session", {"username": "alice", "password": PASSWORD}), 429)


# Tokens.


def test_a_program_gets_both_tokens_without_cookies_and_a_login_session_each_time(
    alice: User, program: Visitor
) -> None:
    first, second = tokens_of(program, "alice"), tokens_of(program, "alice")

    assert {"access", "refresh"} == set(first)
    assert not program.client.cookies
    sids = {tokens.verify(text).sid for text in (*first.values(), *second.values())}
    assert {str(session.id) for session in LoginSession.objects.filter(user=alice)} == sids
    assert 2 == len(sids)


def test_a_refresh_token_is_not_replaced_by_being_used(alice: User, program: Visitor) -> None:
    refresh = tokens_of(program, "alice")["refresh"]
    for _ in range(3):
        response = program.post("auth/token/refresh", {"refresh": refresh})

        assert (200, {"access"}) == (response.status_code, set(response.json()))
        assert alice == tokens.verify(response.json()["access"], accept={"access"}).user


@pytest.mark.parametrize("kind", ["an access token", "garbage", "a voided token"])
def test_anything_but_a_good_refresh_token_is_refused(alice: User, program: Visitor, kind: str) -> None:
    given = tokens_of(program, "alice")
    text = {"an access token": given["access"], "garbage": "garbage", "a voided token": given["refresh"]}[kind]
    if kind == "a voided token":
        services.end_all_login_sessions(user=alice)

    assert_problem(program.post("auth/token/refresh", {"refresh": text}), 401)


@pytest.mark.parametrize("body", [{}, {"refresh": ""}, {"refresh": None}, {"refresh": ["x"]}, {"refresh": "x" * 5000}])
def test_a_refresh_of_another_shape_is_told(program: Visitor, body: object) -> None:
    response = program.post("auth/token/refresh", body)

    assert_problem(response, 400)
    assert ["refresh"] == list(response.json()["errors"])


def test_a_page_gets_an_access_token_of_its_own_login_session(alice: User, browser: Visitor) -> None:
    browser.sign_in("alice")
    response = browser.post("auth/access-token")

    assert {"access", "expires_at"} == set(response.json())
    identity = tokens.verify(response.json()["access"], accept={"access"})
    assert (alice, str(LoginSession.objects.get().id)) == (identity.user, identity.sid)


def test_an_access_token_is_for_a_cookie_with_a_csrf_token_only(
    alice: User, browser: Visitor, program: Visitor
) -> None:
    assert_problem(browser.post("auth/access-token"), 401)
    browser.sign_in("alice")

    assert_problem(browser.post("auth/access-token", csrf=False), 403)
    access = tokens_of(program, "alice")["access"]
    assert_problem(program.post("auth/access-token", **bearer(access)), 401)


def test_a_cookie_is_signed_out_whose_login_session_was_ended_by_its_access_token(
    alice: User, browser: Visitor, program: Visitor
) -> None:
    browser.sign_in("alice")
    access = browser.post("auth/access-token").json()["access"]
    assert 204 == program.post("auth/logout", **bearer(access)).status_code

    assert_problem(browser.post("auth/access-token"), 401)
    assert {"user": None, "connection_token": None} == browser.get("auth/session").json()
    assert 1 == LoginSession.objects.count()
    # Signing out of what has ended is fine, and so is signing in again.
    assert 200 == browser.sign_in("alice").status_code
    services.end_all_login_sessions(user=alice)
    assert 204 == browser.post("auth/logout").status_code


# Signing out.


def test_a_browser_signs_out_and_its_tokens_and_connections_end(
    alice: User, browser: Visitor, told: NotingBroker, django_capture_on_commit_callbacks: Any
) -> None:
    browser.sign_in("alice")
    access = browser.post("auth/access-token").json()["access"]
    sid = str(LoginSession.objects.get().id)
    assert_problem(browser.post("auth/logout", csrf=False), 403)
    with django_capture_on_commit_callbacks(execute=True):
        response = browser.post("auth/logout")

    assert (204, b"") == (response.status_code, response.content)
    assert [Ended(sid=sid)] == told.hints
    assert {"user": None, "connection_token": None} == browser.get("auth/session").json()
    with pytest.raises(tokens.BadToken):
        tokens.verify(access)


def test_a_program_signs_out_by_its_access_token(alice: User, program: Visitor) -> None:
    first, second = tokens_of(program, "alice"), tokens_of(program, "alice")

    assert 204 == program.post("auth/logout", **bearer(first["access"])).status_code
    for text in first.values():
        with pytest.raises(tokens.BadToken):
            tokens.verify(text)
    tokens.verify(second["refresh"])
    # Its own token is void now.
    assert_problem(program.post("auth/logout", **bearer(first["access"])), 401)


def test_a_program_signs_out_by_its_refresh_token_however_often(alice: User, program: Visitor) -> None:
    given, other = tokens_of(program, "alice"), tokens_of(program, "alice")
    for _ in range(2):
        assert 204 == program.post("auth/logout", {"refresh": given["refresh"]}).status_code

    with pytest.raises(tokens.BadToken):
        tokens.verify(given["access"])
    tokens.verify(other["access"])


def test_a_refresh_token_without_a_login_session_is_void_after_signing_out(alice: User, program: Visitor) -> None:
    text = str(RefreshToken.for_user(alice))

    assert 204 == program.post("auth/logout", {"refresh": text}).status_code
    assert_problem(program.post("auth/token/refresh", {"refresh": text}), 401)


def test_signing_out_says_when_nothing_says_who(program: Visitor) -> None:
    assert_problem(program.post("auth/logout"), 401)
    assert_problem(program.post("auth/logout", **bearer("garbage")), 401)
    assert_problem(program.post("auth/logout", {"x": "\ud800"}, **bearer("a b")), 401)


@pytest.mark.parametrize("header", ["Bearer", "Bearer garbage", "Bearer a b", "an access token that has ended"])
def test_a_void_access_token_does_not_keep_a_refresh_token_from_signing_out(
    alice: User, program: Visitor, header: str
) -> None:
    ended, given = tokens_of(program, "alice"), tokens_of(program, "alice")
    program.post("auth/logout", {"refresh": ended["refresh"]})
    header = f"Bearer {ended['access']}" if header.startswith("an ") else header
    response = program.post("auth/logout", {"refresh": given["refresh"]}, Authorization=header)

    assert 204 == response.status_code
    with pytest.raises(tokens.BadToken):
        tokens.verify(given["refresh"])


# People.


def test_people_are_listed_by_those_who_are_signed_in_either_way(
    alice: User, browser: Visitor, program: Visitor
) -> None:
    access = tokens_of(program, "alice")["access"]
    browser.sign_in("alice")

    for response in (browser.get("users"), program.get("users", **bearer(access))):
        assert {"results": [{"id": alice.pk, "username": "alice", "name": "alice"}], "next": None} == response.json()


def test_people_are_listed_by_nobody_else(alice: User, program: Visitor) -> None:
    refresh = tokens_of(program, "alice")["refresh"]
    for headers in ({}, bearer("garbage"), bearer(refresh), {"Authorization": "Bearer"}, {"Authorization": "Basic x"}):
        response = program.get("users", **headers)

        assert_problem(response, 401)
        assert response["WWW-Authenticate"].startswith("Bearer")


def test_nothing_private_is_listed_and_nobody_who_may_not_sign_in(alice: User, browser: Visitor) -> None:
    new_person("dormant", is_active=False)
    new_person("bob", email="bob@private.example", name="Bob", is_admin=True)
    browser.sign_in("alice")
    response = browser.get("users")

    assert ["alice", "bob"] == [person["username"] for person in response.json()["results"]]
    assert {"id", "username", "name"} == {key for person in response.json()["results"] for key in person}
    assert "private.example" not in response.content.decode()


def pages_of(browser: Visitor, limit: str) -> list[list[str]]:
    pages, after = [], "0"
    while after is not None:
        page = browser.get(f"users?after={after}&limit={limit}").json()
        pages.append([person["username"] for person in page["results"]])
        after = page["next"]
    return pages


def test_people_come_in_pages(alice: User, browser: Visitor) -> None:
    for number in range(4):
        new_person(f"person-{number}")
    browser.sign_in("alice")
    everybody = ["alice", "person-0", "person-1", "person-2", "person-3"]

    assert [everybody[:2], everybody[2:4], everybody[4:]] == pages_of(browser, "2")
    assert [everybody] == pages_of(browser, "5")
    assert [everybody] == pages_of(browser, "")
    assert [[name] for name in everybody] == pages_of(browser, "1")


@pytest.mark.parametrize("limit", ["", "500"])
def test_a_page_has_500_people_at_most_and_says_that_there_are_more(alice: User, browser: Visitor, limit: str) -> None:
    User.objects.bulk_create(User(username=f"person-{number}") for number in range(600))
    browser.sign_in("alice")

    assert [500, 101] == [len(page) for page in pages_of(browser, limit)]


@pytest.mark.parametrize(
    "query",
    [
        "after=x",
        "after=-1",
        "after=" + "9" * 19,
        "after=" + "9" * 5_000,
        "limit=1.5",
        "limit=0",
        "limit=501",
        "limit=-1",
    ],
    ids=lambda query: query[:12],
)
def test_a_page_that_there_is_not_is_told(alice: User, browser: Visitor, query: str) -> None:
    browser.sign_in("alice")
    response = browser.get(f"users?{query}")

    assert_problem(response, 400)
    assert [query.split("=")[0]] == list(response.json()["errors"])


def test_an_admin_adds_a_person_who_can_sign_in(admin: User, browser: Visitor) -> None:
    browser.sign_in("root")
    response = browser.post("users", {"username": "茶客", "name": "", "password": PASSWORD})

    person = User.objects.get(username="茶客")
    assert (201, {"id": person.pk, "username": "茶客", "name": "茶客", "is_admin": False}) == (
        response.status_code,
        response.json(),
    )
    assert 200 == Visitor().post("auth/token", {"username": "茶客", "password": PASSWORD}).status_code


def test_nobody_but_an_admin_adds_people(alice: User, browser: Visitor, program: Visitor) -> None:
    person = {"username": "carol", "password": PASSWORD, "is_staff": True, "is_admin": True}
    browser.sign_in("alice")

    assert_problem(browser.post("users", person), 403)
    assert_problem(program.post("users", person), 401)
    assert not User.objects.filter(username="carol").exists()


def test_being_staff_is_not_enough_to_add_people_and_the_permission_is(alice: User, browser: Visitor) -> None:
    carol = {"username": "carol", "password": PASSWORD}
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    browser.sign_in("alice")
    assert_problem(browser.post("users", carol), 403)

    alice.user_permissions.add(Permission.objects.get(codename="add_user"))
    assert 201 == browser.post("users", carol).status_code
    assert 200 == browser.get("users").status_code


@pytest.mark.parametrize(
    ("permissions", "is_admin"),
    [([], False), (["add_user"], False), (["add_notice"], False), (["add_user", "add_notice"], True)],
    ids=str,
)
def test_an_admin_may_add_people_and_notices(
    alice: User, browser: Visitor, permissions: list[str], is_admin: bool
) -> None:
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    alice.user_permissions.set(Permission.objects.filter(codename__in=permissions))

    assert is_admin == browser.sign_in("alice").json()["user"]["is_admin"]


def test_what_only_an_admin_may_say_about_a_person_is_passed_over(admin: User, browser: Visitor) -> None:
    browser.sign_in("root")
    browser.post("users", {"username": "carol", "password": PASSWORD, "is_staff": True, "is_admin": True})

    assert not User.objects.get(username="carol").is_staff


def test_an_admin_is_told_what_is_not_right_about_a_person(admin: User, alice: User, browser: Visitor) -> None:
    browser.sign_in("root")
    for person, field in (
        ({"username": "ALICE", "password": PASSWORD}, "username"),
        ({"username": "two words", "password": PASSWORD}, "username"),
        ({"username": "carol", "password": "short"}, "password"),
        ({"username": "carol", "password": PASSWORD, "name": "n" * 81}, "name"),
    ):
        response = browser.post("users", person)

        assert_problem(response, 400)
        assert [field] == list(response.json()["errors"])


# Every error.


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        pytest.param("application/json", "{", 400, id="broken JSON"),
        pytest.param("application/json", b"\xff\xfe", 400, id="no UTF-8"),
        pytest.param("application/json", "[" * 100_000, 400, id="JSON that is 100,000 deep"),
        pytest.param("application/json", "NaN", 400, id="not a number"),
        pytest.param("application/json", '"' + "x" * 1_048_576, 413, id="one byte more than is taken"),
        pytest.param("text/plain", "hello", 415, id="no JSON"),
        pytest.param("application/x-www-form-urlencoded", "username=alice", 415, id="a form, as another site can send"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_problem(content_type: str, body: str | bytes, status: int) -> None:
    response = Client(headers={"host": "localhost"}).post("/api/auth/token", body, content_type=content_type)

    assert_problem(response, status)


@pytest.mark.parametrize("path", ["setup", "auth/session", "auth/token", "auth/token/refresh", "auth/logout", "users"])
def test_a_method_that_there_is_not_is_a_problem(admin: User, browser: Visitor, path: str) -> None:
    browser.sign_in("root")
    csrf = {"X-CSRFToken": browser.client.cookies["csrftoken"].value}
    response = browser.client.delete(f"/api/{path}", headers=csrf)

    assert_problem(response, 405)
    assert "POST" in response["Allow"]
