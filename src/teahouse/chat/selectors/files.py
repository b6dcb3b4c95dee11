"""Reading what is known of files. Their bytes are read by `files.storage`."""

from collections.abc import Collection
from typing import NamedTuple

from django.db.models import Sum

from teahouse.chat import errors
from teahouse.chat.access import MOST_ID, Access, room_for
from teahouse.chat.files import incoming
from teahouse.chat.models import File, Room
from teahouse.chat.people import Person

MOST_PER_PAGE = 100


class Received(NamedTuple):
    """How far an upload has come: `file` once it is complete."""

    received_bytes: int
    file: File | None


def file_for(*, user: Person, file_id: int) -> File:
    """
    The door: a file of a message that somebody may read, or one of their own that is in no message yet.

    Raises:
        NoSuchFile: none, or removed, or its message is; or in a room that is not theirs, or from before they came.
    """
    if not 0 < file_id <= MOST_ID:
        raise errors.NoSuchFile
    file = File.objects.select_related("message").filter(pk=file_id, deleted_at=None).first()
    if file is None:
        raise errors.NoSuchFile
    try:
        access = room_for(user=user, room_id=file.room_id)
    except errors.NotAMember:
        raise errors.NoSuchFile from None
    message = file.message
    if message is None:
        if file.uploader_id != user.pk:
            raise errors.NoSuchFile
    elif message.deleted_at is not None or message.number < access.from_number:
        raise errors.NoSuchFile
    return file


def files_of_room(access: Access, *, before: int | None = None, limit: int = 50) -> list[File]:
    """
    Files of messages that may be read, the last uploaded first, with `message`; those with an id below `before`. At
    most `MOST_PER_PAGE`.
    """
    files = File.objects.filter(
        room=access.room,
        deleted_at=None,
        message__deleted_at=None,
        message__number__gte=access.from_number,
    )
    if before is not None:
        files = files.filter(pk__lt=before)
    return list(files.select_related("message").order_by("-pk")[: min(limit, MOST_PER_PAGE)])


def files_by_message(message_ids: Collection[int]) -> dict[int, list[File]]:
    """The files of some messages, each in their order; a message without any is not in it. One query."""
    found: dict[int, list[File]] = {}
    for file in File.objects.filter(message__in=message_ids, deleted_at=None).order_by("message", "position"):
        if file.message_id is not None:
            found.setdefault(file.message_id, []).append(file)
    return found


def received_of(access: Access, *, user: Person, client_key: str) -> Received:
    """How much there is of somebody's upload into a room; 0 of what was never begun, or was given up."""
    file = File.objects.filter(uploader=user.pk, client_key=client_key, room=access.room, deleted_at=None).first()
    if file is not None:
        return Received(file.uploaded_bytes, file)
    return Received(incoming.Upload(user.pk, access.room.pk, client_key).size_bytes(), None)


def bytes_of_person(user_id: int) -> int:
    """Of all files that somebody uploaded and that are kept; thumbnails are not counted."""
    total: int | None = File.objects.filter(uploader=user_id, deleted_at=None).aggregate(bytes=Sum("size_bytes"))[
        "bytes"
    ]
    return total or 0


def bytes_of_room(room: Room) -> int:
    total: int | None = File.objects.filter(room=room, deleted_at=None).aggregate(bytes=Sum("size_bytes"))["bytes"]
    return total or 0
