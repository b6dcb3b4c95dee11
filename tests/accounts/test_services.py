"""Making people and ending login sessions: once, whole, and told to the engine after the commit."""

import contextlib
import threading
import unicodedata
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from teahouse.accounts import services, tokens
from teahouse.accounts.models import LoginSession, User
from teahouse.realtime.broker.base import Ended
from tests.accounts.conftest import PASSWORD
from tests.realtime.fakes import NotingBroker

pytestmark = pytest.mark.django_db


# The owner.


def test_the_owner_is_the_first_person_and_may_do_everything() -> None:
    owner = services.create_owner(username="掌柜", name="王掌柜", password=PASSWORD)

    assert ("掌柜", "王掌柜", True, True, True) == (
        owner.username,
        owner.shown_name,
        owner.is_active,
        owner.is_staff,
        owner.is_superuser,
    )
    assert owner.check_password(PASSWORD)


def test_there_is_one_owner_at_most(alice: User) -> None:
    with pytest.raises(services.AlreadySetUp):
        services.create_owner(username="second", name="", password=PASSWORD)

    assert 1 == User.objects.count()


def test_an_owner_that_is_refused_leaves_the_house_without_one() -> None:
    with pytest.raises(ValidationError):
        services.create_owner(username="owner", name="", password="short")

    assert services.create_owner(username="owner", name="", password=PASSWORD).pk


@pytest.mark.django_db(transaction=True)
def test_of_many_owners_at_once_one_is_made() -> None:
    outcomes: list[str] = []
    barrier = threading.Barrier(6, timeout=30)

    def create(number: int) -> None:
        connection.ensure_connection()
        barrier.wait()
        try:
            services.create_owner(username=f"owner-{number}", name="", password=PASSWORD)
            outcomes.append("made")
        except services.AlreadySetUp:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=create, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ["made", *["refused"] * 5] == sorted(outcomes)
    assert 1 == User.objects.count()


# People.


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param("alice", "alice", id="plain"),
        pytest.param("茶客", "茶客", id="Chinese"),
        pytest.param("王小明2024", "王小明2024", id="Chinese with digits"),
        pytest.param("a.b+c-d_e@f", "a.b+c-d_e@f", id="the marks that may be"),
        pytest.param("  alice ", "alice", id="space around it"),
        pytest.param("ａｌｉｃｅ", "alice", id="full-width letters, as an input method types them"),
        pytest.param(unicodedata.normalize("NFD", "José"), "José", id="a letter in two parts"),
        pytest.param("a", "a", id="one character"),
        pytest.param("a" * 150, "a" * 150, id="150 characters"),
    ],
)
def test_a_username_is_kept_as_it_will_be_looked_for(given: str, kept: str) -> None:
    person = services.create_person(username=given, name="", password=PASSWORD)

    assert kept == person.username
    assert (False, False, True) == (person.is_staff, person.is_superuser, person.is_active)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"username": ""}, "username", id="no username"),
        pytest.param({"username": "  "}, "username", id="a blank username"),
        pytest.param({"username": "a" * 151}, "username", id="a username of 151 characters"),
        pytest.param({"username": "two words"}, "username", id="a space in the username"),
        pytest.param({"username": "a/b"}, "username", id="a slash in the username"),
        pytest.param({"username": "a\x00b"}, "username", id="a NUL in the username"),
        pytest.param({"username": "a\u200bb"}, "username", id="an invisible character in the username"),
        pytest.param({"username": "a\u202eb"}, "username", id="a turned writing direction in the username"),
        pytest.param({"username": "茶！"}, "username", id="a Chinese mark in the username"),
        pytest.param({"username": "🍵"}, "username", id="an emoji as username"),
        pytest.param({"name": "n" * 81}, "name", id="a name of 81 characters"),
        pytest.param({"password": ""}, "password", id="no password"),
        pytest.param({"password": "short-7"}, "password", id="a password of 7 characters"),
        pytest.param({"password": "1234567890"}, "password", id="digits only"),
        pytest.param({"password": "password123"}, "password", id="a common password"),
        pytest.param({"username": "teahouse-lover", "password": "teahouse-lover"}, "password", id="the username"),
        pytest.param({"password": "x9-" * 334}, "password", id="a password of 1,002 characters"),
    ],
)
def test_what_is_not_right_is_said_by_its_field_and_nobody_is_made(changes: dict[str, str], field: str) -> None:
    person = {"username": "alice", "name": "Alice", "password": PASSWORD, **changes}
    with pytest.raises(ValidationError) as caught:
        services.create_person(**person)

    assert [field] == list(caught.value.message_dict)
    assert all(caught.value.message_dict[field])
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "username",
    [
        pytest.param("alice", id="the same"),
        pytest.param("ALICE", id="another case"),
        pytest.param(" Alice", id="another case and a space"),
        pytest.param("ＡＬＩＣＥ", id="full-width"),
    ],
)
def test_a_username_that_only_looks_different_is_taken(alice: User, username: str) -> None:
    with pytest.raises(ValidationError) as caught:
        services.create_person(username=username, name="", password=PASSWORD)

    assert ["Somebody has this username already."] == caught.value.message_dict["username"]
    assert 1 == User.objects.count()


