"""The view that every command has over HTTP."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import RequestFactory
from rest_framework.test import force_authenticate

from teahouse.accounts.models import User
from teahouse.chat import errors
from teahouse.chat.api.commands import views_of
from teahouse.chat.api.routes import Route
from teahouse.chat.commands.table import Command
from tests.chat.api.world import World, client_of


class Ask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    room: int
    client_key: str = ""
    limit: int = 50


class Said(msgspec.Struct, frozen=True):
    by: int
    text: str


def answered(
    act: Callable[[Any, Ask], Any], method: str = "POST", body: bytes = b"", path: str = "", **more: Any
) -> HttpResponse:
    """What a view of one command answers to somebody with the id 5."""
    commands = {"tea.pour": Command(Ask, act, Said)}
    routes = [Route(method, "rooms/<int:room>/tea", "tea.pour", 201), Route("GET", "none", "not.there")]
    (pattern,) = views_of(routes, commands)
    request = RequestFactory().generic(method, path or "/rooms/7/tea", body, **more)
    force_authenticate(request, User(pk=5))
    response = pattern.callback(request, room=7)
    assert isinstance(response, HttpResponse)
    return response if not hasattr(response, "render") else response.render()


JSON = {"content_type": "application/json"}


def test_what_the_command_answers_is_answered_as_it_is() -> None:
    response = answered(lambda person, asked: Said(person.pk, f"{asked}"), body=b'{"limit": 3}', **JSON)

    assert (201, "application/json") == (response.status_code, response["Content-Type"])
    assert {"by": 5, "text": "Ask(room=7, client_key='', limit=3)"} == json.loads(response.content)
    assert "no-store" == response["Cache-Control"]


def test_a_command_without_an_answer_is_answered_with_an_empty_object() -> None:
    assert b"{}" == answered(lambda person, asked: None).content


@pytest.mark.parametrize(
    ("error", "status"),
    [(errors.NotAMember(), 404), (errors.TooSoon(3), 429), (errors.TryAgain(), 503), (OperationalError("secret"), 503)],
)
def test_a_refusal_is_a_problem(error: Exception, status: int) -> None:
    def act(person: object, asked: Ask) -> None:
        raise error

    response = answered(act)

    assert (status, "application/problem+json") == (response.status_code, response["Content-Type"])
    assert status == json.loads(response.content)["status"]
    assert (status in (429, 503)) == ("Retry-After" in response)
    assert "no-store" == response["Cache-Control"]
    assert b"secret" not in response.content


def test_the_client_key_may_be_in_the_header() -> None:
    response = answered(lambda person, asked: Said(1, asked.client_key), headers={"Idempotency-Key": '"k"'})

    assert "k" == json.loads(response.content)["text"]


@pytest.mark.parametrize(
    ("status", "body", "more"),
    [
        pytest.param(415, b"limit=3", {"content_type": "application/x-www-form-urlencoded"}, id="a form"),
        pytest.param(415, b'{"limit": 3}', {"content_type": "text/plain"}, id="JSON that is called text"),
        pytest.param(201, b"", {"content_type": "application/x-www-form-urlencoded"}, id="an empty form"),
        pytest.param(201, b"", {"content_type": ""}, id="no body"),
        pytest.param(400, b"", {"path": "/rooms/7/tea?limit=3"}, id="a query where a body is due"),
        pytest.param(405, b"", {"method": "PUT"}, id="another method"),
    ],
)
def test_only_json_is_a_body(status: int, body: bytes, more: dict[str, Any]) -> None:
    method = more.pop("method", None)
    if method:
        commands = {"tea.pour": Command(Ask, lambda person, asked: None)}
        (pattern,) = views_of([Route("POST", "rooms/<int:room>/tea", "tea.pour")], commands)
        request = RequestFactory().generic(method, "/rooms/7/tea")
        force_authenticate(request, User(pk=5))
        assert status == pattern.callback(request, room=7).status_code
    else:
        assert status == answered(lambda person, asked: Said(1, ""), body=body, **more).status_code


def test_commands_that_are_not_there_have_no_path() -> None:
    assert [] == views_of([Route("GET", "none", "not.there")], {})


@pytest.mark.django_db
def test_a_body_that_is_too_large_is_not_read(world: World) -> None:
    path = f"/api/rooms/{world.room}/messages"
    response = client_of(world.owner).post(path, b" " * 1_048_577, content_type="application/json")

    assert 413 == response.status_code


@pytest.mark.django_db
def test_what_nobody_foresaw_is_a_problem_that_says_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = client_of(world.owner)
    client.raise_request_exception = False
    monkeypatch.setattr("teahouse.chat.access.room_for", lambda **asked: 1 / 0)

    response = client.get(f"/api/rooms/{world.room}/messages")

    assert (500, "application/problem+json") == (response.status_code, response["Content-Type"])
    assert {"type": "about:blank", "title": "Internal Server Error", "status": 500, "detail": ""} == response.json()
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.django_db
def test_a_path_that_there_is_not_is_a_problem_below_api_only(world: World) -> None:
    client = client_of(world.owner)

    assert "application/problem+json" == client.get("/api/teapots")["Content-Type"]
    assert client.get("/teapots")["Content-Type"].startswith("text/html")
    assert [404, 404] == [client.get(path).status_code for path in ("/api/teapots", "/teapots")]


@pytest.mark.django_db
def test_head_is_get_without_a_body(world: World) -> None:
    response = client_of(world.owner).head(f"/api/rooms/{world.room}")

    assert (200, b"") == (response.status_code, response.content)
