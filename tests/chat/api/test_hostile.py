"""Whatever is sent to a route, it is no fault of the server's: never 500, and no trace of the code in the answer."""

import itertools
import json
from typing import Any

import pytest
from django.http import HttpResponse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from teahouse.chat.api.routes import ROUTES, Route
from teahouse.chat.commands.native import COMMANDS
from tests.chat.api.world import READS, WRITES, World, client_of, undone

pytestmark = pytest.mark.django_db

# As JSON text, each where one value of a good request was. The first are no JSON, or none that can be read.
UNREADABLE = {
    "not a number": "NaN",
    "infinity": "-Infinity",
    "too large for a double": "1e400",
    "5,000 digits": "9" * 5000,
    "a raw control character": '"a\x07b"',
    "half a surrogate pair": r'"\ud800"',
    "the other half": r'"\udc00\ud800"',
    "deep": "[" * 100_000 + "]" * 100_000,
}
VALUES = {
    "a fraction": "1.5",
    "a round fraction": "1.0",
    "zero": "0",
    "minus one": "-1",
    "2^53": "9007199254740992",
    "2^63 - 1": "9223372036854775807",
    "2^63": "9223372036854775808",
    "-2^63 - 1": "-9223372036854775809",
    "2^64": "18446744073709551616",
    "true": "true",
    "null": "null",
    "nothing": '""',
    "a space": '" "',
    "NUL": r'"a\u0000b"',
    "a control character": r'"a\u0007b"',
    "no character": r'"\uffff"',
    "a long text": '"' + "茶" * 20_000 + '"',
    "a list": "[]",
    "a list of lists": "[[[]]]",
    "a list of NUL": r'["\u0000"]',
    "a long list": "[" + ",".join(["1"] * 5000) + "]",
    "an object": '{"a": {}}',
}
BODIES = {
    "a byte order mark": b"\xef\xbb\xbf{}",
    "no UTF-8": b'{"body": "\xff"}',
    "an encoded surrogate": b'{"body": "\xed\xa0\x80"}',
    "UTF-16": '{"body": "a"}'.encode("utf-16"),
    "cut off": b'{"body": "a',
    "more than one": b"{}{}",
    "a list": b"[]",
    "a text": b'"a"',
    "a number": b"1",
    "null": b"null",
    "deep": b'{"a":' * 50_000,
    "a name twice": b'{"client_key": "a", "client_key": "b"}',
    "a name twice inside": b'{"body": {"a": 1, "a": 2}}',
    "a name with NUL": rb'{"a\u0000": 1}',
}


def send(world: World, route: Route, asked: dict[str, Any], body: bytes) -> HttpResponse:
    path = "/api/" + route.template.format(**{name: asked[name] for name in route.parameters})
    return client_of(world.owner).generic(route.method, path, body, content_type="application/json")


def is_told(response: HttpResponse) -> bool:
    """Done, or refused with a problem that says nothing of the code."""
    assert response.status_code < 500, response.content
    problem = json.loads(response.content)
    if response.status_code >= 400:
        assert response.status_code == problem["status"]
        assert not any(word in response.content.decode() for word in ("Traceback", "teahouse.", ".py", "msgspec"))
    return True


def test_a_value_of_another_kind_is_told(world: World) -> None:
    for route in WRITES:
        asked = world.asked(route.command)
        names = [name for name in COMMANDS[route.command].request.__struct_fields__ if name not in route.parameters]
        cases = [*itertools.product(names, VALUES.items()), *itertools.product(names[:1], UNREADABLE.items())]
        for name, (kind, value) in cases:
            rest = {key: json.dumps(asked[key]) for key in asked if key not in route.parameters} | {name: value}
            body = "{" + ",".join(f'"{key}":{part}' for key, part in rest.items()) + "}"
            with undone():
                response = send(world, route, asked, body.encode())

            assert is_told(response), (route, name, kind)
            assert kind not in UNREADABLE or 400 == response.status_code, (route, name, kind)


def test_a_body_that_is_no_object_is_refused(world: World) -> None:
    for route, (kind, body) in itertools.product(WRITES, BODIES.items()):
        response = send(world, route, world.asked(route.command), body)

        assert 400 == response.status_code, (route, kind)
        assert is_told(response)


def test_a_value_of_another_kind_in_a_query_is_told(world: World) -> None:
    texts = ["NaN", "1e400", "-1", "9" * 5000, str(2**63), "a\0b", "null", "٣", "\uffff"]
    for route in READS:
        asked = world.asked(route.command)
        for name in COMMANDS[route.command].request.__struct_fields__:
            for text in texts:
                parts = {key: asked[key] for key in route.parameters}
                rest = {key: asked[key] for key in asked if key not in parts} | {name: text}
                with undone():
                    assert is_told(client_of(world.owner).get("/api/" + route.template.format(**parts), rest)), route


def test_a_path_with_something_else_in_it_is_told(world: World) -> None:
    texts = ["%00", "a%00b", "%ff", "%ed%a0%80", "a" * 5000, "..", "%2e%2e%2f", "-1", "1.0", "９", "9" * 5000]
    for route, text in itertools.product(ROUTES, texts):
        asked = world.asked(route.command)
        for name in route.parameters:
            path = "/api/" + route.template.format(**{**{key: asked[key] for key in route.parameters}, name: text})
            with undone():
                response = client_of(world.owner).generic(route.method, path, b"{}", content_type="application/json")

                assert is_told(response), (route, text)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(max_size=8), parts, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_said_is_told(world: World, data: st.DataObject) -> None:
    route = data.draw(st.sampled_from(WRITES))
    asked = world.asked(route.command)
    fields = [name for name in COMMANDS[route.command].request.__struct_fields__ if name not in route.parameters]
    said = {key: value for key, value in asked.items() if key not in route.parameters}
    said |= data.draw(st.dictionaries(st.sampled_from(fields), _json)) if fields else data.draw(_json.map(_as_object))
    with undone():
        assert is_told(send(world, route, asked, json.dumps(said).encode()))


def _as_object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {"": value}
