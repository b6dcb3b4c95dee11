import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.chat.text.cleaning import BadText, clean_body, clean_file_name, clean_name
from tests.chat.text.strategies import MARKS

ANYTHING = st.text(st.characters()) | MARKS
FAMILY = "👨\u200d👩\u200d👧"
SHRUG = "🤷🏽\u200d♀\ufe0f"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  a \n", "a"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("e\u0301", "é"),
        ("\u3000中文\u3000", "中文"),
        ("a\tb", "a\tb"),
        ("a" + "\u0301\u0302" * 30, unicodedata.normalize("NFC", "a\u0301") + ("\u0302\u0301" * 15)[:20]),
        (FAMILY, FAMILY),
        ("。" * 50, "。" * 50),
        ("a\u200bb", "a\u200bb"),
    ],
)
def test_a_body_is_cleaned(text: str, clean: str) -> None:
    assert clean == clean_body(text, 100)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\u3000",
        "\u200b\u2060",
        "\u3164",
        "a\x00",
        "a\x1b[0m",
        "a\x7f",
        "\ud800",
        "a\udc00",
        "\ufeffa",
        "x" * 101,
    ],
)
def test_a_body_is_refused(text: str) -> None:
    with pytest.raises(BadText):
        clean_body(text, 100)


def test_a_body_has_to_fit_a_frame() -> None:
    assert clean_body("😀" * 15_000, 20_000)
    for text in ("😀" * 16_000, "\\" * 40_000):
        with pytest.raises(BadText):
            clean_body(text, 50_000)


@given(text=ANYTHING)
def test_cleaning_a_body_again_changes_nothing(text: str) -> None:
    try:
        clean = clean_body(text, 200)
    except BadText:
        return
    assert clean == clean_body(clean, 200)
    assert unicodedata.is_normalized("NFC", clean)
    clean.encode()


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (" a \n b ", "a b"),
        ("a\u202eb\u2066c", "abc"),
        ("ad\u200bmin\u00ad", "admin"),
        (f"a {SHRUG} {FAMILY}", f"a {SHRUG} {FAMILY}"),
        ("1\ufe0f\u20e3 x\ufe0f", "1\ufe0f\u20e3 x"),
        ("a\u200db", "ab"),
        ("👍\u200d", "👍"),
        ("e\u200d\u0301", "é"),
    ],
)
def test_a_name_is_cleaned(text: str, clean: str) -> None:
    assert clean == clean_name(text, 50)


@pytest.mark.parametrize("text", ["", " ", "\u200b", "\u3164", "a\x00b", "a\x85b\x9b", "\ud800", "x" * 51])
def test_a_name_is_refused(text: str) -> None:
    with pytest.raises(BadText):
        clean_name(text, 50)


@given(text=ANYTHING)
def test_cleaning_a_name_again_changes_nothing(text: str) -> None:
    try:
        clean = clean_name(text, 200)
    except BadText:
        return
    assert clean == clean_name(clean, 200)
    assert clean.splitlines() == [clean]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("报告.pdf", "报告.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\a.txt", "a.txt"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("a\r\nb\x00.txt", "a b.txt"),
        (".env", ".env"),
        ("..", "file"),
        ("", "file"),
        ("a/", "a"),
        ("\ud800", "file"),
        ("x. . ", "x"),
        ("长" * 200 + ".tar", "长" * 83 + ".tar"),
        ("长" * 200, "长" * 85),
    ],
)
def test_a_file_name_is_cleaned(text: str, clean: str) -> None:
    assert clean == clean_file_name(text)


@given(text=ANYTHING | st.text(min_size=200, max_size=400) | MARKS.map(lambda text: text * 9 + ".txt"))
def test_any_file_name_can_be_cleaned(text: str) -> None:
    clean = clean_file_name(text)
    assert clean == clean_file_name(clean)
    assert 0 < len(clean.encode()) <= 255
    assert not set("/\\\0\r\n") & set(clean)
    assert clean.strip(". ") or clean.startswith(".")
