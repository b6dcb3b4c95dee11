"""Uploads become files, messages take them, and what nobody wants is gone, bytes and all."""

import datetime
import hashlib
import io
import os
import pathlib
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from teahouse.accounts.models import User
from teahouse.chat import access as doors
from teahouse.chat import errors
from teahouse.chat.conf import conf
from teahouse.chat.files import incoming, storage
from teahouse.chat.models import File, Membership, Message, Room
from teahouse.chat.selectors.files import Received, file_for, files_by_message, files_of_room, received_of
from teahouse.chat.services.files import (
    ABANDONED_AFTER,
    OutOfPlace,
    claim_files,
    delete_files_of,
    receive_file,
    remove_abandoned_files,
)
from tests.chat.files import pictures

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data(tmp_path: pathlib.Path, settings: Any) -> pathlib.Path:
    settings.TEAHOUSE_DATA = str(tmp_path)
    return tmp_path


@pytest.fixture
def limits(settings: Any) -> Any:
    """Sets the chat's settings for a test."""

    def set_to(**values: int) -> None:
        settings.TEAHOUSE_CHAT = values
        conf.cache_clear()

    yield set_to
    conf.cache_clear()


@pytest.fixture
def room(alice: User) -> Room:
    return room_of(alice)


def room_of(*members: User, **more: Any) -> Room:
    room = Room.objects.create(kind=Room.Kind.PRIVATE, name="a", **more)
    for member in members:
        Membership.objects.create(room=room, user=member)
    return room


def upload(
    user: User, room: Room, content: bytes = b"tea", *, key: str = "1", name: str = "a.txt", **more: Any
) -> File:
    received = receive(user, room, content, key=key, name=name, **more)
    assert received.file is not None
    return received.file


def receive(user: User, room: Room, content: bytes, *, key: str = "1", name: str = "a.txt", **piece: int) -> Received:
    return receive_file(user=user, room_id=room.pk, client_key=key, name=name, body=io.BytesIO(content), **piece)


def post(author: User, room: Room, *files: File) -> Message:
    room.last_number += 1
    room.save()
    message = Message.objects.create(
        room=room,
        number=room.last_number,
        offset=room.last_number,
        author=author,
        client_key=os.urandom(8).hex(),
        digest=b"",
        created_at=timezone.now(),
    )
    claim_files([file.pk for file in files], message=message, author_id=author.pk, room_id=room.pk)
    return message


def on_disk(data: pathlib.Path) -> list[pathlib.Path]:
    return [path for path in data.rglob("*") if path.is_file()]


def bytes_of(name: str) -> bytes:
    with storage.storage().open(name) as file:
        return bytes(file.read())


# Uploading.


def test_an_upload_is_kept_under_a_name_of_ours(alice: User, room: Room, data: pathlib.Path) -> None:
    file = upload(alice, room, "茶".encode(), name="../茶.txt")

    assert ("茶.txt", "text/plain", 3, hashlib.sha256("茶".encode()).hexdigest()) == (
        file.name,
        file.media_type,
        file.size_bytes,
        file.sha256,
    )
    assert (room.pk, alice.pk, None) == (file.room_id, file.uploader_id, file.message_id)
    path = data / "files" / file.stored_as
    assert [path] == on_disk(data)
    assert "茶".encode() == path.read_bytes()
    assert file.stored_as.split("/")[2].startswith("".join(file.stored_as.split("/")[:2]))
    assert 0o600 == path.stat().st_mode & 0o777


def test_an_image_is_kept_as_it_was_made_anew_with_its_thumbnail(alice: User, room: Room) -> None:
    content = pictures.still("JPEG", (960, 480), exif=pictures.with_exif(1, "at home"))

    file = upload(alice, room, content, name="a.html")

    assert ("image/jpeg", 960, 480) == (file.media_type, file.width, file.height)
    assert (480, 240) == (file.thumbnail_width, file.thumbnail_height)
    assert b"at home" not in bytes_of(file.stored_as)
    assert file.size_bytes == len(bytes_of(file.stored_as))
    assert b"WEBP" == bytes_of(file.thumbnail_stored_as)[8:12]


