"""What a search asks for beside words: `from:alice in:#general has:file before:2026-01-02`; names stay names."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

Has: TypeAlias = Literal["file", "link", "image"]
_HAS: Final = get_args(Has)

_FILTER = re.compile(
    r"""(?:(?<=\s)|^)(from|in|has|before|after)[:：](?:"([^"\n]*)"|“([^”\n]*)”|([^\s"“]+))(?=\s|$)""", re.IGNORECASE
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Filters:
    """
    `text` is the rest, for `terms.query_of`. Of several people one has to be the author, of several rooms one has to be
    the room; `has` wants all. `before` and `after` are days, without themselves, in the asker's time zone.
    """

    text: str
    people: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    has: frozenset[Has] = frozenset()
    before: dt.date | None = None
    after: dt.date | None = None


def parse(search: str) -> Filters:
    """Takes anything. What looks like a filter and is none (`foo:bar`, `has:music`, February 30th) is text."""
    people: list[str] = []
    rooms: list[str] = []
    has: set[Has] = set()
    days: dict[str, dt.date] = {}

    def taken(match: re.Match[str]) -> str:
        word, value = match[1].lower(), next((group for group in match.groups()[1:] if group is not None), "")
        if word == "from" and value.lstrip("@＠"):
            people.append(value.lstrip("@＠"))
        elif word == "in" and value.lstrip("#＃"):
            rooms.append(value.lstrip("#＃"))
        elif word == "has" and (kinds := [kind for kind in _HAS if kind == value.casefold()]):
            has.update(kinds)
        elif word in ("before", "after") and (day := _day(value)):
            days[word] = day
        else:
            return match.group()
        return ""

    text = _FILTER.sub(taken, search).strip()
    return Filters(text, tuple(people), tuple(rooms), frozenset(has), days.get("before"), days.get("after"))


def _day(value: str) -> dt.date | None:
    if not _DATE.fullmatch(value):
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None
