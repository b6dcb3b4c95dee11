import pytest
from hypothesis import given

from teahouse.chat.text import mentions
from teahouse.chat.text.markdown import render
from teahouse.chat.text.mentions import Mentions, names_in, people_by_name, resolve
from tests.chat.text.strategies import MARKS

PEOPLE = people_by_name(
    [
        (1, "bob", "Bob Smith"),
        (2, "ming", "小明"),
        (3, "minger", "小明二"),
        (4, "zeng", "曾强"),
        (5, "bob.jones", ""),
        (6, "a_b-c", "阿凡提·买买提"),
        (7, "li1", "李丽"),
        (8, "li2", "李莉"),
    ]
)


@pytest.mark.parametrize(
    ("source", "ids"),
    [
        ("@bob hi", {1}),
        ("@BOB.", {1}),
        ("＠bob，好", {1}),
        ("你好@bob", {1}),
        ("@bobby @bo", set()),
        ("@bob.jones!", {5}),
        ("@a_b-c", {6}),
        ("@小明你好", {2}),
        ("@小明二你好", {3}),
        ("@小明@bob", {1, 2}),
        ("@bob你好", {1}),
        ("@xiaoming", {2}),
        ("@zengqiang", {4}),
        ("@cengqiang", {4}),
        ("@xm", set()),
        ("@bobsmith", {1}),
        ("@阿凡提·买买提", {6}),
        ("@lili", set()),
        ("@李莉", {8}),
        ("x@bob.com a@bob", set()),
        ("`@bob` [@bob](https://a.cn) https://a.cn/@bob", set()),
        ("```\n@bob\n```", set()),
        ("**@bob** > @ming", {1, 2}),
        ("\\@bob", {1}),
        ("@ bob", set()),
        ("@all", set()),
    ],
)
def test_who_is_meant(source: str, ids: set[int]) -> None:
    named = resolve(source, PEOPLE)
    assert ids == set(named.values())
    html = render(source, mentions=named)
    assert html == render(source, mentions=PEOPLE)
    for number in ids:
        assert f'data-user="{number}"' in html


@pytest.mark.parametrize(
    ("source", "everyone"),
    [
        ("@all", "all"),
        ("@All, look", "all"),
        ("@所有人请看", "all"),
        ("@here", "here"),
        ("@在线的", "here"),
        ("@here @all", "all"),
        ("@all @here", "all"),
        ("@allen", "nobody"),
        ("`@all`", "nobody"),
        ("all", "nobody"),
    ],
)
def test_everyone(source: str, everyone: str) -> None:
    assert everyone == names_in(source).everyone
    assert (everyone != "nobody") == ("data-everyone" in render(source))


def test_prefixes_of_chinese_are_candidates() -> None:
    assert Mentions(frozenset({"小", "小明", "小明你", "小明你好"}), "nobody") == names_in("@小明你好")
    assert 20 == len(names_in("@" + "好" * 50).names)


def test_only_so_many_are_looked_at() -> None:
    source = "@ming " * mentions.MOST_MENTIONS + "@bob"
    assert {"ming": 2} == resolve(source, PEOPLE)
    assert 'data-user="1"' not in render(source, mentions=PEOPLE)


def test_a_user_name_wins_over_a_display_name_and_that_over_pinyin() -> None:
    people = people_by_name([(1, "小明", "x"), (2, "b", "小明"), (3, "xiaohong", "y"), (4, "d", "小红"), (5, "e", "d")])
    assert (1, 3, 4) == (people["小明"], people["xiaohong"], people["d"])


def test_nobody_can_be_called_everyone() -> None:
    assert {"b": 1} == people_by_name([(1, "b", "All"), (2, "here", "")])


@given(source=MARKS)
def test_names_are_found_alike_by_all_three(source: str) -> None:
    found = names_in(source)
    named = resolve(source, PEOPLE)
    assert named.keys() <= found.names
    assert {"data-user" in render(source, mentions=PEOPLE)} == {bool(named)}
    assert ("data-everyone" in render(source)) == (found.everyone != "nobody")


@given(source=MARKS)
def test_pieces_join_to_the_text(source: str) -> None:
    cut, _ = mentions.pieces(source, PEOPLE, 100)
    assert source == "".join(piece if isinstance(piece, str) else piece.text for piece in cut)


def test_a_word_for_everyone_wins_over_a_name_that_begins_with_it() -> None:
    people = {"在线客服": 9}
    assert {} == resolve("@在线客服", people)
    assert '<span class="mention" data-everyone="here">@在线</span>客服' in render("@在线客服", mentions=people)
