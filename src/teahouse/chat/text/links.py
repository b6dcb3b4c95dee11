"""
Addresses in running text become links, found by linkify-it, with two rules more: an address ends before Chinese
punctuation and before CJK characters, and it may begin right behind them.
"""

import re

from linkify_it import LinkifyIt
from linkify_it.main import Match
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from teahouse.chat.text.scripts import WIDE

# Without a scheme only these, since `main.py`, `run.sh` and `README.md` are files in a chat, not addresses.
TOP_LEVEL_DOMAINS = [
    *("com", "net", "org", "edu", "gov", "info", "biz", "io", "dev", "app", "ai", "xyz", "top", "site", "wiki", "eu"),
    *("cn", "hk", "tw", "jp", "kr", "sg", "uk", "us", "de", "fr", "ch", "at", "nl", "ca", "au"),
]
# Longer ones are text, and so are addresses without a scheme in more than so many characters without a space: the
# bounds of what is looked at again for each of them.
MOST_CHARS = 2_048
MOST_CHARS_WITHOUT_SCHEME = 256
_SCHEMES_IN_ONE = 3
_LONG_RUN = re.compile(rf"\S{{{MOST_CHARS_WITHOUT_SCHEME + 1},}}")
_WIDE = re.compile(f"[{WIDE}]")
_PUNYCODE = re.compile("xn--", re.IGNORECASE)
_SCHEME = re.compile(r"(?:^|[^a-z0-9.+-])(https?)$", re.IGNORECASE)
_LONGEST_SCHEME = 6
_ALLOWED = re.compile(r"(?:https?://[^/\\?#]|mailto:[^/?#])", re.IGNORECASE)


def add_to(md: MarkdownIt) -> None:
    md.linkify = _LINKIFIER
    md.inline.ruler.at("linkify", http_links)


def is_allowed(url: str) -> bool:
    """Addresses that may be followed: http, https with a host, and mailto. No relative ones: they are of this site."""
    return _ALLOWED.match(url) is not None


class Linkifier:
    """What markdown-it asks of `md.linkify`. Positions in the text hold: a character stands for a character."""

    def __init__(self) -> None:
        self._linkify = LinkifyIt()
        self._linkify.add("ftp:", None).add("//", None).tlds(TOP_LEVEL_DOMAINS)

    def pretest(self, text: str) -> bool:
        return bool(self._linkify.pretest(_LONG_RUN.sub(_spaces, _masked(text))))

    def test(self, text: str) -> bool:
        return True

    def match(self, text: str) -> list[Match]:
        matches: list[Match] = self._linkify.match(_LONG_RUN.sub(_spaces, _masked(text))) or []
        for match in matches:
            match.raw = match.text = text[match.index : match.last_index]
            has_scheme = match.schema and match.text.lower().startswith(match.schema)
            match.url = match.text if has_scheme else (match.schema or "http://") + match.text
        return matches

    def chars_at(self, text: str, colon: int) -> int:
        """How many code points of an http address follow the colon at `colon`, or 0."""
        end = colon
        for _ in range(_SCHEMES_IN_ONE):
            end = text.find("://", end + 3, colon + MOST_CHARS)
            if end < 0:
                end = colon + MOST_CHARS + 2
                break
        masked = _masked(text[colon:end])
        chars: int = self._linkify.test_schema_at(masked, "https:", 1)
        return chars if chars <= MOST_CHARS else 0


def _masked(text: str) -> str:
    """
    What linkify-it is given. A space ends every address. "xn--" is a label in two ways for linkify-it 2.2: a name with
    thirty such labels took it minutes.
    """
    return _PUNYCODE.sub("xnxn", _WIDE.sub(" ", text))


def _spaces(run: re.Match[str]) -> str:
    return " " * len(run.group())


def http_links(state: StateInline, silent: bool) -> bool:
    """
    `https://...` before the marks inside it are taken for emphasis: a rule of inlines, in place of markdown-it's own,
    which looks at all the text before and behind for each colon.
    """
    colon = state.pos
    if state.linkLevel > 0 or not state.src.startswith("://", colon):
        return False
    scheme = _SCHEME.search(state.src[max(0, colon - _LONGEST_SCHEME) : colon])
    if scheme is None or not state.pending.endswith(scheme[1]):
        return False
    rest = state.src[colon : colon + 1 + _LINKIFIER.chars_at(state.src, colon)].rstrip("*")
    url = scheme[1] + rest
    href = state.md.normalizeLink(url)
    if not state.md.validateLink(href):
        return False
    if not silent:
        state.pending = state.pending[: -len(scheme[1])]
        opening = state.push("link_open", "a", 1)
        opening.attrs = {"href": href}
        state.push("text", "", 0).content = url
        state.push("link_close", "a", -1)
    state.pos += len(rest)
    return True


def settled(children: list[Token], most_nesting: int) -> list[Token]:
    """
    The inlines of a block with images as links, links to nowhere as text, links without text showing their address,
    and emphasis deeper than `most_nesting` as the marks that were written.
    """
    done: list[Token] = []
    opened: list[bool] = []
    link: str | None = None
    for token in children:
        if token.type == "image":
            done += _without_image(token, inside_link=link is not None)
        elif token.type == "link_open":
            link = str(token.attrs.get("href", ""))
            # A title would be shown in place of the address.
            token.attrs = {"href": link}
            done += [token] if link else []
        elif token.type == "link_close":
            if link and done[-1].type == "link_open":
                done.append(text_token(link))
            done += [token] if link else []
            link = None
        elif token.nesting == 1:
            opened.append(len(opened) < most_nesting)
            done.append(token if opened[-1] else text_token(token.markup))
        elif token.nesting == -1:
            done.append(token if opened.pop() else text_token(token.markup))
        else:
            done.append(token)
    return done


def text_token(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _without_image(image: Token, *, inside_link: bool) -> list[Token]:
    """An image would have everybody's browser ask a foreign server."""
    source = str(image.attrs.get("src", ""))
    name = image.content or source
    if inside_link or not source:
        return [text_token(name)]
    return [Token("link_open", "a", 1, attrs={"href": source}), text_token(name), Token("link_close", "a", -1)]


_LINKIFIER = Linkifier()