# Login sessions.


def test_a_login_session_keeps_what_device_it_is_as_far_as_it_can_be_printed(alice: User) -> None:
    session = services.start_login_session(user=alice, device="Fire\x1bfox\n" + "x" * 300)

    assert "Firefox" + "x" * 193 == LoginSession.objects.get(pk=session.pk).device


def test_ending_a_login_session_is_told_after_the_commit_and_once(
    alice: User, told: NotingBroker, django_capture_on_commit_callbacks: Any
) -> None:
    ended, other = (services.start_login_session(user=alice, device="") for _ in range(2))
    with django_capture_on_commit_callbacks(execute=True):
        services.end_login_session(sid=ended.id)
        services.end_login_session(sid=ended.id)
        services.end_login_session(sid=uuid.uuid4())
        assert [] == told.hints
    first_end = LoginSession.objects.get(pk=ended.pk).ended_at
    services.end_login_session(sid=ended.id)

    assert [Ended(sid=str(ended.id))] == told.hints
    assert first_end is not None
    assert first_end == LoginSession.objects.get(pk=ended.pk).ended_at
    assert LoginSession.objects.get(pk=other.pk).ended_at is None


def test_ending_all_login_sessions_of_a_person_ends_none_of_another(
    alice: User, bob: User, told: NotingBroker, django_capture_on_commit_callbacks: Any
) -> None:
    for user in (alice, alice, bob):
        services.start_login_session(user=user, device="")
    with django_capture_on_commit_callbacks(execute=True):
        services.end_all_login_sessions(user=alice)

    assert [bob.pk] == list(LoginSession.objects.filter(ended_at=None).values_list("user_id", flat=True))
    # By the person: there may be connections whose token names no login session.
    assert [Ended(user=str(alice.pk))] == told.hints


@pytest.mark.django_db(transaction=True)
def test_a_sign_out_that_is_rolled_back_tells_nobody(alice: User, told: NotingBroker) -> None:
    session = services.start_login_session(user=alice, device="")
    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        services.end_login_session(sid=session.id)
        raise ZeroDivisionError

    assert [] == told.hints
    assert LoginSession.objects.get(pk=session.pk).ended_at is None


@pytest.mark.parametrize("kind", [0, 1], ids=["refresh token", "access token"])
def test_a_token_ends_the_login_session_it_names(alice: User, kind: int) -> None:
    session = services.start_login_session(user=alice, device="")
    text = str(tokens.issue_tokens(user=alice, login_session=session)[kind])
    services.end_login_session_of_token(text=text)
    services.end_login_session_of_token(text=text)

    assert LoginSession.objects.get(pk=session.pk).ended_at is not None


def test_a_refresh_token_that_names_no_login_session_is_blacklisted(alice: User) -> None:
    text = str(RefreshToken.for_user(alice))
    services.end_login_session_of_token(text=text)
    services.end_login_session_of_token(text=text)

    with pytest.raises(tokens.BadToken):
        tokens.verify(text)


@pytest.mark.parametrize(
    "text_of",
    [
        pytest.param(lambda user: "garbage", id="garbage"),
        pytest.param(lambda user: "", id="empty"),
        pytest.param(lambda user: str(AccessToken.for_user(user)), id="an access token that names no session"),
    ],
)
def test_a_token_that_ends_nothing_is_passed_over(alice: User, text_of: Callable[[User], str]) -> None:
    session = services.start_login_session(user=alice, device="")
    services.end_login_session_of_token(text=text_of(alice))

    assert LoginSession.objects.get(pk=session.pk).ended_at is None
