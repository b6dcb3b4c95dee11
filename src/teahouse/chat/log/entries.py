"""
What goes into the log: a change (`Entry`), and what the changes of one batch share (`Batch`). `batches.py` makes a
batch, has the entries taken, and stores what they have published.
"""

import abc
import datetime
from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, Self, TypeVar

from django.db import transaction

from teahouse.chat import errors, frames
from teahouse.chat.models import Channel, Message, NoticePush, Room
from teahouse.realtime.application import Publication

Answer_co = TypeVar("Answer_co", covariant=True)


class Outcome(NamedTuple):
    """Of one entry: its answer, or why it is refused for good."""

    answer: object = None
    refusal: errors.ChatError | None = None


class Head:
    """A channel whose row is locked by the batch."""

    __slots__ = ("epoch", "id", "last_offset", "name", "stored_offset")

    def __init__(self, channel_id: int, name: str, epoch: str, last_offset: int) -> None:
        self.id = channel_id
        self.name = name
        self.epoch = epoch
        self.last_offset = last_offset
        self.stored_offset = last_offset


class Record(NamedTuple):
    """A row of the table of publications; `data` is the frame where nothing else keeps it."""

    channel_id: int
    offset: int
    kind: str
    room_id: int | None
    message_id: int | None
    notice_push_id: int | None
    actor_id: int | None
    data: str


class Batch:
    """
    The open transaction that stores some entries at once, under the lock of all their channels. `now` is the time of
    all of them.
    """

    def __init__(self, *, now: datetime.datetime, heads: dict[str, Head]) -> None:
        self.now = now
        self.heads = heads
        self.records: list[Record] = []
        self.publications: list[Publication] = []
        # Called once it is committed, in the writer's thread: quick, and never raising.
        self.afterwards: list[Callable[[], None]] = []

    def publish(
        self,
        channel: str,
        frame: frames.Frame,
        *,
        actor_id: int | None,
        room: Room | int | None = None,
        message: Message | int | None = None,
        notice_push: NoticePush | None = None,
        leavers: Sequence[int] = (),
        opens: str = "",
        closes: str = "",
    ) -> int:
        """
        Note a publication at the channel's next offset, which is returned. At most one for each entry and channel.

        The history joins `message`, `notice_push` and drafts as they are when it is read; other frames are kept as they
        are. The people `leavers` hear nothing of this channel from here on; who hears this channel also hears the
        channel `opens` from here on, and not `closes`.
        """
        head = self.heads[channel]
        head.last_offset += 1
        kind = frames.kind_of(frame)
        encoded = frames.encode(frame)
        self.records.append(
            Record(
                channel_id=head.id,
                offset=head.last_offset,
                kind=kind,
                room_id=room.pk if isinstance(room, Room) else room,
                message_id=message.pk if isinstance(message, Message) else message,
                notice_push_id=None if notice_push is None else notice_push.pk,
                actor_id=actor_id,
                data="" if kind in JOINED_KINDS else encoded.decode(),
            )
        )
        self.publications.append(
            Publication(
                channel=channel,
                offset=head.last_offset,
                epoch=head.epoch,
                data=frames.with_offset(encoded, head.last_offset),
                leavers=tuple(map(str, leavers)),
                opens=opens,
                closes=closes,
                forgets=kind in FORGETTING_KINDS,
            )
        )
        return head.last_offset

    def open(self, room: Room) -> None:
        """Begin the log of a room that this very batch has made."""
        row = Channel.objects.create(name=room.channel)
        self.heads[row.name] = Head(row.pk, row.name, row.epoch, row.last_offset)

    def mark(self) -> tuple[int, int]:
        return len(self.records), len(self.afterwards)

    def back_to(self, mark: tuple[int, int]) -> None:
        """As if nothing had been published since."""
        records, afterwards = mark
        for publication in self.publications[records:]:
            self.heads[publication.channel].last_offset -= 1
        del self.records[records:], self.publications[records:], self.afterwards[afterwards:]


# What is joined as it is when the history is read, since it may be edited or deleted.
JOINED_KINDS = frozenset(
    {"message.posted", "message.edited", "message.deleted", "message.rang", "notice.pushed", "draft.changed"}
)
# What takes back what was published before.
FORGETTING_KINDS = frozenset({"message.deleted"})


class Entry(abc.ABC, Generic[Answer_co]):
    """
    One change: what is asked, by whom, in which channels. Made outside of any transaction; no row that it may carry is
    believed, as it was read without a lock.
    """

    __slots__ = ()

    @property
    @abc.abstractmethod
    def channels(self) -> Sequence[str]:
        """
        Names of all in which it may publish, but for those of rooms that it makes. They are locked before anything is
        read, so whoever changes what belongs to a channel holds its lock.
        """

    @property
    @abc.abstractmethod
    def actor_id(self) -> int | None:
        """Who asks. Entries of the same person are taken in the order in which they came."""

    @abc.abstractmethod
    def take(self, batch: Batch) -> Answer_co:
        """
        Check and do it, with the ORM, inside the batch's transaction; publish into the batch. The same entry again
        (the same client key, or the same change) gives the same answer and publishes nothing.

        Raises:
            errors.ChatError: refused for good; what was changed so far is undone.
        """

    @classmethod
    def take_all(cls, entries: Sequence[Self], batch: Batch) -> list[Outcome]:
        """Several of the same kind, one after the other. Those that come by the thousand do it all at once instead."""
        return [entry.take_alone(batch) for entry in entries]

    def take_alone(self, batch: Batch) -> Outcome:
        mark = batch.mark()
        try:
            with transaction.atomic():
                return Outcome(answer=self.take(batch))
        except errors.ChatError as refusal:
            batch.back_to(mark)
            return Outcome(refusal=refusal)
