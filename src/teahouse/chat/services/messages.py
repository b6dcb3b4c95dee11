"""Sending messages."""

import hashlib

from django.db import transaction
from django.utils import timezone

from teahouse.chat import access, errors
from teahouse.chat.conf import conf
from teahouse.chat.log import writer
from teahouse.chat.log.entries import Entry
from teahouse.chat.models import Message, Room
from teahouse.chat.people import Person


def send_to_lobby(*, author: Person, body: str, client_key: str) -> Message:
    """As `_send`, to everyone. Raises errors.NotAMember, BadBody, KeyConflict."""
    body = _clean(body)
    room = access.lobby_for(user=author)
    return _send(author=author, room=room, body=body, client_key=client_key, rings=None)


def send_to_person(*, author: Person, receiver_id: int, body: str, client_key: str) -> Message:
    """
    To a direct room, ringing the receiver's `user:<id>` as well. One may write to oneself.

    Raises errors.NotAMember, NoSuchPerson, BadBody, KeyConflict.
    """
    body = _clean(body)
    room = access.direct_room_for(user=author, other_id=receiver_id)
    return _send(author=author, room=room, body=body, client_key=client_key, rings=receiver_id)


@transaction.atomic
def _send(*, author: Person, room: Room, body: str, client_key: str, rings: int | None) -> Message:
    """
    Append a message to `room` and tell it once committed.

    Sending the same `client_key` (at most 64 characters) again returns the first message and tells nobody; with
    another room or body it raises KeyConflict.
    """
    names = [room.channel] if rings is None else [room.channel, f"user:{rings}"]
    # The lock orders senders: numbers and offsets have no gaps, and a second copy of a message waits here until it
    # can see the first.
    channels = writer.locked_channels(names)
    digest = hashlib.blake2b(f"{room.pk}\n{body}".encode(), digest_size=16).digest()
    if sent := Message.objects.filter(author_id=author.pk, client_key=client_key).first():
        if bytes(sent.digest) != digest:
            raise errors.KeyConflict
        return sent

    room.refresh_from_db(fields=["last_number"])
    room.last_number += 1
    room.save(update_fields=["last_number"])
    now = timezone.now()
    message = Message.objects.create(
        room=room,
        number=room.last_number,
        author_id=author.pk,
        client_key=client_key,
        digest=digest,
        body=body,
        created_at=now,
    )
    kinds = ["message.posted", "message.rang"]
    writer.append(
        (
            Entry(channel=name, kind=kind, actor_id=author.pk, at=now, room=room, message=message)
            for name, kind in zip(names, kinds, strict=False)
        ),
        channels=channels,
    )
    return message


def _clean(body: str) -> str:
    body = body.strip()
    if not body or len(body) > conf().max_body_chars:
        raise errors.BadBody
    # PostgreSQL stores no NUL, and nothing encodes half a surrogate pair.
    if "\0" in body or any("\ud800" <= character <= "\udfff" for character in body):
        raise errors.BadBody
    return body
