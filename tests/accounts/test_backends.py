"""Checking a password: within limits by person and address, and never many at once, whichever door it comes through."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import aauthenticate, authenticate
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.http import HttpRequest
from django.test import Client, RequestFactory

from teahouse.accounts import attempts, backends
from teahouse.accounts.models import FailedSignIns, User
from tests.accounts.conftest import PASSWORD, new_person
from tests.accounts.problems import assert_problem

pytestmark = pytest.mark.django_db

ADDRESS = "203.0.113.9"


def asked(address: str = ADDRESS) -> HttpRequest:
    return RequestFactory().post("/", REMOTE_ADDR=address)


def fail(times: int, username: str = "alice") -> None:
    for _ in range(times):
        assert authenticate(asked(), username=username, password="guess") is None


# The limit.


def test_after_ten_failures_even_the_right_password_is_refused_from_there(alice: User) -> None:
    fail(9)
    assert alice == authenticate(asked(), username="alice", password=PASSWORD)
    fail(10)

    assert authenticate(asked(), username="alice", password=PASSWORD) is None
    assert alice == authenticate(asked("203.0.113.10"), username="alice", password=PASSWORD)


def test_it_holds_in_the_event_loop_too(alice: User) -> None:
    fail(10)

    assert async_to_sync(aauthenticate)(asked(), username="alice", password=PASSWORD) is None
    there = asked("203.0.113.10")
    assert alice == async_to_sync(aauthenticate)(there, username="alice", password=PASSWORD)


def test_guesses_in_the_admin_and_over_the_api_are_counted_together(admin: User) -> None:
    admins, api = Client(REMOTE_ADDR=ADDRESS), Client(REMOTE_ADDR=ADDRESS, headers={"host": "localhost"})
    for _ in range(5):
        admins.post("/admin/login/", {"username": "root", "password": "guess"})
        api.post("/api/auth/token", {"username": "root", "password": "guess"}, content_type="application/json")
    response = admins.post("/admin/login/", {"username": "root", "password": PASSWORD})

    assert 200 == response.status_code
    assert "sessionid" not in admins.cookies
    credentials = {"username": "root", "password": PASSWORD}
    assert_problem(api.post("/api/auth/token", credentials, content_type="application/json"), 429)


def test_a_success_is_not_counted(alice: User) -> None:
    for _ in range(20):
        assert alice == authenticate(asked(), username="alice", password=PASSWORD)

    assert [0] == list(FailedSignIns.objects.values_list("count", flat=True))


def test_a_shell_is_not_limited(alice: User) -> None:
    for _ in range(20):
        assert authenticate(username="alice", password="guess") is None

    assert alice == authenticate(username="alice", password=PASSWORD)
    assert not FailedSignIns.objects.exists()


# Many at once.


class SlowHasher(MD5PasswordHasher):
    """Hashes when the test says so."""

    begun: ClassVar[threading.Semaphore]
    go_on: ClassVar[threading.Event]

    def encode(self, password: str, salt: str) -> str:
        self.begun.release()
        assert self.go_on.wait(30)
        return str(super().encode(password, salt))


@pytest.fixture
def slow(settings: Any, monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> Iterator[type[SlowHasher]]:
    """People are there already; from now on a password is hashed only when the test lets it."""
    new_person("alice")
    new_person("root", is_admin=True)
    SlowHasher.begun, SlowHasher.go_on = threading.Semaphore(0), threading.Event()
    settings.PASSWORD_HASHERS = [f"{__name__}.SlowHasher"]
    monkeypatch.setattr(backends, "_WAIT_SECONDS", 0.05)
    yield SlowHasher
    SlowHasher.go_on.set()


@contextlib.contextmanager
def hashing(slow: type[SlowHasher], *usernames: str) -> Iterator[list[object]]:
    """While each of them has a (wrong) password checked; what became of it is there afterwards."""
    outcomes: list[object] = []

    def guess(username: str) -> None:
        outcomes.append(authenticate(asked(), username=username, password="guess"))
        connection.close()

    threads = [threading.Thread(target=guess, args=(username,)) for username in usernames]
    for thread in threads:
        thread.start()
        assert slow.begun.acquire(timeout=30)
    try:
        yield outcomes
    finally:
        slow.go_on.set()
        for thread in threads:
            thread.join(30)


@pytest.mark.parametrize("usernames", [("alice", "alice"), ("nobody", "nobody-else")], ids=["known", "unknown"])
@pytest.mark.parametrize("username", ["alice", "nobody"])
def test_two_passwords_are_hashed_at_once_and_no_third(
    slow: type[SlowHasher], usernames: tuple[str, str], username: str
) -> None:
    with hashing(slow, *usernames) as outcomes:
        for request in (asked("203.0.113.10"), None):
            with pytest.raises(backends.TooBusy):
                authenticate(request, username=username, password=PASSWORD)
        assert not slow.begun.acquire(blocking=False)
    assert [None, None] == outcomes
    # Places are given back.
    for _ in range(3):
        authenticate(asked("203.0.113.10"), username="alice", password=PASSWORD)


def test_who_waited_in_vain_has_not_failed(slow: type[SlowHasher]) -> None:
    with hashing(slow, "nobody", "nobody-else"):
        for _ in range(15):
            with pytest.raises(backends.TooBusy):
                authenticate(asked(), username="alice", password="guess")

    assert not attempts.too_many(username="alice", address=ADDRESS)


def test_the_api_says_when_to_come_back(slow: type[SlowHasher]) -> None:
    with hashing(slow, "nobody", "nobody-else"):
        credentials = {"username": "alice", "password": PASSWORD}
        response = Client(headers={"host": "localhost"}).post(
            "/api/auth/token", credentials, content_type="application/json"
        )

    assert_problem(response, 503, detail="Too many people are signing in at this moment. Try again in a few seconds.")
    assert "5" == response["Retry-After"]


def test_the_admin_says_that_it_is_busy(slow: type[SlowHasher]) -> None:
    with hashing(slow, "nobody", "nobody-else"):
        response = Client().post("/admin/login/", {"username": "root", "password": PASSWORD})

    assert 200 == response.status_code
    assert "Too many people are signing in" in response.content.decode()


def test_a_guess_counts_while_it_is_being_checked(slow: type[SlowHasher]) -> None:
    for _ in range(9):
        attempts.begin(username="alice", address=ADDRESS)
    with hashing(slow, "alice"):
        assert authenticate(asked(), username="alice", password=PASSWORD) is None
        assert not slow.begun.acquire(blocking=False)


@pytest.mark.django_db
def test_the_case_of_a_username_need_not_be_right() -> None:
    User.objects.create_user("mei", password="tea-and-water-9")

    for typed in ("mei", "Mei", "MEI"):
        assert authenticate(None, username=typed, password="tea-and-water-9") is not None
    assert authenticate(None, username="Mei", password="Tea-and-water-9") is None
