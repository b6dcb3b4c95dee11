import json
import pathlib

import pytest
from hypothesis import given

from teahouse.chat.text import sanitizing
from teahouse.chat.text.cleaning import BadText, clean_body
from teahouse.chat.text.markdown import as_text, render
from tests.chat.text.allowed import text_of_allowed
from tests.chat.text.strategies import MARKS

CORPUS = json.loads((pathlib.Path(__file__).parent / "hostile_markdown.json").read_text())
PEOPLE = {"bob": 7, "小明": 8, "admin": 1}


def test_the_corpus_is_large() -> None:
    assert len(CORPUS) >= 150


@pytest.mark.parametrize("row", CORPUS, ids=lambda row: f"{row['kind']}: {row['source'][:40]!r}")
def test_a_hostile_message_has_only_what_is_allowed(row: dict[str, str]) -> None:
    text_of_allowed(render(row["source"], mentions=PEOPLE))
    as_text(row["source"])


@given(source=MARKS)
def test_any_message_has_only_what_is_allowed_and_sanitising_it_again_changes_nothing(source: str) -> None:
    try:
        source = clean_body(source, 10_000)
    except BadText:
        return
    html = render(source, mentions=PEOPLE)
    text_of_allowed(html)
    assert html == sanitizing.sanitized(html)
    assert html == render(source, mentions=PEOPLE)
    as_text(source)


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<span class='mention' data-user='7\" onclick=\"x'>x</span>",
        "<span class='mention' data-user='-1' data-everyone='nobody'>x</span>",
        "<span class='toolbar k' style='position:fixed'>x</span>",
        "<code class='language-python danger'>x</code>",
        "<a href='javascript:alert(1)' target='_top' rel='opener'>x</a>",
        "<a href='/logout'>x</a>",
        "<img src='https://evil.example/'>",
        "<ol start='1e9'><li>x</li></ol>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
    ],
)
def test_the_last_step_holds_by_itself(html: str) -> None:
    clean = sanitizing.sanitized(html)
    for name in ("onclick", "onerror=alert(1)>", "style", "<img", "<script", "/logout", "javascript", "toolbar", "-1"):
        assert name not in clean.replace("&lt;", "").replace("onerror=alert(1)&gt;", "")
    assert "danger" not in clean
    assert "_top" not in clean
    assert "1e9" not in clean
