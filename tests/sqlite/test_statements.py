"""What a connection sets, how long a statement may take, and what became of a transaction in which one failed."""

import contextlib
import math
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, models

from tests.sqlite.conftest import House

_ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        pytest.param("journal_mode", "wal", id="who reads does not wait for who writes"),
        pytest.param("synchronous", 2, id="a commit is on the disk"),
        pytest.param("busy_timeout", 5000, id="other processes are waited for"),
        pytest.param("foreign_keys", 1, id="references hold"),
        pytest.param("wal_autocheckpoint", 1000, id="the log is moved into the file after 4 MB"),
        pytest.param("journal_size_limit", 67_108_864, id="and is cut to 64 MiB then"),
    ],
)
def test_what_each_connection_sets(house: House, pragma: str, value: Any) -> None:
    assert [(value,)] == house.execute(f"PRAGMA {pragma}")


def test_options_of_the_settings_come_first(open_house: Callable[..., House]) -> None:
    house = open_house(timeout=1, transaction_mode="DEFERRED", init_command="PRAGMA temp_store=MEMORY")

    assert [(1000,)] == house.execute("PRAGMA busy_timeout")
    assert [(2,)] == house.execute("PRAGMA temp_store")
    assert "DEFERRED" == house.connection.transaction_mode


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param(_ENDLESS + "SELECT max(i) FROM n", id="a read that computes"),
        pytest.param(_ENDLESS + "SELECT i FROM n WHERE i < 0", id="a read that finds nothing"),
        pytest.param(_ENDLESS + "INSERT INTO tea SELECT i FROM n", id="a write"),
    ],
)
def test_a_statement_that_takes_too_long_is_ended(open_house: Callable[..., House], sql: str) -> None:
    house = open_house(statement_timeout_seconds=0.2)
    began_at = time.monotonic()

    with pytest.raises(OperationalError, match=r"statement ended: it took more than 0\.2 s"):
        house.execute(sql)

    assert time.monotonic() - began_at < 2
    assert [] == house.names()
    house.write("next")


def test_rows_that_take_too_long_are_ended_too(open_house: Callable[..., House]) -> None:
    house = open_house(statement_timeout_seconds=0.2)
    with house.connection.cursor() as cursor:
        cursor.execute(_ENDLESS + "SELECT i FROM n")
        assert (1,) == cursor.fetchone()
        with pytest.raises(OperationalError, match="statement ended"):
            cursor.fetchall()


def test_what_the_caller_does_between_rows_has_no_limit(house: House) -> None:
    with house.connection.cursor() as cursor:
        cursor.execute(_ENDLESS + "SELECT i FROM n")
        assert math.inf == house.connection.connection.statement_ends_at
        cursor.fetchone()
        assert math.inf == house.connection.connection.statement_ends_at


def test_a_repair_may_take_its_time(open_house: Callable[..., House]) -> None:
    house = open_house(statement_timeout_seconds=0.2)
    with house.connection.unlimited():
        assert math.inf == house.connection.connection.statement_timeout_seconds
    assert 0.2 == house.connection.connection.statement_timeout_seconds


def test_a_migration_may_take_its_time(open_house: Callable[..., House]) -> None:
    house = open_house(statement_timeout_seconds=0.2)

    class Cup(models.Model):
        class Meta:
            app_label = "tests_sqlite"

    with house.connection.schema_editor() as editor:
        assert math.inf == house.connection.connection.statement_timeout_seconds
        editor.create_model(Cup)
    assert 0.2 == house.connection.connection.statement_timeout_seconds
    assert [] == house.execute("SELECT * FROM tests_sqlite_cup")


def _fill_the_disk(house: House) -> None:
    house.connection.connection.execute("PRAGMA max_page_count=3")
    try:
        house.execute("INSERT INTO tea VALUES (zeroblob(1000000))")
    finally:
        house.connection.connection.execute("PRAGMA max_page_count=1000000")


def _take_too_long(house: House) -> None:
    house.connection.connection.statement_timeout_seconds = 0.1
    try:
        house.execute(_ENDLESS + "INSERT INTO tea SELECT i FROM n")
    finally:
        house.connection.connection.statement_timeout_seconds = 4


def _write_around(house: House, fail: Callable[[House], None], *, then: str | None = None) -> None:
    """Goes on after the error, as it might with PostgreSQL inside a savepoint."""
    with house.atomic():
        house.write("before")
        with contextlib.suppress(OperationalError):
            fail(house)
        if then is not None:
            house.write(then)


@pytest.mark.parametrize("fail", [_fill_the_disk, _take_too_long], ids=lambda fail: fail.__name__)
class TestATransactionThatSQLiteRolledBackByItself:
    """`sqlite3` says that its commit went well, https://www.sqlite.org/lang_transaction.html#response_to_errors."""

    def test_is_not_committed_though_the_error_was_caught(self, house: House, fail: Callable[[House], None]) -> None:
        with pytest.raises(OperationalError, match="rolled back by SQLite"):
            _write_around(house, fail)

        assert [] == house.names()

    def test_stores_nothing_that_comes_after(self, house: House, fail: Callable[[House], None]) -> None:
        with pytest.raises(OperationalError, match="rolled back by SQLite"):
            _write_around(house, fail, then="after")

        assert [] == house.names()

    def test_leaves_the_connection_as_good_as_new(self, house: House, fail: Callable[[House], None]) -> None:
        with contextlib.suppress(OperationalError):
            _write_around(house, fail)
        with house.atomic():
            house.write("next")

        assert ["next"] == house.names()
