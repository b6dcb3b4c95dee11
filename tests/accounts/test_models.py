"""What a person is called, and what happens when a password is changed, by whichever way it is."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from teahouse.accounts import services
from teahouse.accounts.models import LoginSession, User
from teahouse.realtime.broker.base import Ended
from tests.accounts.conftest import PASSWORD
from tests.realtime.fakes import NotingBroker

pytestmark = pytest.mark.django_db


def test_a_person_is_shown_by_name_and_without_one_by_username(alice: User) -> None:
    assert "alice" == alice.shown_name

    alice.name = "爱丽丝"
    assert ["爱丽丝"] * 4 == [alice.shown_name, alice.get_full_name(), alice.get_short_name(), str(alice)]


@pytest.mark.parametrize("update_fields", [None, ["password"]], ids=["all fields", "the password only"])
def test_a_changed_password_ends_every_login_session_and_voids_what_was_issued(
    alice: User,
    told: NotingBroker,
    update_fields: list[str] | None,
    django_capture_on_commit_callbacks: Any,
) -> None:
    before = timezone.now() - datetime.timedelta(days=1)
    User.objects.filter(pk=alice.pk).update(credentials_changed_at=before)
    alice.refresh_from_db()
    services.start_login_session(user=alice, device="")
    with django_capture_on_commit_callbacks(execute=True):
        alice.set_password("another-password-9")
        alice.save(update_fields=update_fields)

    assert not LoginSession.objects.filter(ended_at=None).exists()
    assert User.objects.get(pk=alice.pk).credentials_changed_at > before
    assert [Ended(user=str(alice.pk))] == told.hints


def test_anything_else_that_is_saved_ends_nothing(
    alice: User, told: NotingBroker, django_capture_on_commit_callbacks: Any
) -> None:
    services.start_login_session(user=alice, device="")
    changed_at = alice.credentials_changed_at
    with django_capture_on_commit_callbacks(execute=True):
        alice.name = "Alice"
        alice.save()
        alice.save(update_fields=["name"])

    assert LoginSession.objects.filter(ended_at=None).exists()
    assert changed_at == User.objects.get(pk=alice.pk).credentials_changed_at
    assert [] == told.hints


def test_a_hash_that_is_renewed_at_sign_in_ends_nothing(alice: User, settings: Any) -> None:
    services.start_login_session(user=alice, device="")
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    assert alice.check_password(PASSWORD)

    assert User.objects.get(pk=alice.pk).password.startswith("scrypt")
    assert LoginSession.objects.filter(ended_at=None).exists()


def test_a_new_person_has_no_login_sessions_to_end(told: NotingBroker, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        services.create_person(username="carol", name="", password=PASSWORD)

    assert [] == told.hints
