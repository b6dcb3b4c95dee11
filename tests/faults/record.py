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


# What pages showed.


class Row(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """
    A message as a page drew it. `number` is None of what is on its way, `key` None of what others wrote; `state` is
    what stands below one's own: waiting, sending, saved, read, refused. `text` is `shortened`.
    """

    number: int | None = None
    key: str | None = None
    author: int | None = None
    state: str | None = None
    text: str = ""
    is_edited: bool = False
    is_deleted: bool = False


class Typed(_Event, frozen=True, kw_only=True, tag="typed"):
    """
    Somebody wrote this in a tab and pressed Enter; no two are alike. `is_taken` when the box was empty then: from there
    on the page answers for it.
    """

    tab: str
    person: int
    room: int
    body: str
    is_taken: bool


class Corrected(_Event, frozen=True, kw_only=True, tag="corrected"):
    """Somebody had a message say something else, which may fail."""

    tab: str
    person: int
    room: int
    before: str
    body: str


class Shown(_Event, frozen=True, kw_only=True, tag="shown"):
    """
    What was drawn of a room, from above to below: whenever it was something else than before. `life` is another one
    after each reload; `link` and `is_caught_up` are what the page says about its connection; while `is_following` the
    last row is that of the newest message. `is_painted` unless it is behind another tab, where the list does not move.
    """

    tab: str
    person: int
    life: str
    room: int
    link: str
    is_caught_up: bool
    is_following: bool
    is_painted: bool
    rows: list[Row]


class Read(_Event, frozen=True, kw_only=True, tag="read"):
    """All rows of a room, in the end, by somebody who has scrolled through it."""

    tab: str
    person: int
    room: int
    rows: list[Row]


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
    about a member. `body` is as it was posted, `later` what it was edited to, the last of them now; of what was deleted
    neither is kept.
    """

    offset: int
    kind: str
    id: int | None = None
    number: int | None = None
    author: int | None = None
    client_key: str | None = None
    body: str | None = None
    person: int | None = None
    later: tuple[str, ...] = ()
    is_deleted: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        """All that it ever said, the last of them now; nothing of what was deleted."""
        return () if self.is_deleted or self.body is None else (self.body, *self.later)


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
    | Typed
    | Corrected
    | Shown
    | Read
    | MembershipChanged
    | History
    | Quiet
    | Fault
)

_SHORT_CHARS = 80


def shortened(text: str) -> str:
    """As `observer.js` does, which need not tell long texts again and again: the beginning and how long it is."""
    return text if len(text) <= _SHORT_CHARS else f"{text[:_SHORT_CHARS]}… {len(text)}"


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
