"""Rooms with people in them, what they say, and whether the history tells what was told: for tests of the chat."""

import collections
import itertools

from django.db import connection

from teahouse.accounts.models import User
from teahouse.chat import frames
from teahouse.chat.log import history
from teahouse.chat.log.entries import JOINED_KINDS
from teahouse.chat.models import Channel, Membership, Message, Room
from teahouse.chat.selectors.messages import frames_of
from teahouse.chat.services.messages import send_message
from teahouse.realtime.application import Publication
from tests.chat.conftest import Wire, new_person

_keys = itertools.count(1)


def new_room(*members: User, kind: str = Room.Kind.PRIVATE, **settings: object) -> Room:
    room = Room.objects.create(kind=kind, **settings)
    Channel.objects.create(name=room.channel)
    for member in members:
        join(room, member)
    return room


def join(room: Room, user: User, role: str = Membership.Role.MEMBER, **more: object) -> Membership:
    room.refresh_from_db()
    return Membership.objects.create(
        room=room, user=user, role=role, joined_number=room.last_number, read_number=room.last_number, **more
    )


def new_member(room: Room, name: str, role: str = Membership.Role.MEMBER, **more: object) -> User:
    user = new_person(name)
    join(room, user, role, **more)
    return user


def say(author: User, room: Room, body: str = "hello", **more: int) -> Message:
    sent = send_message(author=author, room_id=room.pk, client_key=f"say-{next(_keys)}", body=body, **more)
    return Message.objects.get(pk=sent.id)


def told(wire: Wire, after: int = 0) -> list[frames.Frame]:
    """What was told, of the publications past the first `after`."""
    return [frames.decode(publication.data) for publication in wire.publications[after:]]


def history_tells(wire: Wire) -> bool:
    """
    Each channel's history is dense and has what was told, but that messages are as they are now.
    """
    by_channel: dict[str, list[Publication]] = collections.defaultdict(list)
    for publication in wire.publications:
        by_channel[publication.channel].append(publication)
    for channel, publications in by_channel.items():
        remembered = history.publications_after(channel, 0, limit=10_000)
        assert list(range(1, len(publications) + 1)) == [entry.offset for entry in publications]
        assert [entry.offset for entry in publications] == [entry.offset for entry in remembered]
        for was_told, now in zip(publications, remembered, strict=True):
            kind, frame = frames.kind_of(frames.decode(was_told.data)), frames.decode(now.data)
            assert kind == frames.kind_of(frame)
            if kind in JOINED_KINDS and hasattr(frame, "message"):
                assert [frame.message] == frames_of(list(Message.objects.filter(pk=frame.message.id)))
            else:
                assert was_told == now
    return True


def is_anywhere_in_the_database(text: str) -> bool:
    """
    Looked for in every column of every table, whatever it holds, but for the pages of SQLite's full-text index: FTS5
    before SQLite 3.42 marks words there as deleted and drops them when it merges the pages.
    """
    finds = "position(%s in CAST({} AS TEXT)) > 0"
    if connection.vendor == "sqlite":
        # In what is no text, too.
        finds = "instr(CAST({} AS BLOB), CAST(%s AS BLOB)) > 0"
    with connection.cursor() as cursor:
        for table in set(connection.introspection.table_names(cursor)) - {"chat_search_words_data"}:
            for column in connection.introspection.get_table_description(cursor, table):
                name = connection.ops.quote_name(column.name)
                sql = f"SELECT COUNT(*) FROM {connection.ops.quote_name(table)} WHERE {finds.format(name)}"
                cursor.execute(sql, [text])
                if cursor.fetchone()[0]:
                    return True
    return False
