"""A copy in another room: a message of its own, that says where it is from only to whom may know."""

from typing import Any

import pytest
from django.core.files.base import ContentFile

from teahouse.accounts.models import User
from teahouse.chat import access, errors, frames
from teahouse.chat.conf import conf
from teahouse.chat.files import storage
from teahouse.chat.log import writer
from teahouse.chat.log.entries import Entry
from teahouse.chat.models import File, Membership, Message, Room
from teahouse.chat.selectors import rooms
from teahouse.chat.selectors.messages import frame_of
from teahouse.chat.services.editing import delete_message, edit_message
from teahouse.chat.services.files import receive_file
from teahouse.chat.services.forwarding import forward_message
from teahouse.chat.services.messages import send_message, send_to_lobby
from teahouse.chat.services.sending_rows import Sent
from tests.chat.conftest import Wire
from tests.chat.talking import history_tells, join, new_room, say, told

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh() -> None:
    rooms.forget_cached()


@pytest.fixture
def here(alice: User, bob: User) -> Room:
    return new_room(alice, bob)


@pytest.fixture
def there(bob: User) -> Room:
    return new_room(bob)


def forward(author: User, message: Message, room: Room, key: str = "1", body: str = "") -> Sent:
    return forward_message(author=author, message_id=message.pk, room_id=room.pk, client_key=key, body=body)


def frame_at(sent: Sent) -> frames.Message:
    return frame_of(Message.objects.get(pk=sent.id))


def test_a_copy_has_the_text_and_the_first_author_and_names_no_room(
    alice: User, bob: User, here: Room, there: Room, wire: Wire
) -> None:
    with wire.committed():
        message = say(alice, here, "good *tea*")
    with wire.committed():
        sent = forward(bob, message, there)

    (posted,) = told(wire, 1)
    assert isinstance(posted, frames.MessagePosted)
    copy = posted.message
    assert (there.pk, bob.pk, "good *tea*", "<p>good <em>tea</em></p>") == (
        copy.room,
        copy.author,
        copy.body,
        copy.html,
    )
    assert frames.Forwarded(author=alice.pk) == copy.forwarded
    assert frame_at(sent) == copy
    assert history_tells(wire)
    assert wire.matches_history()


def test_of_a_public_room_the_copy_says_where_it_is_from(alice: User, bob: User, there: Room, wire: Wire) -> None:
    with wire.committed():
        origin = send_to_lobby(author=alice, body="to all", client_key="1")
        sent = forward(bob, Message.objects.get(pk=origin.id), there)

    assert frames.Forwarded(author=alice.pk, message=origin.id, room=origin.room) == frame_at(sent).forwarded
    assert wire.matches_history()


def test_a_copy_of_a_copy_names_the_first_author(alice: User, bob: User, here: Room, there: Room) -> None:
    message = say(alice, here)
    copy = Message.objects.get(pk=forward(bob, message, there).id)
    again = Message.objects.get(pk=forward(bob, copy, here, key="2").id)

    assert message.pk == again.forwarded_from_id
    assert frames.Forwarded(author=alice.pk) == frame_of(again).forwarded


def test_with_a_comment_the_copied_text_is_a_quotation(alice: User, bob: User, here: Room, there: Room) -> None:
    message = say(alice, here, "one\n\n```\ntwo\n```")

    assert "look:\n\n> one\n> \n> ```\n> two\n> ```" == frame_at(forward(bob, message, there, body=" look: ")).body


def test_names_in_the_copy_are_those_of_the_other_room(alice: User, bob: User, here: Room, there: Room) -> None:
    message = say(alice, here, "@alice @bob")

    assert [bob.pk] == frame_at(forward(bob, message, there)).mentions


# Again.


def test_the_same_client_key_has_the_first_answer_whatever_became_of_the_message(
    alice: User, bob: User, here: Room, there: Room, wire: Wire
) -> None:
    message = say(alice, here, "one")
    with wire.committed():
        first = forward(bob, message, there, body="look")
    edit_message(actor=alice, message_id=message.pk, body="two")
    assert first == forward(bob, message, there, body="look")
    delete_message(actor=alice, message_id=message.pk)
    assert first == forward(bob, message, there, body="look")
    Membership.objects.filter(user=bob).delete()
    assert first == forward(bob, message, there, body="look")

    assert 1 == Message.objects.filter(room=there).count()
    assert "look\n\n> one" == frame_at(first).body


