"""`from:`, `in:`, `has:`, `before:` and `after:`, with words and without."""

import datetime as dt

import pytest

from teahouse.accounts.models import User
from teahouse.chat.models import Message, Room
from tests.chat.conftest import new_person
from tests.chat.search.searching import found, say_with_file
from tests.chat.talking import new_room, say

pytestmark = pytest.mark.django_db

QUERIES = {
    "an author": ("from:bob", ["link", "tea of bob", "old tea"]),
    "an author with words": ("tea from:bob", ["tea of bob", "old tea"]),
    "an author by shown name": ("from:小明", ["photo", "general tea"]),
    "an author by pinyin": ("from:xiaoming", ["photo", "general tea"]),
    "oneself": ("from:me", ["plans", "secret tea"]),
    "several authors": ("from:me from:xiaoming tea", ["secret tea", "general tea"]),
    "nobody": ("tea from:nobody", []),
    "a room": ("in:general", ["photo", "general tea", "old tea"]),
    "a room by pinyin": ("in:sheji", ["plans"]),
    "a room with words": ("in:#general tea", ["general tea", "old tea"]),
    "several rooms": ("in:general in:设计 from:me", ["plans"]),
    "no such room": ("tea in:elsewhere", []),
    "the room of two": ("in:@bob", ["link", "tea of bob", "secret tea"]),
    "a file": ("has:file", ["photo", "plans"]),
    "an image": ("has:image", ["photo"]),
    "a link": ("has:link", ["link"]),
    "a file and an image": ("has:file has:image", ["photo"]),
    "a file with words": ("plan has:file", ["plans"]),
    "before a day": ("before:2026-01-02", ["general tea", "old tea"]),
    "after a day": ("tea after:2026-01-01", ["tea of bob", "secret tea"]),
    "between days": ("after:2025-12-31 before:2026-01-02", ["general tea"]),
    "all at once": ("tea from:bob in:general before:2026-02-01 after:2024-01-01", ["old tea"]),
    "with punctuation only": ("!!! in:设计", ["plans"]),
    "a filter that is none is text": ("foo:bar", []),
}


@pytest.fixture
def talk(alice: User, bob: User) -> None:
    ming = new_person("xm", name="小明")
    general = new_room(alice, bob, ming, kind=Room.Kind.PUBLIC, name="General", slug="general")
    design = new_room(alice, ming, name="设计")
    two = new_room(alice, bob, kind=Room.Kind.DIRECT, people_key=f"{alice.pk}:{bob.pk}")
    said = [
        (say(bob, general, "old tea"), (2025, 12, 31, 23)),
        (say(ming, general, "general tea"), (2026, 1, 1, 23)),
        (say(alice, two, "secret tea"), (2026, 1, 2, 1)),
        (say_with_file(alice, design, "plans.pdf", body="plans"), (2026, 1, 3)),
        (say(bob, two, "tea of bob"), (2026, 1, 4)),
        (say_with_file(ming, general, "1.png", "image/png", "photo"), (2026, 1, 5)),
        (say(bob, two, "link"), (2026, 1, 6)),
    ]
    for message, at in said:
        Message.objects.filter(pk=message.pk).update(created_at=dt.datetime(*at, tzinfo=dt.UTC))
    # The test says what it looks like; what Markdown makes of a text is tested elsewhere.
    Message.objects.filter(pk=said[-1][0].pk).update(html='<p><a href="https://a.example">link</a></p>')


@pytest.mark.usefixtures("talk")
@pytest.mark.parametrize("case", QUERIES)
@pytest.mark.parametrize("order", ["newest", "best"])
def test_filters_go_with_words_and_alone(case: str, order: str, alice: User) -> None:
    query, expected = QUERIES[case]

    answer = found(alice, query, order=order)

    assert expected == (answer if order == "newest" else sorted(answer, key=expected.index))


@pytest.mark.usefixtures("talk")
def test_days_are_those_of_the_asker(alice: User) -> None:
    assert ["general tea"] == found(alice, "before:2026-01-02 after:2025-12-31", utc_offset_minutes=0)
    assert ["old tea"] == found(alice, "before:2026-01-02 after:2025-12-31", utc_offset_minutes=120)
    assert ["secret tea", "general tea"] == found(alice, "before:2026-01-02 after:2025-12-31", utc_offset_minutes=-120)


@pytest.mark.usefixtures("talk")
def test_a_room_may_be_given_and_filtered(alice: User) -> None:
    general = Room.objects.get(slug="general").pk

    assert ["general tea", "old tea"] == found(alice, "tea", room=general)
    assert [] == found(alice, "tea in:设计", room=general)


def test_messages_of_who_may_not_sign_in_any_more_are_found_by_their_user_name(alice: User) -> None:
    gone = new_person("gone")
    room = new_room(alice, gone)
    say(gone, room, "farewell")
    User.objects.filter(pk=gone.pk).update(is_active=False)

    assert ["farewell"] == found(alice, "from:gone")
    assert ["farewell"] == found(alice, "from:@GONE")
