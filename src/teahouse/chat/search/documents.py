"""What of a message is indexed: its text, the names of its files, and marks of its room, its author, what it has."""

from collections.abc import Collection
from typing import NamedTuple

from teahouse.chat.log import rows
from teahouse.chat.models import File
from teahouse.chat.search.engines import Document
from teahouse.chat.text.filters import Has
from teahouse.chat.text.terms import index_text

# An address that was made a link; Markdown renders nothing else like this.
_LINK = '<a href="'


def room_mark(room_id: int) -> str:
    return f"r{room_id}"


def author_mark(user_id: int) -> str:
    return f"u{user_id}"


def has_mark(has: Has) -> str:
    return f"has{has}"


def documents_of(message_ids: Collection[int]) -> list[Document]:
    """Of the messages that are not deleted, as they are now, by id. Two statements, in any number."""
    found = _rows(message_ids)
    files = _files_of([row.message_id for row in found if row.has_files])
    documents = []
    for row in found:
        marks = [room_mark(row.room_id)]
        if row.author_id is not None:
            marks.append(author_mark(row.author_id))
        names = files.get(row.message_id, [])
        if names:
            marks.append(has_mark("file"))
            if any(media_type.startswith("image/") for _, media_type in names):
                marks.append(has_mark("image"))
        if _LINK in row.html:
            marks.append(has_mark("link"))
        source = _source(row, names)
        documents.append(
            Document(row.message_id, row.room_id, row.number, " ".join(marks), source, words=index_text(source))
        )
    return documents


def sources_of(message_ids: Collection[int]) -> dict[int, str]:
    """What of each is divided into words."""
    found = _rows(message_ids)
    files = _files_of([row.message_id for row in found if row.has_files])
    return {row.message_id: _source(row, files.get(row.message_id, [])) for row in found}


class _Row(NamedTuple):
    message_id: int
    room_id: int
    number: int
    author_id: int | None
    body: str
    html: str
    has_files: bool


def _rows(message_ids: Collection[int]) -> list[_Row]:
    found = rows.select(
        'SELECT "id", "room_id", "number", "author_id", "body", "html", "has_files" FROM "chat_message" '
        'WHERE "deleted_at" IS NULL AND "id" IN {keys}',
        message_ids,
    )
    return [_Row(*row) for row in sorted(found)]


def _source(row: _Row, files: Collection[tuple[str, str]]) -> str:
    return "\n".join([row.body, *(name for name, _ in files)])


def _files_of(message_ids: Collection[int]) -> dict[int, list[tuple[str, str]]]:
    """Names and media types."""
    found: dict[int, list[tuple[str, str]]] = {}
    if message_ids:
        files = File.objects.filter(message__in=message_ids, deleted_at=None).order_by("message", "position")
        for message, name, media_type in files.values_list("message", "name", "media_type"):
            found.setdefault(message or 0, []).append((name, media_type))
    return found
