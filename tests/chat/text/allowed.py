"""What a message's HTML may have, written apart from the list that is tested, and a parser that holds to it."""

import re
from html.parser import HTMLParser
from typing import Final

_VOID: Final = {"br", "hr"}
_TAGS: Final = _VOID | {
    *("a", "blockquote", "code", "em", "h3", "h4", "h5", "li", "ol", "p", "pre", "s", "span", "strong", "ul"),
    *("table", "tbody", "td", "th", "thead", "tr"),
}
# Without an address it is no link: that is left of one that the sanitiser cannot read.
_REQUIRED_OF_A_LINK: Final = {"rel", "target"}
_VALUES: Final = {
    ("a", "href"): r"(?:https?://[^/\\?#\s]|mailto:)\S*",
    ("a", "rel"): "noopener noreferrer nofollow ugc",
    ("a", "target"): "_blank",
    ("code", "class"): "language-[a-z]+",
    ("ol", "start"): "[0-9]{1,9}",
    ("span", "class"): "mention|[a-z][a-z0-9]{0,3}|esc",
    ("span", "data-user"): "[0-9]+",
    ("span", "data-everyone"): "here|all",
    ("td", "class"): "align-(?:left|center|right)",
    ("th", "class"): "align-(?:left|center|right)",
}


class _Checker(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _TAGS, tag
        for name, value in attrs:
            pattern = _VALUES.get((tag, name))
            assert pattern is not None, (tag, name)
            assert re.fullmatch(pattern, value or "", re.IGNORECASE), (tag, name, value)
        if tag == "a":
            assert {name for name, _ in attrs} >= _REQUIRED_OF_A_LINK
            assert "a" not in self.open, "a link in a link"
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    handle_decl = handle_pi = unknown_decl = handle_comment


def text_of_allowed(html: str) -> str:
    """The text of the HTML; AssertionError if anything in it is not allowed or not closed."""
    checker = _Checker()
    checker.feed(html)
    checker.close()
    assert checker.open == []
    return "".join(checker.text)
