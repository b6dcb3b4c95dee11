"""Writes what describes the API for machines, in a checkout: OpenAPI, AsyncAPI and the client's types."""

import pathlib
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from teahouse.chat.api import asyncapi, client_types
from teahouse.site import openapi


def descriptions() -> dict[str, bytes]:
    """The files, by their paths in a checkout. The same each time for the same shapes."""
    return {
        "docs/reference/openapi.json": openapi.document(),
        "docs/reference/asyncapi.json": asyncapi.document(),
        "client/src/api/types.ts": client_types.client_types().encode(),
    }


class Command(BaseCommand):
    help = "Write openapi.json, asyncapi.json and the client's types.ts in a checkout. Again is harmless."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("checkout", nargs="?", default=".", type=pathlib.Path)

    def handle(self, *args: Any, checkout: pathlib.Path, **options: Any) -> None:
        for name, content in descriptions().items():
            path = checkout / name
            if not path.parent.is_dir():
                raise CommandError(f"{checkout.resolve()} is no checkout of Teahouse: {path.parent} is not there.")
            if not path.is_file() or path.read_bytes() != content:
                path.write_bytes(content)
                self.stdout.write(f"{name} is new\n")
