"""
Uploading files, giving them to messages, removing them. No publication comes of an upload: others hear of a file by the
message that takes it.

Bytes are durable before the row that names them is written, and a row says that they are gone before they are removed.
When a process ends in the middle of a removal, `remove_abandoned_files` ends it; when it ends in the moment between
keeping an upload and writing its row, the bytes stay without a row.
"""

import contextlib
import datetime
import functools
from collections.abc import Collection, Sequence

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from teahouse.chat import access as doors
from teahouse.chat import errors
from teahouse.chat.access import Access
from teahouse.chat.conf import conf
from teahouse.chat.files import images, incoming, media, storage
from teahouse.chat.models import File, Membership, Message, Room
from teahouse.chat.people import Person
from teahouse.chat.selectors.files import Received, bytes_of_person, bytes_of_room

ABANDONED_AFTER = datetime.timedelta(days=1)
# Of one person at the same time.
_MOST_UPLOADS = 50
_BATCH = 500


class OutOfPlace(errors.Conflict):
    """A piece does not begin where the last one ended: go on from `received_bytes`."""

    def __init__(self, received_bytes: int) -> None:
        super().__init__(f"{received_bytes} bytes are here.")
        self.received_bytes = received_bytes


def receive_file(
    *,
    user: Person,
    room_id: int,
    client_key: str,
    name: str,
    body: incoming.Body,
    first: int = 0,
    length: int | None = None,
    total: int | None = None,
) -> Received:
    """
    Take all or a piece of an upload: `body` is its bytes from `first` on, `length` of `total`; without these it is all
    of it. A piece that overlaps what is here replaces it; one that is cut short counts for what came.

    The same `client_key` with the same content again gives the first file, and so does any piece of an upload that is
    complete, whose content is not looked at again. What is refused leaves nothing behind.

    Raises:
        NotAMember, NotAllowed, Muted, Archived: may not write in the room.
        KeyConflict: the key is that of another content, another room, or a file that was removed.
        OutOfPlace: what is before the piece is not here.
        BadArgument: the piece is longer than it was said to be.
        BadFile: an image that costs too much or is cut off.
        QuotaExceeded: too large, or too much for the person or the room.
        TryAgain: another request is at this upload.
    """
    upload = incoming.Upload(user.pk, room_id, client_key)
    try:
        access = doors.room_for(user=user, room_id=room_id)
        _check_may_post(access)
        if total is not None and (file := _finished(upload, total)) is not None:
            return Received(file.uploaded_bytes, file)
        most_bytes = _most_bytes(upload, access, total)
        with incoming.opened(upload) as part:
            return _receive(part, access, upload, name, body, first=first, length=length, total=total, most=most_bytes)
    except OutOfPlace:
        raise
    except errors.ChatError:
        with contextlib.suppress(errors.TryAgain), incoming.opened(upload) as part:
            part.remove()
        raise


def claim_files(file_ids: Sequence[int], *, message: Message, author_id: int, room_id: int) -> list[File]:
    """
    Give files to a message that was just written, in their order. Runs in the caller's transaction; the caller also
    sets `message.has_files`.

    Raises:
        NoSuchFile: one is not the author's, not of the room, removed, or in a message already; or named twice.
    """
    if not file_ids:
        return []
    rows = File.objects.select_for_update(of=("self",)).filter(
        pk__in=file_ids, uploader=author_id, room=room_id, message=None, deleted_at=None
    )
    # Locked in the order of their ids, whoever names them in which.
    by_id = {file.pk: file for file in rows.order_by("pk")}
    if set(by_id) != set(file_ids) or len(by_id) != len(file_ids):
        raise errors.NoSuchFile
    files = [by_id[file_id] for file_id in file_ids]
    for position, file in enumerate(files):
        file.message = message
        file.position = position
    File.objects.bulk_update(files, ["message", "position"])
    return files


