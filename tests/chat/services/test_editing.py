"""Editing keeps what was said before, deleting keeps nothing, and both are told as the history says."""

import datetime

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from teahouse.accounts.models import User
from teahouse.chat import errors, frames
from teahouse.chat.log import history
from teahouse.chat.log.batches import locked_heads
from teahouse.chat.log.entries import Batch
from teahouse.chat.models import File, Membership, Mention, Message, Reaction, Revision, Room, SavedMessage
from teahouse.chat.search import indexer
from teahouse.chat.selectors import rooms
from teahouse.chat.selectors.messages import frame_of, revisions_page
from teahouse.chat.services import emptying
from teahouse.chat.services.editing import delete_message, edit_message
from teahouse.chat.services.files import receive_file
from teahouse.chat.services.messages import send_message, send_to_lobby, send_to_person
from teahouse.chat.services.pins import pin_message
from teahouse.chat.services.reactions import add_reaction
from tests.chat.conftest import Wire
from tests.chat.talking import (
    history_tells,
    is_anywhere_in_the_database,
    join,
    new_member,
    new_room,
    say,
    told,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh() -> None:
    rooms.forget_cached()


@pytest.fixture
def room(alice: User, bob: User) -> Room:
    return new_room(alice, bob)


# Editing.


def test_an_edited_message_says_something_else_and_is_told_whole(alice: User, room: Room, wire: Wire) -> None:
    with wire.committed():
        message = say(alice, room, "I liek *tea*")
    with wire.committed():
        answer = edit_message(actor=alice, message_id=message.pk, body=" I like *tea* \n")

    message.refresh_from_db()
    assert ("I like *tea*", "<p>I like <em>tea</em></p>") == (message.body, message.html)
    assert [frames.MessageEdited(message=frame_of(message))] == told(wire, 1)
    assert frame_of(message) == answer
    assert answer.edited_at is not None
    assert history_tells(wire)


def test_what_it_said_before_is_kept_newest_first(alice: User, room: Room) -> None:
    message = say(alice, room, "one")
    for body in ("two", "three", "four"):
        edit_message(actor=alice, message_id=message.pk, body=body)

    first = revisions_page(message, limit=2)
    rest = revisions_page(message, before=first.next, limit=2)
    assert ["three", "two"] == [revised.body for revised in first.results]
    assert ["one"] == [revised.body for revised in rest.results]
    assert rest.next is None
    assert {alice.pk} == {revised.replaced_by for revised in first.results}


@pytest.mark.parametrize("body", ["hello", "  hello\n"])
def test_the_same_text_again_changes_nothing_and_tells_nobody(alice: User, room: Room, wire: Wire, body: str) -> None:
    with wire.committed():
        message = say(alice, room, "hello")
    with wire.committed():
        assert frame_of(message) == edit_message(actor=alice, message_id=message.pk, body=body)

    assert 1 == len(wire.publications)
    assert not Revision.objects.exists()


@pytest.mark.parametrize(
    ("window", "age", "is_too_late"),
    [
        pytest.param(None, 10**8, False, id="for ever"),
        pytest.param(60, 59, False, id="within the window"),
        pytest.param(60, 60, True, id="when the window ends"),
        pytest.param(60, 10**6, True, id="long after it"),
        pytest.param(0, 0, True, id="never"),
    ],
)
def test_a_message_is_edited_within_its_rooms_window(
    alice: User, room: Room, window: int | None, age: int, is_too_late: bool
) -> None:
    message = say(alice, room)
    Room.objects.filter(pk=room.pk).update(edit_window_seconds=window)
    Message.objects.filter(pk=message.pk).update(created_at=timezone.now() - datetime.timedelta(seconds=age))

    if is_too_late:
        with pytest.raises(errors.TooLate):
            edit_message(actor=alice, message_id=message.pk, body="else")
        # An edit that was made in time, and is asked for again.
        edit_message(actor=alice, message_id=message.pk, body="hello")
    else:
        assert "else" == edit_message(actor=alice, message_id=message.pk, body="else").body


def test_nobody_edits_what_another_wrote(alice: User, bob: User, room: Room) -> None:
    message = say(alice, room)
    moderator = new_member(room, "moderator", Membership.Role.MODERATOR)
    owner = new_member(room, "owner", Membership.Role.OWNER)

    for somebody in (bob, moderator, owner):
        with pytest.raises(errors.NotAllowed):
            edit_message(actor=somebody, message_id=message.pk, body="else")


@pytest.mark.parametrize(
    ("of_room", "of_member", "refusal"),
    [
        pytest.param({}, {"role": "reader"}, errors.NotAllowed, id="a reader by now"),
        pytest.param({"posting": "moderators"}, {}, errors.NotAllowed, id="only moderators write by now"),
        pytest.param({}, {"muted_until": timezone.now() + datetime.timedelta(days=1)}, errors.Muted, id="muted"),
        pytest.param({"archived_at": timezone.now()}, {}, errors.Archived, id="archived"),
        pytest.param({"slow_mode_seconds": 3600}, {}, None, id="slow mode is for new messages"),
        pytest.param(
            {"posting": "moderators"}, {"role": "moderator"}, None, id="a moderator where only moderators write"
        ),
    ],
)
def test_who_may_not_write_any_more_may_not_edit(
    alice: User,
    room: Room,
    of_room: dict[str, object],
    of_member: dict[str, object],
    refusal: type[errors.ChatError] | None,
) -> None:
    message = say(alice, room)
    Room.objects.filter(pk=room.pk).update(**of_room)
    Membership.objects.filter(user=alice).update(**of_member)

    if refusal is None:
        edit_message(actor=alice, message_id=message.pk, body="else")
    else:
        with pytest.raises(refusal):
            edit_message(actor=alice, message_id=message.pk, body="else")


@pytest.mark.parametrize("body", ["", " \n", "a\x00b", "茶" * 10_001], ids=["empty", "blank", "a NUL", "too long"])
def test_a_body_that_is_none_is_refused(alice: User, room: Room, body: str) -> None:
    message = say(alice, room)

    with pytest.raises(errors.BadBody):
        edit_message(actor=alice, message_id=message.pk, body=body)


def test_mentions_are_those_of_the_new_text(alice: User, bob: User, room: Room) -> None:
    carol = new_member(room, "carol")
    message = say(alice, room, "@bob come")
    assert [bob.pk] == frame_of(message).mentions

    answer = edit_message(actor=alice, message_id=message.pk, body="@carol and @all come")

    assert ([carol.pk], Message.Everyone.ALL) == (answer.mentions, answer.everyone)
    assert [carol.pk] == list(Mention.objects.filter(message=message).values_list("user", flat=True))


def test_nobody_is_mentioned_in_what_they_may_not_read(alice: User) -> None:
    room = new_room(alice, history=Room.History.SINCE_JOIN)
    old = say(alice, room)
    dave = new_member(room, "dave")
    young = say(alice, room)

    assert [] == edit_message(actor=alice, message_id=old.pk, body="@dave look").mentions
    assert [dave.pk] == edit_message(actor=alice, message_id=young.pk, body="@dave look").mentions


def test_in_the_lobby_everybody_can_be_mentioned_by_an_edit(alice: User, bob: User) -> None:
    sent = send_to_lobby(author=alice, body="hello", client_key="1")

    assert [bob.pk] == edit_message(actor=alice, message_id=sent.id, body="hello @bob").mentions


# Deleting.


def test_nothing_of_a_deleted_message_is_in_the_database(alice: User, bob: User, room: Room, wire: Wire) -> None:
    with wire.committed():
        uploaded = receive_file(
            user=alice, room_id=room.pk, client_key="f", name="xyzzy-secret.txt", body=ContentFile(b"xyzzy")
        )
        assert uploaded.file is not None
        sent = send_message(
            author=alice, room_id=room.pk, client_key="1", body="*xyzzy* @bob", files=(uploaded.file.pk,)
        )
        edit_message(actor=alice, message_id=sent.id, body="xyzzy two @bob @all")
        add_reaction(actor=bob, message_id=sent.id, emoji="🍵")
        Membership.objects.filter(user=bob).update(role=Membership.Role.MODERATOR)
        pin_message(actor=bob, message_id=sent.id)
        SavedMessage.objects.create(user=bob, message_id=sent.id, at=timezone.now())
    indexer.catch_up()
    assert is_anywhere_in_the_database("xyzzy")
    stored_as = File.objects.get().stored_as
    with wire.committed():
        delete_message(actor=alice, message_id=sent.id)

    assert not is_anywhere_in_the_database("xyzzy")
    assert not is_anywhere_in_the_database(stored_as)
    for gone in (Mention, Revision, Reaction, SavedMessage):
        assert not gone._default_manager.exists()
    told_last = told(wire)[-1]
    assert isinstance(told_last, frames.MessageDeleted)
    assert (
        frames.Message(
            id=sent.id,
            room=room.pk,
            number=1,
            author=alice.pk,
            at=sent.at,
            key="1",
            deleted_at=told_last.message.deleted_at,
        )
        == told_last.message
    )
    assert history_tells(wire)


def test_the_history_shows_a_deleted_message_as_empty_from_the_start(alice: User, room: Room) -> None:
    message = say(alice, room, "secret")
    edit_message(actor=alice, message_id=message.pk, body="another secret")
    delete_message(actor=alice, message_id=message.pk)

    publications = history.publications_after(room.channel, 0, limit=9)
    assert ["message.posted", "message.edited", "message.deleted"] == [
        frames.kind_of(frames.decode(publication.data)) for publication in publications
    ]
    assert not any(b"secret" in publication.data for publication in publications)


def test_the_row_and_its_number_stay_and_the_next_message_has_the_next(alice: User, room: Room) -> None:
    first = say(alice, room)
    delete_message(actor=alice, message_id=first.pk)

    assert 2 == say(alice, room).number


def test_the_client_key_of_a_deleted_message_still_has_its_answer(alice: User, room: Room) -> None:
    def send() -> object:
        return send_message(author=alice, room_id=room.pk, client_key="1", body="hello")

    first = send()
    delete_message(actor=alice, message_id=Message.objects.get().pk)

    assert first == send()


def test_deleting_again_changes_nothing_and_tells_nobody(alice: User, room: Room, wire: Wire) -> None:
    with wire.committed():
        message = say(alice, room)
        delete_message(actor=alice, message_id=message.pk)
    with wire.committed():
        delete_message(actor=alice, message_id=message.pk)

    assert 2 == len(wire.publications)


def test_the_author_and_moderators_delete_and_nobody_else(alice: User, bob: User, room: Room) -> None:
    moderator = new_member(room, "moderator", Membership.Role.MODERATOR)
    owner = new_member(room, "owner", Membership.Role.OWNER)
    for somebody in (alice, moderator, owner):
        message = say(alice, room)
        delete_message(actor=somebody, message_id=message.pk)
        message.refresh_from_db()
        assert message.deleted_at is not None
    with pytest.raises(errors.NotAllowed):
        delete_message(actor=bob, message_id=say(alice, room).pk)


def test_who_may_not_write_any_more_may_still_take_back(alice: User, room: Room) -> None:
    message = say(alice, room)
    Membership.objects.filter(user=alice).update(role="reader", muted_until=timezone.now() + datetime.timedelta(days=1))
    delete_message(actor=alice, message_id=message.pk)

    message.refresh_from_db()
    assert "" == message.body


def test_in_an_archived_room_nothing_is_deleted(alice: User, room: Room) -> None:
    message = say(alice, room)
    Room.objects.update(archived_at=timezone.now())

    with pytest.raises(errors.Archived):
        delete_message(actor=alice, message_id=message.pk)


def test_a_deleted_message_is_not_edited(alice: User, room: Room) -> None:
    message = say(alice, room)
    delete_message(actor=alice, message_id=message.pk)

    with pytest.raises(errors.NoSuchMessage):
        edit_message(actor=alice, message_id=message.pk, body="else")


def test_replies_and_threads_below_a_deleted_message_stay(alice: User, bob: User, room: Room) -> None:
    root = say(alice, room)
    reply = say(bob, room, "in thread", thread=root.pk)
    answer = say(bob, room, "answer", reply_to=root.pk)
    delete_message(actor=alice, message_id=root.pk)

    root.refresh_from_db()
    thread = frame_of(root).thread
    assert thread is not None
    assert (root.pk, 1) == (thread.root, thread.replies)
    assert (root.pk, "answer") == (frame_of(answer).reply_to, frame_of(answer).body)
    assert thread == frame_of(reply).thread


def test_windows_with_the_text_are_forgotten_by_its_deletion(alice: User, bob: User, wire: Wire) -> None:
    with wire.committed():
        sent = send_to_person(author=alice, receiver_id=bob.pk, body="secret", client_key="1")
    before = len(wire.publications)
    with wire.committed():
        delete_message(actor=alice, message_id=sent.id)

    forgetting = {publication.channel for publication in wire.publications[before:] if publication.forgets}
    assert {f"room:{sent.room}", f"user:{alice.pk}", f"user:{bob.pk}"} == forgetting


def test_emptying_takes_as_many_statements_for_many_messages_as_for_one(alice: User, room: Room) -> None:
    messages = [say(alice, room, f"message {number}") for number in range(21)]
    batch = Batch(now=timezone.now(), heads=locked_heads([room.channel]))
    statements = []
    for some in (messages[:1], messages[1:]):
        with CaptureQueriesContext(connection) as queries:
            emptying.empty(some, actor_id=None, batch=batch)
        statements.append(len(queries))

    assert statements[0] == statements[1]
    assert 21 == len(batch.publications)


def test_a_member_who_came_back_edits_what_they_wrote_before(alice: User, room: Room) -> None:
    message = say(alice, room)
    Membership.objects.filter(user=alice).delete()
    with pytest.raises(errors.NoSuchMessage):
        edit_message(actor=alice, message_id=message.pk, body="else")
    join(room, alice)

    assert "else" == edit_message(actor=alice, message_id=message.pk, body="else").body
