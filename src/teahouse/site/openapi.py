"""
The description of the whole HTTP API (OpenAPI 3.1): the chat's commands by their shapes, all other views by
`described_views`. What is no view of DRF is not in it: health, pages, and the engine's API, which has its own page.
"""

import functools
from typing import Any

import msgspec
from django.utils.translation import override
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema

from teahouse.chat.api import openapi
from teahouse.chat.api.commands import CommandView
from teahouse.site.described_views import DESCRIBED


class Schema(AutoSchema):
    """DRF's DEFAULT_SCHEMA_CLASS. Raises KeyError for a view that is not described."""

    def get_operation(self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any) -> Any:
        if isinstance(self.view, CommandView):
            return openapi.operation_of(*self.view.commands[method])
        described = DESCRIBED[type(self.view), method]
        schemas, _ = _schemas()
        parameters = [
            {"name": name, "in": "path", "required": True, "schema": _in_path(path_regex, name)}
            for name in _parameters_in(path)
        ]
        if described.query is not None:
            fields = msgspec.json.schema(described.query)["$defs"][described.query.__name__]
            parameters += [
                {"name": name, "in": "query", "required": name in fields["required"], "schema": schema}
                for name, schema in fields["properties"].items()
            ]
        operation: dict[str, Any] = {
            "operationId": described.operation_id,
            "tags": [path.removeprefix("/api/").partition("/")[0]],
            "description": described.text,
            "security": described.security,
        }
        if parameters:
            operation["parameters"] = parameters
        if described.body is bytes:
            operation["requestBody"] = {"required": True, "content": {"*/*": {}}}
        elif described.body is not None:
            content = {openapi.JSON: {"schema": schemas[described.body]}}
            is_required = bool(msgspec.json.schema(described.body)["$defs"][described.body.__name__]["required"])
            operation["requestBody"] = {"required": is_required, "content": content}
        answers = {
            status: None if shape in (None, bytes) else schemas[shape] for status, shape in described.answers.items()
        }
        operation["responses"] = openapi.responses(answers)
        for status, shape in described.answers.items():
            if shape is bytes:
                operation["responses"][str(status)]["content"] = {"*/*": {}}
        return operation


@functools.cache
def _schemas() -> tuple[dict[Any, dict[str, Any]], dict[str, Any]]:
    shapes: list[Any] = []
    for described in DESCRIBED.values():
        shapes += [shape for shape in (described.body, *described.answers.values()) if shape not in (None, bytes)]
    return openapi.schemas_of(shapes)


def _parameters_in(path: str) -> list[str]:
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


def _in_path(path_regex: str, name: str) -> dict[str, str]:
    return {"type": "integer" if f"<int:{name}>" in path_regex else "string"}


def add_components(result: dict[str, Any], generator: object, request: object, public: bool) -> dict[str, Any]:
    """drf-spectacular's POSTPROCESSING_HOOKS: what operations refer to."""
    problem = {"$ref": openapi.REF.format(name="Problem")}
    return {
        **result,
        "components": {
            "schemas": dict(sorted({**_schemas()[1], **openapi.components()}.items())),
            "responses": {
                "Problem": {
                    "description": "What was asked for is refused (RFC 9457), or, with 503, may be done or not.",
                    "content": {"application/problem+json": {"schema": problem}},
                }
            },
            "securitySchemes": {
                "accessToken": {"type": "http", "scheme": "bearer"},
                "cookie": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "sessionid",
                    "description": "Every write also needs the header X-CSRFToken with the cookie `csrftoken`.",
                },
            },
        },
    }


@functools.cache
def document() -> bytes:
    """The description as JSON, made once per process."""
    with override("en"):
        result = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return msgspec.json.format(msgspec.json.encode(result), indent=1) + b"\n"
