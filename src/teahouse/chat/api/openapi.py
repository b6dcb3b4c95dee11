"""
Commands as operations of OpenAPI 3.1, by their Structs, which are the shapes on both doors. Nothing is guessed.

Putting operations together to a document, with those of other views, is the site's.
"""

import functools
import inspect
import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from teahouse.chat import frames
from teahouse.chat.api.routes import Route
from teahouse.chat.api.shape_names import shortened
from teahouse.chat.commands.native import COMMANDS
from teahouse.chat.commands.sync import OnePublication
from teahouse.chat.commands.table import Command, Done

JSON = "application/json"
REF = "#/components/schemas/{name}"
SECURITY: list[dict[str, list[str]]] = [{"accessToken": []}, {"cookie": []}]

_KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The client key, for a body without `client_key`.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 64},
}


class Problem(msgspec.Struct, omit_defaults=True):
    """Problem details (RFC 9457). `code` and `slug` are those of the chat's refusals; `errors` are texts by field."""

    type: str
    title: str
    status: int
    detail: str
    code: int | None = None
    slug: str | None = None
    errors: dict[str, list[str]] = {}


def operation_of(route: Route, command: Command) -> dict[str, Any]:
    fields = fields_of(command.request)
    described: dict[str, Any] = {
        "operationId": _in_camel_case(route.command),
        "tags": [route.path.partition("/")[0]],
        "summary": route.command,
        "security": SECURITY,
    }
    if text := text_of(command.act) or text_of(command.request):
        described["description"] = text
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": fields["properties"][name]}
        for name in route.parameters
    ]
    rest = {name: schema for name, schema in fields["properties"].items() if name not in route.parameters}
    required = [name for name in fields["required"] if name in rest]
    if route.is_read:
        parameters += [
            {"name": name, "in": "query", "required": name in required, "schema": schema}
            for name, schema in rest.items()
        ]
    else:
        if "client_key" in rest:
            parameters.append(_KEY_HEADER)
            # It may be in the header.
            required = [name for name in required if name != "client_key"]
        if rest:
            described["requestBody"] = request_body(rest, required)
    if parameters:
        described["parameters"] = parameters
    described["responses"] = responses({route.status: answer_schema(command)})
    return described


def request_body(properties: dict[str, Any], required: Sequence[str]) -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": properties,
        **({"required": list(required)} if required else {}),
        "additionalProperties": False,
    }
    return {"required": bool(required), "content": {JSON: {"schema": schema}}}


def responses(answers: dict[int, dict[str, Any] | None]) -> dict[str, Any]:
    """By status; None is an answer without a body. All else is a problem."""
    described: dict[str, Any] = {}
    for status, schema in answers.items():
        content = {} if schema is None else {"content": {JSON: {"schema": schema}}}
        described[str(status)] = {"description": _STATUSES[status], **content}
    return {**described, "default": {"$ref": "#/components/responses/Problem"}}


_STATUSES = {
    200: "Done.",
    201: "Made, or made before under the same client key.",
    202: "Taken so far.",
    204: "Done.",
    206: "The range that was asked for.",
    304: "What the asker has is still right.",
}


def answer_type(command: Command) -> Any:
    return Done if command.answer is None else command.answer


def answer_schema(command: Command) -> dict[str, Any]:
    return _schemas()[0][answer_type(command)]


def fields_of(shape: type[msgspec.Struct]) -> dict[str, Any]:
    """The JSON schema of a Struct of a command: `properties` and `required`."""
    schema = _schemas()[0][shape]
    return _schemas()[1][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def components() -> dict[str, Any]:
    """All named schemas that operations refer to. What a command takes is described in its operation."""
    schemas, named = _schemas()
    requests = {command.request for command in COMMANDS.values()}
    answers = {answer_type(command) for command in COMMANDS.values()}
    inlined = {schemas[shape].get("$ref", "").rpartition("/")[2] for shape in requests - answers}
    return {name: schema for name, schema in named.items() if name not in inlined}


@functools.cache
def _schemas() -> tuple[dict[Any, dict[str, Any]], dict[str, Any]]:
    shapes: list[Any] = [Problem, frames.Frame]
    for command in COMMANDS.values():
        shapes += [command.request, answer_type(command)]
    return schemas_of(shapes)


def schemas_of(shapes: Iterable[Any], ref_template: str = REF) -> tuple[dict[Any, dict[str, Any]], dict[str, Any]]:
    """The schema of each shape, and the named ones that they refer to."""
    different = list(dict.fromkeys(shapes))
    schemas, named = msgspec.json.schema_components(different, ref_template=ref_template)
    by_shape = {shape: _renamed(schema) for shape, schema in zip(different, schemas, strict=True)}
    by_name = {shortened(name): _renamed(schema) for name, schema in sorted(named.items())}
    if OnePublication.__name__ in by_name and frames.Frame in by_shape:
        # JSON as it is to the command, a frame to who reads it.
        by_name[OnePublication.__name__]["properties"]["data"] = by_shape[frames.Frame]
    return by_shape, by_name


def _renamed(schema: Any) -> Any:
    """With what it refers to by the names of `shape_names`."""
    if isinstance(schema, list):
        return [_renamed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    renamed = {key: _renamed(part) for key, part in schema.items()}
    if isinstance(ref := schema.get("$ref"), str):
        path, _, name = ref.rpartition("/")
        renamed["$ref"] = f"{path}/{shortened(name)}"
    return renamed


def text_of(thing: object) -> str:
    """The docstring with its paragraphs as lines; "" without one of its own."""
    if isinstance(thing, functools.partial):
        thing = thing.func
    text = inspect.getdoc(thing) or ""
    if isinstance(thing, type) and thing.__doc__ is None:
        return ""
    return re.sub(r"\s*\n(?!\n)\s*", " ", text.replace("\n\n", "\0")).replace("\0", "\n\n").strip()


def _in_camel_case(command: str) -> str:
    first, *rest = re.split(r"[._]", command)
    return first + "".join(part.capitalize() for part in rest)
