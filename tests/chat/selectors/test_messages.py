"""Messages as clients see them, and pages of them: which, how many, and at what cost."""

import datetime
from collections.abc import Iterable

import pytest
from django.db import connection

from teahouse.accounts.models import User
from teahouse.chat import access
from teahouse.chat.access import Access
from teahouse.chat.models import File, Message, Pin, Reaction, Room
from teahouse.chat.selectors.messages import MessagePage, frames_of, messages_page, number_at, revisions_page
from teahouse.chat.services.editing import delete_message, edit_message
from teahouse.chat.services.forwarding import forward_message
from tests.chat.talking import join, new_room, say

pytestmark = pytest.mark.django_db

START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def fill(room: Room, author: User, count: int) -> None:
    """Messages that are a minute apart, from `START` on."""
    first = room.last_number + 1
    Message.objects.bulk_create(
        Message(
            room=room,
            number=number,
            offset=number,
            author=author,
            client_key=f"{room.pk}-{number}",
            digest=b"",
            body=f"message {number}",
            created_at=START + datetime.timedelta(minutes=number),
        )
        for number in range(first, first + count)
    )
    room.last_number += count
    room.save()


@pytest.fixture
def room(alice: User) -> Room:
    """With ten messages."""
    room = new_room(alice)
    fill(room, alice, 10)
    return room


def seen_by(user: User, room: Room) -> Access:
    return access.room_for(user=user, room_id=room.pk)


def numbers_in(page: MessagePage) -> list[int]:
    return [message.number for message in page.results]


# Pages.


@pytest.mark.parametrize(
    ("asked", "numbers", "previous", "following"),
    [
        pytest.param({}, [7, 8, 9, 10], 7, None, id="the newest"),
        pytest.param({"before": 7}, [3, 4, 5, 6], 3, 6, id="above a page"),
        pytest.param({"before": 3}, [1, 2], None, 2, id="the beginning"),
        pytest.param({"before": 1}, [], None, None, id="above the beginning"),
        pytest.param({"before": 99}, [7, 8, 9, 10], 7, None, id="before what is not there yet"),
        pytest.param({"after": 0}, [1, 2, 3, 4], None, 4, id="from the beginning"),
        pytest.param({"after": 4}, [5, 6, 7, 8], 5, 8, id="below a page"),
        pytest.param({"after": 8}, [9, 10], 9, None, id="the end"),
        pytest.param({"after": 10}, [], None, None, id="below the end"),
        pytest.param({"after": 2**63 - 1}, [], None, None, id="far below the end"),
        pytest.param({"around": 5}, [3, 4, 5, 6], 3, 6, id="around a message"),
        pytest.param({"around": 1}, [1, 2, 3, 4], None, 4, id="around the first"),
        pytest.param({"around": 10}, [7, 8, 9, 10], 7, None, id="around the last"),
        pytest.param({"around": 99}, [7, 8, 9, 10], 7, None, id="around what is not there yet"),
        pytest.param({"around": 0}, [1, 2, 3, 4], None, 4, id="around what never was"),
    ],
)
def test_a_page_is_a_range_of_numbers_oldest_first(
    alice: User, room: Room, asked: dict[str, int], numbers: list[int], previous: int | None, following: int | None
) -> None:
    page = messages_page(seen_by(alice, room), **asked, limit=4)

    assert (numbers, previous, following) == (numbers_in(page), page.previous, page.next)


def test_pages_in_both_directions_have_every_message_once(alice: User, room: Room) -> None:
    seen = seen_by(alice, room)
    down, up = [messages_page(seen, after=0, limit=3)], [messages_page(seen, limit=3)]
    while (following := down[-1].next) is not None:
        down.append(messages_page(seen, after=following, limit=3))
    while (previous := up[-1].previous) is not None:
        up.append(messages_page(seen, before=previous, limit=3))

    for pages in (down, up[::-1]):
        assert list(range(1, 11)) == [number for page in pages for number in numbers_in(page)]


@pytest.mark.parametrize(
    ("asked", "numbers", "previous"),
    [
        pytest.param({}, [11, 12], None, id="the newest"),
        pytest.param({"before": 12}, [11], None, id="before"),
        pytest.param({"before": 5}, [], None, id="before they came"),
        pytest.param({"after": 3}, [11, 12], None, id="after one from before they came"),
        pytest.param({"around": 2}, [11, 12], None, id="around one from before they came"),
    ],
)
def test_who_came_later_has_no_page_from_before(
    alice: User, bob: User, room: Room, asked: dict[str, int], numbers: list[int], previous: int | None
) -> None:
    Room.objects.update(history=Room.History.SINCE_JOIN)
    join(room, bob)
    for _ in range(2):
        say(alice, room)

    page = messages_page(seen_by(bob, room), **asked, limit=4)
    assert (numbers, previous) == (numbers_in(page), page.previous)


