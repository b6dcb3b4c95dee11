"""
A batch: entries that are checked, numbered and stored in one transaction, each with an answer of its own.

Locks are taken in the order of the channels' ids, and nothing that they should order is read before.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from teahouse.chat.log import rows
from teahouse.chat.log.entries import Batch, Entry, Head, Outcome
from teahouse.chat.models import Channel, PublicationRecord, Room


class Stored(NamedTuple):
    """`outcomes` are in the order of the entries; the batch's publications are told once it has committed."""

    outcomes: list[Outcome]
    batch: Batch


@transaction.atomic
def store(entries: Sequence[Entry[Any]]) -> Stored:
    """
    All of them, in the caller's transaction or in one of its own.

    Raises:
        django.db.Error: nothing of it is stored.
    """
    heads = locked_heads({name for entry in entries for name in entry.channels})
    # The time is read under the lock: times in a room never go back because somebody waited.
    batch = Batch(now=timezone.now(), heads=heads)
    outcomes: list[Outcome | None] = [None] * len(entries)
    for numbers in _alike(entries):
        alike = [entries[number] for number in numbers]
        for number, outcome in zip(numbers, type(alike[0]).take_all(alike, batch), strict=True):
            outcomes[number] = outcome
    _write(batch)
    return Stored([outcome for outcome in outcomes if outcome is not None], batch)


def wait_for_locks_at_most(milliseconds: int) -> None:
    """For the rest of this transaction. SQLite has one lock for all, which is waited for before it begins."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {milliseconds:d}")


def is_held(error: Exception) -> bool:
    """Whether it is a lock that was not had: PostgreSQL's lock_not_available and deadlock_detected."""
    return getattr(error.__cause__, "sqlstate", None) in ("55P03", "40P01", "40001")


def locked_heads(names: Iterable[str]) -> dict[str, Head]:
    """
    The heads of these channels, locked until the transaction ends; those that are not there yet are made, but for those
    of rooms that do not exist.
    """
    wanted = set(names)
    found = _locked(wanted)
    if missing := _that_may_be(wanted - set(found)):
        Channel.objects.bulk_create((Channel(name=name) for name in sorted(missing)), ignore_conflicts=True)
        # From the start, or the locks would not be taken in order.
        found = _locked(wanted)
    return found


def _that_may_be(names: set[str]) -> set[str]:
    """Whoever asks for rooms that are not there must not fill the table with their channels."""
    rooms_asked_for = {name for name in names if name.startswith("room:")}
    if not rooms_asked_for:
        return names
    ids = {int(name.removeprefix("room:")) for name in rooms_asked_for}
    there = Room.objects.filter(pk__in=ids).values_list("pk", flat=True)
    return (names - rooms_asked_for) | {f"room:{pk}" for pk in there}


def _locked(names: set[str]) -> dict[str, Head]:
    sql = 'SELECT "id", "name", "epoch", "last_offset" FROM "chat_channel" WHERE "name" IN {keys} ORDER BY "id"'
    if connection.features.has_select_for_update:
        sql += " FOR NO KEY UPDATE"
    found = rows.select(sql, names)
    return {name: Head(pk, name, epoch, last_offset) for pk, name, epoch, last_offset in found}


def _alike(entries: Sequence[Entry[Any]]) -> list[list[int]]:
    """
    Their places, by kind, so that those of one kind are taken at once. What one person asked for stays in its order.
    """
    groups: list[list[int]] = []
    kinds: list[type[Entry[Any]]] = []
    # The last group in which there is something of this person.
    last: dict[int | None, int] = {}
    for number, entry in enumerate(entries):
        kind = type(entry)
        first = last.get(entry.actor_id, 0)
        place = next((index for index in range(first, len(groups)) if kinds[index] is kind), len(groups))
        if place == len(groups):
            groups.append([])
            kinds.append(kind)
        groups[place].append(number)
        last[entry.actor_id] = place
    return groups


_COLUMNS = ("channel_id", "offset", "kind", "room_id", "message_id", "notice_push_id", "actor_id", "data", "at")


def _write(batch: Batch) -> None:
    if not batch.records:
        return
    at = rows.moment(batch.now)
    rows.insert(PublicationRecord, _COLUMNS, [(*record, at) for record in batch.records])
    moved = [head for head in batch.heads.values() if head.last_offset != head.stored_offset]
    rows.update(Channel, ("id",), ("last_offset",), [(head.id, head.last_offset) for head in moved])
