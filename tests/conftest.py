"""Where a test belongs (`unit`, `db`, `live`, `browser`) follows from its folder and its fixtures."""

import os
import pathlib
from collections.abc import Iterator

import pytest

from tests import services

_here = pathlib.Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    database = config.getoption("--database")
    for item in items[:]:
        if (on := item.get_closest_marker("on")) is not None and on.args != (database,):
            # Not skipped, which would say that something could not be had.
            items.remove(item)
            config.hook.pytest_deselected(items=[item])
            continue
        parts = item.path.relative_to(_here).parts
        folder, name = parts[0], parts[-1]
        if name == "test_faults.py":
            item.add_marker("live")
        elif name in ("test_broken.py", "test_broken_pages.py"):
            item.add_marker("faults")
        elif item.path.stem.endswith("_on_page") or (folder == "browser" and item.get_closest_marker("pages")):
            item.add_marker("pages")
        elif folder in ("live", "browser"):
            item.add_marker(folder)
        elif item.get_closest_marker("django_db"):
            item.add_marker("db")
        else:
            item.add_marker("unit")


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with services.redis_url() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with services.postgres_server() as url:
        yield url


@pytest.fixture
def database_url(postgres_server: str) -> Iterator[str]:
    """An empty PostgreSQL database of this test's own."""
    with services.new_database(postgres_server) as url:
        yield url


@pytest.fixture(autouse=True, scope="session")
def _nothing_of_the_shell() -> None:
    """Servers under test get their settings from the test, not from whoever started it."""
    for name in ("TEAHOUSE_HOST", "TEAHOUSE_ALLOWED_ORIGINS", "TEAHOUSE_PUBLIC_URL"):
        os.environ.pop(name, None)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """SQLite in a file, as it is used: in memory it has no WAL, and its threads fail where those of a file wait."""
    from django.db import connections

    if connections["default"].vendor == "sqlite":
        connections.settings["default"]["TEST"]["NAME"] = os.path.join(os.environ["TEAHOUSE_DATA"], "tests.sqlite3")


@pytest.fixture(autouse=True)
def _fresh_and_fast(request: pytest.FixtureRequest) -> Iterator[None]:
    """
    Tests marked `db` hash passwords in no time, find the cache (failed sign-ins) empty, and leave no writer of the log
    with its connection behind.
    """
    if not request.node.get_closest_marker("django_db"):
        yield
        return
    from django.core.cache import cache

    from teahouse.chat.log import writer
    from teahouse.chat.search import indexer
    from teahouse.chat.selectors import names, rooms

    cache.clear()
    rooms.forget_cached()
    names.forget()
    request.getfixturevalue("settings").PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    yield
    writer.finish(10)
    indexer.finish(10)
