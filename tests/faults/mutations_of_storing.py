"""One thing wrong with what was stored or answered in a record; see `mutations.py`. Pure. For tests only."""

import random
from collections.abc import Callable
from typing import TypeVar

import msgspec

from tests.faults.record import (
    Acked,
    Answered,
    Event,
    History,
    Refused,
    Sent,
    Stored,
)

Mutation = Callable[[list[Event], random.Random], list[Event] | None]
_E = TypeVar("_E")


def some(events: list[Event], kind: type[_E], choice: random.Random, wanted: Callable[[_E], bool]) -> int | None:
    """The place of one of the events that are wanted."""
    places = [place for place, event in enumerate(events) if isinstance(event, kind) and wanted(event)]
    return choice.choice(places) if places else None


def with_(events: list[Event], place: int, *instead: Event) -> list[Event]:
    return [*events[:place], *instead, *events[place + 1 :]]


def _stored_changed(events: list[Event], change: Callable[[list[Stored]], list[Stored] | None]) -> list[Event] | None:
    """The history with other publications; the head stays."""
    place = next(place for place, event in enumerate(events) if isinstance(event, History))
    history = events[place]
    assert isinstance(history, History)
    changed = change(list(history.publications))
    return None if changed is None else with_(events, place, msgspec.structs.replace(history, publications=changed))


def _messages(stored: list[Stored]) -> list[int]:
    return [place for place, publication in enumerate(stored) if publication.number is not None]


# What is stored.


def a_gap_in_the_offsets(events: list[Event], choice: random.Random) -> list[Event] | None:
    return _stored_changed(
        events,
        lambda stored: (
            [
                p if n < len(stored) // 2 else msgspec.structs.replace(p, offset=p.offset + 1)
                for n, p in enumerate(stored)
            ]
            if stored
            else None
        ),
    )


def a_number_given_twice(events: list[Event], choice: random.Random) -> list[Event] | None:
    def change(stored: list[Stored]) -> list[Stored] | None:
        places = _messages(stored)
        if len(places) < 2:
            return None
        stored[places[1]] = msgspec.structs.replace(stored[places[1]], number=1)
        return stored

    return _stored_changed(events, change)


def a_head_that_is_ahead(events: list[Event], choice: random.Random) -> list[Event] | None:
    place = next(place for place, event in enumerate(events) if isinstance(event, History))
    history = events[place]
    assert isinstance(history, History)
    return with_(events, place, msgspec.structs.replace(history, head=history.head + 1))


def stored_and_never_sent(events: list[Event], choice: random.Random) -> list[Event] | None:
    def change(stored: list[Stored]) -> list[Stored] | None:
        places = _messages(stored)
        if not places or not any(isinstance(event, Sent) and event.person == 1 for event in events):
            return None
        return [
            *stored,
            Stored(
                offset=len(stored) + 1,
                kind="message.posted",
                id=1,
                number=len(places) + 1,
                author=1,
                client_key="nobody's",
                body="invented",
            ),
        ]

    return _stored_changed(events, change)


def stored_with_another_body(events: list[Event], choice: random.Random) -> list[Event] | None:
    def change(stored: list[Stored]) -> list[Stored] | None:
        if not (places := _messages(stored)):
            return None
        place = choice.choice(places)
        stored[place] = msgspec.structs.replace(stored[place], body="altered")
        return stored

    return _stored_changed(events, change)


def stored_twice(events: list[Event], choice: random.Random) -> list[Event] | None:
    def change(stored: list[Stored]) -> list[Stored] | None:
        if not (places := _messages(stored)):
            return None
        twin = msgspec.structs.replace(stored[choice.choice(places)], offset=len(stored) + 1, number=len(places) + 1)
        return [*stored, twin]

    return _stored_changed(events, change)


def numbers_against_offsets(events: list[Event], choice: random.Random) -> list[Event] | None:
    def change(stored: list[Stored]) -> list[Stored] | None:
        places = _messages(stored)
        if len(places) < 2:
            return None
        first, second = stored[places[0]], stored[places[1]]
        stored[places[0]] = msgspec.structs.replace(first, number=second.number)
        stored[places[1]] = msgspec.structs.replace(second, number=first.number)
        return stored

    return _stored_changed(events, change)


# What was answered.


def _is_acked(event: Answered) -> bool:
    return isinstance(event.outcome, Acked)


def refused_but_stored(events: list[Event], choice: random.Random) -> list[Event] | None:
    place = some(events, Answered, choice, _is_acked)
    if place is None:
        return None
    return with_(events, place, msgspec.structs.replace(events[place], outcome=Refused(code=1003)))


def acknowledged_elsewhere(events: list[Event], choice: random.Random) -> list[Event] | None:
    place = some(events, Answered, choice, _is_acked)
    if place is None:
        return None
    answer = events[place]
    assert isinstance(answer, Answered)
    assert isinstance(answer.outcome, Acked)
    outcome = msgspec.structs.replace(answer.outcome, offset=answer.outcome.offset + choice.choice((-1, 1, 1000)))
    return with_(events, place, msgspec.structs.replace(answer, outcome=outcome))


def acknowledged_and_lost(events: list[Event], choice: random.Random) -> list[Event] | None:
    """The last thing of all is a message that somebody was told is stored."""
    after: list[Event] = [
        Sent(at=9e6, attempt=10**6, device="1a", person=1, room=1, client_key="lost", body="lost"),
        Answered(at=9e6 + 1, attempt=10**6, outcome=Acked(number=10**6, offset=10**6, id=10**6)),
    ]
    return [*events, *after]


def answered_twice_otherwise(events: list[Event], choice: random.Random) -> list[Event] | None:
    place = some(events, Answered, choice, _is_acked)
    if place is None:
        return None
    answer = events[place]
    assert isinstance(answer, Answered)
    assert isinstance(answer.outcome, Acked)
    sent = next(event for event in events if isinstance(event, Sent) and event.attempt == answer.attempt)
    again = msgspec.structs.replace(sent, attempt=10**6, at=9e6)
    other = msgspec.structs.replace(answer.outcome, id=answer.outcome.id + 1)
    return [*events, again, Answered(at=9e6 + 1, attempt=10**6, outcome=other)]


def acknowledged_before_but_numbered_behind(events: list[Event], choice: random.Random) -> list[Event] | None:
    """The second message's sends are moved behind the first one's answer, though its number is lower."""
    acks = [event for event in events if isinstance(event, Answered) and isinstance(event.outcome, Acked)]
    if len(acks) < 2:
        return None
    first, second = acks[0], acks[-1]
    key = {event.attempt: event.client_key for event in events if isinstance(event, Sent)}
    attempts = {event.attempt for event in events if isinstance(event, Sent) and event.client_key == key[first.attempt]}
    if key[first.attempt] == key[second.attempt]:
        return None
    return [
        msgspec.structs.replace(event, at=event.at + 9e6)
        if isinstance(event, Sent | Answered) and event.attempt in attempts
        else event
        for event in events
    ]
