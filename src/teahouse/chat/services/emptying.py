"""How messages are emptied, by deletion and by retention: for entries, inside the batch's transaction."""

from collections.abc import Sequence

from teahouse.chat import frames
from teahouse.chat.log.entries import Batch
from teahouse.chat.models import Mention, Message, Pin, Reaction, Revision, SavedMessage
from teahouse.chat.search import indexer
from teahouse.chat.selectors import rooms
from teahouse.chat.selectors.messages import frames_of
from teahouse.chat.services.files import delete_files_of


def empty(messages: Sequence[Message], *, actor_id: int | None, batch: Batch) -> None:
    """
    Leave of messages that are not deleted yet who wrote them, when and where, and tell their rooms. Neither texts, old
    ones too, nor mentions, reactions, pins, files, or that somebody saved them, are in the database afterwards, nor can
    they be found any more. Replies and threads stay. A constant number of statements, but for files and the index.
    """
    ids = [message.pk for message in messages]
    for gone in (Mention, Revision, Reaction, Pin, SavedMessage):
        gone._default_manager.filter(message__in=ids).delete()
    indexer.forget(sorted(ids))
    for message in messages:
        if message.has_files:
            delete_files_of(message)
        message.body = message.html = ""
        message.everyone = Message.Everyone.NOBODY
        message.has_files = False
        message.forwarded_from_id = None
        message.edited_at = None
        message.deleted_at = batch.now
    Message.objects.filter(pk__in=ids).update(
        body="",
        html="",
        everyone=Message.Everyone.NOBODY,
        has_files=False,
        forwarded_from=None,
        edited_at=None,
        deleted_at=batch.now,
    )
    for frame in frames_of(messages):
        # What rang people of a direct room or a group is remembered in their channels, and forgotten by this.
        for channel in channels_of(frame.room):
            batch.publish(
                channel,
                frames.MessageDeleted(message=frame),
                actor_id=actor_id,
                room=frame.room,
                message=frame.id,
            )


def channels_of(room_id: int) -> list[str]:
    """Those in which texts of a room may have been published."""
    return [f"room:{room_id}", *(f"user:{user}" for user in rooms.people_of(room_id))]