def test_what_only_begins_like_an_image_is_a_plain_download(alice: User, room: Room) -> None:
    content = b"GIF89a/*" + b"alert(1);" * 100

    file = upload(alice, room, content)

    assert ("application/octet-stream", None, "") == (file.media_type, file.width, file.thumbnail_stored_as)
    assert content == bytes_of(file.stored_as)


def test_uploading_again_gives_the_first_file(alice: User, room: Room, data: pathlib.Path) -> None:
    first = upload(alice, room, name="a.txt")

    assert first == upload(alice, room, name="b.txt")
    assert 1 == len(on_disk(data)) == File.objects.count()


def test_an_image_may_be_uploaded_again_too(alice: User, room: Room, data: pathlib.Path) -> None:
    content = pictures.still("PNG")

    assert upload(alice, room, content) == upload(alice, room, content)
    assert 2 == len(on_disk(data))


@pytest.mark.parametrize("differently", ["content", "room", "removed"])
def test_a_key_is_for_one_file(alice: User, room: Room, data: pathlib.Path, differently: str) -> None:
    first = upload(alice, room)
    if differently == "removed":
        File.objects.update(deleted_at=timezone.now())

    with pytest.raises(errors.KeyConflict):
        upload(
            alice,
            room_of(alice) if differently == "room" else room,
            b"coffee" if differently == "content" else b"tea",
        )
    assert [data / "files" / first.stored_as] == on_disk(data)


def test_keys_of_two_people_have_nothing_to_do_with_each_other(alice: User, bob: User) -> None:
    room = room_of(alice, bob)

    assert upload(alice, room).pk != upload(bob, room, b"coffee").pk


# Pieces.


def test_an_upload_may_come_in_pieces(alice: User, room: Room) -> None:
    access = doors.room_for(user=alice, room_id=room.pk)
    assert Received(3, None) == receive(alice, room, b"tea", first=0, length=3, total=8)
    assert Received(3, None) == received_of(access, user=alice, client_key="1")

    file = upload(alice, room, b"house", first=3, length=5, total=8)

    assert b"teahouse" == bytes_of(file.stored_as)
    assert Received(8, file) == received_of(access, user=alice, client_key="1")


def test_a_piece_may_come_twice_and_overlap(alice: User, room: Room) -> None:
    receive(alice, room, b"tea", first=0, length=3, total=8)
    receive(alice, room, b"tea", first=0, length=3, total=8)
    receive(alice, room, b"aho", first=2, length=3, total=8)

    file = upload(alice, room, b"ouse", first=4, length=4, total=8)

    assert b"teahouse" == bytes_of(file.stored_as)


def test_of_a_piece_that_is_cut_short_counts_what_came(alice: User, room: Room) -> None:
    assert Received(2, None) == receive(alice, room, b"te", first=0, length=3, total=8)


def test_the_last_piece_that_came_whole_may_come_again(alice: User, room: Room) -> None:
    """Its answer was lost: the client asks, and is told that all is here."""
    file = upload(alice, room, b"tea", first=0, length=3, total=3)

    assert file == upload(alice, room, b"tea", first=0, length=3, total=3)


def test_a_piece_behind_a_hole_says_where_to_go_on(alice: User, room: Room) -> None:
    receive(alice, room, b"tea", first=0, length=3, total=8)

    with pytest.raises(OutOfPlace) as refused:
        receive(alice, room, b"se", first=6, length=2, total=8)
    assert 3 == refused.value.received_bytes
    assert 8 == receive(alice, room, b"house", first=3, length=5, total=8).received_bytes


