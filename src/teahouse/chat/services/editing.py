"""Editing a message, keeping what it said before; and deleting one, keeping nothing of it."""

import dataclasses
from collections.abc import Collection, Sequence

from teahouse.chat import access as doors
from teahouse.chat import errors, frames, people
from teahouse.chat.access import Access
from teahouse.chat.conf import conf
from teahouse.chat.log import writer
from teahouse.chat.log.entries import Batch, Entry
from teahouse.chat.models import Membership, Mention, Message, Revision, Room
from teahouse.chat.people import Person
from teahouse.chat.selectors.messages import frame_of
from teahouse.chat.services import emptying, messages, standing
from teahouse.chat.text import markdown


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class EditMessage(Entry[frames.Message]):
    """`mentions` counts of them who are members and may read it."""

    actor_id: int
    room_id: int
    message_id: int
    body: str
    html: str = ""
    mentions: tuple[int, ...] = ()
    everyone: int = 0

    @property
    def channels(self) -> Sequence[str]:
        return [f"room:{self.room_id}"]

    def take(self, batch: Batch) -> frames.Message:
        access, message = standing.living_message_now(self.actor_id, self.message_id)
        if message.author_id != self.actor_id:
            raise errors.NotAllowed
        if message.body == self.body:
            return frame_of(message)
        standing.check_may_write(access, batch.now)
        window = access.room.edit_window_seconds
        if window is not None and (batch.now - message.created_at).total_seconds() >= window:
            raise errors.TooLate
        Revision.objects.create(message=message, body=message.body, replaced_at=batch.now, replaced_by_id=self.actor_id)
        message.body, message.html, message.everyone = self.body, self.html, self.everyone
        message.edited_at = batch.now
        message.save(update_fields=["body", "html", "everyone", "edited_at"])
        self._name_again(access, message)
        frame = frame_of(message)
        batch.publish(
            access.room.channel,
            frames.MessageEdited(message=frame),
            actor_id=self.actor_id,
            room=message.room_id,
            message=message,
        )
        return frame

    def _name_again(self, access: Access, message: Message) -> None:
        Mention.objects.filter(message=message).delete()
        Mention.objects.bulk_create(
            Mention(user_id=user, room_id=message.room_id, number=message.number, message=message)
            for user in sorted(_readers_among(self.mentions, access.room, message.number))
        )


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class DeleteMessage(Entry[None]):
    actor_id: int
    room_id: int
    message_id: int

    @property
    def channels(self) -> Sequence[str]:
        return emptying.channels_of(self.room_id)

    def take(self, batch: Batch) -> None:
        access, message = standing.message_now(self.actor_id, self.message_id)
        if message.author_id != self.actor_id and not access.may_moderate:
            raise errors.NotAllowed
        if message.deleted_at is not None:
            return
        standing.check_open(access)
        emptying.empty([message], actor_id=self.actor_id, batch=batch)


def edit_message(*, actor: Person, message_id: int, body: str) -> frames.Message:
    """
    Have a message say something else: its author may, who may write in the room now, within its edit window. The text
    before is kept as a revision. What it says already changes nothing, and tells nobody.

    Raises:
        NoSuchMessage: none, or not theirs to read, or deleted.
        BadBody: as of sending; with files the body may be empty.
        NotAllowed: another's, for moderators too; or they may not write there (any more). Muted, Archived.
        TooLate: the window is over.
        TryAgain.
    """
    _, message = doors.message_for(user=actor, message_id=message_id)
    entry = EditMessage(
        actor_id=actor.pk,
        room_id=message.room_id,
        message_id=message_id,
        body=messages.cleaned(body, has_files=message.has_files),
    )
    if not markdown.is_plain(entry.body):
        html, named, everyone = messages.rendered(entry.body, message.room_id)
        entry = dataclasses.replace(entry, html=html, mentions=named, everyone=everyone)
    return writer.write(entry)


def delete_message(*, actor: Person, message_id: int) -> None:
    """
    Empty a message for good: its author may, and a moderator. Copies in other rooms are messages of their own, and
    stay. Again it changes nothing.

    Raises:
        NoSuchMessage: none, or not theirs to read.
        NotAllowed: another's, and not a moderator. Archived.
        TryAgain.
    """
    _, message = doors.message_for(user=actor, message_id=message_id)
    writer.write(DeleteMessage(actor_id=actor.pk, room_id=message.room_id, message_id=message_id))


def _readers_among(user_ids: Collection[int], room: Room, number: int) -> set[int]:
    """Those of them who may read this message of the room."""
    if not user_ids:
        return set()
    joined = dict(Membership.objects.filter(room=room, user__in=user_ids).values_list("user", "joined_number"))
    is_lobby = room.slug == conf().lobby_slug
    first_of = {user: joined.get(user, 0 if is_lobby else number) for user in people.active_among(user_ids)}
    if room.history == Room.History.ALL:
        return {user for user in first_of if user in joined or is_lobby}
    return {user for user, before in first_of.items() if before < number}
