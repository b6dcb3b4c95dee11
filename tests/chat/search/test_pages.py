"""Orders, cursors and counts."""

import random

import pytest

from teahouse.accounts.models import User
from teahouse.chat.models import Room
from teahouse.chat.search import finding, indexer, postgresql, sqlite
from tests.chat.search.searching import search
from tests.chat.talking import new_room, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(alice: User, bob: User) -> Room:
    return new_room(alice, bob)


def _pages(person: User, query: str, **more: object) -> list[list[str]]:
    pages, cursor = [], None
    while True:
        answer = search(person, query, **more, **({"cursor": cursor} if cursor else {}))
        pages.append([one.message.body for one in answer.results])
        if (cursor := answer.next) is None:
            return pages


def test_the_best_are_those_that_say_it_more_often_in_fewer_words(alice: User, room: Room) -> None:
    texts = ["tea " + "and much else " * 10, "tea tea", "tea", "tea now", "green"]
    for text in texts:
        say(alice, room, text)
    say(alice, room, "tea")
    indexer.catch_up()

    answer = search(alice, "tea", order="best")

    assert ["tea tea", "tea", "tea", "tea now", texts[0].strip()] == [one.message.body for one in answer.results]
    newer, older = (one for one in answer.results if one.message.body == "tea")
    assert newer.message.id > older.message.id
    assert newer.rank == older.rank
    assert sorted((one.rank or 0 for one in answer.results), reverse=True) == [one.rank for one in answer.results]


@pytest.mark.parametrize("order", ["newest", "best"])
def test_pages_stay_the_same_while_new_messages_come(order: str, alice: User, room: Room) -> None:
    for number in range(7):
        say(alice, room, "tea " * (number % 3 + 1) + f"{number}")
    indexer.catch_up()
    (expected,) = _pages(alice, "tea", order=order)
    first = search(alice, "tea", order=order, limit=3)
    got = [one.message.body for one in first.results]
    cursor = first.next
    while cursor:
        say(alice, room, "tea tea tea tea")
        indexer.catch_up()
        page = search(alice, "tea", order=order, limit=3, cursor=cursor)
        got += [one.message.body for one in page.results]
        cursor = page.next

    assert expected == got


def test_more_than_can_be_counted_is_said(alice: User, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    from teahouse.chat.commands import search as command

    monkeypatch.setattr(finding, "MOST_COUNTED", 3)
    monkeypatch.setattr(command, "MOST_COUNTED", 3)
    counted = []
    for _ in range(5):
        say(alice, room, "tea")
        indexer.catch_up()
        answer = search(alice, "tea", limit=2)
        counted.append((answer.count, answer.is_more, len(answer.results)))

    assert [(1, False, 1), (2, False, 2), (3, False, 2), (3, True, 2), (3, True, 2)] == counted


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("bound", [1, 4, 1_000])
def test_every_way_through_the_index_finds_the_same(
    seed: int, bound: int, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compared with going through all messages."""
    monkeypatch.setattr(sqlite, "_FEW_ROOMS", bound % 4)
    monkeypatch.setattr(sqlite, "_MOST_LOOKED_AT", bound)
    monkeypatch.setattr(postgresql, "MOST_LOOKED_THROUGH", bound)
    monkeypatch.setattr(postgresql, "_FEW_ROOMS", bound % 4)
    monkeypatch.setattr(postgresql, "_FEW_MESSAGES", bound - 2)
    chance = random.Random(seed)
    rooms = [new_room(alice, bob) for _ in range(3)] + [new_room(bob) for _ in range(2)]
    words = ["tea", "green", "kettle", "开会"]
    said = []
    for _ in range(40):
        place = chance.randrange(5)
        text = " ".join(chance.sample(words, chance.randint(1, 3)))
        said.append((say(bob, rooms[place], text), place))
    indexer.catch_up()
    for query in ("tea", "green kettle", "开会 tea", "会"):
        expected = [
            message.pk
            for message, place in reversed(said)
            if place < 3 and all(word in message.body for word in query.split())
        ]
        answer = search(alice, query)
        assert (expected, len(expected)) == ([one.message.id for one in answer.results], answer.count)
        assert expected == sorted((one.message.id for one in search(alice, query, order="best").results), reverse=True)
        assert expected[:3] == [one.message.id for one in search(alice, query, limit=3).results]
