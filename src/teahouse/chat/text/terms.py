"""
Words of a text for full-text search: one division for SQLite's FTS5 (unicode61) and PostgreSQL (tsvector 'simple').

Neither engine finds 开会 in 今天下午三点开会, so the division is made here: `index_text` gives the tokens to be
indexed, `query_of` the same for what is looked for, `highlights` the places in the text. `from:` and `in:` are read in
`filters.py`.

A run of CJK characters becomes its pairs and then its last character (`开会了` is `开会 会了 了`), so that a phrase of
pairs matches what stands side by side and nothing else. All single characters follow at the end, each once.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from teahouse.chat.text.scripts import CJK

# Of a word; the rest is neither indexed nor asked for. PostgreSQL refuses lexemes of 2 KiB.
MOST_WORD_CHARS: Final = 64
# Of a query; the rest is not asked for.
MOST_TERMS: Final = 20
_LEAST_PREFIX_CHARS: Final = 2

# Written without spaces too, so also in pairs: Thai, Lao, Myanmar, Khmer, Tibetan.
_PAIRED = re.compile(f"[{CJK}\\u0e01-\\u0edf\\u0f40-\\u0fbc\\u1000-\\u109f\\u1780-\\u17d3]")
# What every version of both engines takes for letters and digits. Others are written as their number.
_SAFE = re.compile(
    "[a-z0-9\u00df-\u00f6\u00f8-\u024f\u0250-\u02ad\u0386-\u0481\u0531-\u0587\u05d0-\u05ea\u0620-\u064a\u0660-\u0669"
    "\u10d0-\u10fa\u0904-\u0939\u3041-\u3096\u30a1-\u30fa\u30fc\u3105-\u312d\u4e00-\u9fa5\uac00-\ud7a3]+"
)
# Characters of which each is its own cluster and nothing but its own lower case: nearly all Chinese.
_SIMPLE = re.compile(
    "[\x00-\x7f\u2018-\u201d\u2026\u3001-\u3004\u3008-\u301b\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fa5，。！？：；（）]*"
)
_OWN_FOLD = re.compile("[\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff]")
_SIMPLE_RUN = re.compile("[a-z0-9]+|[\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fa5]+")
_ASCII_WORD = re.compile("[a-z0-9]+")
_QUOTES = re.compile('"([^"]*)"|“([^”]*)”|「([^」]*)」')


class _Unit(NamedTuple):
    """A word, or one character of a run. `joined`: it stands right behind the character before it, in the same run."""

    key: str
    start: int
    end: int
    is_single: bool
    joined: bool


class Term(NamedTuple):
    """What has to stand side by side: the tokens, and the units that they are made of."""

    tokens: tuple[str, ...]
    units: tuple[tuple[str, bool], ...]
    is_prefix: bool


@dataclass(frozen=True, slots=True)
class Query:
    """All of `terms` have to be there, in any order. Without any it finds nothing: ask no engine then."""

    terms: tuple[Term, ...]

    def __bool__(self) -> bool:
        return bool(self.terms)

    def fts5(self) -> str:
        """The right side of MATCH, as a parameter. "" without terms, which FTS5 refuses."""
        return " AND ".join(f'"{" ".join(term.tokens)}"{" *" * term.is_prefix}' for term in self.terms)

    def tsquery(self) -> str:
        """The argument of to_tsquery('simple', ...), as a parameter."""
        return " & ".join(
            "(" + " <-> ".join(f"'{token}'" for token in term.tokens) + ":*" * term.is_prefix + ")"
            for term in self.terms
        )


def index_text(text: str) -> str:
    """The tokens of a text with a space between; each of letters and digits only. "" for a text without words."""
    if _SIMPLE.fullmatch(text):
        return _simple_index_text(text.lower())
    tokens: list[str] = []
    singles: dict[str, None] = {}
    for run in _runs(text):
        tokens += _tokens_of(run, is_last=False)
        if run[0].is_single:
            singles |= dict.fromkeys(unit.key for unit in run)
    return " ".join([*tokens, *singles])


def _simple_index_text(text: str) -> str:
    """The same in a tenth of the time, for what `_SIMPLE` matches."""
    tokens: list[str] = []
    singles: dict[str, None] = {}
    for run in _SIMPLE_RUN.findall(text):
        if run[0] < "\x80":
            tokens.append(_token(run[:MOST_WORD_CHARS]))
        else:
            tokens += map("".join, itertools.pairwise(run))
            tokens.append(run[-1])
            singles |= dict.fromkeys(run)
    return " ".join([*tokens, *singles])


def query_of(text: str) -> Query:
    """
    What somebody typed: words that all have to be there, phrases in "…", “…” or 「…」. What stands without a space
    between has to stand side by side. The last word, if it is one of at least two letters with nothing behind it, is
    the beginning of a word. At most 20 terms; nothing in the text is an operator.
    """
    terms: list[Term] = []
    end = 0
    for quoted in _QUOTES.finditer(text):
        for word in text[end : quoted.start()].split():
            terms += _terms_of(word, may_be_prefix=False)
        terms += _terms_of(quoted[1] or quoted[2] or quoted[3] or "", may_be_prefix=False)
        end = quoted.end()
    words = text[end:].split()
    for place, word in enumerate(words):
        is_last = place == len(words) - 1 and not text[-1:].isspace()
        terms += _terms_of(word, may_be_prefix=is_last)
    return Query(tuple(dict.fromkeys(terms))[:MOST_TERMS])


def highlights(text: str, query: Query) -> list[tuple[int, int]]:
    """Where the terms stand in the text: ranges of code points of it, half open, in order, none touching another."""
    units = list(_units(text))
    by_key: dict[str, list[int]] = {}
    for place, unit in enumerate(units):
        by_key.setdefault(unit.key, []).append(place)
    found: list[tuple[int, int]] = []
    for term in query.terms:
        if term.is_prefix and len(term.units) == 1:
            places = [place for place, unit in enumerate(units) if unit.key.startswith(term.units[0][0])]
        else:
            places = by_key.get(term.units[0][0], [])
        length = len(term.units)
        found += [(units[place].start, units[place + length - 1].end) for place in places if _is_at(units, place, term)]
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _is_at(units: list[_Unit], place: int, term: Term) -> bool:
    if place + len(term.units) > len(units):
        return False
    for offset, (key, joined) in enumerate(term.units):
        unit = units[place + offset]
        is_prefix = term.is_prefix and offset == len(term.units) - 1 and not unit.is_single
        if not (unit.key.startswith(key) if is_prefix else unit.key == key) or (offset and unit.joined != joined):
            return False
    return True


def _terms_of(text: str, *, may_be_prefix: bool) -> Iterator[Term]:
    """
    The terms of a phrase: one, but for a single character at its beginning or end. That may be part of a longer run in
    the text, where it is no token of its own beside the others.
    """
    runs = list(_runs(text))
    before, after = [], []
    while len(runs) > 1 and _is_lone(runs[0]):
        before.append(runs.pop(0))
    while len(runs) > 1 and _is_lone(runs[-1]):
        after.append(runs.pop())
    for phrase in (*([run] for run in before), runs, *([run] for run in reversed(after))):
        if not phrase:
            continue
        tokens = [token for run in phrase[:-1] for token in _tokens_of(run, is_last=False)]
        tokens += _tokens_of(phrase[-1], is_last=True)
        last = phrase[-1][-1]
        is_prefix = may_be_prefix and not after and phrase is runs and not last.is_single
        is_prefix = is_prefix and len(last.key) >= _LEAST_PREFIX_CHARS and last.end == len(text)
        units = tuple((unit.key, unit.joined) for run in phrase for unit in run)
        yield Term(tuple(tokens), units, is_prefix)


def _is_lone(run: list[_Unit]) -> bool:
    return len(run) == 1 and run[0].is_single


def _tokens_of(run: list[_Unit], *, is_last: bool) -> list[str]:
    """A word, or pairs and the last character; without it for the end of a phrase, which may go on in the text."""
    keys = [_token(unit.key) for unit in run]
    pairs = [first + second for first, second in itertools.pairwise(keys)]
    return pairs if is_last and pairs else [*pairs, keys[-1]]


def _token(key: str) -> str:
    """PostgreSQL takes 5e5e for the number 5e5 with an e behind it: what begins with a digit gets a letter before."""
    return f"n{key}" if "0" <= key[0] <= "9" else key


def _runs(text: str) -> Iterator[list[_Unit]]:
    run: list[_Unit] = []
    for unit in _units(text):
        if run and not unit.joined:
            yield run
            run = []
        run.append(unit)
    if run:
        yield run


def _units(text: str) -> Iterator[_Unit]:
    if text.isascii():
        for match in _ASCII_WORD.finditer(text.lower()):
            yield _Unit(match.group()[:MOST_WORD_CHARS], *match.span(), False, False)
        return
    # The word that is being read, as pieces; where it started and ended.
    word: list[str] = []
    start = end = -1
    was_single = False
    for folded, cluster_start, cluster_end in _clusters(text):
        for character in folded:
            is_single = _PAIRED.match(character) is not None
            if word and (is_single or not character.isalnum()):
                yield _word(word, start, end)
                word = []
            if is_single:
                yield _Unit(_safe(character), cluster_start, cluster_end, True, was_single)
            elif character.isalnum():
                if not word:
                    start = cluster_start
                word.append(character)
                end = cluster_end
            was_single = is_single
    if word:
        yield _word(word, start, end)


def _word(pieces: list[str], start: int, end: int) -> _Unit:
    return _Unit(_safe("".join(pieces[:MOST_WORD_CHARS])), start, end, False, False)


def _safe(word: str) -> str:
    if _SAFE.fullmatch(word):
        return word
    return "".join(character if _SAFE.match(character) else f"u{ord(character):x}" for character in word)


def _clusters(text: str) -> Iterator[tuple[str, int, int]]:
    """
    The text in pieces that NFKC keeps apart, folded, with their places: a character with the marks behind it, jamo that
    make a syllable, half-width kana with its voice mark.
    """
    start = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or not _continues(text[end]):
            yield _folded(text[start:end]), start, end
            start = end


def _continues(character: str) -> bool:
    if character < "\u0300" or "\u2e80" <= character <= "\u3098" or "\u4e00" <= character <= "\u9fff":
        return False
    return (
        unicodedata.category(character)[0] == "M"
        or "\u1160" <= character <= "\u11ff"
        or character in "\uff9e\uff9f"
        or "\uffa0" <= character <= "\uffdc"
    )


def _folded(cluster: str) -> str:
    if len(cluster) == 1 and _OWN_FOLD.match(cluster):
        return cluster
    if cluster.isascii():
        return cluster.lower()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", cluster).casefold())
    if _PAIRED.match(folded) is None:
        # Diacritics of Latin, Greek, Cyrillic; vowel signs elsewhere. Kana and hangul keep theirs.
        folded = unicodedata.normalize("NFKD", folded)
    return "".join(character for character in folded if unicodedata.category(character)[0] != "M")
