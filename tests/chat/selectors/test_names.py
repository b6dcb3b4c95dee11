"""The names that are kept in memory, and when they are forgotten."""

from typing import Any

import pytest
from django.db import transaction

from teahouse.accounts.models import User
from teahouse.chat.selectors import names
from teahouse.chat.selectors.people import people_found
from tests.accounts.conftest import new_person


def usernames() -> list[str]:
    return [one.username for one in names.names().all]


@pytest.mark.django_db(transaction=True)
def test_who_is_new_is_known_once_it_is_committed(transactional_db: Any) -> None:
    new_person("alice")
    assert ["alice"] == usernames()
    with transaction.atomic():
        new_person("bob")
        # As another thread meanwhile, which reads what was.
        before = names.names()
    assert ["alice", "bob"] == usernames()
    assert ["alice"] == [one.username for one in before.all]


@pytest.mark.django_db(transaction=True)
def test_who_may_not_sign_in_any_more_is_not_found(transactional_db: Any) -> None:
    new_person("alice")
    assert ["alice"] == usernames()
    # Past the signal, as another process would.
    User.objects.update(is_active=False)

    assert ["alice"] == usernames()
    assert [] == people_found("ali", limit=5)


@pytest.mark.django_db
def test_names_are_read_once_and_signing_in_does_not_forget_them(
    alice: User, django_assert_num_queries: Any, django_capture_on_commit_callbacks: Any
) -> None:
    first = names.names()
    with django_capture_on_commit_callbacks(execute=True):
        alice.save(update_fields=["last_login"])

    with django_assert_num_queries(0):
        assert first is names.names()
        assert {"alice": alice.pk} == names.names().by_mention
    with django_capture_on_commit_callbacks(execute=True):
        alice.username = "alicia"
        alice.save()
    assert ["alicia"] == usernames()