def test_a_piece_that_is_longer_than_it_said_is_refused_with_all_before_it(
    alice: User, room: Room, data: pathlib.Path
) -> None:
    receive(alice, room, b"tea", first=0, length=3, total=8)

    with pytest.raises(errors.BadArgument):
        receive(alice, room, b"house", first=3, length=2, total=8)
    assert [] == on_disk(data)


def test_an_upload_that_another_request_is_at_is_to_be_tried_again(alice: User, room: Room) -> None:
    with incoming.opened(incoming.Upload(alice.pk, room.pk, "1")), pytest.raises(errors.TryAgain):
        upload(alice, room)

    assert upload(alice, room).pk


# Who may, and how much.


def test_only_members_upload(alice: User, bob: User, room: Room, data: pathlib.Path) -> None:
    with pytest.raises(errors.NotAMember):
        upload(bob, room)
    assert [] == on_disk(data)


@pytest.mark.parametrize(
    ("room_values", "membership_values", "refusal"),
    [
        pytest.param({"archived_at": timezone.now()}, {}, errors.Archived, id="an archived room"),
        pytest.param({}, {"role": "reader"}, errors.NotAllowed, id="a reader"),
        pytest.param({"posting": "moderators"}, {}, errors.NotAllowed, id="where only moderators write"),
        pytest.param({}, {"muted_until": datetime.datetime.max.replace(tzinfo=datetime.UTC)}, errors.Muted, id="muted"),
    ],
)
def test_who_may_not_write_may_not_upload(
    alice: User,
    room: Room,
    data: pathlib.Path,
    room_values: dict[str, Any],
    membership_values: dict[str, Any],
    refusal: type[Exception],
) -> None:
    receive(alice, room, b"te", first=0, length=2, total=3)
    Room.objects.update(**room_values)
    Membership.objects.update(**membership_values)

    with pytest.raises(refusal):
        receive(alice, room, b"a", first=2, length=1, total=3)
    # What came before it was forbidden goes too.
    assert [] == on_disk(data)


@pytest.mark.parametrize(
    "piece",
    [
        pytest.param({}, id="that says nothing of its length"),
        pytest.param({"first": 0, "length": 11, "total": 11}, id="that says so"),
        pytest.param({"first": 0, "length": 5, "total": 10}, id="that says less"),
    ],
)
def test_a_file_that_is_too_large_leaves_nothing(
    alice: User, room: Room, data: pathlib.Path, limits: Any, piece: dict[str, int]
) -> None:
    limits(max_file_bytes=10)

    with pytest.raises(errors.ChatError):
        receive(alice, room, b"12345678901", **piece)
    assert [] == on_disk(data)
    assert not File.objects.exists()


def test_a_file_of_the_largest_size_is_kept(alice: User, room: Room, limits: Any) -> None:
    limits(max_file_bytes=10)

    assert 10 == upload(alice, room, b"1234567890").size_bytes


@pytest.mark.parametrize("quota", ["user_quota_bytes", "room_quota_bytes"])
def test_quotas_hold(alice: User, room: Room, data: pathlib.Path, limits: Any, quota: str) -> None:
    limits(**{quota: 5})
    upload(alice, room)

    with pytest.raises(errors.QuotaExceeded):
        upload(alice, room, key="2")
    assert 1 == len(on_disk(data))
    assert 2 == upload(alice, room, b"te", key="3").size_bytes


def test_uploads_that_are_underway_count(alice: User, room: Room, limits: Any) -> None:
    limits(user_quota_bytes=5)
    receive(alice, room, b"tea", first=0, length=3, total=4)

    with pytest.raises(errors.QuotaExceeded):
        upload(alice, room, key="2")
    assert 4 == upload(alice, room, b"s", first=3, length=1, total=4).size_bytes


def test_a_full_quota_does_not_keep_from_uploading_again(alice: User, room: Room, limits: Any) -> None:
    limits(user_quota_bytes=3)

    assert upload(alice, room) == upload(alice, room)


