"""Reactions: an emoji on a message, once of each person."""

import dataclasses
from collections.abc import Sequence

from teahouse.chat import access as doors
from teahouse.chat import errors, frames
from teahouse.chat.conf import conf
from teahouse.chat.log import writer
from teahouse.chat.log.entries import Batch, Entry
from teahouse.chat.models import Reaction
from teahouse.chat.people import Person
from teahouse.chat.services import standing
from teahouse.chat.text.emoji import NoEmoji, emoji_in


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class AddReaction(Entry[None]):
    actor_id: int
    room_id: int
    message_id: int
    emoji: str

    @property
    def channels(self) -> Sequence[str]:
        return [f"room:{self.room_id}"]

    def take(self, batch: Batch) -> None:
        access, message = standing.living_message_now(self.actor_id, self.message_id)
        reactions = Reaction.objects.filter(message=message)
        if reactions.filter(emoji=self.emoji, user=self.actor_id).exists():
            return
        standing.check_has_a_word(access, batch.now)
        most = conf().most_emoji_per_message
        kinds = set(reactions.order_by().values_list("emoji", flat=True).distinct()[: most + 1])
        if self.emoji not in kinds and len(kinds) >= most:
            raise errors.TooMany("emoji")
        if reactions.count() >= conf().most_reactions_per_message:
            raise errors.TooMany("reactions")
        Reaction.objects.create(message=message, user_id=self.actor_id, emoji=self.emoji, created_at=batch.now)
        batch.publish(
            access.room.channel,
            frames.ReactionAdded(message=message.pk, number=message.number, emoji=self.emoji, user=self.actor_id),
            actor_id=self.actor_id,
            room=message.room_id,
            message=message,
        )


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class RemoveReaction(Entry[None]):
    actor_id: int
    room_id: int
    message_id: int
    emoji: str

    @property
    def channels(self) -> Sequence[str]:
        return [f"room:{self.room_id}"]

    def take(self, batch: Batch) -> None:
        access, message = standing.message_now(self.actor_id, self.message_id)
        reaction = Reaction.objects.filter(message=message, emoji=self.emoji, user=self.actor_id).first()
        if reaction is None:
            return
        standing.check_open(access)
        reaction.delete()
        batch.publish(
            access.room.channel,
            frames.ReactionRemoved(message=message.pk, number=message.number, emoji=self.emoji, user=self.actor_id),
            actor_id=self.actor_id,
            room=message.room_id,
            message=message,
        )


def add_reaction(*, actor: Person, message_id: int, emoji: str) -> None:
    """
    React to a message. Everybody with a word in the room may, also where only moderators write; readers may not.
    Again it changes nothing.

    Raises:
        NoSuchMessage: none, or not theirs to read, or deleted.
        BadArgument: not one emoji.
        NotAllowed, Muted, Archived.
        TooMany: more emoji, or more reactions in all, than there may be on one message.
        TryAgain.
    """
    _, message = doors.message_for(user=actor, message_id=message_id)
    writer.write(AddReaction(actor_id=actor.pk, room_id=message.room_id, message_id=message_id, emoji=_emoji_in(emoji)))


def remove_reaction(*, actor: Person, message_id: int, emoji: str) -> None:
    """
    Take one's own reaction back; who may not react any more may still do that. Where there is none it changes nothing.

    Raises NoSuchMessage, BadArgument, Archived; TryAgain.
    """
    _, message = doors.message_for(user=actor, message_id=message_id)
    writer.write(
        RemoveReaction(actor_id=actor.pk, room_id=message.room_id, message_id=message_id, emoji=_emoji_in(emoji))
    )


def _emoji_in(text: str) -> str:
    try:
        return emoji_in(text)
    except NoEmoji:
        raise errors.BadArgument("emoji") from None