def delete_files_of(message: Message) -> None:
    """Remove the files of a deleted message; their bytes once the caller's transaction is committed. Idempotent."""
    with transaction.atomic():
        ids = list(File.objects.filter(message=message, deleted_at=None).values_list("pk", flat=True))
        if ids:
            File.objects.filter(pk__in=ids).update(deleted_at=timezone.now())
            transaction.on_commit(functools.partial(_empty, ids), robust=True)


def remove_untaken(file_ids: Collection[int]) -> None:
    """Of these files, those that are in no message; their client keys are free again. Again it changes nothing."""
    with transaction.atomic():
        untaken = File.objects.select_for_update(of=("self",)).filter(pk__in=file_ids, message=None, deleted_at=None)
        ids = list(untaken.order_by("pk").values_list("pk", flat=True))
        freed = Concat(Value("removed-"), Cast("pk", CharField()))
        File.objects.filter(pk__in=ids).update(deleted_at=timezone.now(), client_key=freed)
    _empty(ids)


def remove_abandoned_files(now: datetime.datetime) -> int:
    """
    Remove files that no message took within a day, uploads that were not gone on with for as long, and what a process
    that ended in the middle of a removal left. Gives how many. Twice is harmless, at once too.
    """
    removed = incoming.remove_older_than((now - ABANDONED_AFTER).timestamp())
    abandoned = Q(message=None, deleted_at=None, created_at__lt=now - ABANDONED_AFTER)
    while True:
        with transaction.atomic():
            # A message that takes one just now has it locked, or finds it deleted.
            ids = list(
                File.objects.select_for_update(of=("self",), skip_locked=True)
                .filter(abandoned)
                .order_by("pk")
                .values_list("pk", flat=True)[:_BATCH]
            )
            File.objects.filter(pk__in=ids).update(deleted_at=now)
        removed += len(ids)
        if len(ids) < _BATCH:
            break
    while left := list(
        File.objects.filter(deleted_at__isnull=False).exclude(stored_as="").values_list("pk", flat=True)[:_BATCH]
    ):
        _empty(left)
    return removed


def _check_may_post(access: Access) -> None:
    membership = access.membership
    if access.room.archived_at is not None:
        raise errors.Archived
    if membership.role == Membership.Role.READER:
        raise errors.NotAllowed
    if access.room.posting == Room.Posting.MODERATORS and not access.may_moderate:
        raise errors.NotAllowed
    if membership.muted_until is not None and membership.muted_until > timezone.now():
        raise errors.Muted


def _most_bytes(upload: incoming.Upload, access: Access, total: int | None) -> int:
    """How long it may be at most, by itself and beside all that is kept and underway."""
    limits = conf()
    if total is not None and total > limits.max_file_bytes:
        raise errors.QuotaExceeded(f"A file may have {limits.max_file_bytes} bytes.")
    if File.objects.filter(uploader=upload.user_id, client_key=upload.client_key).exists():
        # It will be found to be that one, or be refused.
        return limits.max_file_bytes
    if incoming.count_of(upload.user_id) >= _MOST_UPLOADS and not upload.size_bytes():
        raise errors.QuotaExceeded("Too many uploads are not finished.")
    underway = incoming.bytes_of(upload.user_id, besides=upload)
    left = min(
        limits.user_quota_bytes - bytes_of_person(upload.user_id) - underway,
        limits.room_quota_bytes - bytes_of_room(access.room),
    )
    if left < (total or 0) or left < 0:
        raise errors.QuotaExceeded("There is no room for it.")
    return min(limits.max_file_bytes, left)


def _receive(
    part: incoming.Incoming,
    access: Access,
    upload: incoming.Upload,
    name: str,
    body: incoming.Body,
    *,
    first: int,
    length: int | None,
    total: int | None,
    most: int,
) -> Received:
    if first > part.size_bytes:
        raise OutOfPlace(part.size_bytes)
    try:
        part.write(body, at=first, most_bytes=most - first if length is None else length)
    except incoming.TooLong:
        if length is None:
            raise errors.QuotaExceeded("It is larger than there is room for.") from None
        raise errors.BadArgument("The piece is longer than it was said to be.") from None
    if total is not None and part.size_bytes < total:
        return Received(part.size_bytes, None)
    file = _kept(part, access, upload, name)
    return Received(file.uploaded_bytes, file)