def test_an_image_that_grows_beyond_the_quota_leaves_nothing(
    alice: User, room: Room, data: pathlib.Path, limits: Any
) -> None:
    content = pictures.noise("JPEG", (100, 100), quality=10)
    limits(user_quota_bytes=len(content))

    with pytest.raises(errors.QuotaExceeded):
        upload(alice, room, content)
    assert [] == on_disk(data)


def test_a_bomb_leaves_nothing(alice: User, room: Room, data: pathlib.Path) -> None:
    with pytest.raises(errors.BadFile):
        upload(alice, room, pictures.png_that_claims(50_000, 50_000))
    assert [] == on_disk(data)
    assert not File.objects.exists()


def test_only_so_many_uploads_are_underway(alice: User, room: Room) -> None:
    for number in range(50):
        receive(alice, room, b"t", key=str(number), first=0, length=1, total=3)

    with pytest.raises(errors.QuotaExceeded):
        receive(alice, room, b"t", key="another", first=0, length=1, total=3)
    assert upload(alice, room, b"ea", key="7", first=1, length=2, total=3).pk


# In messages.


def test_a_message_takes_files_in_its_order(alice: User, room: Room) -> None:
    first, second = upload(alice, room), upload(alice, room, key="2")

    message = post(alice, room, second, first)

    assert {message.pk: [second, first]} == files_by_message([message.pk])
    assert [0, 1] == [file.position for file in files_by_message([message.pk])[message.pk]]


def test_the_files_of_many_messages_are_read_at_once(alice: User, room: Room, django_assert_num_queries: Any) -> None:
    messages = [post(alice, room, upload(alice, room, key=str(number))) for number in range(3)]
    without = post(alice, room)

    with django_assert_num_queries(1):
        found = files_by_message([message.pk for message in (*messages, without)])
    assert {message.pk for message in messages} == set(found)


@pytest.mark.parametrize("what", ["foreign", "elsewhere", "taken", "removed", "none", "twice"])
def test_a_message_takes_only_its_authors_free_files_of_the_room(alice: User, bob: User, room: Room, what: str) -> None:
    Membership.objects.create(room=room, user=bob)
    own = upload(alice, room, key="own")
    match what:
        case "foreign":
            other = upload(bob, room).pk
        case "elsewhere":
            other = upload(alice, room_of(alice)).pk
        case "taken":
            other = upload(alice, room).pk
            post(alice, room, File.objects.get(pk=other))
        case "removed":
            other = upload(alice, room).pk
            File.objects.filter(pk=other).update(deleted_at=timezone.now())
        case "none":
            other = 2**62
        case _:
            other = own.pk
    message = post(alice, room)

    with pytest.raises(errors.NoSuchFile):
        claim_files([own.pk, other], message=message, author_id=alice.pk, room_id=room.pk)
    assert File.objects.get(pk=own.pk).message_id is None


# Reading.


def test_the_files_of_a_room_come_the_last_first_in_pages(alice: User, room: Room) -> None:
    files = [upload(alice, room, key=str(number)) for number in range(3)]
    post(alice, room, *files)
    upload(alice, room, key="in no message")
    access = doors.room_for(user=alice, room_id=room.pk)

    page = files_of_room(access, limit=2)

    assert [files[2], files[1]] == page
    assert [files[0]] == files_of_room(access, before=page[-1].pk, limit=2)


def test_who_came_later_reads_files_from_then_on_where_history_is_theirs_since(alice: User, bob: User) -> None:
    room = room_of(alice, history=Room.History.SINCE_JOIN)
    before = upload(alice, room)
    post(alice, room, before)
    Membership.objects.create(room=room, user=bob, joined_number=1)
    after = upload(alice, room, key="2")
    post(alice, room, after)

    assert [after] == files_of_room(doors.room_for(user=bob, room_id=room.pk))
    assert after == file_for(user=bob, file_id=after.pk)
    with pytest.raises(errors.NoSuchFile):
        file_for(user=bob, file_id=before.pk)


