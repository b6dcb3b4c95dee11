"""Alive, ready, and the figures."""

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test import Client

from teahouse.realtime import engine as engine_module
from teahouse.realtime.engine import Engine
from teahouse.site import health
from teahouse.sqlite import base
from tests.realtime.fakes import NotingBroker, engine_with
from tests.services import wait_until

pytestmark = pytest.mark.django_db


class AwayBroker(NotingBroker):
    def is_up(self) -> bool:
        return False


@pytest.fixture(autouse=True)
def _unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the database is migrated, and safe, is asked once a process; each test begins as one."""
    monkeypatch.setattr(health, "_migrated", False)
    monkeypatch.setattr(health, "_is_durable", False)


@pytest.fixture
def client() -> Client:
    return Client(headers={"host": "localhost"})


def serve(monkeypatch: pytest.MonkeyPatch, broker: NotingBroker) -> Engine:
    engine = engine_with(broker)
    monkeypatch.setattr(engine_module, "_engine", engine)
    return engine


def readiness(client: Client) -> tuple[int, list[str]]:
    response = client.get("/readyz")
    assert (response.status_code == 200) == response.json()["ready"]
    return response.status_code, response.json()["reasons"]


def test_alive_is_whoever_answers_without_asking_the_database(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert 200 == client.get("/healthz").status_code


def test_ready_is_who_has_everything(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (200, []) == readiness(client)

    serve(monkeypatch, NotingBroker())
    assert (200, []) == readiness(client)


def test_a_broker_that_is_away_is_a_reason(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, AwayBroker())

    assert (503, ["Redis does not answer"]) == readiness(client)


def test_draining_is_a_reason_and_reasons_add_up(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, AwayBroker()).is_draining = True

    assert (503, ["Redis does not answer", "the server is about to end"]) == readiness(client)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_not_migrated_is_a_reason_until_it_is(client: Client) -> None:
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.recorder import MigrationRecorder

    ((app, last),) = MigrationLoader(connection).graph.leaf_nodes("chat")
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied(app, last)
    try:
        assert (503, ["the database is not migrated"]) == readiness(client)
    finally:
        recorder.record_applied(app, last)
    assert (200, []) == readiness(client)


@contextlib.contextmanager
def database_away() -> Iterator[None]:
    """Whoever connects from now on finds no database; nothing listens on port 1, and no folder is a file."""
    settings = connections.settings["default"]
    with pytest.MonkeyPatch.context() as patch:
        if connection.vendor == "sqlite":
            patch.setitem(settings, "NAME", "/nowhere/at/all.sqlite3")
        else:
            connection.close_pool()  # type: ignore[attr-defined]
            patch.setitem(settings, "HOST", "127.0.0.1")
            patch.setitem(settings, "PORT", "1")
        yield
    if connection.vendor == "postgresql":
        connection.close_pool()  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_is_a_reason_and_no_fault(client: Client) -> None:
    assert (200, []) == readiness(client)
    connection.close()
    with database_away():
        began_at = time.monotonic()
        assert (503, ["the database does not answer"]) == readiness(client)
        assert time.monotonic() - began_at < 3

    wait_until(lambda: readiness(client) == (200, []), seconds=5)


# What PostgreSQL does is asked in the same place; see test_durability.py.
@pytest.mark.on("sqlite")
def test_a_database_that_may_lose_what_it_stored_is_a_reason(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "_PRAGMAS", ("journal_mode=WAL", "synchronous=OFF"))

    status, (reason,) = readiness(client)

    assert 503 == status
    assert "synchronous=0" in reason


@pytest.mark.on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_many_who_ask_a_database_that_hangs_wait_2_seconds_and_for_one_thread(client: Client) -> None:
    """A transaction that holds the whole table stands for a database that hangs; SQLite's reads wait for nobody."""
    assert (200, []) == readiness(client)
    answers: list[tuple[int, list[str]]] = []
    with transaction.atomic():
        connection.cursor().execute("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
        began_at = time.monotonic()
        threads = [
            threading.Thread(target=lambda: answers.append(readiness(Client(headers={"host": "localhost"}))))
            for _ in range(10)
        ]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(_asking_threads()) == 1)
        for thread in threads:
            thread.join(10)
        assert time.monotonic() - began_at < 3
        assert len(_asking_threads()) <= 1

    assert [(503, ["the database does not answer"])] * 10 == answers
    wait_until(lambda: readiness(client) == (200, []), seconds=5)


def _asking_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "teahouse-ready"]


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        pytest.param("127.0.0.1", {}, 200, id="from this machine"),
        pytest.param("192.168.1.7", {}, 404, id="from another one"),
        pytest.param("127.0.0.1", {"x-forwarded-for": "203.0.113.9"}, 404, id="through a proxy"),
    ],
)
def test_the_figures_are_for_this_machine(client: Client, address: str, headers: dict[str, str], status: int) -> None:
    response = client.get("/metrics", REMOTE_ADDR=address, headers=headers)

    assert status == response.status_code
    assert (status == 200) == (b"teahouse_connections" in response.content)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "status"),
    [
        pytest.param("Bearer " + "t" * 20, 200, id="the token"),
        pytest.param("Bearer " + "t" * 19, 404, id="another one"),
        pytest.param("t" * 20, 404, id="without its word"),
        pytest.param("Bearer é", 404, id="no ASCII"),
        pytest.param("", 404, id="none"),
    ],
)
def test_a_token_opens_the_figures_to_another_machine(client: Client, settings: Any, given: str, status: int) -> None:
    settings.ENV = msgspec.structs.replace(settings.ENV, metrics_token="t" * 20)
    headers = {"Authorization": given} if given else {}

    assert status == client.get("/metrics", REMOTE_ADDR="192.0.2.7", headers=headers).status_code


def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
