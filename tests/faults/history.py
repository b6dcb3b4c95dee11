"""What is in the database at the end, read beside the server, which is what is on trial."""

import json
import pathlib
import sqlite3
import time
from typing import Any

import psycopg

from tests.faults.record import History, Stored

_CHANNELS = "SELECT id, name, epoch, last_offset FROM chat_channel ORDER BY id"
_PUBLICATIONS = """
    SELECT p.channel_id, p."offset", p.kind, p.data, m.deleted_at, m.id, m.number, m.author_id, m.client_key, m.body
    FROM chat_publicationrecord p LEFT JOIN chat_message m ON m.id = p.message_id
    ORDER BY p.channel_id, p."offset"
"""
_REVISIONS = "SELECT message_id, body FROM chat_revision ORDER BY message_id, id"

Row = tuple[Any, ...]


def of_sqlite(path: pathlib.Path, *, is_readonly: bool = True) -> list[History]:
    """A database that has to recover first cannot be opened for reading only."""
    connection = sqlite3.connect(f"file:{path}?mode={'ro' if is_readonly else 'rw'}", uri=True, timeout=20)
    try:
        return _histories(*(connection.execute(one).fetchall() for one in (_CHANNELS, _PUBLICATIONS, _REVISIONS)))
    finally:
        connection.close()


def of_postgres(url: str) -> list[History]:
    with psycopg.connect(url, connect_timeout=10) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return _histories(*(connection.execute(one).fetchall() for one in (_CHANNELS, _PUBLICATIONS, _REVISIONS)))


def _histories(channels: list[Row], publications: list[Row], revisions: list[Row]) -> list[History]:
    by_channel: dict[int, list[Stored]] = {row[0]: [] for row in channels}
    before: dict[int, list[str]] = {}
    for message_id, text in revisions:
        before.setdefault(message_id, []).append(text)
    for channel, offset, kind, data, deleted_at, *message in publications:
        is_posted = kind == "message.posted"
        pk, number, author, client_key, body = message if is_posted else (None,) * 5
        texts = (*before.get(pk or 0, ()), body)
        by_channel[channel].append(
            Stored(
                offset=offset,
                kind=kind,
                id=pk,
                number=number,
                author=author,
                client_key=client_key,
                body=texts[0],
                person=_person_in(kind, data),
                later=texts[1:],
                is_deleted=is_posted and deleted_at is not None,
            )
        )
    now = time.monotonic()
    return [
        History(at=now, channel=name, epoch=epoch, head=head, publications=by_channel[pk])
        for pk, name, epoch, head in channels
    ]


def _person_in(kind: str, data: str) -> int | None:
    if kind not in ("member.joined", "member.left"):
        return None
    said = json.loads(data)
    person: int = said["user"] if kind == "member.left" else said["member"]["user"]
    return person
