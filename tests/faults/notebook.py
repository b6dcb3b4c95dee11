"""Where everybody in a run writes down what they do, with the time of one clock, and gets numbers of their own."""

import itertools
import time

from tests.faults.record import (
    Answered,
    Closed,
    Delivered,
    Event,
    Fault,
    Outcome,
    Rejected,
    Reloaded,
    Sent,
    Stored,
    Subscribed,
    Via,
)


class Notebook:
    def __init__(self) -> None:
        self.events: list[Event] = []
        self._attempts = itertools.count(1)
        self._subscriptions = itertools.count(1)
        self._faults = itertools.count(1)

    def now(self) -> float:
        return round(time.monotonic(), 6)

    def note(self, event: Event) -> None:
        self.events.append(event)

    def sent(self, device: str, person: int, room: int, client_key: str, body: str) -> int:
        """The number of this attempt."""
        attempt = self.new_attempt()
        self.note(
            Sent(
                at=self.now(),
                attempt=attempt,
                device=device,
                person=person,
                room=room,
                client_key=client_key,
                body=body,
            )
        )
        return attempt

    def answered(self, attempt: int, outcome: Outcome) -> None:
        self.note(Answered(at=self.now(), attempt=attempt, outcome=outcome))

    def new_attempt(self) -> int:
        return next(self._attempts)

    def new_subscription(self) -> int:
        return next(self._subscriptions)

    def subscribed(
        self, device: str, person: int, channel: str, *, asked: int | None, offset: int, epoch: str, recovered: bool
    ) -> int:
        """The number of this subscription."""
        subscription = self.new_subscription()
        self.note(
            Subscribed(
                at=self.now(),
                subscription=subscription,
                device=device,
                person=person,
                channel=channel,
                asked=asked,
                offset=offset,
                epoch=epoch,
                recovered=recovered,
            )
        )
        return subscription

    def delivered(
        self, subscription: int, device: str, person: int, channel: str, via: Via, publication: Stored
    ) -> None:
        self.note(
            Delivered(
                at=self.now(),
                subscription=subscription,
                device=device,
                person=person,
                channel=channel,
                via=via,
                offset=publication.offset,
                kind=publication.kind,
                id=publication.id,
                number=publication.number,
                author=publication.author,
                client_key=publication.client_key,
                body=publication.body,
            )
        )

    def reloaded(self, device: str, channel: str, after: int, until: int) -> None:
        self.note(Reloaded(at=self.now(), device=device, channel=channel, after=after, until=until))

    def closed(self, device: str, code: int, reason: str) -> None:
        self.note(Closed(at=self.now(), device=device, code=code, reason=reason))

    def rejected(self, device: str, channel: str, code: int) -> None:
        self.note(Rejected(at=self.now(), device=device, channel=channel, code=code))

    def fault_begins(self, kind: str) -> int:
        number = next(self._faults)
        self.note(Fault(at=self.now(), number=number, kind=kind, phase="begin"))
        return number

    def fault_ends(self, number: int, kind: str) -> None:
        self.note(Fault(at=self.now(), number=number, kind=kind, phase="end"))


def stored_in(offset: int, data: dict[str, object]) -> Stored:
    """What the data of a publication says, as the record keeps it. Of messages only `message.posted` has all fields."""
    kind = str(data.get("kind", ""))
    message = data.get("message")
    if kind != "message.posted" or not isinstance(message, dict):
        return Stored(offset=offset, kind=kind)
    return Stored(
        offset=offset,
        kind=kind,
        id=message["id"],
        number=message["number"],
        author=message.get("author"),
        client_key=message.get("key", ""),
        body=message.get("body", ""),
    )