def test_replies_in_threads_are_on_pages_too(alice: User, room: Room) -> None:
    root = Message.objects.get(number=10)
    say(alice, room, thread=root.pk)

    page = messages_page(seen_by(alice, room), limit=2)
    assert [root.pk, root.pk] == [message.thread.root for message in page.results if message.thread]


def test_a_page_never_has_more_than_200(alice: User, room: Room) -> None:
    fill(room, alice, 300)

    assert 200 == len(messages_page(seen_by(alice, room), limit=10_000).results)


# Dates.


@pytest.mark.parametrize("count", [1, 99, 100, 101, 2_500])
def test_a_moment_is_found_in_few_statements(alice: User, count: int, django_assert_max_num_queries: object) -> None:
    room = new_room(alice)
    fill(room, alice, count)
    seen = seen_by(alice, room)
    for minute in {-5, 0, 1, count // 2, count - 1, count}:
        at = START + datetime.timedelta(minutes=minute)
        with django_assert_max_num_queries(3):  # type: ignore[operator]
            assert max(minute, 1) == number_at(seen, at)
        if minute < count:
            assert max(minute + 1, 1) == number_at(seen, at + datetime.timedelta(seconds=1))


def test_after_the_last_message_there_is_none(alice: User, room: Room) -> None:
    assert number_at(seen_by(alice, room), START + datetime.timedelta(days=1)) is None
    assert number_at(seen_by(alice, new_room(alice)), START) is None


def test_who_came_later_is_taken_to_their_first_message(alice: User, bob: User, room: Room) -> None:
    Room.objects.update(history=Room.History.SINCE_JOIN)
    join(room, bob)
    assert number_at(seen_by(bob, room), START) is None
    say(alice, room)

    assert 11 == number_at(seen_by(bob, room), START)


# Cost.


def with_everything(author: User, other: User, room: Room, count: int) -> list[Message]:
    """Each with mentions, reactions, files, a pin, a thread, a revision; some copied, some replies, some deleted."""
    messages = []
    for number in range(count):
        message = say(author, room, f"@bob *message* {number}")
        say(other, room, "reply", thread=message.pk)
        edit_message(actor=author, message_id=message.pk, body=f"@bob @alice {number}")
        messages.append(message)
    Message.objects.filter(pk__in=[message.pk for message in messages]).update(has_files=True)
    for message in messages:
        Reaction.objects.create(message=message, user=author, emoji="🍵", created_at=START)
        Pin.objects.create(message=message, room=room, pinned_by=author, at=START)
        File.objects.create(
            room=room, message=message, uploader=author, client_key=f"{message.pk}", size_bytes=1, created_at=START
        )
    for message in messages[::2]:
        forward_message(author=other, message_id=message.pk, room_id=room.pk, client_key=f"f{message.pk}", body="x")
    return messages


def test_a_page_costs_as_many_statements_whatever_is_on_it(
    alice: User, bob: User, django_assert_num_queries: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("teahouse.chat.services.forwarding._copied_files", lambda *args, **more: [])
    room = new_room(alice, bob)
    with_everything(alice, bob, room, 1)
    for limit in (3, 100):
        page = list(Message.objects.filter(room=room).order_by("-number")[:limit])
        with django_assert_num_queries(6):  # type: ignore[operator]
            assert len(page) == len(frames_of(page))
        if limit == 3:
            for message in with_everything(alice, bob, room, 40)[::5]:
                delete_message(actor=alice, message_id=message.pk)


def plan_of(queries: Iterable[dict[str, str]]) -> str:
    """Of the statement that reads a range of messages."""
    (sql,) = [query["sql"] for query in queries if "BETWEEN" in query["sql"]]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # So few rows would be read from end to end.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
            cursor.execute(f"EXPLAIN {sql}")
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return "\n".join(str(row) for row in cursor.fetchall())


@pytest.mark.parametrize("asked", [{}, {"before": 5}, {"after": 5}, {"around": 5}], ids=str)
def test_a_page_is_read_from_the_index_without_sorting(
    alice: User, room: Room, asked: dict[str, int], django_assert_max_num_queries: object
) -> None:
    seen = seen_by(alice, room)
    with django_assert_max_num_queries(9) as context:  # type: ignore[operator]
        messages_page(seen, **asked)
    plan = plan_of(context.captured_queries)

    assert ("room_id=? AND number>? AND number<?" in plan) or ("Index Scan using message_room_number" in plan)
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


def test_revisions_of_one_message_are_no_others(alice: User, room: Room) -> None:
    first, second = say(alice, room), say(alice, room)
    edit_message(actor=alice, message_id=first.pk, body="else")

    assert 1 == len(revisions_page(first).results)
    assert [] == revisions_page(second).results
