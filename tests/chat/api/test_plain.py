"""Values that no database is asked to take."""

import msgspec
import pytest

from teahouse.chat.commands.plain import fault_in


class Inner(msgspec.Struct):
    text: str = ""
    numbers: tuple[int, ...] = ()


class Outer(msgspec.Struct):
    inner: Inner = msgspec.field(default_factory=Inner)
    by_name: dict[str, str] = {}
    is_new: bool | None = None
    share: float = 0.5


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        pytest.param(Outer(inner=Inner(text="a\0b")), "inner.text", id="NUL"),
        pytest.param(Outer(inner=Inner(numbers=(1, 2**63))), "inner.numbers[1]", id="too large"),
        pytest.param(Outer(inner=Inner(numbers=(-(2**63) - 1,))), "inner.numbers[0]", id="too small"),
        pytest.param(Outer(by_name={"a": "\0"}), "by_name.a", id="a value"),
        pytest.param(Outer(by_name={"\0": ""}), "by_name", id="a name"),
    ],
)
def test_a_fault_is_told_with_its_place(asked: Outer, place: str) -> None:
    fault = fault_in(asked)

    assert fault is not None
    assert place == fault[0]


def test_everything_else_is_none() -> None:
    assert fault_in(Outer(Inner("茶\n\x07", (-(2**63), 2**63 - 1)), {"a": "b"}, True)) is None
