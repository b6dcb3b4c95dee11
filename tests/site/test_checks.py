"""`manage.py check` on settings of another shape."""

from collections.abc import Iterator
from typing import Any

import pytest

from teahouse.chat.conf import conf as chat_conf
from teahouse.realtime.conf import conf as realtime_conf
from teahouse.site.checks import settings_have_the_right_shape


@pytest.fixture(autouse=True)
def _fresh_confs() -> Iterator[None]:
    for conf in (realtime_conf, chat_conf):
        conf.cache_clear()
    yield
    for conf in (realtime_conf, chat_conf):
        conf.cache_clear()


def test_the_settings_of_the_site_are_right() -> None:
    assert [] == settings_have_the_right_shape()


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
        pytest.param("TEAHOUSE_CHAT", {"max_body_char": 5}, "teahouse.E002", "max_body_char", id="a misspelt limit"),
        pytest.param("TEAHOUSE_CHAT", {"max_body_chars": None}, "teahouse.E002", "max_body_chars", id="no limit"),
    ],
)
def test_what_is_not_right_is_said_with_its_setting_and_field(
    settings: Any, name: str, changes: dict[str, Any], code: str, text: str
) -> None:
    setattr(settings, name, {**getattr(settings, name), **changes})
    (error,) = settings_have_the_right_shape()

    assert code == error.id
    assert f"settings.{name}" in error.msg
    assert text in error.msg


def test_both_are_looked_at(settings: Any) -> None:
    settings.TEAHOUSE_REALTIME = {}
    settings.TEAHOUSE_CHAT = {"x": 1}

    assert ["teahouse.E001", "teahouse.E002"] == [error.id for error in settings_have_the_right_shape()]
