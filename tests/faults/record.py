"""
What happened in a run, as events in the order in which this process saw them. Pure data, written as JSON lines, so that
a run that failed can be judged again. `at` is seconds of one monotonic clock.
"""

import pathlib
from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

import msgspec


class _Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", gc=False):
    at: float


# Sending.


class Acked(msgspec.Struct, frozen=True, kw_only=True, tag="acked", gc=False):
    number: int
    offset: int
    id: int


class Refused(msgspec.Struct, frozen=True, kw_only=True, tag="refused", gc=False):
    """For good: it is not stored and never will be."""

    code: int


class Unknown(msgspec.Struct, frozen=True, kw_only=True, tag="unknown", gc=False):
    """It may be stored or not: the client sends it again with the same key."""

    reason: str


Outcome: TypeAlias = Acked | Refused | Unknown


class Sent(_Event, frozen=True, kw_only=True, tag="sent"):
    """`attempt` is another one each time, `client_key` is not."""

    attempt: int
    device: str
    person: int
    room: int
    client_key: str
    body: str


class Answered(_Event, frozen=True, kw_only=True, tag="answered"):
    attempt: int
    outcome: Outcome


# Hearing.

Via: TypeAlias = Literal["pushed", "recovered", "paged", "classic"]


class Subscribed(_Event, frozen=True, kw_only=True, tag="subscribed"):
    """
    What the server said at the beginning of a subscription; `subscription` is another one each time.

    `asked` is the offset that the device named, None when it named none; `offset` the one in the answer: that of the
    device when it was recovered, else the head.
    """

    subscription: int
    device: str
    person: int
    channel: str
    asked: int | None
    offset: int
    epoch: str
    recovered: bool


class Delivered(_Event, frozen=True, kw_only=True, tag="delivered"):
    """
    One publication that reached a device. What it is not about is None.

    The article's door says no offset (0): there `number` counts.
    """

    subscription: int
    device: str
    person: int
    channel: str
    offset: int
    kind: str
    via: Via
    id: int | None = None
    number: int | None = None
    author: int | None = None
    client_key: str | None = None
    body: str | None = None


class Reloaded(_Event, frozen=True, kw_only=True, tag="reloaded"):
    """After `recovered: false` the device has read all pages past `after`; `until` is the last offset in them."""

    device: str
    channel: str
    after: int
    until: int


class Closed(_Event, frozen=True, kw_only=True, tag="closed"):
    """A connection has ended: by this code, 1006 without one, 0 when the device gave it up."""

    device: str
    code: int
    reason: str = ""


class Rejected(_Event, frozen=True, kw_only=True, tag="rejected"):
    """A subscription that was asked for and not given."""

    device: str
    channel: str
    code: int


# What was so.


class MembershipChanged(_Event, frozen=True, kw_only=True, tag="membership"):
    """
    `offset` is the publication in the room's channel that says so; 0 for those who were there from the start. `at` is
    when it was asked for.
    """

    person: int
    channel: str
    offset: int
    is_member: bool


class Stored(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """
    A publication as the database has it. The fields of a message are None for what is about none; `person` is of those
    about a member.
    """

    offset: int
    kind: str
    id: int | None = None
    number: int | None = None
    author: int | None = None
    client_key: str | None = None
    body: str | None = None
    person: int | None = None


class History(_Event, frozen=True, kw_only=True, tag="history"):
    """All that is in a channel when everything is quiet, in the order of the offsets, and what its head says."""

    channel: str
    epoch: str
    head: int
    publications: list[Stored]


class Quiet(_Event, frozen=True, kw_only=True, tag="quiet"):
    """Faults are over, nothing is sent any more, and these devices have had the time to reach the head."""

    devices: list[str]


class Fault(_Event, frozen=True, kw_only=True, tag="fault"):
    number: int
    kind: str
    phase: Literal["begin", "end"]


Event: TypeAlias = (
    Sent
    | Answered
    | Subscribed
    | Delivered
    | Reloaded
    | Closed
    | Rejected
    | MembershipChanged
    | History
    | Quiet
    | Fault
)

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def write(path: pathlib.Path, events: Iterable[Event]) -> None:
    with path.open("wb") as file:
        for event in events:
            file.write(_encoder.encode(event))
            file.write(b"\n")


def read(path: pathlib.Path) -> Iterator[Event]:
    """Raises msgspec.DecodeError for a line that is no event."""
    with path.open("rb") as file:
        yield from map(_decoder.decode, file)
