"""`manage.py check` on settings of another shape."""

from collections.abc import Iterator
from typing import Any

import pytest

from teahouse.chat.conf import conf as chat_conf
from teahouse.realtime.checks import realtime_settings_are_right
from teahouse.realtime.conf import conf as realtime_conf
from teahouse.site.checks import chat_settings_are_right


@pytest.fixture(autouse=True)
def _fresh_confs() -> Iterator[None]:
    for conf in (realtime_conf, chat_conf):
        conf.cache_clear()
    yield
    for conf in (realtime_conf, chat_conf):
        conf.cache_clear()


def test_the_settings_of_the_site_are_right() -> None:
    assert [] == [*realtime_settings_are_right(), *chat_settings_are_right()]


@pytest.mark.parametrize(
    ("name", "changes", "code", "text"),
    [
        pytest.param("TEAHOUSE_REALTIME", {"redis_ur1": "x"}, "teahouse.E001", "redis_ur1", id="a misspelt name"),
        pytest.param("TEAHOUSE_REALTIME", {"drain_seconds": "5 s"}, "teahouse.E001", "drain_seconds", id="a unit"),
        pytest.param("TEAHOUSE_REALTIME", {"limits": {"max": 1}}, "teahouse.E001", "max", id="an unknown limit"),
        pytest.param(
            "TEAHOUSE_REALTIME", {"namespaces": {"a": {"kind": "kpet"}}}, "teahouse.E001", "kpet", id="an unknown kind"
        ),
        pytest.param(
            "TEAHOUSE_REALTIME",
            {"namespaces": {"a": {"may_subscribe": "all"}}},
            "teahouse.E001",
            "may_subscribe",
            id="an unknown rule",
        ),
        pytest.param(
            "TEAHOUSE_REALTIME", {"application": "my.Application"}, "teahouse.E003", "my", id="no such application"
        ),
        pytest.param(
            "TEAHOUSE_REALTIME",
            {"namespaces": {"a": {"may_subscribe": "teahouse.realtime.api.no_such_rule"}}},
            "teahouse.E003",
            "no_such_rule",
            id="no such function",
        ),
        pytest.param(
            "TEAHOUSE_REALTIME",
            {"namespaces": {"a": {}}, "personal_channels": True},
            "teahouse.E004",
            "personal_channels",
            id="personal channels of no namespace",
        ),
        pytest.param("TEAHOUSE_CHAT", {"max_body_char": 5}, "teahouse.E002", "max_body_char", id="a misspelt limit"),
        pytest.param("TEAHOUSE_CHAT", {"max_body_chars": None}, "teahouse.E002", "max_body_chars", id="no limit"),
    ],
)
def test_what_is_not_right_is_said_with_its_setting_and_field(
    settings: Any, name: str, changes: dict[str, Any], code: str, text: str
) -> None:
    setattr(settings, name, {**getattr(settings, name), **changes})
    (error,) = [*realtime_settings_are_right(), *chat_settings_are_right()]

    assert code == error.id
    assert f"settings.{name}" in error.msg
    assert text in error.msg


def test_both_are_looked_at(settings: Any) -> None:
    settings.TEAHOUSE_REALTIME = {"x": 1}
    settings.TEAHOUSE_CHAT = {"x": 1}

    errors = [*realtime_settings_are_right(), *chat_settings_are_right()]
    assert ["teahouse.E001", "teahouse.E002"] == [error.id for error in errors]


def test_a_site_without_any_settings_of_the_engine_is_fine(settings: Any) -> None:
    del settings.TEAHOUSE_REALTIME

    assert [] == realtime_settings_are_right()
    current = realtime_conf()
    assert len(current.key) >= 32
    assert len(current.tokens.hmac_key) >= 32
    assert settings.SECRET_KEY not in (current.key, current.tokens.hmac_key)
    assert current.key != current.tokens.hmac_key