def test_a_client_key_for_something_else_is_a_conflict(alice: User, bob: User, here: Room, there: Room) -> None:
    message, other = say(alice, here), say(alice, here)
    forward(bob, message, there)

    for act in (
        lambda: forward(bob, other, there),
        lambda: forward(bob, message, here),
        lambda: forward(bob, message, there, body="look"),
        lambda: send_message(author=bob, room_id=there.pk, client_key="1", body="hello"),
    ):
        with pytest.raises(errors.KeyConflict):
            act()


# Files.


@pytest.fixture
def with_file(alice: User, here: Room, settings: object, tmp_path: object) -> Message:
    settings.TEAHOUSE_DATA = tmp_path  # type: ignore[attr-defined]
    received = receive_file(user=alice, room_id=here.pk, client_key="f", name="茶.txt", body=ContentFile(b"oolong"))
    assert received.file is not None
    return say(alice, here, "", files=(received.file.pk,))


def bytes_of(file: File) -> bytes:
    with storage.storage().open(file.stored_as, "rb") as opened:
        return opened.read()


def test_files_are_copied_and_deleting_one_leaves_the_other(
    alice: User, bob: User, with_file: Message, there: Room, wire: Wire
) -> None:
    with wire.committed():
        sent = forward(bob, with_file, there)
        assert sent == forward(bob, with_file, there)
    (copied,) = File.objects.filter(room=there)
    assert ("茶.txt", bob.pk, sent.id) == (copied.name, copied.uploader_id, copied.message_id)
    with wire.committed():
        delete_message(actor=alice, message_id=with_file.pk)

    copied.refresh_from_db()
    assert b"oolong" == bytes_of(copied)
    assert ["茶.txt"] == [file.name for file in frame_at(sent).files]
    assert not File.objects.filter(room=with_file.room).exclude(stored_as="").exists()


def test_a_refused_copy_leaves_no_files(bob: User, with_file: Message, there: Room) -> None:
    Room.objects.filter(pk=there.pk).update(slow_mode_seconds=60)
    Membership.objects.filter(room=there).update(role=Membership.Role.MEMBER)
    say(bob, there)

    with pytest.raises(errors.TooSoon):
        forward(bob, with_file, there)
    assert not File.objects.filter(room=there).exclude(stored_as="").exists()
    Room.objects.filter(pk=there.pk).update(slow_mode_seconds=0)
    sent = forward(bob, with_file, there)
    assert ["茶.txt"] == [file.name for file in frame_at(sent).files]


def test_what_cannot_be_sent_copies_no_files(bob: User, with_file: Message, there: Room) -> None:
    with pytest.raises(errors.BadArgument):
        forward(bob, with_file, there, key="ключ")
    assert not File.objects.filter(room=there).exists()


def test_what_is_deleted_while_the_forward_waits_is_not_stored(
    alice: User, bob: User, here: Room, there: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = say(alice, here, "secret")
    waits = writer.write

    def deleted_meanwhile(entry: Entry[Any]) -> object:
        monkeypatch.undo()
        delete_message(actor=alice, message_id=message.pk)
        return waits(entry)

    monkeypatch.setattr(writer, "write", deleted_meanwhile)

    with pytest.raises(errors.NoSuchMessage):
        forward(bob, message, there)
    assert not Message.objects.filter(room=there).exists()


# Who may.


def test_one_forwards_what_one_may_read_to_where_one_may_write(alice: User, bob: User, here: Room, there: Room) -> None:
    message, of_bob = say(alice, here), say(bob, there)

    with pytest.raises(errors.NotAMember):
        forward(alice, message, there)
    with pytest.raises(errors.NoSuchMessage):
        forward(alice, of_bob, here)
    Membership.objects.filter(room=there).update(role=Membership.Role.READER)
    with pytest.raises(errors.NotAllowed):
        forward(bob, message, there)


def test_nothing_from_before_one_came_is_forwarded(alice: User, here: Room) -> None:
    Room.objects.update(history=Room.History.SINCE_JOIN)
    message = say(alice, here)
    dave = User.objects.create_user("dave")
    join(here, dave)

    with pytest.raises(errors.NoSuchMessage):
        forward(dave, message, here)


def test_a_deleted_message_is_not_forwarded(alice: User, bob: User, here: Room, there: Room) -> None:
    message = say(alice, here)
    delete_message(actor=alice, message_id=message.pk)

    with pytest.raises(errors.NoSuchMessage):
        forward(bob, message, there)


def test_a_comment_that_makes_it_too_long_is_refused(alice: User, bob: User, here: Room, there: Room) -> None:
    message = say(alice, here, "x" * conf().max_body_chars)

    with pytest.raises(errors.BadBody):
        forward(bob, message, there, body="look")
    assert access.room_for(user=bob, room_id=there.pk).room.last_number == 0
