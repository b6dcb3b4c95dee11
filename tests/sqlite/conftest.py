"""A SQLite file of each test's own behind the backend, reachable from any thread as Django's are."""

import contextlib
import pathlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.utils import ConnectionHandler

from tests.services import wait_until

ALIAS = "file"


class House:
    """The database `ALIAS`, with a table `tea (name)`."""

    def __init__(self, path: str) -> None:
        self.path = path

    @property
    def connection(self) -> Any:
        """Of this thread."""
        return connections[ALIAS]

    def execute(self, sql: str, *params: Any) -> list[Any]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, params)
            return list(cursor.fetchall())

    def write(self, name: str) -> None:
        self.execute("INSERT INTO tea (name) VALUES (%s)", name)

    def names(self) -> list[str]:
        return [name for (name,) in self.execute("SELECT name FROM tea ORDER BY rowid")]

    @staticmethod
    def atomic() -> Any:
        return transaction.atomic(using=ALIAS)

    def in_thread(self, function: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                function()
            finally:
                self.connection.close()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread

    @contextlib.contextmanager
    def somebody_writing(self) -> Iterator[None]:
        """Another thread is in a transaction, and has written "other"."""
        has_written, may_end = threading.Event(), threading.Event()

        def write() -> None:
            with self.atomic():
                self.write("other")
                has_written.set()
                may_end.wait(30)

        thread = self.in_thread(write)
        try:
            assert has_written.wait(10)
            yield
        finally:
            may_end.set()
            thread.join(10)


@pytest.fixture
def open_house(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any
) -> Iterator[Callable[..., House]]:
    with django_db_blocker.unblock():

        def open_one(name: str | None = None, **options: Any) -> House:
            path = name or str(tmp_path / "tea.sqlite3")
            settings = {"ENGINE": "teahouse.sqlite", "NAME": path, "OPTIONS": options}
            configured = ConnectionHandler({"default": settings}).settings["default"]
            monkeypatch.setitem(connections.settings, ALIAS, configured)
            house = House(path)
            house.execute("CREATE TABLE IF NOT EXISTS tea (name TEXT)")
            return house

        yield open_one
        with contextlib.suppress(KeyError, AttributeError):
            connection = connections[ALIAS]
            if connection.in_atomic_block:
                connection.in_atomic_block = False
            connection.close()
            del connections[ALIAS]


@pytest.fixture
def house(open_house: Callable[..., House]) -> House:
    return open_house()


def wait_for_waiting(house: House, count: int) -> None:
    """Until so many threads wait for their turn."""
    lock = house.connection._lock()
    wait_until(lambda: lock.waiting == count, what=f"{count} waiting, not {lock.waiting}")
