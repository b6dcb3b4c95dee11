"""The descriptions for machines are those in the repository, hold together, and say what is really answered."""

import json
import pathlib
from typing import Any, get_args

import msgspec
import pytest
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema

from teahouse.accounts.models import User
from teahouse.chat import frames
from teahouse.chat.api import asyncapi
from teahouse.chat.api.routes import ROUTES
from teahouse.chat.commands.native import COMMANDS
from teahouse.site import described_views, openapi
from teahouse.site.management.commands.describe_api import descriptions
from tests.accounts.conftest import PASSWORD, alice  # noqa: F401 (a fixture)

_ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture(scope="module")
def described() -> Any:
    return json.loads(openapi.document())


@pytest.fixture(scope="module")
def told() -> Any:
    return json.loads(asyncapi.document())


@pytest.mark.parametrize(
    "name", ["docs/reference/openapi.json", "docs/reference/asyncapi.json", "client/src/api/types.ts"]
)
def test_the_file_in_the_repository_is_made_of_the_shapes_as_they_are(name: str) -> None:
    # When it is not: ./manage.py describe_api
    assert descriptions()[name].decode() == (_ROOT / name).read_text()


# OpenAPI.


def test_it_is_openapi_and_nothing_was_guessed(described: Any) -> None:
    validate_schema(described)
    assert not GENERATOR_STATS
    assert "3.1.1" == described["openapi"]


def test_every_route_is_in_it_with_all_that_it_takes(described: Any) -> None:
    for route in ROUTES:
        operation = described["paths"][f"/api/{route.template}"][route.method.lower()]
        body = operation.get("requestBody", {"content": {"application/json": {"schema": {"properties": {}}}}})
        named = {one["name"] for one in operation.get("parameters", []) if one["in"] != "header"}
        named |= set(body["content"]["application/json"]["schema"]["properties"])

        assert set(COMMANDS[route.command].request.__struct_fields__) == named, route
        assert str(route.status) in operation["responses"]


def test_operations_are_told_apart(described: Any) -> None:
    names = [operation["operationId"] for path in described["paths"].values() for operation in path.values()]

    assert len(names) == len(set(names))


def test_everything_that_is_referred_to_is_there(described: Any, told: Any) -> None:
    for document in (described, told):
        for ref in refs_in(document):
            found = document
            for part in ref.removeprefix("#/").split("/"):
                assert part in found, ref
                found = found[part]


def refs_in(value: Any) -> set[str]:
    if isinstance(value, list):
        return {ref for part in value for ref in refs_in(part)}
    if not isinstance(value, dict):
        return set()
    own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
    return own | {ref for part in value.values() for ref in refs_in(part)}


@pytest.mark.django_db
def test_the_described_answers_are_the_answers(alice: User) -> None:  # noqa: F811
    client = Client()
    credentials = {"username": "alice", "password": PASSWORD}

    def asked(method: str, path: str, body: object = None) -> Any:
        return client.generic(method, path, json.dumps(body or {}), content_type="application/json").content

    assert msgspec.json.decode(asked("GET", "/api/setup"), type=described_views.AboutSetup)
    tokens = msgspec.json.decode(asked("POST", "/api/auth/token", credentials), type=described_views.Tokens)
    assert msgspec.json.decode(
        asked("POST", "/api/auth/token/refresh", {"refresh": tokens.refresh}), type=described_views.Access
    )
    assert msgspec.json.decode(asked("POST", "/api/auth/session", credentials), type=described_views.SignedIn)
    assert msgspec.json.decode(asked("GET", "/api/auth/session"), type=described_views.LoginSession).user is not None
    assert msgspec.json.decode(asked("POST", "/api/auth/access-token"), type=described_views.PageAccess)
    assert msgspec.json.decode(asked("POST", "/api/auth/connection-token"), type=described_views.ConnectionToken)
    assert msgspec.json.decode(asked("GET", "/api/users"), type=described_views.PeoplePage).results
    assert msgspec.json.decode(asked("GET", "/api/notices"), type=described_views.NoticePage)


def test_anybody_may_read_it_and_the_page_about_it() -> None:
    client = Client(headers={"host": "localhost"})

    description = client.get("/api/openapi.json")
    assert (200, "application/json") == (description.status_code, description["Content-Type"])
    assert openapi.document() == description.content
    page = client.get("/api/docs")
    assert 200 == page.status_code
    assert "script-src 'self'" in page["Content-Security-Policy"]


# AsyncAPI.


def test_every_kind_is_in_a_channel(told: Any) -> None:
    kinds = {str(kind.__struct_config__.tag) for kind in (*get_args(frames.Frame), *get_args(frames.Signal))}

    assert kinds == {kind for name in ("room", "user", "site") for kind in told["channels"][name]["messages"]}
    assert not set(asyncapi.kinds_of_channel("room")) & set(asyncapi.kinds_of_channel("user"))


def test_every_command_has_its_answer_and_its_refusal(told: Any) -> None:
    for name in COMMANDS:
        operation = told["operations"][name]

        assert [{"$ref": f"#/channels/commands/messages/{name}.request"}] == operation["messages"]
        assert {"$ref": "#/channels/commands/messages/refused"} in operation["reply"]["messages"]


def test_its_schemas_are_of_the_draft_that_asyncapi_has(told: Any) -> None:
    # Also seen by hand: `Parser().parse` of npm's @asyncapi/parser finds nothing but that 3.1 is newer.
    assert not {"discriminator", "prefixItems", "$defs"} & keys_in(told)


def keys_in(value: Any) -> set[str]:
    if isinstance(value, list):
        return {key for part in value for key in keys_in(part)}
    return set(value) | {key for part in value.values() for key in keys_in(part)} if isinstance(value, dict) else set()


# The page for people.


def test_the_page_about_the_api_has_every_route_with_its_fields() -> None:
    page = (_ROOT / "docs" / "reference" / "http-api.md").read_text()
    for route in ROUTES:
        info = msgspec.inspect.type_info(COMMANDS[route.command].request)
        assert isinstance(info, msgspec.inspect.StructType)
        rest = [field for field in info.fields if field.name not in route.parameters]
        fields = ", ".join(f"`{field.name}`" if field.required else f"`{field.name}`?" for field in rest)

        assert f"| {route.method} | `{route.template}` | `{route.command}` | {fields} |" in page
