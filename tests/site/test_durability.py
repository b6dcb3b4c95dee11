"""What a database really does with a commit, and what is refused."""

import pathlib
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import connections
from django.db.utils import ConnectionHandler, OperationalError

from teahouse.site import durability
from teahouse.site.alone import STARTUP_FAILURE
from teahouse.site.databases import database_from

ALIAS = "asked"


def connection_to(settings: dict[str, Any]) -> Any:
    return ConnectionHandler({"default": settings})["default"]


@pytest.fixture
def sqlite(tmp_path: pathlib.Path, django_db_blocker: Any) -> Iterator[Any]:
    with django_db_blocker.unblock():
        connection = connection_to(database_from(None, data=tmp_path, pool_threads=1))
        yield connection
        connection.close()


def test_sqlite_as_we_open_it_keeps_what_it_says(sqlite: Any) -> None:
    durability.check(sqlite)


@pytest.mark.parametrize(
    ("pragma", "said"),
    [
        pytest.param("synchronous=NORMAL", "synchronous=1", id="commits wait for nothing"),
        pytest.param("synchronous=OFF", "synchronous=0", id="nothing waits"),
        pytest.param("journal_mode=DELETE", "journal_mode=delete", id="another journal"),
    ],
)
def test_sqlite_opened_otherwise_is_refused(sqlite: Any, pragma: str, said: str) -> None:
    sqlite.cursor().execute(f"PRAGMA {pragma}")

    with pytest.raises(durability.UnsafeDatabase) as caught:
        durability.check(sqlite)

    assert said in str(caught.value)
    assert durability.ALLOW_UNSAFE in str(caught.value)
    assert "\n" not in str(caught.value)
    durability.check(sqlite, is_unsafe_allowed=True)


