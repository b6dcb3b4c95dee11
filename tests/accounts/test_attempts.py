"""Failed sign-ins are counted per person and address."""

import pytest

from teahouse.accounts import attempts

# For the empty cache.
pytestmark = pytest.mark.django_db


def fail(times: int, username: str = "alice", address: str = "1.1.1.1") -> None:
    for _ in range(times):
        assert attempts.begin(username=username, address=address)


def is_over(username: str = "alice", address: str = "1.1.1.1") -> bool:
    return attempts.too_many(username=username, address=address)


def test_ten_failures_are_too_many_for_this_person_from_this_address() -> None:
    fail(9)
    assert not is_over()

    fail(1)
    assert is_over()
    assert is_over(username="ALICE")


def test_an_attempt_beyond_the_limit_may_not_begin_and_takes_nothing_from_others_at_the_address() -> None:
    fail(10)
    for _ in range(200):
        assert not attempts.begin(username="alice", address="1.1.1.1")

    assert not is_over(username="bob")


def test_others_at_the_address_and_the_person_elsewhere_may_still_sign_in() -> None:
    fail(10)

    assert not is_over(username="bob")
    assert not is_over(address="2.2.2.2")


def test_an_address_that_tries_many_people_has_to_stop() -> None:
    for number in range(99):
        fail(1, username=f"person-{number}")
    assert not is_over(username="somebody")

    fail(1, username="person-99")
    assert is_over(username="somebody")
    assert not is_over(username="somebody", address="2.2.2.2")


def test_a_success_forgets_the_failures_of_the_person_and_not_those_of_the_address() -> None:
    for number in range(91):
        fail(1, username=f"person-{number}")
    fail(8)
    fail(1)
    attempts.succeeded(username="alice", address="1.1.1.1")

    fail(1)
    assert is_over()
    assert is_over(username="bob")
    fail(9, address="3.3.3.3")
    attempts.succeeded(username="Alice", address="3.3.3.3")
    fail(9, address="3.3.3.3")
    assert not is_over(address="3.3.3.3")


@pytest.mark.parametrize("username", ["", "茶客", "a\nb", "\ud800", "x" * 10_000], ids=ascii)
def test_any_username_can_be_counted(username: str) -> None:
    fail(10, username=username)

    assert is_over(username=username)
