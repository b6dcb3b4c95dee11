import contextlib
import itertools
import sqlite3
from collections.abc import Iterator

import pytest
from django.db import connection
from hypothesis import assume, given
from hypothesis import strategies as st

from teahouse.chat.text import terms
from teahouse.chat.text.terms import highlights, index_text, query_of
from tests.chat.text.strategies import MARKS

ANYTHING = st.text(max_size=40) | MARKS


@contextlib.contextmanager
def _engine(*texts: str) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE VIRTUAL TABLE found USING fts5(body, tokenize='unicode61')")
        database.execute("CREATE VIRTUAL TABLE vocabulary USING fts5vocab(found, instance)")
        database.executemany("INSERT INTO found(body) VALUES (?)", [(index_text(text),) for text in texts])
        yield database


def _finds(search: str, text: str) -> bool:
    query = query_of(search)
    if not query:
        return False
    with _engine(text) as database:
        return bool(database.execute("SELECT 1 FROM found WHERE found MATCH ?", [query.fts5()]).fetchall())


FOUND = [
    ("开会", "今天下午三点开会，大家来", True),
    ("会", "今天下午三点开会，大家来", True),
    ("来", "今天下午三点开会，大家来", True),
    ("下午三点开会", "今天下午三点开会", True),
    ("开会大家", "开会，大家来", False),
    ("开会了", "开会，会了", False),
    ("午开", "今天下午三点开会", False),
    ("开会 大家", "大家来开会", True),
    ('"三点 开会"', "三点，开会", True),
    ("“三点开会”", "下午三点开会", True),
    ("iPhone手机", "新的iPhone 手机壳", True),
    ("iphone手", "新的iPhone手机壳", True),
    ("すし", "すし屋", True),
    ("ガギ", "ｶﾞｷﾞ", True),
    ("カ", "ガ", False),
    ("한국", "한국어", True),
    ("字", "𠮷野家", False),
    ("𠮷", "𠮷野家", True),
    ("cafe", "Café", True),
    ("CAFÉ", "cafe", True),
    ("final", "ﬁnal", True),
    ("istanbul", "İstanbul", True),
    ("abc", "ＡＢＣ", True),
    ("strasse", "Straße", True),
    ("hel", "hello", True),
    ("hel ", "hello", False),
    ("hel x", "hello x", False),
    ("h", "hello", False),
    ("1.2.3", "v1 1.2.3", True),
    ("1.2.3", "1 3 2", False),
    ("example.com", "https://example.com/a_b?c=1", True),
    ("5e5e", "commit 5e5e9ab0", True),
    ("20", "2026", True),
    ("a_b", "https://example.com/a_b?c=1", True),
    ("สวัสดี", "สวัสดีครับ", True),
    ("OR", "a or b", True),
    ("NOT a", "a", False),
    ("x NEAR(a b)", "a b", False),
    ("", "a", False),
    ("，。", "，。", False),
]


@pytest.mark.parametrize(("search", "text", "is_found"), FOUND)
def test_fts5_finds(search: str, text: str, is_found: bool) -> None:
    assert is_found == _finds(search, text)


@pytest.mark.parametrize(("search", "text", "is_found"), FOUND)
@pytest.mark.on("postgresql")
@pytest.mark.django_db
def test_postgresql_finds_the_same(search: str, text: str, is_found: bool) -> None:
    query = query_of(search)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_tsvector('simple', %s) @@ to_tsquery('simple', %s)", [index_text(text), query.tsquery()]
        )
        assert [is_found] == list(cursor.fetchone() or ())


# Of the ideographs and the hangul syllables every 50th.
_LETTERS = [
    chr(code) for code in (*range(0x3400), *range(0x3400, 0xD7B0, 50), *range(0xD7B0, 0x20000)) if chr(code).isalnum()
]


def test_fts5_splits_no_token_and_changes_none() -> None:
    tokens = index_text(" ".join(f"a{letter}b {letter}" for letter in _LETTERS)).split()
    with _engine() as database:
        database.execute("INSERT INTO found(body) VALUES (?)", [" ".join(tokens)])
        kept = [row[0] for row in database.execute("SELECT term FROM vocabulary ORDER BY offset")]
    assert tokens == kept