@pytest.mark.parametrize("what", ["none", "foreign room", "not sent yet", "deleted message", "removed", "left"])
def test_a_file_that_is_not_for_somebody_is_not_there(alice: User, bob: User, what: str) -> None:
    room = room_of(alice) if what == "foreign room" else room_of(alice, bob)
    file = upload(alice, room)
    if what != "not sent yet":
        message = post(alice, room, file)
    match what:
        case "deleted message":
            Message.objects.filter(pk=message.pk).update(deleted_at=timezone.now())
        case "removed":
            File.objects.update(deleted_at=timezone.now())
        case "left":
            Membership.objects.filter(user=bob).delete()

    with pytest.raises(errors.NoSuchFile):
        file_for(user=bob, file_id=2**70 if what == "none" else file.pk)


def test_a_file_that_was_not_sent_yet_is_its_uploaders(alice: User, room: Room) -> None:
    file = upload(alice, room)

    assert file == file_for(user=alice, file_id=file.pk)


# Removing.


def test_the_files_of_a_deleted_message_are_gone_and_their_rows_empty(
    alice: User, room: Room, data: pathlib.Path, django_capture_on_commit_callbacks: Any
) -> None:
    message = post(alice, room, upload(alice, room, pictures.still("PNG")))

    with django_capture_on_commit_callbacks(execute=True):
        delete_files_of(message)
        assert 2 == len(on_disk(data))
        delete_files_of(message)

    assert [] == on_disk(data)
    row = File.objects.get()
    assert row.deleted_at is not None
    assert ("", "", "", "") == (row.name, row.sha256, row.stored_as, row.thumbnail_stored_as)


def test_a_deletion_that_is_undone_keeps_the_bytes(
    alice: User, room: Room, data: pathlib.Path, django_capture_on_commit_callbacks: Any
) -> None:
    message = post(alice, room, upload(alice, room))

    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        delete_files_of(message)
        transaction.set_rollback(True)

    assert 1 == len(on_disk(data))
    assert File.objects.get().deleted_at is None


def test_a_removal_that_was_interrupted_is_gone_on_with(alice: User, room: Room, data: pathlib.Path) -> None:
    message = post(alice, room, upload(alice, room))
    # The commit was the last that the process did.
    delete_files_of(message)
    assert 1 == len(on_disk(data))

    remove_abandoned_files(timezone.now())

    assert [] == on_disk(data)
    assert "" == File.objects.get().stored_as


def test_files_that_no_message_took_within_a_day_are_removed(alice: User, room: Room, data: pathlib.Path) -> None:
    taken = upload(alice, room)
    post(alice, room, taken)
    upload(alice, room, key="2")
    now = timezone.now()

    assert 0 == remove_abandoned_files(now + ABANDONED_AFTER - datetime.timedelta(minutes=1))
    assert 2 == len(on_disk(data))
    later = now + ABANDONED_AFTER + datetime.timedelta(minutes=1)
    assert [1, 0] == [remove_abandoned_files(later) for _ in range(2)]
    assert [data / "files" / taken.stored_as] == on_disk(data)


def test_uploads_that_were_given_up_are_removed(alice: User, room: Room, data: pathlib.Path) -> None:
    receive(alice, room, b"te", first=0, length=2, total=3)
    now = timezone.now()

    assert 0 == remove_abandoned_files(now)
    assert [1, 0] == [remove_abandoned_files(now + ABANDONED_AFTER + datetime.timedelta(minutes=1)) for _ in range(2)]
    assert [] == list((data / "uploads").iterdir())


def test_a_removed_file_gives_its_bytes_back_to_the_quota(
    alice: User, room: Room, limits: Any, django_capture_on_commit_callbacks: Any
) -> None:
    limits(user_quota_bytes=3)
    message = post(alice, room, upload(alice, room))

    with django_capture_on_commit_callbacks(execute=True):
        delete_files_of(message)

    assert upload(alice, room, key="2").pk
