"""Showing that somebody is writing. Nothing of it is stored."""

from django.utils import timezone

from teahouse.chat import access, errors, frames, signals
from teahouse.chat.people import Person
from teahouse.chat.services import standing

_pace = signals.Pace(signals.TYPING_SECONDS)


def show_typing(*, person: Person, room_id: int, thread: int | None = None) -> None:
    """
    Show those who are in a room that somebody writes there, or in the thread that begins at the message `thread`; at
    most once in 3 s for each person and room, more often does nothing. Raises, for who may not post now,
    errors.NotAMember, NotAllowed, Muted, Archived; NoSuchMessage.
    """
    if not _pace.is_due((person.pk, room_id)):
        return
    entered = access.room_for(user=person, room_id=room_id)
    # Whoever waits for slow mode may write meanwhile.
    standing.check_may_write(entered, timezone.now())
    if thread is not None:
        _, root = access.message_for(user=person, message_id=thread)
        if root.room_id != room_id:
            raise errors.NoSuchMessage
    _pace.note((person.pk, room_id))
    signals.show([frames.Typing(room=room_id, user=person.pk, thread=thread)])
