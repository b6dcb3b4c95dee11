import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.chat.text import highlighting, sanitizing


@pytest.mark.parametrize("language", sorted(highlighting.LANGUAGES))
def test_marked_code_is_the_code(language: str) -> None:
    code = "\n\n<a b='c'> & \"x\" /* 中文 */ # 1 == 2\n  def f(x): return {x: [1, 2]}\n\t// end  \n"
    marked = highlighting.highlighted(code, language)
    assert code == html.unescape(re.sub("<[^>]*>", "", marked))
    assert set(re.findall('class="([^"]*)"', sanitizing.sanitized(marked))) <= highlighting.CLASSES


@given(code=st.text(max_size=60), language=st.sampled_from(sorted(highlighting.LANGUAGES)))
def test_no_code_raises(code: str, language: str) -> None:
    highlighting.highlighted(code, language)


@pytest.mark.parametrize(
    ("info", "language"),
    [("py", "python"), ("C++ x", "cpp"), ("", None), ("  ", None), ("brainfuck", None), ('"><script>', None)],
)
def test_languages_are_a_list(info: str, language: str | None) -> None:
    assert language == highlighting.language_of(info)


def test_a_long_gap_is_not_given_to_a_lexer() -> None:
    assert "<" not in highlighting.highlighted("int x;" + "\n" * 100, "c")
