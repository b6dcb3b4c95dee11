"""
Pages of hits, the newest or the best first. Each is asked for with all that decides who may see what, so that nothing
is left out of a page afterwards.
"""

import re
from typing import NamedTuple

from teahouse.chat import errors
from teahouse.chat.access import MOST_ID
from teahouse.chat.search import engines
from teahouse.chat.search.asking import Asked
from teahouse.chat.search.documents import sources_of
from teahouse.chat.search.ranking import rank_of

MOST_COUNTED = 1_000
# The newest hits, among which the best are looked for.
MOST_RANKED = 1_000

_NEWEST_CURSOR = re.compile(r"([0-9]{1,19})")
_BEST_CURSOR = re.compile(r"([0-9]{1,6}\.[0-9]{1,5}):([0-9]{1,19}):([0-9]{1,19})")


class Hit(NamedTuple):
    message_id: int
    rank: float | None = None


class Page(NamedTuple):
    """
    `counted` is of all pages, exact up to `MOST_COUNTED`, then one more; of the first page only. `next` is the cursor
    of the next page.
    """

    hits: list[Hit]
    counted: int | None
    next: str | None


def newest_page(asked: Asked, *, cursor: str | None, limit: int) -> Page:
    """What is written meanwhile comes into no later page. Raises errors.BadArgument for a cursor that is none."""
    high = MOST_ID
    if cursor is not None:
        (before,) = _numbers_in(_NEWEST_CURSOR, cursor)
        high = int(before) - 1
    ids, count = _hits(asked, high=high, limit=limit + 1, is_counted=cursor is None)
    page = ids[:limit]
    return Page([Hit(pk) for pk in page], count, str(page[-1]) if len(ids) > limit else None)


def best_page(asked: Asked, *, cursor: str | None, limit: int) -> Page:
    """
    Of the newest `MOST_RANKED` hits, the newer of two that are as good first. The cursor names the newest of them, so
    all pages are of the same ones, whatever is written meanwhile. Raises errors.BadArgument for a cursor that is none.
    """
    high, last = MOST_ID, None
    if cursor is not None:
        rank, pk, newest = _numbers_in(_BEST_CURSOR, cursor)
        high, last = int(newest), (-float(rank), -int(pk))
    ids, count = _hits(asked, high=high, limit=MOST_RANKED, is_counted=cursor is None)
    sources = sources_of(ids)
    ranked = sorted((-rank_of(sources.get(pk, ""), asked.wanted.query), -pk) for pk in ids)
    left = ranked if last is None else [one for one in ranked if one > last]
    hits = [Hit(-pk, -rank) for rank, pk in left[:limit]]
    following = None
    if len(left) > limit:
        following = f"{hits[-1].rank:.5f}:{hits[-1].message_id}:{ids[0]}"
    return Page(hits, count, following)


def _hits(asked: Asked, *, high: int, limit: int, is_counted: bool) -> tuple[list[int], int | None]:
    engine = engines.current()
    ids: list[int] = []
    count = 0
    for part in asked.parts(high=high):
        left = limit - len(ids)
        if is_counted:
            found, counted = engine.hits_and_count(
                asked.wanted, part, limit=left, most=max(MOST_COUNTED + 1 - count, left + 1)
            )
            ids += found
            count = min(count + counted, MOST_COUNTED + 1)
        elif left:
            ids += engine.hits(asked.wanted, part, limit=left)
        if len(ids) == limit and (not is_counted or count > MOST_COUNTED):
            break
    return ids, count if is_counted else None


def _numbers_in(pattern: re.Pattern[str], cursor: str) -> tuple[str, ...]:
    match = pattern.fullmatch(cursor)
    if match is None or any(int(number) > MOST_ID for number in match.groups() if "." not in number):
        raise errors.BadArgument("no cursor of this search")
    return match.groups()