def _kept(part: incoming.Incoming, access: Access, upload: incoming.Upload, name: str) -> File:
    """What has come whole becomes a file, or is found to be one already."""
    digest = part.sha256()
    if first := _first_of(upload, digest):
        part.remove()
        return first
    media_type = media.type_of(part.path)
    with incoming.work_folder() as folder:
        picture = images.made_anew(part.path, media_type, folder) if media_type in media.IMAGE_TYPES else None
        if picture is None and media_type in media.IMAGE_TYPES:
            # It only begins like one.
            media_type = media.UNKNOWN
        path = part.path if picture is None else picture.path
        file = File(
            room=access.room,
            uploader_id=upload.user_id,
            client_key=upload.client_key,
            name=media.clean_name(name),
            media_type=media_type,
            size_bytes=path.stat().st_size,
            uploaded_bytes=part.size_bytes,
            sha256=digest,
            created_at=timezone.now(),
        )
        if picture is not None:
            file.width, file.height = picture.width, picture.height
            file.thumbnail_width, file.thumbnail_height = picture.thumbnail_width, picture.thumbnail_height
        try:
            file.stored_as = storage.keep(path)
            if picture is not None:
                file.thumbnail_stored_as = storage.keep(picture.thumbnail_path)
            _insert(file, upload.user_id)
        except BaseException as error:
            storage.remove(file.stored_as, file.thumbnail_stored_as)
            # Another copy of the request, at another machine, was first.
            if not isinstance(error, IntegrityError) or (again := _first_of(upload, digest)) is None:
                raise
            file = again
    part.remove()
    return file


def _first_of(upload: incoming.Upload, sha256: str) -> File | None:
    """The file that this upload became earlier. Raises KeyConflict when its key became another one."""
    file = _of_key(upload)
    if file is not None and file.sha256 != sha256:
        raise errors.KeyConflict
    return file


def _finished(upload: incoming.Upload, total: int) -> File | None:
    """The file that an upload of so many bytes became. Raises KeyConflict when its key became another one."""
    file = _of_key(upload)
    if file is not None and file.uploaded_bytes != total:
        raise errors.KeyConflict
    return file


def _of_key(upload: incoming.Upload) -> File | None:
    """Raises KeyConflict for one of another room, or that was removed."""
    file = File.objects.filter(uploader=upload.user_id, client_key=upload.client_key).first()
    if file is not None and (file.room_id != upload.room_id or file.deleted_at is not None):
        raise errors.KeyConflict
    return file


@transaction.atomic
def _insert(file: File, uploader_id: int) -> None:
    """
    Raises QuotaExceeded. The person's quota is exact, since their files are counted one after the other; the room's may
    be passed by what several people upload in the same moment.
    """
    # Held until the commit: whoever counts next sees this row.
    get_user_model()._default_manager.select_for_update(no_key=True).filter(pk=uploader_id).first()
    if (
        bytes_of_person(uploader_id) + file.size_bytes > conf().user_quota_bytes
        or bytes_of_room(file.room) + file.size_bytes > conf().room_quota_bytes
    ):
        raise errors.QuotaExceeded("There is no room for it.")
    file.save(force_insert=True)


def _empty(file_ids: Collection[int]) -> None:
    """Remove the bytes of files that are deleted, and what their rows said of them."""
    for file in File.objects.filter(pk__in=file_ids, deleted_at__isnull=False):
        storage.remove(file.stored_as, file.thumbnail_stored_as)
    File.objects.filter(pk__in=file_ids, deleted_at__isnull=False).update(
        name="", sha256="", stored_as="", thumbnail_stored_as=""
    )
