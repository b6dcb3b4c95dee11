"""Keeping the promise of rooms with a `retention_days`: what is older is emptied, as if it were deleted."""

import concurrent.futures
import dataclasses
import datetime
from collections.abc import Iterator, Sequence
from typing import Self

from teahouse.chat import errors
from teahouse.chat.log import writer
from teahouse.chat.log.entries import Batch, Entry, Outcome
from teahouse.chat.models import Message, Room
from teahouse.chat.services import emptying

# Senders to the room wait for no more than these at once.
_MOST_AT_ONCE = 100
# What was emptied earlier is passed over by so many numbers a statement.
_LOOKED_AT_ONCE = 20_000
_WAIT_SECONDS = 10


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ExpireMessage(Entry[bool]):
    """Whether it was emptied: not when it was already, or when the room keeps it longer by now."""

    room_id: int
    message_id: int

    @property
    def actor_id(self) -> int | None:
        return None

    @property
    def channels(self) -> Sequence[str]:
        return emptying.channels_of(self.room_id)

    def take(self, batch: Batch) -> bool:
        raise NotImplementedError("taken by `take_all`")

    @classmethod
    def take_all(cls, entries: Sequence[Self], batch: Batch) -> list[Outcome]:
        messages = Message.objects.filter(pk__in={entry.message_id for entry in entries}, deleted_at=None)
        expired = [
            message
            for message in messages.select_related("room").order_by("room", "number")
            if (end := _end_of(message.room, batch.now)) is not None and message.created_at < end
        ]
        if expired:
            emptying.empty(expired, actor_id=None, batch=batch)
        emptied = {message.pk for message in expired}
        return [Outcome(answer=entry.message_id in emptied) for entry in entries]


def empty_old_messages(now: datetime.datetime, *, most: int | None = None) -> int:
    """
    Empty what is older than its room keeps it, in archived rooms as well; gives how many messages. At most `most` are
    looked at. Not in a transaction; twice, or two at once, is harmless.

    Raises errors.TryAgain when the database does not answer: what was emptied until then stays so.
    """
    emptied = 0
    for room in Room.objects.filter(retention_days__isnull=False).order_by("pk"):
        for entries in _in_parts(room, now):
            part = entries if most is None else entries[:most]
            emptied += _write_all(part)
            if most is not None:
                most -= len(part)
                if most <= 0:
                    return emptied
    return emptied


def _in_parts(room: Room, now: datetime.datetime) -> Iterator[list[ExpireMessage]]:
    """From the oldest on. Numbers and times grow together: it ends at the first message that is young enough."""
    end, number = _end_of(room, now), 0
    while end is not None and number < room.last_number:
        living = Message.objects.filter(
            room=room, number__gt=number, number__lte=number + _LOOKED_AT_ONCE, deleted_at=None
        )
        rows = list(living.order_by("number").values_list("pk", "number", "created_at")[:_MOST_AT_ONCE])
        old = [pk for pk, _, created_at in rows if created_at < end]
        if old:
            yield [ExpireMessage(room_id=room.pk, message_id=pk) for pk in old]
        if len(old) < len(rows):
            return
        number = rows[-1][1] if len(rows) == _MOST_AT_ONCE else number + _LOOKED_AT_ONCE


def _write_all(entries: Sequence[ExpireMessage]) -> int:
    """In as few batches as the log makes of them."""
    futures: list[concurrent.futures.Future[Outcome | None]] = [concurrent.futures.Future() for _ in entries]
    for entry, future in zip(entries, futures, strict=True):
        writer.append(entry, future.set_result)
    done, unfinished = concurrent.futures.wait(futures, timeout=_WAIT_SECONDS)
    outcomes = [future.result() for future in done]
    if unfinished or None in outcomes:
        raise errors.TryAgain
    return sum(outcome is not None and outcome.answer is True for outcome in outcomes)


def _end_of(room: Room, now: datetime.datetime) -> datetime.datetime | None:
    if room.retention_days is None:
        return None
    # A term that reaches before the calendar keeps everything.
    try:
        return now - datetime.timedelta(days=room.retention_days)
    except OverflowError:
        return None
