"""The exact list of what the HTML of a message may have. The last step before it is stored, whatever came before."""

import re
from typing import Final

import nh3

from teahouse.chat.text import highlighting

SCHEMES: Final = frozenset({"http", "https", "mailto"})
TAGS: Final = frozenset(
    {
        *("a", "br", "code", "em", "s", "span", "strong"),
        *("blockquote", "h3", "h4", "h5", "hr", "li", "ol", "p", "pre", "ul"),
        *("table", "tbody", "td", "th", "thead", "tr"),
    }
)
ATTRIBUTES: Final = {
    "a": frozenset({"href", "target"}),
    "ol": frozenset({"start"}),
    "span": frozenset({"data-user", "data-everyone"}),
}
ALIGNMENTS: Final = frozenset({"align-left", "align-center", "align-right"})
CLASSES: Final = {
    "code": frozenset(f"language-{name}" for name in highlighting.LANGUAGES),
    "span": highlighting.CLASSES | {"mention"},
    "td": ALIGNMENTS,
    "th": ALIGNMENTS,
}
REL: Final = "noopener noreferrer nofollow ugc"
VALUES: Final = {
    ("a", "target"): re.compile("_blank"),
    ("ol", "start"): re.compile("[0-9]{1,9}"),
    ("span", "data-user"): re.compile("[1-9][0-9]{0,18}"),
    ("span", "data-everyone"): re.compile("here|all"),
}


def sanitized(html: str) -> str:
    """A second time it changes nothing."""
    return _CLEANER.clean(html)


def _allowed(tag: str, attribute: str, value: str) -> str | None:
    pattern = VALUES.get((tag, attribute))
    return value if pattern is None or pattern.fullmatch(value) else None


_CLEANER = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags=frozenset(),
    attributes=ATTRIBUTES,
    attribute_filter=_allowed,
    allowed_classes=CLASSES,
    url_schemes=SCHEMES,
    url_relative="deny",
    link_rel=REL,
    set_tag_attribute_values={"a": {"target": "_blank"}},
)
