"""What is found by which words: prefixes, phrases, Chinese and Japanese; and that nothing typed is an operator."""

import re

import hypothesis
import pytest
from hypothesis import strategies as st

from teahouse.accounts.models import User
from teahouse.chat import errors
from teahouse.chat.models import Room
from teahouse.chat.search import indexer
from teahouse.chat.text import terms
from tests.chat.search.searching import found, say_with_file, search
from tests.chat.talking import new_room, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(alice: User, bob: User) -> Room:
    return new_room(alice, bob)


TEXTS = {
    "meeting": "今天下午三点开会,Release 2.0",
    "tokyo": "東京タワーへ行きます",
    "tea": "Green tea, then the teahouse",
    "other": "nothing of that",
}
FOUND_BY = {
    "one character": ("会", ["meeting"]),
    "two characters": ("开会", ["meeting"]),
    "three characters": ("三点开", ["meeting"]),
    "characters that are not side by side": ("今点", []),
    "characters apart, each of which is there": ("今 会", ["meeting"]),
    "Chinese and Latin": ("开会 release", ["meeting"]),
    "kana": ("タワー", ["tokyo"]),
    "one kanji": ("京", ["tokyo"]),
    "half-width kana": ("ﾀﾜｰ", ["tokyo"]),
    "a word": ("green", ["tea"]),
    "another case": ("GREEN", ["tea"]),
    "two words": ("tea green", ["tea"]),
    "the beginning of the last word": ("green teah", ["tea"]),
    "the beginning of a word that is not the last": ("teah green", []),
    "the beginning with a space behind it": ("gree ", []),
    "a phrase": ('"green tea"', ["tea"]),
    "a phrase in another order": ('"tea green"', []),
    "words of two messages": ("green nothing", []),
    "a word of two": ("the", ["tea"]),
    "the beginning of words in two": ("th", ["other", "tea"]),
    "full width": ("Ｇｒｅｅｎ", ["tea"]),
    "a number": ("2.0", ["meeting"]),
}


@pytest.mark.parametrize("case", FOUND_BY)
def test_messages_are_found_by_words(case: str, alice: User, bob: User, room: Room) -> None:
    for text in TEXTS.values():
        say(bob, room, text)
    query, expected = FOUND_BY[case]

    assert [TEXTS[name] for name in expected] == found(alice, query)


def test_what_fits_is_marked_in_code_points(alice: User, room: Room) -> None:
    say(alice, room, "🫖 Tea 开会 tea")
    indexer.catch_up()

    assert [(2, 5), (9, 12)] == search(alice, "tea").results[0].highlights
    assert [(6, 8)] == search(alice, "开会").results[0].highlights


def test_files_are_found_by_name_as_their_message(alice: User, bob: User, room: Room) -> None:
    say_with_file(alice, room, "Quarterly_report-第三季度.pdf", body="see this")

    assert ["see this"] == found(bob, "quarterly report")
    assert ["see this"] == found(bob, "季度")
    assert ["see this"] == found(bob, "report see")
    assert [] == search(bob, "report").results[0].highlights


HOSTILE = {
    "nothing": "",
    "spaces": "  \n\t ",
    "only punctuation": "!!! ... ---",
    "a quote": '"',
    "quotes": '"" """',
    "operators": "AND OR NOT NEAR",
    "near": 'NEAR(tea green, 5)" OR "a',
    "a column": "marks : r1",
    "a mark": "r1 u1 hasfile",
    "another mark": "#r1 '#u1'",
    "a star": "* tea* ^tea",
    "brackets": "((((((((((",
    "tsquery": "tea & !green | <-> (x):*",
    "quotes of SQL": "'; DROP TABLE chat_search; --",
    "backslashes": "\\ \\' \\x00",
    "percent": "%s %% %(x)s {keys}",
    "long": "x" * 10_000,
    "long Chinese": "开" * 10_000,
    "many words": " ".join(f"w{number}" for number in range(3_000)),
    "many quotes": '"a" ' * 2_500,
    "many filters": "from:a in:b has:file " * 400,
    "marks that combine": "a" + "\u0301" * 5_000,
    "the end of the calendar": "before:9999-12-31 after:9999-12-31",
    "the beginning of the calendar": "before:0001-01-01 after:0001-01-01",
}


@pytest.mark.parametrize("offset", [0, 840, -720])
@pytest.mark.parametrize("case", HOSTILE)
def test_nothing_that_is_typed_is_an_error_or_finds_what_is_foreign(
    case: str, offset: int, alice: User, bob: User
) -> None:
    say(bob, new_room(bob), "tea green r1 u1 hasfile a x near and or not marks x00a 开开开")
    indexer.catch_up()
    for order in ("newest", "best"):
        answer = search(alice, HOSTILE[case], order=order, utc_offset_minutes=offset)

        assert ([], 0, None) == (answer.results, answer.count, answer.next)


def test_what_is_no_character_is_refused_or_finds_nothing(alice: User) -> None:
    for query in ("\ud800", "from:\udfff", "te\udc00a in:\ud800", "te\x00a", "from:a\x00b in:\x00"):
        try:
            assert [] == search(alice, query).results
        except errors.BadArgument:
            continue


@pytest.mark.parametrize("cursor", ["x", "-1", "1:2", "0.5:1:2:3", "9" * 20, "0.1:1:" + "9" * 20, "", "1\n", "٣"])
@pytest.mark.parametrize("order", ["newest", "best"])
def test_what_is_no_cursor_is_refused(order: str, cursor: str, alice: User) -> None:
    with pytest.raises(errors.BadArgument):
        search(alice, "tea", cursor=cursor, order=order)


_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=40)
_MIXED = "tea开会了东京タワー 2.é-,İß한글ไทย"
_HAN_OR_KANA = "[开会了东京タワー]"


@hypothesis.settings(
    max_examples=60, deadline=None, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
@hypothesis.given(text=_texts | st.text(_MIXED, min_size=1, max_size=30))
def test_every_message_is_found_by_each_of_its_words_and_pairs(text: str, alice: User, room: Room) -> None:
    try:
        message = say(alice, room, text)
    except errors.BadBody:
        hypothesis.reject()
    indexer.catch_up()
    words = set(message.body.split())
    if set(text) <= set(_MIXED):
        # Elsewhere a character may be one with the marks behind it.
        words |= {*re.findall(rf"(?=({_HAN_OR_KANA}{{2}}))", text), *re.findall(_HAN_OR_KANA, text)}
    for word in words:
        if terms.query_of(f'"{word}"'):
            assert message.pk in [one.message.id for one in search(alice, f'"{word}"', limit=200).results]
