"""TypeScript of shapes."""

import enum
from typing import Annotated, Literal

import msgspec
import pytest

from teahouse.chat.api.shape_names import TwoOfOneName, names_of, shortened, structs_in
from teahouse.chat.api.typescript import Shapes


class Leaf(msgspec.Struct):
    name: str


class Sort(enum.Enum):
    GREEN = "green"
    RED = "it's red"


class Cup(msgspec.Struct, omit_defaults=True, rename="camel"):
    """What one drinks from */ by the mouthful."""

    leaf_id: int
    leaves: list[Leaf] = []


class Happened(msgspec.Struct, tag="cup.broke", tag_field="kind"):
    cup: Cup


class Empty(msgspec.Struct):
    pass


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (int, "number"),
        (str | None, "string | null"),
        (None | int | str, "number | string | null"),
        (Annotated[int, msgspec.Meta(ge=1)], "number"),
        (tuple[int, ...], "readonly number[]"),
        (list[int | None], "readonly (number | null)[]"),
        (list[list[str]], "readonly (readonly string[])[]"),
        (tuple[int, str], "readonly [number, string]"),
        (dict[str, bool], "Readonly<Record<string, boolean>>"),
        (Literal["a", "it's", 1], "'a' | 'it\\'s' | 1"),
        (Sort, "'green' | 'it\\'s red'"),
        (msgspec.Raw, "unknown"),
        (Leaf, "Leaf"),
    ],
    ids=str,
)
def test_a_type_is_read_only(kind: object, text: str) -> None:
    assert sorted(text.split(" | ")) == sorted(Shapes([kind]).text_of(kind).split(" | "))


def test_a_type_that_no_shape_has_is_no_silent_unknown() -> None:
    with pytest.raises(NotImplementedError):
        Shapes([]).text_of(bytearray)


def test_an_interface_has_the_names_of_the_wire() -> None:
    assert """\
/** What one drinks from * / by the mouthful. */
export interface Cup {
  readonly leafId: number
  readonly leaves?: readonly Leaf[]
}

export interface Happened {
  readonly kind: 'cup.broke'
  readonly offset: number
  readonly cup: Cup
}

export interface Leaf {
  readonly name: string
}""" == Shapes([Happened], extra={Happened: ["readonly offset: number"]}).interfaces()


def test_what_is_asked_may_lack_what_has_a_default_and_what_is_answered_lacks_nothing() -> None:
    class Page(msgspec.Struct):
        limit: int = 50

    assert "readonly limit?: number" in Shapes([], [Page]).interfaces()
    assert "readonly limit: number" in Shapes([Page]).interfaces()


def test_a_field_of_json_as_it_is_has_the_type_that_it_is_said_to_have() -> None:
    class Pushed(msgspec.Struct):
        data: msgspec.Raw

    assert "readonly data: Frame" in Shapes([Pushed], named={(Pushed, "data"): "Frame"}).interfaces()


def test_a_struct_without_fields_is_an_object_without_fields() -> None:
    assert "export type Empty = Readonly<Record<string, never>>" == Shapes([Empty]).interfaces()


def test_two_that_are_called_the_same_are_told_apart_by_their_modules() -> None:
    here = msgspec.defstruct("Cup", [("a", int)], module="tea.pots")
    there = msgspec.defstruct("Cup", [("a", int)], module="tea.small_pots")
    frame = msgspec.defstruct("Cup", [("a", int)], module="teahouse.chat.frames")

    assert {here: "PotsCup", there: "SmallPotsCup", frame: "Cup"} == names_of([here, there, frame])
    assert "PotsCup" == shortened("tea.pots.Cup")
    assert "Cup" == shortened("Cup") == shortened("teahouse.chat.frames.Cup")
    with pytest.raises(TwoOfOneName):
        names_of([here, msgspec.defstruct("Cup", [("b", int)], module="coffee.pots")])


def test_structs_are_found_wherever_they_are() -> None:
    assert {Leaf, Cup, Happened} == set(structs_in([dict[str, list[Happened | None]]]))
