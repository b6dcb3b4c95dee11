"""
A message's source as HTML and as plain text.

`render` is Markdown (`parsing.py`), with mentions (`mentions.py`), code (`highlighting.py`), and then only what the
list in `sanitizing.py` has. Most messages are a line without any mark: `is_plain` sees that, and they skip all of it.
"""

import html
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from teahouse.chat.text import highlighting, mentions, parsing, sanitizing

_NOBODY: Final[Mapping[str, int]] = MappingProxyType({})

# What begins a block, or is left out, at the start of a line: a list, a quote, a heading, a ruler, a table, a space.
_NO_BLOCK = r"(?![-+=>#|:~\s]|[0-9]{1,9}[.)](?:\s|\Z))"
# No mark of Markdown, and nothing that could be in an address, a mention, an entity or a tag.
_PLAIN = re.compile(
    _NO_BLOCK + r"(?:[^\n\\`*_~\[\]&<@＠:.\xa0\s]++"
    r"|[^\S\n\xa0](?![\n])"
    r"|~(?!~)"
    r"|&(?![#\w]{1,40};)"
    r"|<(?![\w/!?])"
    r"|:(?!/)(?<![tT][oO]:)"
    r"|\.(?![^\W\d]|xn--)"
    rf"|\n{_NO_BLOCK})*+"
)


def is_plain(source: str) -> bool:
    """Whether nothing in it could mean anything but itself. False for some that are plain too."""
    return _PLAIN.fullmatch(source) is not None and source[-1:] not in _BLANK


def render(source: str, *, mentions: Mapping[str, int] = _NOBODY) -> str:
    """
    The HTML of a message, safe to be put into a page as it is: no script, no style, no image, no request to anybody.

    `mentions` has the people whose `@name` is marked, id by `name_key` (what `mentions.resolve` gives). The same
    arguments give the same HTML; no text that `clean_body` lets pass raises; the work is linear in the source.
    """
    if is_plain(source):
        return "<p>" + html.escape(source, quote=False).replace("\n", "<br>\n") + "</p>"
    return render_all(source, mentions)


def render_all(source: str, people: Mapping[str, int]) -> str:
    """`render` without the short way for plain text."""
    tokens = parsing.tokens_of(source)
    _mark_mentions(tokens, people)
    return sanitizing.sanitized(
        _RENDERER.render(tokens, parsing.OPTIONS, {"chars_left": highlighting.MOST_CHARS})
    ).rstrip("\n")


def as_text(source: str) -> str:
    """What a notification shows and a search reads: the text without its marks, a line for each block."""
    if is_plain(source):
        return source
    lines: list[str] = []
    for token in parsing.tokens_of(source):
        if token.type == "fence":
            lines.append(token.content.strip("\n"))
        elif token.type == "inline":
            lines.append("".join(_text_of(child) for child in token.children or ()))
    return "\n".join(line for line in lines if line).strip()


_BLANK = frozenset({"", *(chr(code) for code in range(0x3001) if chr(code).isspace())})


def _text_of(token: Token) -> str:
    return "\n" if token.type in ("softbreak", "hardbreak") else token.content


def _mark_mentions(tokens: list[Token], people: Mapping[str, int]) -> None:
    left = mentions.MOST_MENTIONS
    places: dict[int, tuple[Token, dict[int, list[Token]]]] = {}
    for inline, place in parsing.spoken(tokens):
        text = (inline.children or [])[place].content
        pieces, looked_at = mentions.pieces(text, people, left)
        left -= looked_at
        if len(pieces) > 1 or any(isinstance(piece, mentions.Mention) for piece in pieces):
            places.setdefault(id(inline), (inline, {}))[1][place] = [_token(piece) for piece in pieces]
    for inline, replaced in places.values():
        inline.children = [
            new for place, child in enumerate(inline.children or ()) for new in replaced.get(place, (child,))
        ]


def _token(piece: str | mentions.Mention) -> Token:
    if isinstance(piece, str):
        return Token("text", "", 0, content=piece)
    return Token("mention", "span", 0, content=piece.text, meta={"means": piece.means})


class _Renderer(RendererHTML):
    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        language = highlighting.language_of(tokens[idx].info)
        content = tokens[idx].content
        is_short = env["chars_left"] >= len(content)
        env["chars_left"] -= len(content) if is_short else 0
        code = highlighting.highlighted(content, language if is_short else None)
        opening = f'<code class="language-{language}">' if language else "<code>"
        return f"<pre>{opening}{code}</code></pre>\n"

    def mention(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        means = tokens[idx].meta["means"]
        data = f'data-user="{means}"' if isinstance(means, int) else f'data-everyone="{means}"'
        return f'<span class="mention" {data}>{html.escape(tokens[idx].content)}</span>'


_RENDERER = _Renderer()
