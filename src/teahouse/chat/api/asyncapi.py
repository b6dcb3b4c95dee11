"""
What goes over connections (AsyncAPI 3.0): publications by channel, commands with their answers, the classic frames.

How they are framed is the Centrifuge protocol's and the article's, and is told on the pages of the two doors.
"""

from typing import Any, get_args

import msgspec

from teahouse.chat import classic, frames
from teahouse.chat.api.openapi import answer_type, schemas_of, text_of
from teahouse.chat.api.refusal_codes import codes_by_slug
from teahouse.chat.commands.native import COMMANDS

_SCHEMA = "#/components/schemas/{name}"
_USER_KINDS = frozenset(
    {
        "message.rang",
        "room.gained",
        "room.lost",
        "read.moved",
        "membership.changed",
        "draft.changed",
        "saved.added",
        "saved.removed",
        "thread.followed",
        "notice.read",
        "notice.pushed",
    }
)
_SITE_KINDS = frozenset({"notice.pushed"})


class DemoMessageSend(msgspec.Struct, rename="camel"):
    """A message to a person, or to everyone with null, "", 0 or "0"."""

    text: str
    to_user_id: int | str | None = None


class RefusedCommand(msgspec.Struct):
    """The error of an RPC. A refusal is final; with `temporary` it may be done or not: ask again, same client key."""

    code: int
    message: str
    temporary: bool = False


# The content of the article's envelopes, by type.
_CLASSIC_RECEIVED = {"demo-message-send": DemoMessageSend}
_CLASSIC_SENT = {"demo-message-receive": classic.DemoMessageReceive, "notice-push": classic.NoticePush}


def kinds_of_channel(name: str) -> tuple[str, ...]:
    """`name` is room, user or site."""
    kinds = sorted(str(kind.__struct_config__.tag) for kind in (*get_args(frames.Frame), *get_args(frames.Signal)))
    if name == "room":
        return tuple(kind for kind in kinds if kind not in _USER_KINDS | _SITE_KINDS)
    return tuple(kind for kind in kinds if kind in (_USER_KINDS if name == "user" else _SITE_KINDS))


def document() -> bytes:
    """The text of `docs/reference/asyncapi.json`. The same each time for the same shapes."""
    described = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Teahouse",
            "version": "1",
            "description": "What goes over connections to Teahouse (茶馆): on the native door, as JSON of the "
            "Centrifuge client protocol, and on the classic door. Times are milliseconds since 1970.",
        },
        "defaultContentType": "application/json",
        "channels": _channels(),
        "operations": _operations(),
        "components": {"messages": _messages(), "schemas": _schemas()[1]},
    }
    return msgspec.json.format(msgspec.json.encode(described), indent=1) + b"\n"


def _channels() -> dict[str, Any]:
    publications = {
        "room": ("room:{room}", "What happens in a room, to its members.", {"room": "The id of the room."}),
        "user": ("user:{user}", "What happens to a person, to their devices.", {"user": "The id of the person."}),
        "site": ("site", "What everyone hears.", {}),
    }
    channels: dict[str, Any] = {}
    for name, (address, text, parameters) in publications.items():
        described: dict[str, Any] = {"address": address, "description": text}
        if parameters:
            described["parameters"] = {key: {"description": value} for key, value in parameters.items()}
        described["messages"] = {kind: _message_ref(kind) for kind in kinds_of_channel(name)}
        channels[name] = described
    answers = [f"{name}.answer" for name in COMMANDS]
    channels["commands"] = {
        "address": "/connection/websocket",
        "description": "RPCs of the Centrifuge protocol: the method is the command, the data what is asked.",
        "messages": {name: _message_ref(name) for name in sorted([*_requests(), *answers, "refused"])},
    }
    channels["classic"] = {
        "address": "/infra/ws",
        "description": "The article's envelopes {type, content}; the content is JSON text of this shape.",
        "messages": {name: _message_ref(name) for name in sorted([*_CLASSIC_RECEIVED, *_CLASSIC_SENT])},
    }
    return channels


