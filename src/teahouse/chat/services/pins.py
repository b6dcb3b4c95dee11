"""Pins: messages that a room keeps in view."""

import dataclasses
from collections.abc import Sequence

from teahouse.chat import access as doors
from teahouse.chat import errors, frames
from teahouse.chat.access import Access
from teahouse.chat.conf import conf
from teahouse.chat.log import writer
from teahouse.chat.log.entries import Batch, Entry
from teahouse.chat.models import Pin
from teahouse.chat.people import Person
from teahouse.chat.services import standing


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class AddPin(Entry[None]):
    actor_id: int
    room_id: int
    message_id: int

    @property
    def channels(self) -> Sequence[str]:
        return [f"room:{self.room_id}"]

    def take(self, batch: Batch) -> None:
        access, message = standing.living_message_now(self.actor_id, self.message_id)
        _check_may_pin(access)
        if Pin.objects.filter(message=message).exists():
            return
        standing.check_open(access)
        if Pin.objects.filter(room=message.room_id).count() >= conf().most_pins_per_room:
            raise errors.TooMany("pins")
        Pin.objects.create(message=message, room_id=message.room_id, pinned_by_id=self.actor_id, at=batch.now)
        batch.publish(
            access.room.channel,
            frames.PinAdded(
                message=message.pk, number=message.number, by=self.actor_id, at=frames.milliseconds(batch.now)
            ),
            actor_id=self.actor_id,
            room=message.room_id,
            message=message,
        )


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class RemovePin(Entry[None]):
    actor_id: int
    room_id: int
    message_id: int

    @property
    def channels(self) -> Sequence[str]:
        return [f"room:{self.room_id}"]

    def take(self, batch: Batch) -> None:
        access, message = standing.message_now(self.actor_id, self.message_id)
        _check_may_pin(access)
        pin = Pin.objects.filter(message=message).first()
        if pin is None:
            return
        standing.check_open(access)
        pin.delete()
        batch.publish(
            access.room.channel,
            frames.PinRemoved(message=message.pk, number=message.number),
            actor_id=self.actor_id,
            room=message.room_id,
            message=message,
        )


def pin_message(*, actor: Person, message_id: int) -> None:
    """
    Keep a message in view: all may in a direct room or a group, moderators elsewhere. Again it changes nothing.

    Raises:
        NoSuchMessage: none, or not theirs to read, or deleted.
        NotAllowed, Archived.
        TooMany: as many are pinned in the room as there may be.
        TryAgain.
    """
    _, message = doors.message_for(user=actor, message_id=message_id)
    writer.write(AddPin(actor_id=actor.pk, room_id=message.room_id, message_id=message_id))


def unpin_message(*, actor: Person, message_id: int) -> None:
    """The contrary, by the same people. Raises NoSuchMessage, NotAllowed, Archived; TryAgain."""
    _, message = doors.message_for(user=actor, message_id=message_id)
    writer.write(RemovePin(actor_id=actor.pk, room_id=message.room_id, message_id=message_id))


def _check_may_pin(access: Access) -> None:
    if not access.room.is_of_people and not access.may_moderate:
        raise errors.NotAllowed
