"""What a channel's name says."""

import msgspec
import pytest

from teahouse.realtime.namespaces import Namespace, Namespaces, is_name, is_private, users_of

NAMESPACES = Namespaces({"": Namespace(), "news": Namespace(kind="kept"), "room": Namespace(kind="logged")})


@pytest.mark.parametrize(
    ("channel", "kind"),
    [
        ("news:today", "kept"),
        ("news:", "kept"),
        ("news:a:b", "kept"),
        ("$news:today", "kept"),
        ("news", "kept"),
        ("room:42", "logged"),
        ("anything", "plain"),
        ("#42", "plain"),
        ("unknown:today", None),
        ("News:today", None),
    ],
)
def test_the_part_before_the_first_colon_is_the_namespace(channel: str, kind: str | None) -> None:
    assert kind == NAMESPACES.kind_of(channel)


def test_without_a_namespace_for_the_others_there_are_no_others() -> None:
    assert Namespaces({"news": Namespace()}).of("anything") is None


@pytest.mark.parametrize(
    ("channel", "is_good"),
    [
        ("a", True),
        ("a b", True),
        ("x" * 255, True),
        ("x" * 256, False),
        ("", False),
        ("新闻", False),
        ("a\n", False),
        ("a\0b", False),
        ("a\x7f", False),
    ],
)
def test_a_name_is_ascii_that_is_shown_and_not_too_long(channel: str, is_good: bool) -> None:
    assert is_good == is_name(channel)


@pytest.mark.parametrize(
    ("channel", "users"),
    [("#42", {"42"}), ("chat#1,2", {"1", "2"}), ("news:x#a", {"a"}), ("news:x", None), ("chat#", {""})],
)
def test_the_users_whom_a_name_admits(channel: str, users: set[str] | None) -> None:
    assert users == users_of(channel)


def test_a_dollar_makes_it_private() -> None:
    assert is_private("$news:x")
    assert not is_private("news:$x")


@pytest.mark.parametrize("rule", ["token", "anyone", "signed_in", "application", "my.site.may_subscribe"])
def test_the_rules_of_who_may_subscribe(rule: str) -> None:
    assert rule == msgspec.convert({"may_subscribe": rule}, Namespace).may_subscribe


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"may_subscribe": "everybody"}, id="an unknown rule"),
        pytest.param({"may_publish": "application"}, id="a rule of another option"),
        pytest.param({"kind": "durable"}, id="an unknown kind"),
        pytest.param({"history_size": 0}, id="a history of nothing"),
        pytest.param({"historysize": 5}, id="a misspelt option"),
    ],
)
def test_what_is_not_right_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(options, Namespace)
