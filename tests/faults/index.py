"""A record, arranged for judging: sends with their answers, histories by offset, deliveries by subscription. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

import msgspec

from tests.faults.record import (
    Answered,
    Corrected,
    Delivered,
    Event,
    History,
    MembershipChanged,
    Outcome,
    Quiet,
    Read,
    Reloaded,
    Sent,
    Shown,
    Stored,
    Subscribed,
    Typed,
    Unknown,
)

Promise: TypeAlias = Literal[
    "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10", "P11", "P12", "P13", "P14", "P15", "P16", "P17"
]


class Violation(msgspec.Struct, frozen=True):
    promise: Promise
    sentence: str

    def __str__(self) -> str:
        return f"{self.promise} {self.sentence}"


class Send(msgspec.Struct, frozen=True):
    """An attempt; one without an answer is unknown for ever."""

    sent: Sent
    outcome: Outcome
    answered_at: float


class Heard(msgspec.Struct):
    """A subscription of a device (or one connection through the article's door, which says no beginning)."""

    device: str
    person: int
    channel: str
    beginning: Subscribed | None = None
    deliveries: list[Delivered] = []


class Index:
    def __init__(self, events: Iterable[Event]) -> None:
        self.sends: list[Send] = []
        self.sends_by_key: defaultdict[tuple[int | None, str | None], list[Send]] = defaultdict(list)
        self.histories: dict[str, History] = {}
        # In the order in which they began.
        self.heard: dict[int, Heard] = {}
        self.reloads: defaultdict[tuple[str, str], list[Reloaded]] = defaultdict(list)
        self.memberships: defaultdict[tuple[int, str], list[MembershipChanged]] = defaultdict(list)
        self.typed: list[Typed] = []
        self.corrected: list[Corrected] = []
        self.shown: list[Shown] = []
        self.read: list[Read] = []
        self.quiet: Quiet | None = None
        sent: dict[int, Sent] = {}
        answered: dict[int, Answered] = {}
        for event in events:
            match event:
                case Sent():
                    sent[event.attempt] = event
                case Answered():
                    answered[event.attempt] = event
                case _:
                    self._take(event)
        for attempt, send in sent.items():
            answer = answered.get(attempt)
            made = Send(send, answer.outcome, answer.at) if answer else Send(send, Unknown(reason="none"), send.at)
            self.sends.append(made)
            self.sends_by_key[send.person, send.client_key].append(made)
        self._arrange_histories()

    @property
    def people(self) -> set[int]:
        """Whose sends are in the record; others may have written too."""
        return {send.sent.person for send in self.sends}

    def messages(self) -> Iterator[tuple[str, Stored]]:
        """All that were posted in rooms, with the channel."""
        for channel, history in self.histories.items():
            for stored in history.publications:
                if stored.kind == "message.posted" and channel.startswith("room:"):
                    yield channel, stored

    def _take(self, event: Event) -> None:
        match event:
            case Subscribed():
                self._heard_in(event).beginning = event
            case Delivered():
                self._heard_in(event).deliveries.append(event)
            case Reloaded():
                self.reloads[event.device, event.channel].append(event)
            case MembershipChanged():
                self.memberships[event.person, event.channel].append(event)
            case Typed():
                self.typed.append(event)
            case Corrected():
                self.corrected.append(event)
            case Shown():
                self.shown.append(event)
            case Read():
                self.read.append(event)
            case History():
                self.histories[event.channel] = event
            case Quiet():
                self.quiet = event
            case _:
                pass

    def _heard_in(self, event: Subscribed | Delivered) -> Heard:
        if event.subscription not in self.heard:
            self.heard[event.subscription] = Heard(event.device, event.person, event.channel, deliveries=[])
        return self.heard[event.subscription]

    def _arrange_histories(self) -> None:
        wanted = {f"room:{send.sent.room}" for send in self.sends} | {heard.channel for heard in self.heard.values()}
        for channel in sorted(wanted - self.histories.keys()):
            if channel.startswith("room:"):
                raise ValueError(f"no history of {channel} in the record")
            # Channels of people are made with their first publication.
            self.histories[channel] = History(at=0, channel=channel, epoch="", head=0, publications=[])
        self.by_offset: defaultdict[str, dict[int, Stored]] = defaultdict(dict)
        self.by_number: defaultdict[str, dict[int, Stored]] = defaultdict(dict)
        self.stored_by_key: defaultdict[tuple[int | None, str | None], list[tuple[str, Stored]]] = defaultdict(list)
        for channel, history in self.histories.items():
            self.by_offset[channel] = {stored.offset: stored for stored in history.publications}
        for channel, stored in self.messages():
            self.by_number[channel][stored.number or 0] = stored
            self.stored_by_key[stored.author, stored.client_key].append((channel, stored))
        for changes in self.memberships.values():
            changes.sort(key=lambda change: change.offset)
