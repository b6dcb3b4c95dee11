"""Judges what devices heard against the history: order, seams, content, completeness, and whose it was. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from tests.faults.index import Heard, Index, Violation
from tests.faults.record import Delivered, MembershipChanged, Stored, Subscribed


def judge(index: Index) -> list[Violation]:
    by_device: defaultdict[tuple[str, str], list[Heard]] = defaultdict(list)
    for heard in index.heard.values():
        by_device[heard.device, heard.channel].append(heard)
    return [
        *_p7_contiguous(index),
        *_p8_as_stored(index),
        *_p9_seams(index),
        *_p9_said_so(by_device, index),
        *_p9_everyone_at_the_head(by_device, index),
        *_p10_nothing_of_others(index),
    ]


def _p7_contiguous(index: Index) -> Iterable[Violation]:
    """Inside one subscription n is followed by n + 1: nothing doubled, left out or out of order."""
    for heard, place, delivery, is_seam in _steps(index):
        if _place(delivery) <= place:
            yield Violation("P7", f"{_who(heard)} was at {place} and heard {_place(delivery)} ({delivery.via})")
        elif _place(delivery) > place + 1 and not is_seam:
            yield Violation("P7", f"{_who(heard)} was at {place} and heard {_place(delivery)} next ({delivery.via})")


def _p9_seams(index: Index) -> Iterable[Violation]:
    """Between where a device was, what it got for that, and what was pushed then, nothing is missing."""
    for heard, place, delivery, is_seam in _steps(index):
        if is_seam and _place(delivery) > place + 1:
            yield Violation("P9", f"{_who(heard)} was at {place} and was recovered to {_place(delivery)} next")


def _steps(index: Index) -> Iterator[tuple[Heard, int, Delivered, bool]]:
    """Each delivery, where the subscription was before it, and whether that was a seam of recovery."""
    for heard in index.heard.values():
        beginning = heard.beginning
        place = beginning.offset if beginning else None
        was_recovering = beginning is not None and beginning.recovered
        for delivery in heard.deliveries:
            # What came in pages belongs to no subscription's order.
            if delivery.via == "paged":
                continue
            if place is not None:
                yield heard, place, delivery, was_recovering
            place = _place(delivery)
            was_recovering = delivery.via == "recovered"


def _p8_as_stored(index: Index) -> Iterable[Violation]:
    """What was heard is what the history says at that offset."""
    for heard in index.heard.values():
        by_place = index.by_number if heard.deliveries and heard.deliveries[0].via == "classic" else index.by_offset
        stored_at = by_place[heard.channel]
        for delivery in heard.deliveries:
            stored = stored_at.get(_place(delivery))
            if stored is None:
                yield Violation("P8", f"{_who(heard)} heard {_place(delivery)}, which is not in the history")
            elif difference := _difference(delivery, stored):
                yield Violation("P8", f"{_who(heard)} heard {_place(delivery)} with {difference}")


def _difference(delivery: Delivered, stored: Stored) -> str:
    names: tuple[str, ...] = ("kind", "id", "number", "author", "client_key", "body")
    if delivery.via == "classic":
        # The article's frames have no more.
        names = ("author", "body")
    for name in names:
        heard, kept = getattr(delivery, name), getattr(stored, name)
        # A text is told as it is at that moment, which an edit changes and a deletion takes away.
        if name == "body" and (stored.is_deleted or heard in stored.later):
            continue
        if heard != kept:
            return f"{name} {heard!r} in place of {kept!r}"
    return ""


def _p9_said_so(by_device: dict[tuple[str, str], list[Heard]], index: Index) -> Iterable[Violation]:
    """A subscription goes on where the device was, in the same epoch, or says that it does not."""
    for (device, channel), subscriptions in by_device.items():
        beginnings = [heard.beginning for heard in subscriptions if heard.beginning]
        for number, beginning in enumerate(beginnings):
            if beginning.asked is None:
                continue
            if beginning.recovered and beginning.offset != beginning.asked:
                yield Violation(
                    "P9", f"{device} asked for {channel} from {beginning.asked} and got it from {beginning.offset}"
                )
            elif beginning.recovered and number and _is_another(beginnings[number - 1].epoch, beginning.epoch):
                yield Violation("P9", f"{device} was recovered in {channel} across another epoch")
            # Having missed nothing there is nothing to load again.
            elif (
                not beginning.recovered
                and beginning.offset > beginning.asked
                and not _is_made_good(index, beginning, beginnings[number + 1 :])
                # Whoever is out at the end may not read it any more.
                and not _is_out(index, beginning.person, channel)
            ):
                yield Violation("P9", f"{device} was not recovered in {channel}, and did not load it again")


def _is_another(before: str, epoch: str) -> bool:
    # Before anything has happened in a channel it has none.
    return before not in ("", epoch)


def _is_out(index: Index, person: int, channel: str) -> bool:
    changes = index.memberships[person, channel]
    return bool(changes) and not changes[-1].is_member


def _is_made_good(index: Index, beginning: Subscribed, later: list[Subscribed]) -> bool:
    """By reading the pages, or by coming back with the same position."""
    asked = beginning.asked or 0
    return any(next_one.asked is not None and next_one.asked <= asked for next_one in later) or any(
        reload.at >= beginning.at and reload.after <= asked and reload.until >= beginning.offset
        for reload in index.reloads[beginning.device, beginning.channel]
    )


def _p9_everyone_at_the_head(by_device: dict[tuple[str, str], list[Heard]], index: Index) -> Iterable[Violation]:
    """Each device that was there at the end has heard all that happened since it came."""
    here = set(index.quiet.devices) if index.quiet else set()
    for (device, channel), subscriptions in by_device.items():
        beginning = subscriptions[0].beginning
        if device not in here or beginning is None:
            continue
        places = {delivery.offset for heard in subscriptions for delivery in heard.deliveries}
        person = subscriptions[0].person
        due = [
            stored.offset
            for stored in index.histories[channel].publications
            if stored.offset > beginning.offset and _is_due(index, person, channel, stored.offset)
        ]
        if missed := [offset for offset in due if offset not in places]:
            shown = ", ".join(map(str, missed[:10]))
            yield Violation("P9", f"{device} never heard {len(missed)} of {len(due)} in {channel}: {shown}")


def _p10_nothing_of_others(index: Index) -> Iterable[Violation]:
    for heard in index.heard.values():
        if heard.channel.startswith("user:") and heard.channel != f"user:{heard.person}":
            yield Violation("P10", f"{_who(heard)} hears what is another person's")
        if not heard.channel.startswith("room:"):
            continue
        changes = index.memberships[heard.person, heard.channel]
        for delivery in heard.deliveries:
            stored = index.by_number[heard.channel].get(_place(delivery)) if delivery.via == "classic" else None
            if not _may_hear(changes, delivery, stored.offset if stored else delivery.offset):
                yield Violation("P10", f"{_who(heard)} heard {_place(delivery)} ({delivery.via}) and was no member")


def _may_hear(changes: list[MembershipChanged], delivery: Delivered, offset: int) -> bool:
    """
    A member hears all, and who is removed the removal too. What was while they were away they may load once they are
    back, since the rooms of a run show their whole history.
    """
    is_member = False
    for change in changes:
        if change.offset == offset:
            return True
        if change.offset < offset:
            is_member = change.is_member
        elif not is_member and change.is_member and delivery.via != "pushed" and change.at <= delivery.at:
            return True
    return is_member


def _is_due(index: Index, person: int, channel: str, offset: int) -> bool:
    """Members at the end are owed what happened while they were members."""
    if not channel.startswith("room:"):
        return True
    changes = index.memberships[person, channel]
    if not changes or not changes[-1].is_member:
        return False
    return offset > changes[-1].offset


def _place(delivery: Delivered) -> int:
    return (delivery.number or 0) if delivery.via == "classic" else delivery.offset


def _who(heard: Heard) -> str:
    return f"{heard.device} in {heard.channel}"
