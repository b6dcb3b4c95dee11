import datetime as dt

import pytest
from hypothesis import given

from teahouse.chat.text.filters import Filters, parse
from tests.chat.text.strategies import MARKS


@pytest.mark.parametrize(
    ("search", "filters"),
    [
        ("开会", Filters("开会")),
        ("from:alice 开会", Filters("开会", people=("alice",))),
        ("from:@alice from：小明", Filters("", people=("alice", "小明"))),
        ('from:"Alice Smith" x', Filters("x", people=("Alice Smith",))),
        ("in:#general a", Filters("a", rooms=("general",))),
        ("a IN:general b", Filters("a b", rooms=("general",))),
        ("has:file has:Link", Filters("", has=frozenset({"file", "link"}))),
        ("has:music", Filters("has:music")),
        ("before:2026-01-02 after：2025-12-31", Filters("", before=dt.date(2026, 1, 2), after=dt.date(2025, 12, 31))),
        ("before:2026-02-30", Filters("before:2026-02-30")),
        ("before:20260102", Filters("before:20260102")),
        ("foo:bar from: in:#", Filters("foo:bar from: in:#")),
        ('"from:alice b"', Filters('"from:alice b"')),
        ("xfrom:alice", Filters("xfrom:alice")),
    ],
)
def test_a_search_is_divided(search: str, filters: Filters) -> None:
    parsed = parse(search)
    assert filters == Filters(
        " ".join(parsed.text.split()), parsed.people, parsed.rooms, parsed.has, parsed.before, parsed.after
    )


@given(search=MARKS)
def test_any_search_can_be_divided(search: str) -> None:
    parse(search)
