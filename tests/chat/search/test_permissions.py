"""Who finds what, in hits and in counts: whatever is not theirs is as if it were not there."""

from collections.abc import Callable

import pytest

from teahouse.accounts.models import User
from teahouse.chat import errors
from teahouse.chat.models import Membership, Message, Room
from teahouse.chat.search import indexer, postgresql, sqlite
from tests.chat.conftest import new_person
from tests.chat.search.searching import search
from tests.chat.talking import join, new_room, say

pytestmark = pytest.mark.django_db

BEFORE, AFTER = "tea before", "tea after"


def _stranger(room: Room) -> User:
    return new_person("carol")


def _stranger_in_the_lobby_with_a_row(room: Room) -> User:
    person = new_person("carol")
    search(person, "tea")
    join(Room.objects.get(slug="lobby"), person)
    return person


def _ex_member(room: Room) -> User:
    person = new_person("carol")
    join(room, person).delete()
    return person


def _newcomer(room: Room) -> User:
    person = new_person("carol")
    Room.objects.filter(pk=room.pk).update(history=Room.History.SINCE_JOIN)
    join(room, person)
    return person


def _newcomer_where_all_is_told(room: Room) -> User:
    person = new_person("carol")
    join(room, person)
    return person


def _member(room: Room) -> User:
    return User.objects.get(username="alice")


ASKERS: dict[str, tuple[Callable[[Room], User], list[str]]] = {
    "a stranger": (_stranger, []),
    "a stranger who is in the lobby": (_stranger_in_the_lobby_with_a_row, []),
    "an ex-member": (_ex_member, []),
    "a newcomer of a since_join room": (_newcomer, [AFTER]),
    "a newcomer of another room": (_newcomer_where_all_is_told, [AFTER, BEFORE]),
    "a member": (_member, [AFTER, BEFORE]),
}
QUERIES = {
    "words": "tea",
    "a prefix": "te",
    "a phrase": '"tea"',
    "an author": "from:alice",
    "words of an author": "tea from:alice",
    "the room": "in:den",
    "a day": "after:2000-01-01",
}


@pytest.fixture(params=["as they are", "tiny"])
def bounds(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many are looked at one way before the other way begins."""
    if request.param == "tiny":
        monkeypatch.setattr(sqlite, "_FEW_ROOMS", 0)
        monkeypatch.setattr(sqlite, "_MOST_LOOKED_AT", 1)
        monkeypatch.setattr(postgresql, "MOST_LOOKED_THROUGH", 1)
        monkeypatch.setattr(postgresql, "_FEW_ROOMS", 0)
        monkeypatch.setattr(postgresql, "_FEW_MESSAGES", -1)


@pytest.mark.usefixtures("bounds")
@pytest.mark.parametrize("order", ["newest", "best"])
@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("asker", ASKERS)
@pytest.mark.parametrize("is_archived", [False, True], ids=["open", "archived"])
def test_one_finds_and_counts_what_one_may_read(
    asker: str, query: str, order: str, is_archived: bool, alice: User
) -> None:
    room = new_room(alice, name="den")
    say(alice, room, BEFORE)
    make, expected = ASKERS[asker]
    person = make(room)
    say(alice, room, AFTER)
    indexer.catch_up()
    if is_archived:
        Room.objects.filter(pk=room.pk).update(archived_at=room.created_at)

    answer = search(person, QUERIES[query], order=order)

    assert expected == sorted(one.message.body for one in answer.results)
    assert (len(expected), False, None) == (answer.count, answer.is_more, answer.next)


@pytest.mark.usefixtures("bounds")
def test_foreign_hits_shorten_no_page_and_are_in_no_cursor(alice: User, bob: User) -> None:
    own, foreign = new_room(alice), new_room(bob)
    said = []
    for number in range(6):
        said.append(say(alice, own, f"tea {number}").pk)
        for _ in range(3):
            say(bob, foreign, "tea")
    indexer.catch_up()
    for order in ("newest", "best"):
        got, cursor = [], None
        for page in range(3):
            answer = search(alice, "tea", limit=2, order=order, **({"cursor": cursor} if cursor else {}))
            assert 2 == len(answer.results)
            assert (6 if page == 0 else None) == answer.count
            got += [one.message.id for one in answer.results]
            cursor = answer.next
            assert cursor is None or {int(part) for part in cursor.split(":") if "." not in part} <= set(said)
        assert (said[::-1], None) == (got, cursor)


def test_a_foreign_room_is_not_told_apart_from_none(alice: User, bob: User) -> None:
    foreign = new_room(bob, name="den")
    for room in (foreign.pk, 10**12):
        with pytest.raises(errors.NotAMember):
            search(alice, "tea", room=room)


@pytest.mark.usefixtures("bounds")
def test_several_rooms_with_different_beginnings_are_searched_together(alice: User, bob: User) -> None:
    rooms = [new_room(bob, history=history) for history in ("all", "since_join", "since_join", "all")]
    expected = []
    for step in range(3):
        for place, room in enumerate(rooms):
            message = say(bob, room, f"tea {step} {place}")
            if Membership.objects.filter(room=room, user=alice).exists() or room.history == "all":
                expected.append(message.pk)
        if step < 2:
            join(rooms[step * 2], alice)
            join(rooms[step * 2 + 1], alice)
    indexer.catch_up()

    for limit in (1, 2, 50):
        got, cursor = [], None
        while True:
            answer = search(alice, "tea", limit=limit, **({"cursor": cursor} if cursor else {}))
            if cursor is None:
                assert len(expected) == answer.count
            got += [one.message.id for one in answer.results]
            if (cursor := answer.next) is None:
                break
        assert expected[::-1] == got


def test_what_was_forgotten_by_the_index_is_checked_again_by_the_rooms(alice: User, bob: User) -> None:
    """A message whose room's marks were wrong in the index is still nobody else's."""
    foreign = new_room(bob)
    message = say(bob, foreign, "tea")
    indexer.catch_up()
    assert [message.pk] == [one.message.id for one in search(bob, "tea").results]
    assert Message.objects.filter(pk=message.pk).exists()
    assert [] == search(alice, f"tea r{foreign.pk}").results
