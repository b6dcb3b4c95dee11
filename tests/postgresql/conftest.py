"""
A PostgreSQL of these tests' own, which they may stop (SIGSTOP), kill and start again, and a database on it behind the
backend.
"""

import contextlib
import itertools
import os
import pathlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import psycopg
import pytest
from django.db import connections
from django.db.utils import ConnectionHandler

from teahouse.site.databases import database_from
from tests import services

_numbers = itertools.count()


class Postgres:
    """The processes of a server; `stopped` is SIGSTOP for all of them, so that TCP connects and nobody answers."""

    def __init__(self, url: str) -> None:
        self.url = url
        with psycopg.connect(url) as connection:
            row = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
        assert row is not None
        self._main = psutil.Process(int(row[0].splitlines()[0]))

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        # The main process first, or it would start others meanwhile.
        self._main.suspend()
        processes = [self._main, *self._main.children(recursive=True)]
        try:
            for process in processes[1:]:
                process.suspend()
            yield
        finally:
            for process in processes:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.resume()

    def end_sessions(self) -> None:
        """As a restart does: each backend says goodbye and closes. All have when this returns."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )

    def kill_sessions(self) -> None:
        """As a crash does: the main process ends all others and recovers."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            row = connection.execute("SELECT pg_backend_pid()").fetchone()
            assert row is not None
            os.kill(row[0], signal.SIGKILL)
            with contextlib.suppress(psycopg.Error):
                connection.execute("SELECT 1")


@pytest.fixture(scope="package")
def postgres() -> Iterator[Postgres]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        with services.postgres_server() as url:
            yield Postgres(url)


class House:
    """The database, with a table `tea (name)`, reachable from any thread as Django's are."""

    def __init__(self, alias: str) -> None:
        self.alias = alias

    @property
    def connection(self) -> Any:
        """Of this thread."""
        return connections[self.alias]

    def execute(self, sql: str, *params: Any) -> list[Any]:
        """In a connection of its own, which is returned to the pool."""
        try:
            with self.connection.cursor() as cursor:
                cursor.execute(sql, params)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            self.connection.close()

    def in_threads(self, count: int, function: Callable[[], object]) -> list[BaseException | None]:
        """What each call raised."""
        ends: list[BaseException | None] = []

        def run() -> None:
            try:
                function()
            except Exception as error:
                ends.append(error)
            else:
                ends.append(None)
            finally:
                self.connection.close()

        threads = [threading.Thread(target=run, daemon=True) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        return ends


@pytest.fixture
def open_house(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any, tmp_path: pathlib.Path
) -> Iterator[Callable[..., House]]:
    # Pools are kept by alias.
    alias = f"tea{next(_numbers)}"
    with django_db_blocker.unblock(), services.new_database(postgres.url) as url:

        def open_one(**options: Any) -> House:
            settings = database_from(url, data=tmp_path, pool_threads=4)
            settings["OPTIONS"].update(options)
            configured = ConnectionHandler({"default": settings}).settings["default"]
            monkeypatch.setitem(connections.settings, alias, configured)
            house = House(alias)
            house.execute("CREATE TABLE tea (name TEXT)")
            return house

        yield open_one
        if alias in connections.settings:
            connection: Any = connections[alias]
            connection.close()
            connection.close_pool()
            del connections[alias]


@pytest.fixture
def house(open_house: Callable[..., House]) -> House:
    return open_house()
