"""What lifts the limits of statements, and puts them back."""

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from django.db import Error, transaction

from tests.postgresql.conftest import House


def limits(house: House) -> tuple[Any, ...]:
    """Of this thread's connection: the client's, and the two of the server."""
    with house.connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
        return (house.connection.connection.answer_timeout_seconds, *cursor.fetchone())


_EVERY_DAY = (4.5, "4s", "3s")
_NONE = (None, "0", "0")


def test_every_connection_has_them(house: House) -> None:
    assert _EVERY_DAY == limits(house)


def test_a_repair_may_take_its_time(house: House) -> None:
    with house.connection.unlimited():
        assert _NONE == limits(house)
        with house.connection.unlimited():
            assert _NONE == limits(house)
        assert _NONE == limits(house)
    assert _EVERY_DAY == limits(house)


def test_a_migration_may_take_its_time(house: House) -> None:
    with house.connection.schema_editor() as editor:
        assert _NONE == limits(house)
        editor.execute("CREATE TABLE cup (name TEXT)")
    assert _EVERY_DAY == limits(house)


@pytest.mark.parametrize("is_within", [False, True], ids=["alone", "within a transaction"])
def test_a_migration_that_fails_puts_them_back(house: House, is_within: bool) -> None:
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.suppress(Error))
        if is_within:
            stack.enter_context(transaction.atomic(using=house.alias))
        editor = stack.enter_context(house.connection.schema_editor())
        editor.execute("CREATE NONSENSE")

    assert _EVERY_DAY == limits(house)


def test_a_connection_that_is_returned_meanwhile_is_nobody_elses(house: House) -> None:
    with house.connection.unlimited():
        house.connection.close()
        for _ in range(10):
            assert _EVERY_DAY == limits(house)
            house.connection.close()


def test_options_may_change_them(open_house: Callable[..., House]) -> None:
    house = open_house(answer_timeout_seconds=1.5, options="-c statement_timeout=1s -c lock_timeout=2s")
    assert (1.5, "1s", "2s") == limits(house)
