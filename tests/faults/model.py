"""
A server that keeps every promise, in a few lines and without a clock: what it does is a valid record. For the tests of
the checker only.
"""

from tests.faults.record import (
    Acked,
    Answered,
    Delivered,
    Event,
    History,
    MembershipChanged,
    Outcome,
    Quiet,
    Refused,
    Reloaded,
    Sent,
    Stored,
    Subscribed,
    Unknown,
    Via,
)


class Device:
    def __init__(self, name: str, person: int) -> None:
        self.name = name
        self.person = person
        # None while it is not connected.
        self.subscription: int | None = None
        self.position: int | None = None


class Model:
    """One room, 1, in which persons 1 to 3 have two devices each."""

    CHANNEL = "room:1"

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.devices = [Device(f"{person}{letter}", person) for person in (1, 2, 3) for letter in "ab"]
        self._log: list[Stored] = []
        self._members = {1, 2, 3}
        self._numbers = 0
        self._clock = 0
        self._attempts = 0
        self._subscriptions = 0
        for person in sorted(self._members):
            self._note(MembershipChanged(at=0, person=person, channel=self.CHANNEL, offset=0, is_member=True))

    # What may happen.

    def send(self, device: Device, *, losses: list[bool]) -> None:
        """`losses` are attempts before the one that is answered: True for those that were stored all the same."""
        if device.person not in self._members:
            return
        key = f"key-{self._numbers}-{self._attempts}"
        body = f"body of {key}"
        stored: Stored | None = None
        for is_stored in losses:
            attempt = self._sent(device, key, body)
            stored = stored or (self._store(device.person, key, body) if is_stored else None)
            self._answered(attempt, Unknown(reason="timeout"))
        attempt = self._sent(device, key, body)
        stored = stored or self._store(device.person, key, body)
        assert stored.number is not None
        assert stored.id is not None
        self._answered(attempt, Acked(number=stored.number, offset=stored.offset, id=stored.id))

    def refuse(self, device: Device) -> None:
        attempt = self._sent(device, f"key-refused-{self._attempts}", "too long")
        self._answered(attempt, Refused(code=1003))

    def push(self, device: Device) -> None:
        if device.subscription is not None and device.position is not None and device.position < len(self._log):
            self._deliver(device, self._log[device.position], "pushed")

    def connect(self, device: Device, *, recovers: bool) -> None:
        if device.subscription is not None or device.person not in self._members:
            return
        self._subscriptions += 1
        device.subscription = self._subscriptions
        asked, head = device.position, len(self._log)
        recovered = asked is not None and recovers
        self._note(
            Subscribed(
                at=self._tick(),
                subscription=device.subscription,
                device=device.name,
                person=device.person,
                channel=self.CHANNEL,
                asked=asked,
                offset=(asked or 0) if recovered else head,
                epoch="e",
                recovered=recovered,
            )
        )
        if asked is None:
            device.position = head
            return
        for stored in self._log[asked:head]:
            self._deliver(device, stored, "recovered" if recovered else "paged")
        if not recovered:
            self._note(Reloaded(at=self._tick(), device=device.name, channel=self.CHANNEL, after=asked, until=head))

    def disconnect(self, device: Device) -> None:
        device.subscription = None

    def change_membership(self, person: int) -> None:
        is_member = person not in self._members
        kind = "member.joined" if is_member else "member.left"
        at = self._tick()
        self._log.append(Stored(offset=len(self._log) + 1, kind=kind))
        self._note(
            MembershipChanged(at=at, person=person, channel=self.CHANNEL, offset=len(self._log), is_member=is_member)
        )
        for device in self.devices:
            if device.person == person and not is_member:
                # What was due until the removal, and the removal, and no more.
                while device.subscription is not None and (device.position or 0) < len(self._log):
                    self.push(device)
                self.disconnect(device)
        self._members ^= {person}

    def end(self) -> list[Event]:
        for device in self.devices:
            self.connect(device, recovers=True)
            while device.subscription is not None and (device.position or 0) < len(self._log):
                self.push(device)
        self._note(
            History(at=self._tick(), channel=self.CHANNEL, epoch="e", head=len(self._log), publications=self._log)
        )
        self._note(Quiet(at=self._tick(), devices=[device.name for device in self.devices]))
        return self.events

    # Inside.

    def _sent(self, device: Device, key: str, body: str) -> int:
        self._attempts += 1
        self._note(
            Sent(
                at=self._tick(),
                attempt=self._attempts,
                device=device.name,
                person=device.person,
                room=1,
                client_key=key,
                body=body,
            )
        )
        return self._attempts

    def _answered(self, attempt: int, outcome: Outcome) -> None:
        self._note(Answered(at=self._tick(), attempt=attempt, outcome=outcome))

    def _store(self, person: int, key: str, body: str) -> Stored:
        self._numbers += 1
        self._log.append(
            Stored(
                offset=len(self._log) + 1,
                kind="message.posted",
                id=1000 + self._numbers,
                number=self._numbers,
                author=person,
                client_key=key,
                body=body,
            )
        )
        return self._log[-1]

    def _deliver(self, device: Device, stored: Stored, via: Via) -> None:
        assert device.subscription is not None
        device.position = stored.offset
        self._note(
            Delivered(
                at=self._tick(),
                subscription=device.subscription,
                device=device.name,
                person=device.person,
                channel=self.CHANNEL,
                via=via,
                offset=stored.offset,
                kind=stored.kind,
                id=stored.id,
                number=stored.number,
                author=stored.author,
                client_key=stored.client_key,
                body=stored.body,
            )
        )

    def _note(self, event: Event) -> None:
        self.events.append(event)

    def _tick(self) -> int:
        self._clock += 1
        return self._clock
