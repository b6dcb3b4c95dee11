"""A server that says nothing any more frees our threads, is not taken for one that has answered, and is found again."""

import contextlib
import threading
import time
from collections.abc import Callable

import pytest
from django.db import OperationalError, transaction

from tests.postgresql.conftest import House, Postgres
from tests.services import wait_until

# What `log.append` waits for at most; a thread that waits longer answers nobody.
_MOST_SECONDS = 8


def test_a_statement_ends_with_an_error(open_house: Callable[..., House], postgres: Postgres) -> None:
    house = open_house(answer_timeout_seconds=0.5)
    house.execute("SELECT 1")
    began_at = time.monotonic()

    with postgres.stopped(), pytest.raises(OperationalError, match=r"did not answer within 0\.5 s"):
        house.execute("SELECT 1")

    assert time.monotonic() - began_at < 2


def test_every_thread_is_free_within_the_time_of_a_send(house: House, postgres: Postgres) -> None:
    """With the settings as they are; more threads than the pool has connections."""
    house.in_threads(6, lambda: house.execute("SELECT pg_sleep(0.05)"))
    began_at = time.monotonic()

    with postgres.stopped():
        ends = house.in_threads(12, lambda: house.execute("INSERT INTO tea VALUES ('a')"))
        assert time.monotonic() - began_at < _MOST_SECONDS

    assert [OperationalError] * 12 == [type(end) for end in ends]


def test_a_transaction_that_was_not_committed_is_not_stored(
    open_house: Callable[..., House], postgres: Postgres
) -> None:
    house = open_house(answer_timeout_seconds=0.5)
    with contextlib.suppress(OperationalError), transaction.atomic(using=house.alias):
        house.connection.cursor().execute("INSERT INTO tea VALUES ('a')")
        with postgres.stopped():
            house.connection.cursor().execute("INSERT INTO tea VALUES ('b')")
    house.connection.close()

    assert [] == house.execute("SELECT name FROM tea")


def test_a_commit_without_an_answer_is_an_error_whatever_became_of_it(
    open_house: Callable[..., House], postgres: Postgres
) -> None:
    house = open_house(answer_timeout_seconds=0.5)
    with contextlib.ExitStack() as stack:

        def write_and_commit() -> None:
            with transaction.atomic(using=house.alias):
                house.connection.cursor().execute("INSERT INTO tea VALUES ('a')")
                stack.enter_context(postgres.stopped())

        with pytest.raises(OperationalError, match="did not answer"):
            write_and_commit()
    house.connection.close()

    assert house.execute("SELECT count(*) FROM tea") in ([(0,)], [(1,)])


def test_it_is_found_again_within_5_seconds_by_each_thread(house: House, postgres: Postgres) -> None:
    with postgres.stopped():
        ends = house.in_threads(6, lambda: house.execute("SELECT 1"))
        assert None not in ends
    began_at = time.monotonic()

    wait_until(lambda: _answers(house, 6), seconds=10)

    assert time.monotonic() - began_at < 5


@pytest.mark.parametrize("end", [Postgres.end_sessions, Postgres.kill_sessions], ids=["restarted", "crashed"])
def test_connections_that_ended_while_nobody_used_them_are_replaced_at_once(
    house: House, postgres: Postgres, end: Callable[[Postgres], None]
) -> None:
    house.in_threads(6, lambda: house.execute("SELECT pg_sleep(0.05)"))
    end(postgres)
    if end is Postgres.kill_sessions:
        wait_until(lambda: _is_up(postgres))

    assert [None] * 6 == house.in_threads(6, lambda: house.execute("SELECT 1"))


def test_a_server_that_only_works_long_is_told_to_stop_and_keeps_its_connection(house: House) -> None:
    pid = house.execute("SELECT pg_backend_pid()")
    began_at = time.monotonic()

    with pytest.raises(OperationalError, match="statement timeout"):
        house.execute("SELECT pg_sleep(10)")

    assert 3.9 < time.monotonic() - began_at < 4.5
    assert pid == house.execute("SELECT pg_backend_pid()")


def test_a_lock_is_waited_for_3_seconds(house: House) -> None:
    has_locked, may_end = threading.Event(), threading.Event()

    def lock() -> None:
        with transaction.atomic(using=house.alias), house.connection.cursor() as cursor:
            cursor.execute("LOCK TABLE tea")
            has_locked.set()
            may_end.wait(20)

    thread = threading.Thread(target=house.in_threads, args=[1, lock])
    thread.start()
    assert has_locked.wait(10)
    with pytest.raises(OperationalError, match="lock timeout"):
        house.execute("SELECT name FROM tea")
    may_end.set()
    thread.join(10)


def _answers(house: House, count: int) -> bool:
    return house.in_threads(count, lambda: house.execute("SELECT 1") and None) == [None] * count


def _is_up(postgres: Postgres) -> bool:
    try:
        Postgres(postgres.url)
    except Exception:
        return False
    return True
