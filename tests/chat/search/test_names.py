"""Rooms and people beside the messages of a search."""

import pytest

from teahouse.accounts.models import User
from teahouse.chat.models import Room
from tests.chat.conftest import new_person
from tests.chat.search.searching import search
from tests.chat.talking import new_room

pytestmark = pytest.mark.django_db


@pytest.fixture
def rooms(alice: User, bob: User) -> None:
    new_room(alice, name="设计 team", topic="colours of the teapot")
    new_room(bob, name="设计 secret")
    new_room(bob, name="Design public", kind=Room.Kind.PUBLIC, slug="design-public")
    new_room(bob, name="设计 old", kind=Room.Kind.PUBLIC, archived_at=alice.date_joined)
    new_person("sheila", name="设明")


NAMES = {
    "a name": ("设计", [("设计 team", True)], []),
    "pinyin": ("sheji", [("设计 team", True)], []),
    "initials": ("sj", [("设计 team", True)], []),
    "a public room": ("design", [("Design public", False)], []),
    "the topic of one's own room": ("teapot", [("设计 team", True)], []),
    "a person": ("sheila", [], ["sheila"]),
    "both": ("she", [("设计 team", True)], ["sheila"]),
    "a filter beside": ("设计 has:file", [], []),
    "nothing": ("  ", [], []),
}


@pytest.mark.usefixtures("rooms")
@pytest.mark.parametrize("case", NAMES)
def test_rooms_that_one_may_know_of_and_people_are_found_by_name(case: str, alice: User) -> None:
    query, rooms, people = NAMES[case]
    answer = search(alice, query)

    assert rooms == [(found.room.name, found.is_member) for found in answer.rooms]
    assert people == [found.username for found in answer.people]


@pytest.mark.usefixtures("rooms")
def test_names_come_only_where_the_whole_site_is_searched(alice: User) -> None:
    own = Room.objects.get(name="设计 team")

    assert [] == search(alice, "设计", room=own.pk).rooms