_MOUNTS = """\
/dev/vda1 / ext4 rw,relatime 0 0
tmpfs /srv tmpfs rw 0 0
host:/tea /srv/tea nfs4 rw,vers=4.2 0 0
/dev/vdb1 /srv/tea/local xfs rw 0 0
//host/share /mnt/my\\040tea cifs rw 0 0
me@host:/ /home/me/far fuse.sshfs rw 0 0
broken
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        pytest.param("/var/lib/tea/t.sqlite3", "ext4", id="the root"),
        pytest.param("/srv/t.sqlite3", "tmpfs", id="a mount"),
        pytest.param("/srv/tea/t.sqlite3", "nfs4", id="a mount in a mount"),
        pytest.param("/srv/teahouse/t.sqlite3", "tmpfs", id="a name that begins like a mount"),
        pytest.param("/srv/tea/local/t.sqlite3", "xfs", id="a local one in a far one"),
        pytest.param("/mnt/my tea/t.sqlite3", "cifs", id="a name with a space"),
        pytest.param("/home/me/far/t.sqlite3", "fuse.sshfs", id="in user space"),
    ],
)
def test_where_a_file_is(path: str, kind: str) -> None:
    assert kind == durability.file_system_of(pathlib.Path(path), _MOUNTS)


def test_the_kernel_knows_where_this_test_is() -> None:
    if sys.platform == "linux":
        assert durability.file_system_of(pathlib.Path(__file__))
    else:
        assert durability.file_system_of(pathlib.Path(__file__)) is None


def test_a_network_file_system_is_refused(sqlite: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    here = durability.file_system_of(pathlib.Path(sqlite.settings_dict["NAME"])) or "none"
    # None can be mounted in a test, so the list learns the name of ours.
    monkeypatch.setattr(durability, "_NETWORK_FILE_SYSTEMS", frozenset([here, "none"]))
    if sys.platform == "linux":
        with pytest.raises(durability.UnsafeDatabase, match="network file system"):
            durability.check(sqlite)


@pytest.fixture
def postgresql_settings(
    database_url: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any
) -> Iterator[Any]:
    """A function from options of the address to a connection."""
    opened: list[Any] = []

    def connect(query: str = "") -> Any:
        settings = database_from(f"{database_url}{query}", data=tmp_path, pool_threads=1)
        monkeypatch.setitem(connections.settings, ALIAS, ConnectionHandler({"default": settings}).settings["default"])
        opened.append(connections[ALIAS])
        return opened[-1]

    with django_db_blocker.unblock():
        yield connect
        for connection in opened:
            connection.close()
            connection.close_pool()
            del connections[ALIAS]


def test_postgresql_as_we_open_it_keeps_what_it_says(postgresql_settings: Any) -> None:
    durability.check(postgresql_settings())


def test_postgresql_that_does_not_wait_for_its_disk_is_refused(postgresql_settings: Any) -> None:
    connection = postgresql_settings("?options=-c%20synchronous_commit%3Doff")

    with pytest.raises(durability.UnsafeDatabase, match="synchronous_commit=off, with which the last commits are lost"):
        durability.check(connection)
    durability.check(connection, is_unsafe_allowed=True)


@pytest.mark.parametrize("name", ["fsync", "full_page_writes"])
def test_a_server_without_its_safeguards_is_refused(
    postgresql_settings: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """With a server of its own, since these are settings of the whole server."""
    from tests import services

    monkeypatch.delenv("DATABASE_URL", raising=False)
    with services.postgres_server() as url:
        import psycopg

        with psycopg.connect(url, autocommit=True) as own:
            own.execute(f"ALTER SYSTEM SET {name} = off")
            own.execute("SELECT pg_reload_conf()")
            services.wait_until(
                lambda: own.execute(f"SHOW {name}").fetchone() == ("off",)  # The reload comes a moment later.
            )
        settings = database_from(url, data=pathlib.Path("/nowhere"), pool_threads=1)
        monkeypatch.setitem(connections.settings, ALIAS, ConnectionHandler({"default": settings}).settings["default"])
        connection: Any = connections[ALIAS]
        try:
            with pytest.raises(durability.UnsafeDatabase, match=f"{name}=off"):
                durability.check(connection)
        finally:
            connection.close()
            connection.close_pool()
            del connections[ALIAS]


def test_a_database_that_does_not_answer_is_another_error(django_db_blocker: Any) -> None:
    connection = connection_to({"ENGINE": "teahouse.sqlite", "NAME": "/nowhere/at/all.sqlite3"})

    with django_db_blocker.unblock(), pytest.raises(OperationalError):
        durability.check(connection)


_WORKER = """
import asyncio, sys
from django.conf import settings
settings.configure(DATABASES={"default": {"ENGINE": "teahouse.sqlite", "NAME": sys.argv[1]}})
import django
django.setup()
from teahouse.site import durability
from teahouse.sqlite import base
# No setting makes it unsafe, so a fault of ours has to.
base._PRAGMAS = (*base._PRAGMAS, sys.argv[2])

async def start():
    durability.end_process_if_unsafe(is_unsafe_allowed=sys.argv[3] == "yes")
    print("serves")

asyncio.run(start())
"""


@pytest.mark.parametrize(
    ("name", "pragma", "is_allowed", "code"),
    [
        pytest.param("t.sqlite3", "synchronous=EXTRA", "no", 0, id="safe"),
        pytest.param("t.sqlite3", "synchronous=OFF", "no", STARTUP_FAILURE, id="unsafe"),
        pytest.param("t.sqlite3", "synchronous=OFF", "yes", 0, id="unsafe and allowed"),
        pytest.param("nowhere/t.sqlite3", "synchronous=FULL", "no", 0, id="away: asked again when it is there"),
    ],
)
def test_a_worker_ends_with_one_line_instead_of_serving(
    tmp_path: pathlib.Path, name: str, pragma: str, is_allowed: str, code: int
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _WORKER, str(tmp_path / name), pragma, is_allowed], capture_output=True, text=True
    )

    assert (code, "serves\n" if code == 0 else "") == (ended.returncode, ended.stdout), ended.stderr
    assert (0 if code == 0 else 1) == ended.stderr.count("\n")


def test_requests_that_are_transactions_are_refused(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [] == [message for message in run_checks() if message.id == "teahouse.E005"]

    monkeypatch.setitem(settings.DATABASES["default"], "ATOMIC_REQUESTS", True)

    (error,) = [message for message in run_checks() if message.id == "teahouse.E005"]
    assert "ATOMIC_REQUESTS has to be off" in error.msg
