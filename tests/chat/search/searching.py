"""Asking as the native door does, after all that was said is indexed."""

import datetime as dt
import itertools
import json

import msgspec

from teahouse.accounts.models import User
from teahouse.chat.commands import search as command
from teahouse.chat.commands import table
from teahouse.chat.commands.search import Found
from teahouse.chat.models import File, Message, Room
from teahouse.chat.search import indexer
from tests.chat.talking import say

_keys = itertools.count(1)


def search(person: User, query: str, **more: object) -> Found:
    answer = table.run(command.COMMANDS, person.pk, "search", json.dumps({"query": query, **more}).encode())
    return msgspec.json.decode(answer, type=Found)


def found(person: User, query: str, **more: object) -> list[str]:
    """The texts that are found once all is indexed, as many as there are."""
    indexer.catch_up()
    answer = search(person, query, **more)
    assert (len(answer.results), False) == (answer.count, answer.is_more)
    return [one.message.body for one in answer.results]


def say_with_file(author: User, room: Room, name: str, media_type: str = "text/plain", body: str = "") -> Message:
    file = File.objects.create(
        room=room,
        uploader=author,
        client_key=f"search-{next(_keys)}",
        name=name,
        media_type=media_type,
        size_bytes=1,
        sha256="0" * 64,
        stored_as="",
        created_at=dt.datetime.now(dt.UTC),
    )
    return say(author, room, body, files=(file.pk,))
