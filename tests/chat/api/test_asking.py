"""What a request over HTTP asks for, without one."""

from typing import Annotated

import msgspec
import pytest
from django.http import QueryDict

from teahouse.chat import errors
from teahouse.chat.api.asking import asked_in_body, asked_in_query
from teahouse.chat.api.problems import BadField


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: str


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    room: int
    client_key: str = ""
    text: str | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50
    before: int | None = None
    users: tuple[int, ...] = ()
    parts: list[Part] = []
    is_new: bool = False
    wide: int = 0


def in_body(body: bytes, key: str | None = None, **path: object) -> Asked:
    return msgspec.convert(asked_in_body(Asked, {"room": 7, **path}, body, key), Asked, from_attributes=True)


def in_query(query: str) -> Asked:
    return msgspec.convert(asked_in_query(Asked, {"room": 7}, QueryDict(query)), Asked, from_attributes=True)


def refused(body: bytes, key: str | None = None) -> BadField:
    with pytest.raises(BadField) as refusal:
        in_body(body, key)
    return refusal.value


@pytest.mark.parametrize("body", [b"", b" \n", b"{}"])
def test_the_path_alone_may_be_enough(body: bytes) -> None:
    assert Asked(room=7) == in_body(body)


def test_path_and_body_together_are_what_is_asked() -> None:
    assert Asked(room=7, text="茶", users=(1, 2)) == in_body('{"text": "茶", "users": [1, 2]}'.encode())


def test_a_field_of_the_path_may_be_in_the_body_too_if_it_is_the_same() -> None:
    assert Asked(room=7) == in_body(b'{"room": 7}')
    for other in (b"8", b"7.0", b'"7"', b"true", b"null"):
        assert "room" == refused(b'{"room": %s}' % other).place


@pytest.mark.parametrize(
    ("body", "place"),
    [
        pytest.param(b'{"limit": 201}', "limit", id="too much"),
        pytest.param(b'{"limit": "5"}', "limit", id="a text for a number"),
        pytest.param(b'{"users": [1, "a"]}', "users[1]", id="in a list"),
        pytest.param(b'{"parts": [{"text": 1}]}', "parts[0].text", id="in an object in a list"),
        pytest.param(b'{"colour": 1}', "colour", id="a field that there is not"),
        pytest.param(rb'{"text": "\u0000"}', "text", id="NUL"),
        pytest.param(rb'{"parts": [{"text": "\u0000"}]}', "parts[0].text", id="NUL further in"),
        pytest.param(b'{"wide": 9223372036854775808}', "wide", id="more than 64 bits"),
        pytest.param(b'{"users": [9223372036854775808]}', "users[0]", id="more than 64 bits in a list"),
        pytest.param(b"[]", "non_field_errors", id="a list"),
        pytest.param(b"{", "non_field_errors", id="no JSON"),
        pytest.param(b'{"text": "a", "text": "b"}', "non_field_errors", id="a name twice"),
        pytest.param(b'{"a":' * 100_000, "non_field_errors", id="deep"),
    ],
)
def test_what_is_not_right_is_told_with_its_place(body: bytes, place: str) -> None:
    assert place == refused(body).place


def test_what_is_missing_is_told_by_its_name() -> None:
    with pytest.raises(BadField) as refusal:
        asked_in_body(Part, {}, b"{}")
    assert "text" == refusal.value.place


@pytest.mark.parametrize("header", ["k-1", '"k-1"'])
def test_the_client_key_may_be_in_the_header(header: str) -> None:
    assert Asked(room=7, client_key="k-1") == in_body(b"", header)
    assert Asked(room=7, client_key="k-1") == in_body(b'{"client_key": "k-1"}', header)
    assert "client_key" == refused(b'{"client_key": "k-2"}', header).place


def test_what_has_no_client_key_does_not_mind_the_header() -> None:
    assert Part("a") == asked_in_body(Part, {}, b'{"text": "a"}', "k-1")


def test_a_query_is_read_as_what_its_fields_are() -> None:
    assert Asked(room=7, limit=9, before=5, users=(1, 2), is_new=True, text="9") == in_query(
        "limit=9&before=5&users=1&users=2&is_new=true&text=9"
    )


def test_an_empty_value_in_a_query_is_none_but_for_a_text() -> None:
    assert Asked(room=7, text="") == in_query("limit=&before=&is_new=&users=&text=")


@pytest.mark.parametrize(
    ("query", "place"),
    [
        pytest.param("limit=0", "limit", id="too little"),
        pytest.param("limit=1.5", "limit", id="a fraction"),
        pytest.param("limit=x", "limit", id="a word"),
        pytest.param("limit=1&limit=1", "limit", id="twice"),
        pytest.param("room=8", "room", id="another than in the path"),
        pytest.param("colour=1", "colour", id="a field that there is not"),
        pytest.param("text=%00", "text", id="NUL"),
    ],
)
def test_what_is_not_right_in_a_query_is_told_with_its_place(query: str, place: str) -> None:
    with pytest.raises(BadField) as refusal:
        in_query(query)
    assert place == refusal.value.place


@pytest.mark.parametrize(
    ("name", "kind"),
    [("room", errors.NotAMember), ("message", errors.NoSuchMessage), ("invite", errors.NotFound)],
)
@pytest.mark.parametrize("number", [0, 2**63, 10**40])
def test_a_number_in_a_path_that_nothing_can_have_is_not_found(
    name: str, kind: type[errors.ChatError], number: int
) -> None:
    with pytest.raises(errors.NotFound) as refusal:
        asked_in_body(Asked, {name: number}, b"")
    assert kind is type(refusal.value)
