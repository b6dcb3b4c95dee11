"""One thing wrong with what was heard in a record; see `mutations.py`. Pure. For the tests of the checker only."""

import random

import msgspec

from tests.faults.mutations_of_storing import some, with_
from tests.faults.record import Delivered, Event, History, MembershipChanged, Reloaded, Subscribed


def _is_pushed(event: Delivered) -> bool:
    return event.via == "pushed"


def one_push_less(events: list[Event], choice: random.Random) -> list[Event] | None:
    """In the middle of a subscription."""

    pushed = {
        (event.subscription, event.offset) for event in events if isinstance(event, Delivered) and _is_pushed(event)
    }

    def is_between(delivery: Delivered) -> bool:
        around = {(delivery.subscription, delivery.offset + step) for step in (-1, 0, 1)}
        return _is_pushed(delivery) and around <= pushed

    place = some(events, Delivered, choice, is_between)
    return None if place is None else with_(events, place)


def one_push_twice(events: list[Event], choice: random.Random) -> list[Event] | None:
    place = some(events, Delivered, choice, _is_pushed)
    return None if place is None else with_(events, place, events[place], events[place])


def two_pushes_swapped(events: list[Event], choice: random.Random) -> list[Event] | None:
    def has_a_successor(delivery: Delivered) -> bool:
        return _is_pushed(delivery) and _successor(events, delivery) is not None

    place = some(events, Delivered, choice, has_a_successor)
    if place is None:
        return None
    delivery = events[place]
    assert isinstance(delivery, Delivered)
    other = _successor(events, delivery)
    assert other is not None
    swapped = with_(events, place, events[other])
    return with_(swapped, other, delivery)


def _successor(events: list[Event], delivery: Delivered) -> int | None:
    return next(
        (
            place
            for place, event in enumerate(events)
            if isinstance(event, Delivered)
            and event.subscription == delivery.subscription
            and event.via == "pushed"
            and event.offset == delivery.offset + 1
        ),
        None,
    )


def heard_with_another_body(events: list[Event], choice: random.Random) -> list[Event] | None:
    place = some(events, Delivered, choice, lambda delivery: delivery.body is not None)
    return None if place is None else with_(events, place, msgspec.structs.replace(events[place], body="altered"))


def heard_and_never_stored(events: list[Event], choice: random.Random) -> list[Event] | None:
    place = some(events, Delivered, choice, _is_pushed)
    if place is None:
        return None
    invented = msgspec.structs.replace(events[place], offset=10**6, subscription=10**6)
    return [*events, invented]


def recovered_with_one_missing(events: list[Event], choice: random.Random) -> list[Event] | None:
    def has_more_behind(delivery: Delivered) -> bool:
        return delivery.via == "recovered" and any(
            isinstance(other, Delivered)
            and other.subscription == delivery.subscription
            and other.offset > delivery.offset
            for other in events
        )

    place = some(events, Delivered, choice, has_more_behind)
    return None if place is None else with_(events, place)


def recovered_from_elsewhere(events: list[Event], choice: random.Random) -> list[Event] | None:
    place = some(events, Subscribed, choice, lambda beginning: beginning.recovered)
    if place is None:
        return None
    beginning = events[place]
    assert isinstance(beginning, Subscribed)
    return with_(events, place, msgspec.structs.replace(beginning, offset=beginning.offset + 1))


def not_recovered_and_not_loaded(events: list[Event], choice: random.Random) -> list[Event] | None:
    """By a device of somebody who was never away."""
    away = {event.person for event in events if isinstance(event, MembershipChanged) and not event.is_member}
    those = {event.device for event in events if isinstance(event, Subscribed) and event.person not in away}
    place = some(events, Reloaded, choice, lambda reload: reload.until > reload.after and reload.device in those)
    if place is None:
        return None
    reload = events[place]
    assert isinstance(reload, Reloaded)
    # Who comes back later with the same position makes it good.
    kept = [
        event
        for event in events
        if not (
            isinstance(event, Delivered)
            and (event.device, event.via) == (reload.device, "paged")
            and reload.after < event.offset <= reload.until
        )
    ]
    kept.remove(reload)
    return kept


def the_last_is_never_heard(events: list[Event], choice: random.Random) -> list[Event] | None:
    """By a device of somebody who was never away."""
    away = {event.person for event in events if isinstance(event, MembershipChanged) and not event.is_member}
    head = next(event.head for event in events if isinstance(event, History))
    place = some(events, Delivered, choice, lambda delivery: delivery.offset == head and delivery.person not in away)
    if place is None:
        return None
    last = events[place]
    assert isinstance(last, Delivered)
    return [
        event
        for event in events
        if not (isinstance(event, Delivered) and (event.device, event.offset) == (last.device, head))
    ]


def heard_by_who_was_never_in(events: list[Event], choice: random.Random) -> list[Event] | None:
    place = some(events, Delivered, choice, _is_pushed)
    if place is None:
        return None
    return [*events, msgspec.structs.replace(events[place], person=9, device="9a", subscription=10**6)]


def heard_after_the_removal(events: list[Event], choice: random.Random) -> list[Event] | None:
    """The room goes on, and so does the subscription of somebody who has left."""
    place = some(events, MembershipChanged, choice, lambda change: not change.is_member)
    if place is None:
        return None
    removal = events[place]
    assert isinstance(removal, MembershipChanged)
    back = min(
        (
            event.offset
            for event in events
            if isinstance(event, MembershipChanged)
            and (event.person, event.is_member) == (removal.person, True)
            and event.offset > removal.offset
        ),
        default=10**9,
    )
    heard = some(
        events, Delivered, choice, lambda delivery: _is_pushed(delivery) and removal.offset < delivery.offset < back
    )
    if heard is None:
        return None
    return [*events, msgspec.structs.replace(events[heard], person=removal.person, device="x", subscription=10**6)]
