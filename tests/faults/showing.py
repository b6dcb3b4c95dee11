"""
Judges what pages showed against the history: rows, their order and content, what was taken back, whether "caught up"
was true, and what became of all that was typed. Pure.
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from tests.faults.index import Index, Violation
from tests.faults.record import Acked, Row, Shown, Stored, Typed, shortened

# What a page says of a message of one's own: that it is stored, or that it is not.
_STORED_STATES = ("saved", "read")
_OPEN_STATES = ("waiting", "sending", "refused")
# From "caught up" until the list stands where it should: some frames, on a machine with other things to do.
_SOON_SECONDS = 0.5


def judge(index: Index) -> list[Violation]:
    """The same thing, drawn again and again, is one violation."""
    found = [
        *_p11_as_stored(index),
        *_p12_one_row_each(index),
        *_p13_in_order(index),
        *_p14_nothing_taken_back(index),
        *_p15_caught_up(index),
        *_p16_nothing_typed_vanishes(index),
        *_p17_the_log_in_the_end(index),
    ]
    return list(dict.fromkeys(found))


def _p11_as_stored(index: Index) -> Iterable[Violation]:
    """What has a number, or is called saved, is stored there, by that person, and has said that."""
    sent = _texts_sent(index)
    for tab, room, rows in _drawn(index):
        for row in rows:
            if row.number is not None:
                stored = index.by_number[f"room:{room}"].get(row.number)
                if stored is None:
                    yield Violation("P11", f"{tab} showed number {row.number} of room {room}, which is not stored")
                elif difference := _difference(row, stored, sent[room, stored.author]):
                    yield Violation("P11", f"{tab} showed number {row.number} of room {room} with {difference}")
            elif row.state in _STORED_STATES and not _stored_under(index, room, row):
                yield Violation("P11", f"{tab} called {row.text!r} saved in room {room}, and it is not stored")
            elif row.state in _OPEN_STATES and row.text not in sent[room, row.author]:
                yield Violation("P11", f"{tab} showed {row.text!r} as if somebody had written it in room {room}")


def _difference(row: Row, stored: Stored, sent: set[str]) -> str:
    if row.author != stored.author:
        return f"author {row.author} in place of {stored.author}"
    if row.key is not None and row.key != stored.client_key:
        return f"key {row.key} in place of {stored.client_key}"
    if row.is_deleted:
        return "" if stored.is_deleted else "nothing, as if it were deleted"
    # What was deleted has said something, which is nowhere any more: one of all that its author wrote there.
    texts = sent if stored.is_deleted else set(map(shortened, stored.texts))
    return "" if not texts or row.text in texts else f"{row.text!r} in place of {stored.texts}"


def _p12_one_row_each(index: Index) -> Iterable[Violation]:
    for tab, room, rows in _drawn(index):
        for name, values in (("number", [row.number for row in rows]), ("key", [row.key for row in rows])):
            known = [value for value in values if value is not None]
            for value in {value for value in known if known.count(value) > 1}:
                yield Violation("P12", f"{tab} showed {name} {value} of room {room} more than once")


def _p13_in_order(index: Index) -> Iterable[Violation]:
    """Of numbers each is the next of the one before; what is on its way stands behind them."""
    for tab, room, rows in _drawn(index):
        for before, after in itertools.pairwise(rows):
            if after.number is None:
                continue
            if before.number is None:
                yield Violation(
                    "P13", f"{tab} showed {before.text!r}, on its way, before {after.number} in room {room}"
                )
            elif after.number != before.number and after.number != before.number + 1:
                yield Violation("P13", f"{tab} showed {after.number} right after {before.number} in room {room}")


def _p14_nothing_taken_back(index: Index) -> Iterable[Violation]:
    """In one life of a page: what was called stored stays so, and so do edits and deletions."""
    stored_keys: set[tuple[str, str, str]] = set()
    latest: defaultdict[tuple[str, str, int, int], int] = defaultdict(int)
    for shown in index.shown:
        for row in shown.rows:
            if row.key is not None:
                of_key = (shown.tab, shown.life, row.key)
                if row.number is not None or row.state in _STORED_STATES:
                    stored_keys.add(of_key)
                elif of_key in stored_keys:
                    yield Violation("P14", f"{shown.tab} called {row.text!r} {row.state} after it was saved")
            if row.number is not None:
                stored = index.by_number[f"room:{shown.room}"].get(row.number)
                version = _version(row, stored)
                place = (shown.tab, shown.life, shown.room, row.number)
                if version is not None and version < latest[place]:
                    yield Violation(
                        "P14", f"{shown.tab} showed number {row.number} of room {shown.room} as it was before"
                    )
                latest[place] = max(latest[place], version or 0)


def _version(row: Row, stored: Stored | None) -> int | None:
    """How often it had been changed then; None where nobody can say."""
    if stored is None or row.is_deleted:
        return 10**9
    texts = [shortened(text) for text in stored.texts]
    if stored.is_deleted:
        # Its texts are gone; that it had one is before the end.
        return 0
    return texts.index(row.text) if texts.count(row.text) == 1 else None


def _p15_caught_up(index: Index) -> Iterable[Violation]:
    """A page that says so has in the room that it shows all that was acknowledged before it began to connect."""
    acks = _acknowledged(index)
    for shows in _lives(index).values():
        began = shows[0].at
        claim: tuple[int, float] | None = None
        # What was drawn stays until something else is.
        for shown, until in zip(shows, [*(later.at for later in shows[1:]), math.inf], strict=True):
            if shown.link != "connected":
                began = shown.at
            if not shown.is_caught_up or not shown.is_following or not shown.is_painted or not shown.rows:
                claim = None
                continue
            if claim is None or claim[0] != shown.room:
                claim = (shown.room, shown.at)
            if until < claim[1] + _SOON_SECONDS:
                continue
            last = max((row.number for row in shown.rows if row.number is not None), default=0)
            due = max((number for at, number in acks[shown.room] if at < began), default=0)
            if last < due:
                yield Violation(
                    "P15",
                    f"{shown.tab} said that it has caught up in room {shown.room} with {last}, and {due} was there",
                )


def _p16_nothing_typed_vanishes(index: Index) -> Iterable[Violation]:
    """What a page has taken is stored once, in the order in which it was typed, or is said not to be."""
    keys = _keys_of_texts(index)
    open_texts = _open_in_the_end(index)
    last: dict[tuple[str, int], tuple[int, str]] = {}
    for typed in sorted(index.typed, key=lambda one: one.at):
        numbers = _numbers_of(index, typed, keys)
        if len(numbers) > 1:
            yield Violation("P16", f"{typed.body!r}, typed in {typed.tab}, is stored as {numbers}")
        elif not numbers and typed.is_taken and (typed.person, typed.room, shortened(typed.body)) not in open_texts:
            yield Violation("P16", f"{typed.body!r}, typed in {typed.tab}, is neither stored nor shown as open")
        for number in numbers[:1]:
            highest, body = last.get((typed.tab, typed.room), (0, ""))
            if number < highest:
                yield Violation("P16", f"{typed.body!r} was typed after {body!r} in {typed.tab}, and is before it")
            last[typed.tab, typed.room] = max((highest, body), (number, typed.body))


def _p17_the_log_in_the_end(index: Index) -> Iterable[Violation]:
    for read in index.read:
        rows = {row.number: row for row in read.rows if row.number is not None}
        stored = index.by_number[f"room:{read.room}"]
        who = f"{read.tab} in the end showed"
        if missing := sorted(stored.keys() - rows.keys()):
            yield Violation("P17", f"{who} {len(missing)} messages of room {read.room} not: {missing[:10]}")
        for number, message in stored.items():
            row = rows.get(number)
            if row is None:
                continue
            if row.is_deleted != message.is_deleted:
                yield Violation("P17", f"{who} number {number} of room {read.room} deleted: {row.is_deleted}")
            elif not message.is_deleted and row.text != shortened(message.texts[-1]):
                yield Violation("P17", f"{who} {row.text!r} as number {number}, which says {message.texts[-1]!r}")
            elif not message.is_deleted and row.is_edited != bool(message.later):
                yield Violation("P17", f"{who} number {number} of room {read.room} edited: {row.is_edited}")


# What the judges look at.


def _drawn(index: Index) -> Iterator[tuple[str, int, Sequence[Row]]]:
    yield from ((shown.tab, shown.room, shown.rows) for shown in index.shown)
    yield from ((read.tab, read.room, read.rows) for read in index.read)


def _lives(index: Index) -> dict[tuple[str, str], list[Shown]]:
    lives: defaultdict[tuple[str, str], list[Shown]] = defaultdict(list)
    for shown in index.shown:
        lives[shown.tab, shown.life].append(shown)
    return lives


def _texts_sent(index: Index) -> defaultdict[tuple[int, int | None], set[str]]:
    """By room and author, all that was ever written there. Others than those of the record have none."""
    texts: defaultdict[tuple[int, int | None], set[str]] = defaultdict(set)
    for send in index.sends:
        texts[send.sent.room, send.sent.person].add(shortened(send.sent.body))
    for typed in index.typed:
        texts[typed.room, typed.person].add(shortened(typed.body))
    for corrected in index.corrected:
        texts[corrected.room, corrected.person].add(shortened(corrected.body))
    return texts


def _stored_under(index: Index, room: int, row: Row) -> bool:
    return any(channel == f"room:{room}" for channel, _ in index.stored_by_key.get((row.author, row.key), []))


def _acknowledged(index: Index) -> defaultdict[int, list[tuple[float, int]]]:
    acks: defaultdict[int, list[tuple[float, int]]] = defaultdict(list)
    for send in index.sends:
        if isinstance(send.outcome, Acked):
            acks[send.sent.room].append((send.answered_at, send.outcome.number))
    return acks


def _keys_of_texts(index: Index) -> defaultdict[tuple[int | None, int, str], set[str]]:
    """Under which keys a text was shown as one's own, by author, room and text."""
    keys: defaultdict[tuple[int | None, int, str], set[str]] = defaultdict(set)
    for _, room, rows in _drawn(index):
        for row in rows:
            if row.key is not None:
                keys[row.author, room, row.text].add(row.key)
    return keys


def _numbers_of(index: Index, typed: Typed, keys: defaultdict[tuple[int | None, int, str], set[str]]) -> list[int]:
    """As which it is stored: by its text, and, since of what was deleted that is gone, by its keys."""
    own = keys[typed.person, typed.room, shortened(typed.body)]
    return sorted(
        number
        for number, stored in index.by_number[f"room:{typed.room}"].items()
        if stored.author == typed.person and (stored.body == typed.body or stored.client_key in own)
    )


def _open_in_the_end(index: Index) -> set[tuple[int, int, str]]:
    """What pages say in the end not to be stored: person, room, text."""
    return {
        (read.person, read.room, row.text)
        for read in index.read
        for row in read.rows
        if row.number is None and row.state in _OPEN_STATES
    }
