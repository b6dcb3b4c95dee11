"""
Judges a record: which of the promises in docs/reference/faults.md were broken, with the evidence. Pure. What was sent
and stored is judged here, what was heard in `hearing.py`, what pages showed in `showing.py`.
"""

import bisect
import itertools
from collections import Counter
from collections.abc import Iterable

from tests.faults import hearing, showing
from tests.faults.index import Index, Send, Violation
from tests.faults.record import Acked, Event, History, Refused, Stored


def judge(events: Iterable[Event]) -> list[Violation]:
    """
    All that was broken, in the order of the promises.

    Raises ValueError for a record that nothing can be judged by: a room that was written to has no history.
    """
    index = Index(events)
    return [
        *_p1_dense(index),
        *_p2_stored_as_sent(index),
        *_p3_stored_once(index),
        *_p4_refused_is_not_stored(index),
        *_p5_acknowledged_is_stored(index),
        *_p6_order_of_time(index),
        *hearing.judge(index),
        *showing.judge(index),
    ]


def _p1_dense(index: Index) -> Iterable[Violation]:
    """Offsets of a channel and numbers of a room are 1, 2, 3, ..."""
    for history in index.histories.values():
        yield from _not_dense(history, "offset", [stored.offset for stored in history.publications], history.head)
        numbers = [stored.number for stored in history.publications if _is_message_of(history, stored)]
        yield from _not_dense(history, "number", sorted(number or 0 for number in numbers), len(numbers))


def _not_dense(history: History, name: str, counted: list[int], head: int) -> Iterable[Violation]:
    expected = 1
    for value in counted:
        if value != expected:
            yield Violation("P1", f"{history.channel}: the {name} {value} stands where {expected} is due")
            # One hole is one violation, whatever follows it.
            expected = value
        expected += 1
    if (not counted or counted[-1] == len(counted)) and head != len(counted):
        yield Violation("P1", f"{history.channel}: its head is {head}, and there are {len(counted)} {name}s")


def _p2_stored_as_sent(index: Index) -> Iterable[Violation]:
    """Whatever is stored was sent by its author, into this room, with this body."""
    for channel, stored in index.messages():
        if stored.author not in index.people:
            continue
        sends = index.sends_by_key.get((stored.author, stored.client_key), [])
        if not sends:
            yield Violation("P2", f"{_named(channel, stored)} was never sent")
        elif not any(_is_text_of(stored, send.sent.body) and f"room:{send.sent.room}" == channel for send in sends):
            yield Violation("P2", f"{_named(channel, stored)} was sent as {sends[0].sent.body!r}")


def _p3_stored_once(index: Index) -> Iterable[Violation]:
    stored = [(stored.author, stored.client_key) for _, stored in index.messages() if stored.client_key]
    for (author, client_key), times in Counter(stored).items():
        if times > 1:
            yield Violation("P3", f"the key {client_key} of person {author} is stored {times} times")


def _p4_refused_is_not_stored(index: Index) -> Iterable[Violation]:
    for send in index.sends:
        if not isinstance(send.outcome, Refused):
            continue
        # Another body under a key that is taken is refused, and what was there stays.
        for channel, stored in index.stored_by_key.get((send.sent.person, send.sent.client_key), []):
            if stored.body == send.sent.body and channel == f"room:{send.sent.room}":
                yield Violation("P4", f"{_named(channel, stored)} was refused for good with {send.outcome.code}")


def _p5_acknowledged_is_stored(index: Index) -> Iterable[Violation]:
    """At the number, the offset and the id of the answer; a key has one answer."""
    answers: dict[tuple[int, str], Acked] = {}
    for send in index.sends:
        if not isinstance(send.outcome, Acked):
            continue
        sent, acked = send.sent, send.outcome
        first = answers.setdefault((sent.person, sent.client_key), acked)
        if first != acked:
            yield Violation("P5", f"the key {sent.client_key} was answered {_places(first)}, then {_places(acked)}")
        yield from _not_stored_as_acknowledged(index, send, acked)


def _not_stored_as_acknowledged(index: Index, send: Send, acked: Acked) -> Iterable[Violation]:
    channel = f"room:{send.sent.room}"
    stored = index.by_offset[channel].get(acked.offset)
    what = f"{send.sent.client_key} of person {send.sent.person}, acknowledged {_places(acked)} in {channel},"
    if stored is None:
        yield Violation("P5", f"{what} is not stored")
    elif stored.client_key != send.sent.client_key or stored.author != send.sent.person:
        yield Violation("P5", f"{what} is not there: that is {stored.client_key}")
    elif (stored.number, stored.id) != (acked.number, acked.id):
        yield Violation("P5", f"{what} is stored as number {stored.number}, id {stored.id}")
    elif not _is_text_of(stored, send.sent.body):
        yield Violation("P5", f"{what} is stored as {stored.body!r}, not {send.sent.body!r}")


def _p6_order_of_time(index: Index) -> Iterable[Violation]:
    """Numbers go up with offsets, and what was acknowledged before another was sent has the lower one."""
    for history in index.histories.values():
        messages = [stored for stored in history.publications if _is_message_of(history, stored)]
        for before, after in itertools.pairwise(messages):
            if (after.number or 0) < (before.number or 0):
                yield Violation(
                    "P6", f"{history.channel}: number {after.number} has a higher offset than number {before.number}"
                )
        yield from _against_time(index, history)


def _against_time(index: Index, history: History) -> Iterable[Violation]:
    room = history.channel.partition(":")[2]
    acks = sorted(
        (send.answered_at, send.outcome.number, send.sent.client_key)
        for send in index.sends
        if isinstance(send.outcome, Acked) and str(send.sent.room) == room
    )
    highest: list[tuple[int, str]] = []
    for _, number, client_key in acks:
        highest.append(max(highest[-1], (number, client_key)) if highest else (number, client_key))
    times = [at for at, _, _ in acks]
    for stored in history.publications:
        sends = index.sends_by_key.get((stored.author, stored.client_key)) if stored.client_key else None
        if not sends or not _is_message_of(history, stored) or stored.number is None:
            continue
        acknowledged_before = bisect.bisect_left(times, sends[0].sent.at)
        if acknowledged_before and highest[acknowledged_before - 1][0] > stored.number:
            number, client_key = highest[acknowledged_before - 1]
            yield Violation(
                "P6",
                f"{history.channel}: {client_key} was acknowledged as number {number} before {stored.client_key}, "
                f"number {stored.number}, was sent",
            )


def _is_text_of(stored: Stored, body: str) -> bool:
    """Of what was deleted nobody can say."""
    return stored.is_deleted or stored.body == body


def _is_message_of(history: History, stored: Stored) -> bool:
    return stored.kind == "message.posted" and history.channel.startswith("room:")


def _named(channel: str, stored: Stored) -> str:
    return f"{channel}#{stored.number} ({stored.client_key} of person {stored.author}: {stored.body!r})"


def _places(acked: Acked) -> str:
    return f"as number {acked.number}, offset {acked.offset}, id {acked.id}"
