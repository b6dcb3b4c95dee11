"""
Names by their pinyin: `xiaoming`, `xm` for 小明. Readings are pypinyin's.

Its dictionary of readings costs 12 MiB and 80 ms and is loaded at the first Chinese character. That of phrases would
cost 43 MiB more and is left out: names get all readings of their characters instead.
"""

import functools
import os
import re
import sys
import unicodedata
from collections.abc import Callable
from typing import Final, NamedTuple

from teahouse.chat.text.scripts import HAN

# The first characters of a name, where surnames are, get all of theirs; once there are this many, one reading each.
MOST_READINGS: Final = 16
# Longer names are found by their beginning.
MOST_CHARS: Final = 40

_HAN = re.compile(f"[{HAN}]")
_BETWEEN_SYLLABLES = re.compile(r"[\s'’·-]+")


class _Keys(NamedTuple):
    name: str
    full: tuple[str, ...]
    usual: tuple[str, ...]
    initials: tuple[str, ...]
    # The same from the second, third ... character on.
    inner: tuple[str, ...]


def keys_of(name: str) -> tuple[str, ...]:
    """
    The forms under which a name is found: itself in NFKC and casefolded; if it has Chinese characters, its pinyin
    without tones and its initials, for every reading of it (16 at most), ü as v and as u.
    """
    keys = _keys(name)
    return tuple(dict.fromkeys((keys.name, *keys.full, *keys.initials)))


def full(name: str) -> tuple[str, ...]:
    """Of `keys_of` the whole pinyin only; nothing for a name without Chinese characters."""
    return _keys(name).full


def usual(name: str) -> tuple[str, ...]:
    """Of `full` those with the most usual reading of each character but the first, which may be a surname."""
    return _keys(name).usual


def matches(query: str, name: str) -> int | None:
    """
    How well a name fits what was typed, less is better, or None: 0 it is the name, 1 the name begins with it, 2 a later
    word of it does, 3 its pinyin, 4 its initials, 5 the pinyin or initials from a later character on, 6 it is somewhere
    in the name.
    """
    asked = _folded(query)
    keys = _keys(name)
    if asked == keys.name:
        return 0
    if keys.name.startswith(asked):
        return 1
    if any(word.startswith(asked) for word in _BETWEEN_SYLLABLES.split(keys.name)):
        return 2
    sounded = _BETWEEN_SYLLABLES.sub("", asked)
    for rank, forms in ((3, keys.full), (4, keys.initials), (5, keys.inner)):
        if any(form.startswith(sounded) for form in forms):
            return rank
    return 6 if asked in keys.name else None


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).strip()


@functools.lru_cache(maxsize=20_000)
def _keys(name: str) -> _Keys:
    folded = _folded(name)
    if not _HAN.search(folded):
        return _Keys(folded, (), (), (), ())
    characters = _BETWEEN_SYLLABLES.sub("", folded)[:MOST_CHARS]
    inner: list[str] = []
    for start in range(1, len(characters)):
        if _HAN.match(characters[start]):
            fulls, initials = _spelled(characters[start:], most=4)
            inner += (*fulls, *initials)
    fulls, initials = _spelled(characters, most=MOST_READINGS)
    surnames, _ = _spelled(characters[0], most=MOST_READINGS)
    (given,), _ = _spelled(characters[1:], most=1)
    usual = tuple(surname + given for surname in surnames)
    return _Keys(folded, fulls, usual, initials, tuple(dict.fromkeys(inner)))


def _spelled(characters: str, *, most: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """All spellings, and all initials, of at most `most` readings of the characters together."""
    fulls, initials = [""], [""]
    for character in characters:
        readings = _readings(character) if _HAN.match(character) else (character,)
        if len(fulls) * len(readings) > most:
            readings = readings[:1]
        fulls = [begun + reading for begun in fulls for reading in readings]
        first_letters = dict.fromkeys(reading[0] for reading in readings)
        initials = [begun + letter for begun in initials for letter in first_letters]
    return tuple(dict.fromkeys(fulls)), tuple(dict.fromkeys(initials))


@functools.lru_cache(maxsize=8_192)
def _readings(character: str) -> tuple[str, ...]:
    """Without tones, the most usual first; the character itself if there is none."""
    readings = _reader()(character)
    return tuple(dict.fromkeys(form for reading in readings for form in (reading, reading.replace("v", "u"))))


@functools.cache
def _reader() -> Callable[[str], list[str]]:
    if "pypinyin" not in sys.modules:
        # Read at import only. Who imported pypinyin before us keeps what they have.
        switches = {"PYPINYIN_NO_PHRASES": "true", "PYPINYIN_NO_DICT_COPY": "true"}
        before = {name: os.environ.get(name) for name in switches}
        os.environ.update(switches)
        try:
            import pypinyin
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
    import pypinyin

    def read(character: str) -> list[str]:
        return pypinyin.pinyin(character, style=pypinyin.Style.NORMAL, heteronym=True)[0]

    return read
