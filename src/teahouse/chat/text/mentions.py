"""Who is meant by `@name` in a message. Names come from the source, people from the caller."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from teahouse.chat.text import parsing, pinyin
from teahouse.chat.text.scripts import CJK

Everyone: TypeAlias = Literal["nobody", "here", "all"]

# More are text. A message that names more people means everyone.
MOST_MENTIONS: Final = 100
MOST_NAME_CHARS: Final = 64
MOST_CJK_CHARS: Final = 20

_EVERYONE: Final[dict[str, Literal["here", "all"]]] = {"all": "all", "所有人": "all", "here": "here", "在线": "here"}
# Not behind a letter (an e-mail address), but right behind Chinese.
_AT = re.compile(rf"(?:(?<![\w@./+-])|(?<=[{CJK}]))[@＠](?=[\w])")
_NAME = re.compile(rf"[\w.+·-]{{1,{MOST_NAME_CHARS + 1}}}")
_CJK = re.compile(f"[{CJK}]")
_PUNCTUATION: Final = ".+-_·"


@dataclass(frozen=True, slots=True)
class Mentions:
    """
    `names` are what may be names, as `name_key` has them: for `@小明你好` all of 小, 小明, 小明你 and 小明你好.
    `everyone` is the widest word for everyone.
    """

    names: frozenset[str]
    everyone: Everyone


@dataclass(frozen=True, slots=True)
class Mention:
    """One place: the text with its `@`, and the id of the person or the word for everyone."""

    text: str
    means: int | Literal["here", "all"]


def name_key(name: str) -> str:
    """The form in which names are compared: NFKC and casefolded."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def names_in(source: str) -> Mentions:
    """What the source may mean by its first 100 `@`, code and links left aside."""
    names: set[str] = set()
    everyone: Everyone = "nobody"
    for spot in _spots(source):
        keys = [key for key, _end in spot]
        word = next((_EVERYONE[key] for key in keys if key in _EVERYONE), None)
        if word is None:
            names.update(keys)
        elif everyone != "all":
            everyone = word
    return Mentions(frozenset(names), everyone)


def resolve(source: str, people: Mapping[str, int]) -> dict[str, int]:
    """The names that are really meant, of `people` (as `people_by_name` gives them): at each `@` the longest."""
    found = {}
    for spot in _spots(source):
        keys = [key for key, _end in spot]
        key = next((key for key in keys if key in people), None)
        if key is not None and _EVERYONE.keys().isdisjoint(keys):
            found[key] = people[key]
    return found


def people_by_name(persons: Iterable[tuple[int, str, str]]) -> dict[str, int]:
    """
    Keys by which people are mentioned, from (id, user name, display name).

    A person is found by user name, by display name without its spaces and by its pinyin without tones (`xiaoming`,
    never initials). A user name wins over a display name, that over pinyin, usual readings over unusual ones; what two
    people share within one of these names nobody.
    """
    kinds: tuple[dict[str, set[int]], ...] = ({}, {}, {}, {})
    for number, user_name, display_name in persons:
        display = "".join(name_key(display_name).split())
        usual, all_readings = pinyin.usual(display), pinyin.full(display)
        for kind, keys in zip(kinds, ((name_key(user_name),), (display,), usual, all_readings), strict=True):
            for key in keys:
                kind.setdefault(key, set()).add(number)
    people: dict[str, int] = {}
    taken: set[str] = {"", *_EVERYONE}
    for kind in kinds:
        people |= {key: next(iter(ids)) for key, ids in kind.items() if len(ids) == 1 and key not in taken}
        taken |= kind.keys()
    return people


def pieces(text: str, people: Mapping[str, int], most: int) -> tuple[list[str | Mention], int]:
    """The text cut at its mentions; joined it is the text again. At most `most` `@` are looked at; how many were."""
    cut: list[str | Mention] = []
    end = looked_at = 0
    for at in _ats(text, most):
        looked_at += 1
        mention = _mention(text, at, people)
        if mention is not None:
            cut += [text[end:at], mention]
            end = at + len(mention.text)
    return [piece for piece in [*cut, text[end:]] if piece], looked_at


def _mention(text: str, at: int, people: Mapping[str, int]) -> Mention | None:
    candidates = _candidates(text, at + 1)
    # A word for everyone wins: whether a message goes to all must not depend on who is called how.
    for known in (_EVERYONE, people):
        for key, end in candidates:
            if key in known:
                return Mention(text[at:end], known[key])
    return None


def _spots(source: str) -> Iterator[list[tuple[str, int]]]:
    """At each `@` that may mention: the candidates, longest first."""
    if "@" not in source and "＠" not in source:
        return
    left = MOST_MENTIONS
    for token, place in parsing.spoken(parsing.tokens_of(source)):
        text = (token.children or [])[place].content
        for at in _ats(text, left):
            left -= 1
            yield _candidates(text, at + 1)


def _ats(text: str, most: int) -> Iterator[int]:
    for _, match in zip(range(most), _AT.finditer(text), strict=False):
        yield match.start()


def _candidates(text: str, start: int) -> list[tuple[str, int]]:
    """
    What the name at `start` may be, longest first, with its end in the text: it ends where no letter or digit follows,
    or beside a CJK character; not in punctuation.
    """
    run = _NAME.match(text, start)
    if run is None:
        return []
    name = run.group()
    ends = []
    cjk = 0
    for end in range(1, len(name) + 1):
        last, following = name[end - 1], name[end : end + 1]
        is_cjk = _CJK.match(last) is not None
        cjk += is_cjk
        if cjk > MOST_CJK_CHARS or end > MOST_NAME_CHARS:
            break
        if last in _PUNCTUATION and last != "_":
            continue
        rest = name[end:].lstrip(_PUNCTUATION)
        if is_cjk or not following or _CJK.match(following) or (following in _PUNCTUATION and _is_end(rest)):
            ends.append(end)
    return [(name_key(name[:end]), start + end) for end in reversed(ends)]


def _is_end(rest: str) -> bool:
    return not rest or _CJK.match(rest) is not None
