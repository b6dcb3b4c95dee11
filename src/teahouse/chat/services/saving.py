"""Messages that somebody keeps for themselves."""

import dataclasses
from collections.abc import Sequence

import msgspec

from teahouse.chat import access, errors, frames, people
from teahouse.chat.log import writer
from teahouse.chat.log.entries import Batch, Entry
from teahouse.chat.models import SavedMessage
from teahouse.chat.people import Person

# `sync` names them all.
MOST_SAVED = 2_000


class Saved(msgspec.Struct, frozen=True):
    """The answer: `at` is when it was saved, in milliseconds since 1970."""

    message: int
    at: int


def save_message(*, person: Person, message_id: int) -> Saved:
    """
    Keep a message that one may read, until it is deleted. Again gives the first answer. Raises errors.NoSuchMessage;
    TooMany over 2,000; TryAgain.
    """
    _, message = access.message_for(user=person, message_id=message_id)
    return writer.write(SaveMessage(actor_id=person.pk, room_id=message.room_id, message_id=message_id))


def unsave_message(*, person: Person, message_id: int) -> None:
    """Whether one may still read it or not. What is not saved stays so. Raises errors.TryAgain."""
    writer.write(UnsaveMessage(actor_id=person.pk, message_id=message_id))


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class SaveMessage(Entry[Saved]):
    """The room's lock, too: deleting a message takes it from those who have saved it."""

    actor_id: int
    room_id: int
    message_id: int

    @property
    def channels(self) -> Sequence[str]:
        return [f"room:{self.room_id}", f"user:{self.actor_id}"]

    def take(self, batch: Batch) -> Saved:
        person = people.person_with_id(self.actor_id)
        if person is None:
            raise errors.NoSuchMessage
        _, message = access.message_for(user=person, message_id=self.message_id)
        first = SavedMessage.objects.filter(user=self.actor_id, message=message).first()
        if first is not None:
            return Saved(message.pk, frames.milliseconds(first.at))
        if message.deleted_at is not None:
            raise errors.NoSuchMessage
        if SavedMessage.objects.filter(user=self.actor_id).count() >= MOST_SAVED:
            raise errors.TooMany("saved messages")
        SavedMessage.objects.create(user_id=self.actor_id, message=message, at=batch.now)
        at = frames.milliseconds(batch.now)
        batch.publish(
            f"user:{self.actor_id}",
            frames.MessageSaved(message=message.pk, room=message.room_id, at=at),
            actor_id=self.actor_id,
            room=message.room_id,
            message=message,
        )
        return Saved(message.pk, at)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class UnsaveMessage(Entry[None]):
    actor_id: int
    message_id: int

    @property
    def channels(self) -> Sequence[str]:
        return [f"user:{self.actor_id}"]

    def take(self, batch: Batch) -> None:
        removed, _ = SavedMessage.objects.filter(user=self.actor_id, message=self.message_id).delete()
        if removed:
            batch.publish(
                f"user:{self.actor_id}",
                frames.MessageUnsaved(message=self.message_id),
                actor_id=self.actor_id,
                message=self.message_id,
            )
