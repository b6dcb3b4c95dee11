"""What is older than its room keeps it is emptied, and nothing else is."""

import datetime

import pytest
from django.core.management import call_command
from django.utils import timezone

from teahouse.accounts.models import User
from teahouse.chat import frames
from teahouse.chat.log import history, writer
from teahouse.chat.models import Message, Room
from teahouse.chat.selectors.messages import frames_of
from teahouse.chat.services import retention
from teahouse.chat.services.editing import delete_message
from teahouse.chat.services.retention import ExpireMessage, empty_old_messages
from tests.chat.talking import is_anywhere_in_the_database, new_room, say
from tests.realtime.fakes import NotingBroker

NOW = timezone.now()


def talk(author: User, room: Room, count: int, *, days: int, body: str = "text") -> list[Message]:
    """Some messages that are so many days old."""
    messages = [say(author, room, f"{body} {number}") for number in range(count)]
    Message.objects.filter(pk__in=[message.pk for message in messages]).update(
        created_at=NOW - datetime.timedelta(days=days)
    )
    return messages


def texts_in(room: Room) -> list[str]:
    return list(Message.objects.filter(room=room).order_by("number").values_list("body", flat=True))


@pytest.mark.django_db(transaction=True)
def test_old_texts_are_emptied_and_told_like_deletions(
    alice: User, told: NotingBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_MOST_AT_ONCE", 4)
    monkeypatch.setattr(retention, "_LOOKED_AT_ONCE", 3)
    room = new_room(alice, retention_days=30)
    kept = new_room(alice)
    old = talk(alice, room, 10, days=31, body="xyzzy")
    talk(alice, kept, 2, days=1000)
    talk(alice, room, 2, days=29)
    delete_message(actor=alice, message_id=old[2].pk)
    before = len(told.publications)

    assert 9 == empty_old_messages(NOW)

    assert [""] * 10 + ["text 0", "text 1"] == texts_in(room)
    assert ["text 0", "text 1"] == texts_in(kept)
    assert not is_anywhere_in_the_database("xyzzy")
    publications = told.publications[before:]
    assert [
        frames.MessageDeleted(message=frame)
        for frame in frames_of(
            list(Message.objects.filter(room=room, number__lte=10).exclude(pk=old[2].pk).order_by("number"))
        )
    ] == [frames.decode(publication.data) for publication in publications]
    assert publications == history.publications_after(room.channel, 13, limit=99)


@pytest.mark.django_db(transaction=True)
def test_a_second_time_finds_nothing_more_to_do(alice: User, told: NotingBroker) -> None:
    room = new_room(alice, retention_days=1, archived_at=None)
    talk(alice, room, 3, days=2)
    Room.objects.filter(pk=room.pk).update(archived_at=NOW)

    assert [3, 0] == [empty_old_messages(NOW) for _ in range(2)]


@pytest.mark.django_db(transaction=True)
def test_no_more_is_looked_at_than_was_asked_for(alice: User, told: NotingBroker) -> None:
    room = new_room(alice, retention_days=1)
    talk(alice, room, 5, days=2)

    assert [2, 2, 1] == [empty_old_messages(NOW, most=2) for _ in range(3)]


@pytest.mark.django_db(transaction=True)
def test_the_command_empties_and_says_how_many(
    alice: User, told: NotingBroker, capsys: pytest.CaptureFixture[str]
) -> None:
    talk(alice, new_room(alice, retention_days=1), 2, days=2)
    call_command("empty_old_messages")

    assert "2 messages emptied.\n" == capsys.readouterr().out


@pytest.mark.django_db
def test_a_term_that_was_made_longer_in_the_meantime_holds(alice: User) -> None:
    room = new_room(alice, retention_days=1)
    (message,) = talk(alice, room, 1, days=2)
    entry = ExpireMessage(room_id=room.pk, message_id=message.pk)
    for days in (3, None, 2**31 - 1):
        Room.objects.update(retention_days=days)
        assert not writer.write(entry)
    Room.objects.update(retention_days=1)

    assert writer.write(entry)
    assert not writer.write(entry)
