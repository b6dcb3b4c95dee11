"""The types of the client, as text: publications, commands with their answers and paths, refusals."""

from typing import Any, get_args

from teahouse.chat import frames
from teahouse.chat.api.openapi import Problem, answer_type
from teahouse.chat.api.refusal_codes import codes_by_slug
from teahouse.chat.api.routes import ROUTES
from teahouse.chat.api.typescript import Shapes
from teahouse.chat.commands.native import COMMANDS
from teahouse.chat.commands.sync import OnePublication

_HEADER = """\
// The shapes of Teahouse's server: publications, commands, refusals. Made by `manage.py describe_api`; not for editing.
"""


def client_types() -> str:
    """The text of `client/src/api/types.ts`. The same each time for the same shapes."""
    kinds, signals = get_args(frames.Frame), get_args(frames.Signal)
    answers: list[Any] = [answer_type(command) for command in COMMANDS.values()]
    asked = [command.request for command in COMMANDS.values()]
    offset = ("readonly offset: number",)
    shapes = Shapes(
        [*kinds, *signals, *answers, Problem],
        asked,
        extra=dict.fromkeys(kinds, offset),
        named={(OnePublication, "data"): "Frame"},
    )
    parts = [
        _HEADER,
        shapes.interfaces(),
        _union("Frame", "The data of a publication, by its kind.", sorted(map(shapes.text_of, kinds))),
        _union("Signal", "What has no offset and is forgotten, by its kind.", sorted(map(shapes.text_of, signals))),
        _commands(shapes),
        _paths(),
        _refusals(),
    ]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _union(name: str, text: str, parts: list[str]) -> str:
    return f"/** {text} */\nexport type {name} =\n  | " + "\n  | ".join(parts)


def _commands(shapes: Shapes) -> str:
    lines = [
        f"  readonly '{name}': {{ readonly request: {shapes.text_of(command.request)}, "
        f"readonly answer: {shapes.text_of(answer_type(command))} }}"
        for name, command in sorted(COMMANDS.items())
    ]
    comment = "/** What is asked and what is answered, by the name of the command. */\n"
    return comment + "export interface Commands {\n" + "\n".join(lines) + "\n}"


def _paths() -> str:
    lines = [
        f"  '{route.command}': {{ method: '{route.method}', path: '/api/{route.template}' }},"
        for route in sorted(ROUTES, key=lambda route: route.command)
        if route.command in COMMANDS
    ]
    comment = "/** Where a command is asked for over HTTP; the names in braces are fields of it. */\n"
    return comment + "export const ROUTES = {\n" + "\n".join(lines) + "\n} as const"


def _refusals() -> str:
    lines = [f"  {slug}: {code}," for slug, code in codes_by_slug().items()]
    comment = "/** The code of each refusal, by its slug; `try_again` is none: it may be done or not. */\n"
    return comment + "export const REFUSALS = {\n" + "\n".join(lines) + "\n} as const"
