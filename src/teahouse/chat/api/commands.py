"""
Every command over HTTP, by one view that is made from `routes`. Shapes in, the command, shapes out: no rule is here.

Files are in `files`; they have bodies that are no JSON.
"""

import itertools
from collections.abc import Iterable
from typing import Any, ClassVar, cast

import msgspec
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from teahouse.chat.api.asking import asked_in_body, asked_in_query
from teahouse.chat.api.paces import PACES
from teahouse.chat.api.problems import CONTENT_TYPE, BadField, problem_of
from teahouse.chat.api.routes import ROUTES, Route
from teahouse.chat.commands.native import COMMANDS
from teahouse.chat.commands.table import Command, Done
from teahouse.chat.people import Person


class CommandView(APIView):
    """The commands of one path, by method."""

    commands: ClassVar[dict[str, tuple[Route, Command]]] = {}
    permission_classes = [IsAuthenticated]

    def act(self, request: Request, **arguments: Any) -> HttpResponse:
        route, command = self.commands["GET" if request.method == "HEAD" else cast(str, request.method)]
        asked = _asked(request, route, command, arguments)
        if not route.is_read:
            PACES.take(cast(int, request.user.pk))
        answer = command.act(cast(Person, request.user), asked)
        body = msgspec.json.encode(Done() if answer is None else answer)
        return HttpResponse(body, status=route.status, content_type="application/json")

    def handle_exception(self, error: Exception) -> Any:
        problem = problem_of(error)
        if problem is None:
            return super().handle_exception(error)
        body = msgspec.json.encode(problem.members())
        return HttpResponse(body, status=problem.status, headers=problem.headers, content_type=CONTENT_TYPE)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def _asked(request: Request, route: Route, command: Command, arguments: dict[str, Any]) -> msgspec.Struct:
    # DRF's parsers would make of the body what a Struct can be made of only by a second reading.
    plain = request._request
    if route.is_read:
        return asked_in_query(command.request, arguments, plain.GET)
    if plain.GET:
        raise BadField(next(iter(plain.GET)), "What is to be changed is said in the body.")
    return asked_in_body(command.request, arguments, _body_of(plain), plain.headers.get("Idempotency-Key"))


def _body_of(request: HttpRequest) -> bytes:
    """b"" where there is none, whatever type it is said to have. What a form sends is never read."""
    if request.content_type == "application/json":
        return request.body
    if request.META.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in request.META:
        raise UnsupportedMediaType(request.content_type or "")
    return b""


def views_of(routes: Iterable[Route], commands: dict[str, Command]) -> list[URLPattern]:
    """A pattern for each path. Routes whose command is not in the table are left out."""
    known = sorted((route for route in routes if route.command in commands), key=lambda route: route.path)
    return [
        path(pattern, _view_of({route.method: (route, commands[route.command]) for route in group}).as_view())
        for pattern, group in itertools.groupby(known, key=lambda route: route.path)
    ]


def _view_of(commands: dict[str, tuple[Route, Command]]) -> type[CommandView]:
    methods = {method.lower(): CommandView.act for method in commands}
    return type("CommandView", (CommandView,), {**methods, "commands": commands})


urlpatterns = views_of(ROUTES, COMMANDS)
