"""
Emphasis beside Chinese, Japanese and Korean text: `**注意：**请看` is bold.

The flanking rules of CommonMark 0.31.2 §6.2 with the CJK-friendly amendments
(https://github.com/tats-u/markdown-cjk-friendly, specification.md), as a parser of inlines for markdown-it.
"""

from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token
from markdown_it.utils import EnvType

from teahouse.chat.text.scripts import is_cjk


class CjkParserInline(ParserInline):
    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        state = _State(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


class _State(StateInline):
    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:
        """`canSplitWord` is true for `*` and `~`, false for `_`, whose rules CJK does not change."""
        end = start
        while end < self.posMax and self.src[end] == self.src[start]:
            end += 1
        before, is_cjk_before = self._before(start)
        after = self.src[end] if end < self.posMax else " "
        is_space_before, is_space_after = isWhiteSpace(ord(before)), isWhiteSpace(ord(after))
        if is_space_before or is_space_after:
            return Scanned(not is_space_after, not is_space_before, end - start)
        can_open, can_close = _is_punctuation(before), _is_punctuation(after)
        if canSplitWord:
            beside_cjk = is_cjk_before or is_cjk(after)
            can_open, can_close = (
                can_open or beside_cjk or not can_close,
                can_close or beside_cjk or not can_open,
            )
        return Scanned(can_open, can_close, end - start)

    def _before(self, start: int) -> tuple[str, bool]:
        """The character before, past a variation selector, and whether the two are CJK."""
        if start == 0:
            return " ", False
        before = self.src[start - 1]
        if start > 1 and "\ufe00" <= before <= "\ufe0e":
            main = self.src[start - 2]
            if not isWhiteSpace(ord(main)):
                # U+FE01 makes these quotes full-width.
                return main, is_cjk(main) or (before == "\ufe01" and main in "‘’“”")
        return before, is_cjk(before) or "\U000e0100" <= before <= "\U000e01ef"


def _is_punctuation(character: str) -> bool:
    return isMdAsciiPunct(ord(character)) or isPunctChar(character)
