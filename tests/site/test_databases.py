"""`DATABASE_URL` in the ways people write it."""

import pathlib
from typing import Any

import pytest

from teahouse.site.databases import BadDatabaseUrl, database_from

DATA = pathlib.Path("/srv/teahouse")


def database(url: str | None) -> dict[str, Any]:
    return database_from(url, data=DATA, pool_threads=8)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        pytest.param(None, "/srv/teahouse/teahouse.sqlite3", id="no url: in the data folder"),
        pytest.param("sqlite:////var/lib/t.db", "//var/lib/t.db", id="four slashes"),
        pytest.param("sqlite:///var/lib/t.db", "/var/lib/t.db", id="three slashes"),
        pytest.param("sqlite:///var/my%20data/%E8%8C%B6.db", "/var/my data/茶.db", id="percent-encoded"),
    ],
)
def test_sqlite(url: str | None, name: str) -> None:
    settings = database(url)

    # What else it needs the backend sets by itself: tests/sqlite/test_statements.py.
    assert ("teahouse.sqlite", pathlib.Path(name)) == (settings["ENGINE"], pathlib.Path(settings["NAME"]))


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        pytest.param("postgresql://u:p@h:5433/n", ("n", "u", "p", "h", "5433"), id="everything"),
        pytest.param("postgres://u:p@h:5433/n", ("n", "u", "p", "h", "5433"), id="the short scheme"),
        pytest.param("postgresql://h/n", ("n", "", "", "h", ""), id="host and name only"),
        pytest.param("postgresql:///n", ("n", "", "", "", ""), id="name only: the socket of this machine"),
        pytest.param("postgresql://u@[::1]:5432/n", ("n", "u", "", "::1", "5432"), id="IPv6"),
        pytest.param(
            "postgresql://u%40x:p%40ss%3A%2F%23%25@h/n", ("n", "u@x", "p@ss:/#%", "h", ""), id="a password with marks"
        ),
        pytest.param(
            "postgresql://u:%E8%8C%B6+1@h/n", ("n", "u", "茶+1", "h", ""), id="a Chinese password with a plus"
        ),
        pytest.param("postgresql://u:p@h/my%20db", ("my db", "u", "p", "h", ""), id="a name with a space"),
        pytest.param("postgresql://u@%2Frun%2Fpg/n", ("n", "u", "", "/run/pg", ""), id="a socket folder as host"),
        pytest.param("postgresql:///n?host=/run/PG", ("n", "", "", "/run/PG", ""), id="a socket folder as option"),
    ],
)
def test_postgresql(url: str, parts: tuple[str, ...]) -> None:
    settings = database(url)

    assert "teahouse.postgresql" == settings["ENGINE"]
    assert parts == tuple(settings[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT"))
    assert "host" not in settings["OPTIONS"]
    assert "synchronous_commit=on" in settings["OPTIONS"]["options"]
    # Eight processes of ten leave some of PostgreSQL's usual 100.
    assert 12 == settings["OPTIONS"]["pool"]["max_size"]


def test_options_of_the_address_are_kept() -> None:
    options = database("postgresql://h/n?sslmode=require&connect_timeout=9")["OPTIONS"]

    assert ("require", "9") == (options["sslmode"], options["connect_timeout"])


def test_server_settings_of_the_address_come_after_ours_and_so_hold() -> None:
    options = database("postgresql://h/n?options=-c%20statement_timeout%3D9s")["OPTIONS"]["options"]

    assert options.index("statement_timeout=4000") < options.index("statement_timeout=9s")
    assert "synchronous_commit=on" in options


def test_a_thread_is_free_before_a_send_is_given_up() -> None:
    options = database("postgresql://h/n")["OPTIONS"]

    # First it waits for a connection and then for an answer; `log.append` waits 8 s.
    assert options["pool"]["timeout"] + options["answer_timeout_seconds"] < 8
    # The server's own word comes first, if it has one.
    assert "statement_timeout=4000" in options["options"]
    assert options["answer_timeout_seconds"] > 4


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("mysql://u:p@h/n", id="another database"),
        pytest.param("h/n", id="no scheme"),
        pytest.param("", id="empty"),
        pytest.param("postgresql+psycopg://h/n", id="another tool's scheme"),
        pytest.param("postgresql://u:p@h:port/n", id="a port that is none"),
        pytest.param("postgresql://u:p@h:99999/n", id="a port too high"),
        pytest.param("postgresql://[::1/n", id="half a bracket"),
        pytest.param("postgresql://u:pa/ss@h/n", id="a slash in the password"),
        pytest.param("postgresql://u:pa#ss@h/n", id="a number sign in the password"),
        pytest.param("postgresql://u:pa?ss@h/n", id="a question mark in the password"),
        pytest.param("postgresql://u:pa@ss@h/n", id="an at sign in the password"),
        pytest.param("postgresql://u:pa[ss@h/n", id="a bracket in the password"),
        pytest.param("sqlite:", id="no file"),
        pytest.param("sqlite:///", id="a folder"),
        pytest.param("sqlite://data/t.db", id="two slashes, which would forget the folder"),
    ],
)
def test_anything_else_is_refused_without_showing_the_password(url: str) -> None:
    with pytest.raises(BadDatabaseUrl) as caught:
        database(url)

    assert "DATABASE_URL" in str(caught.value)
    assert "u:p" not in str(caught.value)
    assert "'pa" not in str(caught.value)
    assert "ss@" not in str(caught.value)
