"""
Who may do what in a room and to its messages, asked again under the lock: for entries, inside the batch's transaction.
The doors in `access` say who may read.
"""

import datetime

from teahouse.chat import access as doors
from teahouse.chat import errors, people
from teahouse.chat.access import Access
from teahouse.chat.models import Membership, Message, Room


def message_now(actor_id: int, message_id: int) -> tuple[Access, Message]:
    """
    A message and its room as they are now, for somebody who may read it. It may be deleted.

    Raises:
        NoSuchMessage: as `access.message_for`; also for somebody who may not sign in any more.
    """
    person = people.person_with_id(actor_id)
    if person is None:
        raise errors.NoSuchMessage
    return doors.message_for(user=person, message_id=message_id)


def living_message_now(actor_id: int, message_id: int) -> tuple[Access, Message]:
    """As `message_now`; NoSuchMessage for a deleted one, too."""
    access, message = message_now(actor_id, message_id)
    if message.deleted_at is not None:
        raise errors.NoSuchMessage
    return access, message


def root_of(actor_id: int, message_id: int) -> tuple[Access, Message]:
    """The message that begins the thread of a message (itself, when it is in none). Raises as `message_now`."""
    access, message = message_now(actor_id, message_id)
    if message.thread_root_id is not None:
        # Whoever came after the root has no thread to speak of.
        access, message = message_now(actor_id, message.thread_root_id)
    return access, message


def check_open(access: Access) -> None:
    """Raises Archived."""
    if access.room.archived_at is not None:
        raise errors.Archived


def check_has_a_word(access: Access, now: datetime.datetime) -> None:
    """
    Whether a member may be heard in the room, if only by a reaction.

    Raises:
        Archived, Muted.
        NotAllowed: they may only read there.
    """
    check_open(access)
    if access.may_moderate:
        return
    if access.role == Membership.Role.READER:
        raise errors.NotAllowed
    muted_until = access.membership.muted_until
    if muted_until is not None and muted_until > now:
        raise errors.Muted


def check_may_write(access: Access, now: datetime.datetime) -> None:
    """As `check_has_a_word`; NotAllowed too where only moderators write. Slow mode is for new messages alone."""
    check_has_a_word(access, now)
    if access.room.posting == Room.Posting.MODERATORS and not access.may_moderate:
        raise errors.NotAllowed
