"""Finding people while a name is typed."""

import pytest

from teahouse.accounts.models import User
from teahouse.chat import access
from teahouse.chat.selectors.people import active_ids_after, count_of_active, people_found, people_of, rank_of
from teahouse.chat.text import pinyin
from tests.chat.conftest import new_person, room_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db: None) -> list[User]:
    return [
        new_person("ann"),
        new_person("anna", name="Zoe"),
        new_person("wxm", name="王小明"),
        new_person("li", name="李安娜"),
        new_person("gone", name="Ann Gone", is_active=False),
    ]


def found(query: str, limit: int = 50) -> list[str]:
    return [person.get_username() for person in people_found(query, limit=limit)]


@pytest.mark.parametrize(
    ("query", "usernames"),
    [
        pytest.param("ann", ["ann", "anna", "li"], id="a whole user name before a longer one"),
        pytest.param("ANNA", ["anna", "li"], id="any case, and pinyin from a later character on"),
        pytest.param("zoe", ["anna"], id="the shown name"),
        pytest.param("小明", ["wxm"], id="a part of a Chinese name"),
        pytest.param("wangxiao", ["wxm"], id="pinyin"),
        pytest.param("lan", ["li"], id="initials"),
        pytest.param("gone", [], id="nobody who may not sign in"),
        pytest.param("%", [], id="no wildcards"),
    ],
)
def test_people_are_found_by(people: list[User], query: str, usernames: list[str]) -> None:
    assert usernames == found(query)


def test_an_empty_query_finds_everybody_by_name(people: list[User]) -> None:
    assert ["ann", "anna"] == found("", limit=2)


def test_among_the_members_of_a_room_or_in_the_lobby_all(people: list[User]) -> None:
    ann, anna, *_, li = people[:4]
    own = access.room_for(user=ann, room_id=room_of(ann).pk)
    lobby = access.room_for(user=ann, room_id=access.lobby().pk)

    assert [ann] == people_found("ann", access=own, limit=9)
    assert [ann, anna, li] == people_found("ann", access=lobby, limit=9)


def test_people_by_their_ids_are_there_also_when_they_may_not_sign_in(people: list[User]) -> None:
    assert [people[0], people[4]] == people_of([people[4].pk, people[0].pk, 999_999])


def test_who_may_sign_in_is_counted_and_paged(people: list[User], admin: User) -> None:
    assert 5 == count_of_active()
    assert {people[3].pk: False, admin.pk: True} == active_ids_after(people[2].pk, limit=9)
    assert [people[0].pk] == list(active_ids_after(0, limit=1))


@pytest.mark.parametrize("query", ["x", "xm", "m", "w", "小", "a", "An", "ü", "lv", "lu", " an", "-", "'", "é", "0"])
def test_names_that_are_spared_the_work_would_not_have_matched(query: str) -> None:
    for name in ("王小明", "ann", "Zoe Anderson", "吕布", "曾 Ann", "É", "ﬁ", "🍵 tea", "李-安娜", "ＡＢ", "x2"):
        assert pinyin.matches(query, name) == rank_of(query, name)
