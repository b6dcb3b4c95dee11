"""What people keep for themselves: saved messages and drafts."""

import pytest

from teahouse.accounts.models import User
from teahouse.chat import errors, frames
from teahouse.chat.log import history
from teahouse.chat.models import Draft, Room, SavedMessage
from teahouse.chat.services import drafts, saving
from teahouse.chat.services.drafts import set_draft
from teahouse.chat.services.saving import save_message, unsave_message
from tests.chat.conftest import Wire, new_person
from tests.chat.state import do
from tests.chat.talking import history_tells, join, new_room, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(alice: User, bob: User) -> Room:
    return new_room(alice, bob)


def told(wire: Wire) -> list[frames.Frame | frames.Signal]:
    return [frames.decode(publication.data) for publication in wire.publications]


# Saved messages.


def test_a_message_is_saved_once_and_told_to_ones_own_devices(room: Room, alice: User, bob: User, wire: Wire) -> None:
    message = say(bob, room)
    with wire.committed():
        first, again = (save_message(person=alice, message_id=message.pk) for _ in range(2))

    assert first == again
    assert [frames.MessageSaved(message=message.pk, room=room.pk, at=first.at)] == told(wire)
    assert f"user:{alice.pk}" == wire.publications[0].channel


def test_what_is_not_saved_need_not_be_removed(room: Room, alice: User, bob: User, wire: Wire) -> None:
    message = say(bob, room)
    save_message(person=alice, message_id=message.pk)
    with wire.committed():
        for _ in range(2):
            unsave_message(person=alice, message_id=message.pk)
        unsave_message(person=alice, message_id=999_999)

    assert [frames.MessageUnsaved(message=message.pk)] == told(wire)
    assert not SavedMessage.objects.exists()


def test_only_what_can_be_read_is_saved(room: Room, alice: User, bob: User) -> None:
    deleted = say(alice, room)
    do(alice, "message.delete", message=deleted.pk)
    stranger = new_person("stranger")
    for person, message in ((alice, deleted), (stranger, say(bob, room)), (alice, None)):
        with pytest.raises(errors.NoSuchMessage):
            save_message(person=person, message_id=999_999 if message is None else message.pk)


def test_there_may_be_so_many(room: Room, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "MOST_SAVED", 1)
    save_message(person=alice, message_id=say(bob, room).pk)

    with pytest.raises(errors.TooMany):
        save_message(person=alice, message_id=say(bob, room).pk)


def test_they_come_in_pages_the_last_saved_first(room: Room, alice: User, bob: User) -> None:
    messages = [say(bob, room, f"{number}").pk for number in range(5)]
    for message in (messages[2], messages[0], messages[4]):
        save_message(person=alice, message_id=message)
    first = do(alice, "saved.list", limit=2)
    second = do(alice, "saved.list", limit=2, before=first.next)

    assert ["4", "0"] == [saved.message.body for saved in first.results]
    assert (["2"], None) == ([saved.message.body for saved in second.results], second.next)


def test_those_that_cannot_be_read_any_more_are_not_listed(room: Room, alice: User, bob: User) -> None:
    for body in ("before", "after"):
        save_message(person=alice, message_id=say(bob, room, body).pk)
    do(alice, "room.leave", room=room.pk)
    assert [] == do(alice, "saved.list").results
    say(bob, room)
    join(room, alice)
    assert 2 == len(do(alice, "saved.list").results)
    Room.objects.filter(pk=room.pk).update(history=Room.History.SINCE_JOIN)
    assert [] == do(alice, "saved.list").results
    # They may be taken away all the same.
    assert 2 == len(do(alice, "sync").saved)


# Drafts.


def test_a_draft_is_kept_as_it_is_and_told_to_ones_own_devices(room: Room, alice: User, bob: User, wire: Wire) -> None:
    message = say(bob, room)
    with wire.committed():
        for _ in range(2):
            frame = set_draft(person=alice, room_id=room.pk, body=" not  fin ", reply_to=message.pk)

    assert [frame] == told(wire)
    assert (" not  fin ", message.pk) == (frame.body, frame.reply_to)
    assert [(room.pk, None, " not  fin ")] == [
        (draft.room, draft.thread, draft.body) for draft in do(alice, "draft.list").results
    ]
    assert [] == do(bob, "draft.list").results


@pytest.mark.parametrize("body", ["", " \n"], ids=["empty", "blank"])
def test_an_empty_one_is_none(room: Room, alice: User, wire: Wire, body: str) -> None:
    set_draft(person=alice, room_id=room.pk, body="not finished")
    with wire.committed():
        for _ in range(2):
            set_draft(person=alice, room_id=room.pk, body=body)

    assert [frames.DraftChanged(room=room.pk)] == told(wire)
    assert not Draft.objects.exists()


def test_a_room_and_each_of_its_threads_have_their_own(room: Room, alice: User, bob: User, wire: Wire) -> None:
    root = say(bob, room)
    with wire.committed():
        set_draft(person=alice, room_id=room.pk, body="here")
        set_draft(person=alice, room_id=room.pk, body="there", thread=root.pk)

    assert ["here", "there"] == [draft.body for draft in do(alice, "draft.list").results]
    assert history_tells(wire)


def test_the_history_has_them_as_they_are_now(room: Room, alice: User) -> None:
    for body in ("a secret", "something else"):
        set_draft(person=alice, room_id=room.pk, body=body)
    remembered = [frames.decode(entry.data) for entry in history.publications_after(f"user:{alice.pk}", 0, limit=9)]

    assert ["something else"] * 2 == [frame.body for frame in remembered if isinstance(frame, frames.DraftChanged)]


def test_sending_leaves_it_to_the_client(room: Room, alice: User) -> None:
    set_draft(person=alice, room_id=room.pk, body="hello")
    say(alice, room, "hello")

    assert 1 == len(do(alice, "draft.list").results)


def test_what_it_is_about_has_to_be_there(room: Room, alice: User, bob: User) -> None:
    elsewhere = say(alice, new_room(alice))
    root = say(bob, room)
    reply = say(bob, room, thread=root.pk)
    for about in ({"thread": elsewhere.pk}, {"reply_to": elsewhere.pk}, {"thread": reply.pk}, {"reply_to": 999_999}):
        with pytest.raises(errors.NoSuchMessage):
            set_draft(person=alice, room_id=room.pk, body="hi", **about)
    with pytest.raises(errors.NotAMember):
        set_draft(person=new_person("stranger"), room_id=room.pk, body="hi")
    for body in ("茶" * 10_001, "a\x00"):
        with pytest.raises(errors.BadBody):
            set_draft(person=alice, room_id=room.pk, body=body)


def test_in_a_room_that_one_left_it_is_not_shown(room: Room, alice: User) -> None:
    set_draft(person=alice, room_id=room.pk, body="hello")
    do(alice, "room.leave", room=room.pk)
    assert [] == do(alice, "draft.list").results
    join(room, alice)
    assert 1 == len(do(alice, "draft.list").results)


def test_there_may_be_so_many_drafts(room: Room, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "MOST_DRAFTS", 1)
    set_draft(person=alice, room_id=room.pk, body="hello")
    set_draft(person=alice, room_id=room.pk, body="hello again")

    with pytest.raises(errors.TooMany):
        set_draft(person=alice, room_id=new_room(alice).pk, body="hi")
