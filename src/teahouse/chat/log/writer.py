"""
Gives publications their offsets, under the lock of their channels, in the caller's transaction.

Offsets are given in commit order because the lock is held until the commit. One transaction a message for now.
"""

from collections.abc import Iterable

from teahouse.chat.log import history
from teahouse.chat.log.entries import Entry
from teahouse.chat.models import Channel, PublicationRecord
from teahouse.realtime.api import announce


def locked_channels(names: Iterable[str]) -> dict[str, Channel]:
    """
    The heads of these channels, locked until the transaction ends; those that are not there yet are made.

    Call it once per transaction, before anything that the lock should order is read. The order of locking is that
    of the ids, so that two transactions never wait for each other in a circle.
    """
    wanted = set(names)
    missing = wanted - set(Channel.objects.filter(name__in=wanted).values_list("name", flat=True))
    if missing:
        Channel.objects.bulk_create((Channel(name=name) for name in sorted(missing)), ignore_conflicts=True)
    rows = Channel.objects.select_for_update().filter(name__in=wanted).order_by("pk")
    return {channel.name: channel for channel in rows}


def append(entries: Iterable[Entry], *, channels: dict[str, Channel]) -> None:
    """
    Write each entry at the next offset of its channel and tell the engine after the commit.

    `channels` come from `locked_channels` of the same transaction.
    """
    for entry in entries:
        channel = channels[entry.channel]
        channel.last_offset += 1
        channel.save(update_fields=["last_offset"])
        record = PublicationRecord.objects.create(
            channel=channel,
            offset=channel.last_offset,
            kind=entry.kind,
            room=entry.room,
            message=entry.message,
            notice_push=entry.notice_push,
            actor_id=entry.actor_id,
            at=entry.at,
        )
        announce(history.publication_of(record))