def _operations() -> dict[str, Any]:
    operations: dict[str, Any] = {}
    for name in ("room", "user", "site"):
        operations[f"publish.{name}"] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/{name}"},
            "messages": [_in_channel(name, kind) for kind in kinds_of_channel(name)],
        }
    for name in sorted(COMMANDS):
        operations[name] = {
            "action": "receive",
            "channel": {"$ref": "#/channels/commands"},
            "messages": [_in_channel("commands", f"{name}.request")],
            "reply": {
                "channel": {"$ref": "#/channels/commands"},
                "messages": [_in_channel("commands", f"{name}.answer"), _in_channel("commands", "refused")],
            },
        }
    for action, contents in (("receive", _CLASSIC_RECEIVED), ("send", _CLASSIC_SENT)):
        operations[f"classic.{action}"] = {
            "action": action,
            "channel": {"$ref": "#/channels/classic"},
            "messages": [_in_channel("classic", name) for name in sorted(contents)],
        }
    return operations


def _messages() -> dict[str, Any]:
    schemas = _schemas()[0]
    messages: dict[str, Any] = {}
    for kind in get_args(frames.Frame):
        messages[str(kind.__struct_config__.tag)] = _message(str(kind.__struct_config__.tag), _with_offset(kind), kind)
    for signal in get_args(frames.Signal):
        messages[str(signal.__struct_config__.tag)] = _message(
            str(signal.__struct_config__.tag), schemas[signal], signal
        )
    for name, command in COMMANDS.items():
        messages[f"{name}.request"] = _message(f"{name}.request", schemas[command.request], command.act)
        messages[f"{name}.answer"] = _message(f"{name}.answer", schemas[answer_type(command)])
    codes = ", ".join(f"{code} {slug}" for slug, code in codes_by_slug().items())
    messages["refused"] = {
        **_message("refused", schemas[RefusedCommand], RefusedCommand),
        "summary": f"Codes: {codes}.",
    }
    for name, content in {**_CLASSIC_RECEIVED, **_CLASSIC_SENT}.items():
        messages[name] = _message(name, schemas[content], content)
    return dict(sorted(messages.items()))


def _message(name: str, payload: dict[str, Any], told_by: object = None) -> dict[str, Any]:
    text = "" if told_by is None else text_of(told_by)
    return {"name": name, **({"description": text} if text else {}), "payload": payload}


def _with_offset(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """Every publication has its offset in front."""
    return {
        "allOf": [
            _schemas()[0][kind],
            {"type": "object", "properties": {"offset": {"type": "integer", "minimum": 1}}, "required": ["offset"]},
        ]
    }


def _schemas() -> tuple[dict[Any, dict[str, Any]], dict[str, Any]]:
    shapes: list[Any] = [frames.Frame, *get_args(frames.Frame), *get_args(frames.Signal), RefusedCommand]
    shapes += [*_CLASSIC_RECEIVED.values(), *_CLASSIC_SENT.values()]
    for command in COMMANDS.values():
        shapes += [command.request, answer_type(command)]
    schemas, named = schemas_of(shapes, _SCHEMA)
    return {shape: _as_draft_7(schema) for shape, schema in schemas.items()}, _as_draft_7(named)


def _as_draft_7(schema: Any) -> Any:
    """AsyncAPI's schemas are of an older draft: `items` is also the list of a tuple, and each `kind` is told apart."""
    if isinstance(schema, list):
        return [_as_draft_7(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    older = {key: _as_draft_7(part) for key, part in schema.items() if key != "discriminator"}
    if "prefixItems" in older:
        older["items"] = older.pop("prefixItems")
    return older


def _requests() -> list[str]:
    return [f"{name}.request" for name in COMMANDS]


def _message_ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/messages/{name}"}


def _in_channel(channel: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/channels/{channel}/messages/{name}"}
