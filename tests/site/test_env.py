"""The environment as a struct: what is misspelt is refused by its name, what is of another type by its field."""

import pathlib

import pytest

from teahouse.site import env
from teahouse.site.env import Env


def test_without_anything_the_defaults_hold() -> None:
    assert Env() == env.read({})
    assert Env() == env.read({"PATH": "/bin", "DATABASE_URLS": "x", "MY_TEAHOUSE_DATA": "x", "TEAHOUSE": "x"})


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        pytest.param("TEAHOUSE_DATA", "/srv/茶馆", "data", "/srv/茶馆", id="text"),
        pytest.param("TEAHOUSE_DRAIN_SECONDS", "0", "drain_seconds", 0.0, id="whole seconds"),
        pytest.param("TEAHOUSE_PING_INTERVAL_SECONDS", "2.5", "ping_interval_seconds", 2.5, id="parts of a second"),
        pytest.param("TEAHOUSE_SEND_BURST", "7", "send_burst", 7, id="a count"),
        pytest.param("TEAHOUSE_ACCESS_TOKEN_MINUTES", "0.5", "access_token_minutes", 0.5, id="half a minute"),
        pytest.param("TEAHOUSE_DEBUG", "1", "debug", True, id="1 is true"),
        pytest.param("TEAHOUSE_DEBUG", "true", "debug", True, id="true is true"),
        pytest.param("TEAHOUSE_DEBUG", "False", "debug", False, id="False is false"),
        pytest.param("DATABASE_URL", "postgresql://h/n", "database_url", "postgresql://h/n", id="a name of the world"),
        pytest.param("REDIS_URL", "redis://h", "redis_url", "redis://h", id="another one"),
        pytest.param("TEAHOUSE_SEND_BURST", "", "send_burst", 100, id="empty is as if it were not there"),
        pytest.param("REDIS_URL", "", "redis_url", None, id="empty, by a name of the world"),
    ],
)
def test_a_variable_is_a_field(name: str, value: str, field: str, expected: object) -> None:
    assert expected == getattr(env.read({name: value}), field)


@pytest.mark.parametrize(
    "name",
    ["TEAHOUSE_DATABASE", "TEAHOUSE_DATABASE_URL", "TEAHOUSE_REDIS_URL", "TEAHOUSE_", "TEAHOUSE_data", "TEAHOUSE_数据"],
)
def test_a_variable_that_is_none_is_refused_with_its_name(name: str) -> None:
    with pytest.raises(env.EnvironmentError, match=rf"\b{name}\b|{name}\."):
        env.read({name: "x"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("TEAHOUSE_DRAIN_SECONDS", "5s", id="seconds with a unit"),
        pytest.param("TEAHOUSE_DRAIN_SECONDS", "-1", id="negative seconds"),
        pytest.param("TEAHOUSE_PING_INTERVAL_SECONDS", "0", id="a ping without a pause"),
        pytest.param("TEAHOUSE_SENDS_PER_SECOND", "0", id="no sends"),
        pytest.param("TEAHOUSE_SENDS_PER_SECOND", "nan", id="no number of sends"),
        pytest.param("TEAHOUSE_SEND_BURST", "0", id="a burst of none"),
        pytest.param("TEAHOUSE_SEND_BURST", "1.5", id="a burst of one and a half"),
        pytest.param("TEAHOUSE_MAX_CONNECTIONS_PER_USER", "many", id="a word for a count"),
        pytest.param("TEAHOUSE_REFRESH_TOKEN_DAYS", "0", id="tokens without a term"),
        pytest.param("TEAHOUSE_DEBUG", "maybe", id="neither true nor false"),
    ],
)
def test_a_value_of_another_type_is_refused_with_its_name(name: str, value: str) -> None:
    with pytest.raises(env.EnvironmentError, match=name.removeprefix("TEAHOUSE_").lower()):
        env.read({name: value})


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.5", False),
        ("127.0.0.1.evil.test", False),
    ],
)
def test_loopback_is_what_only_this_machine_reaches(host: str, is_loopback: bool) -> None:
    assert is_loopback == Env(host=host).is_loopback


def test_the_data_folder_does_not_move_with_the_working_folder(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert tmp_path / "data" == Env().data_path
    assert pathlib.Path("/srv/x") == Env(data="/srv/x").data_path


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        (" , ,", []),
        ("a", ["a"]),
        (" a.example ,b.example:8000,", ["a.example", "b.example:8000"]),
    ],
)
def test_a_list_is_separated_by_commas(text: str, parts: list[str]) -> None:
    assert parts == env.listed(text)