@pytest.mark.on("postgresql")
@pytest.mark.django_db
def test_postgresql_splits_no_token() -> None:
    odd = index_text("1e5 0x1f 12e 2d e5 1a2b 007 a1 x86 123abc 99e 5e5e 1e a0 0a").split()
    tokens = sorted({*index_text(" ".join(f"a{letter}b {letter}" for letter in _LETTERS)).split(), *odd})
    with connection.cursor() as cursor:
        split = []
        for token in tokens:
            cursor.execute("SELECT count(*), min(token) FROM ts_parse('default', %s)", [token])
            if cursor.fetchone() != (1, token):
                split.append(token)
    assert [] == split


@given(text=ANYTHING)
def test_tokens_are_letters_and_digits_and_none_is_split(text: str) -> None:
    tokens = index_text(text).split()
    assert all(token.isalnum() and len(token) <= 64 * 7 for token in tokens)
    with _engine(text) as database:
        assert tokens == [row[0] for row in database.execute("SELECT term FROM vocabulary ORDER BY offset")]


@given(text=st.text(st.sampled_from([*"aZ09 ,.-_", "中", "文", "あ", "ア", "，", "（", "“", "…"]), max_size=30))
def test_the_short_way_to_the_tokens_gives_what_the_long_way_gives(text: str) -> None:
    assert index_text(text) == index_text(text + " ☃")


@given(text=ANYTHING, search=ANYTHING)
def test_no_search_is_a_syntax_error_and_what_is_found_is_highlighted(text: str, search: str) -> None:
    query = query_of(search)
    places = highlights(text, query)
    assert places == sorted(places)
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(first[1] < second[0] for first, second in itertools.pairwise(places))
    if query and _finds(search, text):
        assert places


@given(text=ANYTHING, data=st.data())
def test_any_part_of_a_chinese_text_is_found_and_marked(text: str, data: st.DataObject) -> None:
    chinese = "".join(character for character in text if "\u4e00" <= character <= "\u9fff") + "开会了吗"
    start = data.draw(st.integers(0, len(chinese) - 1))
    part = chinese[start : data.draw(st.integers(start + 1, len(chinese)))]
    assert _finds(part, "前" + chinese + "后")
    marked = highlights(chinese, query_of(part))
    assert any(first <= start and start + len(part) <= end for first, end in marked)


@pytest.mark.parametrize(
    ("text", "search", "marked"),
    [
        ("今天开会，会开", "开会", ["开会"]),
        ("开会开会", "开会", ["开会开会"]),
        ("ﬁnal ﬁx", "final", ["ﬁnal"]),
        ("ﬁnal ﬁx", "fi", ["ﬁnal", "ﬁx"]),
        ("İstanbul x", "istanbul", ["İstanbul"]),
        ("ㄱ ＡＢＣ１２ x", "abc12", ["ＡＢＣ１２"]),
        ("x ｶﾞｷﾞ x", "ガギ", ["ｶﾞｷﾞ"]),
        ("e\u0301te\u0301 x", "été", ["e\u0301te\u0301"]),
        ("Straße x", "strasse", ["Straße"]),
        ("㍻30年", "平成", ["㍻"]),
        ("한국어", "국어", ["국어"]),
        ("a 开会 hello", "hel", ["hello"]),
        ("foo_bar foo bar foo-baz", '"foo bar"', ["foo_bar", "foo bar"]),
        ("𠮷野家 x", "野家", ["野家"]),
    ],
)
def test_marks_stand_in_the_text_as_it_was_written(text: str, search: str, marked: list[str]) -> None:
    assert marked == [text[start:end] for start, end in highlights(text, query_of(search))]


@pytest.mark.parametrize(
    "search", ["a:b", "a*", "-a", "^a", "{a}", "a AND", "'; DROP", "a:*b", "(a", "!a", "a\\", "\x00"]
)
@pytest.mark.django_db
def test_no_operator_comes_through(search: str) -> None:
    query = query_of(search)
    assert not set(query.tsquery().replace(" <-> ", " ")) & set("!{}^\\;-|\x00")
    if connection.vendor == "postgresql" and query:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_tsquery('simple', %s)", [query.tsquery()])
    elif query:
        _finds(search, "a b")


def test_a_query_is_bounded() -> None:
    assert terms.MOST_TERMS == len(query_of(" ".join(map(str, range(100)))).terms)


@given(text=ANYTHING)
def test_a_text_is_found_by_each_of_its_words(text: str) -> None:
    words = text.split()
    assume(words)
    for word in words[:3]:
        if query_of(word):
            assert _finds(word, text)
