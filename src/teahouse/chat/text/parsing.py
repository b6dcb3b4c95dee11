"""
Markdown as it is understood in messages: the source to markdown-it's tokens. `markdown.py` draws them, `mentions.py`
looks for names in them.

CommonMark without raw HTML, indented code, underlined headings and reference definitions, with tables and strikethrough
from GFM; a line break is a line break. Bounds that keep it linear: 16 levels of blocks and 10 of emphasis (deeper marks
are text), 5,000 cells in a table (beyond, it is text).
"""

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block import table as gfm_table
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import OptionsDict, OptionsType

from teahouse.chat.text import links
from teahouse.chat.text.emphasis import CjkParserInline

MOST_BLOCK_LEVELS = 16
MOST_EMPHASIS_LEVELS = 10
MOST_CELLS = 5_000

_OPTIONS: OptionsType = {
    # Of nested brackets; `_too_deep` ends nested blocks before this would leave their text out.
    "maxNesting": MOST_BLOCK_LEVELS + 4,
    "html": False,
    "linkify": True,
    "typographer": False,
    "quotes": "",
    "xhtmlOut": False,
    "breaks": True,
    "langPrefix": "language-",
    "highlight": None,
}
OPTIONS = OptionsDict(_OPTIONS)
_BLOCKS = ["too_deep", "table", "fence", "blockquote", "hr", "list", "heading", "paragraph"]
_INLINES = [
    *("text", "linkify", "newline", "escape", "backticks", "strikethrough", "emphasis", "link", "image", "autolink"),
    "entity",
]
_PAIRS = ["balance_pairs", "strikethrough", "emphasis", "fragments_join"]


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        return links.is_allowed(url)

    def normalizeLinkText(self, link: str) -> str:
        """As it was written: punycode in letters would show a name that looks like another."""
        return link


def tokens_of(source: str) -> list[Token]:
    """The blocks of a message; those of type "inline" have children. Linear in the source's length."""
    return _MARKDOWN.parse(source)


def spoken(tokens: list[Token]) -> Iterator[tuple[Token, int]]:
    """Each text that is in no link and no code: the inline token and the place of the text among its children."""
    for token in tokens:
        in_link = False
        for place, child in enumerate(token.children or ()):
            if child.tag == "a":
                in_link = child.nesting == 1
            elif child.type == "text" and not in_link:
                yield token, place


def _too_deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if silent or state.level < MOST_BLOCK_LEVELS:
        return False
    state.push("paragraph_open", "p", 1)
    inline = state.push("inline", "", 0)
    inline.content = state.getLines(start, end, state.blkIndent, False).strip()
    inline.children = []
    state.push("paragraph_close", "p", -1)
    state.line = end
    return True


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A row of one cell is filled up: without a bound 10 KB of source would be megabytes of HTML."""
    if start + 1 < end:
        columns = state.src.count("|", state.bMarks[start + 1], state.eMarks[start + 1]) + 1
        if columns * (end - start) > MOST_CELLS:
            return False
    return gfm_table(state, start, end, silent)


def _settle(state: StateCore) -> None:
    for token in state.tokens:
        if token.children:
            token.children = links.settled(token.children, MOST_EMPHASIS_LEVELS)
        elif token.tag in ("td", "th") and token.nesting == 1:
            style = token.attrs.pop("style", None)
            if style is not None:
                token.attrs["class"] = str(style).replace("text-align:", "align-")
        elif token.type in ("heading_open", "heading_close"):
            # The page has the larger ones.
            token.tag = f"h{min(5, int(token.tag[1]) + 2)}"


def _made() -> MarkdownIt:
    md = _Markdown("zero")
    md.options = OPTIONS
    md.inline = CjkParserInline()
    links.add_to(md)
    md.block.ruler.before("table", "too_deep", _too_deep)
    md.block.ruler.at("table", _table, {"alt": ["paragraph"]})
    md.core.ruler.push("settle", _settle)
    md.block.ruler.enableOnly(_BLOCKS)
    md.inline.ruler.enableOnly(_INLINES)
    md.inline.ruler2.enableOnly(_PAIRS)
    md.core.ruler.enableOnly(["normalize", "block", "inline", "linkify", "text_join", "settle"])
    return md


_MARKDOWN = _made()
