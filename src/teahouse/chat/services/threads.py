"""Threads: who follows or mutes one, how far somebody has read in it, and whether it is resolved."""

import dataclasses
from collections.abc import Sequence
from typing import Literal

from teahouse.chat import access as doors
from teahouse.chat import errors, frames
from teahouse.chat.access import Access
from teahouse.chat.log import writer
from teahouse.chat.log.entries import Batch, Entry
from teahouse.chat.models import Message, Thread, ThreadFollowing
from teahouse.chat.people import Person
from teahouse.chat.selectors.messages import thread_frame_of
from teahouse.chat.selectors.threads import Following, following_of
from teahouse.chat.services import standing

Wish = Literal["follows", "mutes", "none"]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class FollowThread(Entry[Following]):
    """The room's lock, too: replies in it change who follows."""

    actor_id: int
    room_id: int
    message_id: int
    wish: Wish

    @property
    def channels(self) -> Sequence[str]:
        return [f"room:{self.room_id}", f"user:{self.actor_id}"]

    def take(self, batch: Batch) -> Following:
        access, root = standing.root_of(self.actor_id, self.message_id)
        if following_of(self.actor_id, root.pk).following == self.wish:
            return following_of(self.actor_id, root.pk)
        standing.check_open(access)
        if self.wish == "none":
            ThreadFollowing.objects.filter(thread=root.pk, user=self.actor_id).delete()
        else:
            thread = _thread_of(root)
            ThreadFollowing.objects.update_or_create(
                thread=thread,
                user_id=self.actor_id,
                defaults={"is_muted": self.wish == "mutes"},
                # Whoever begins to follow has nothing unread yet.
                create_defaults={"is_muted": self.wish == "mutes", "read_number": thread.last_number},
            )
        return _publish_following(access, root, actor_id=self.actor_id, batch=batch)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ReadThread(Entry[Following]):
    actor_id: int
    room_id: int
    message_id: int
    number: int

    @property
    def channels(self) -> Sequence[str]:
        return [f"room:{self.room_id}", f"user:{self.actor_id}"]

    def take(self, batch: Batch) -> Following:
        access, root = standing.root_of(self.actor_id, self.message_id)
        following = ThreadFollowing.objects.filter(thread=root.pk, user=self.actor_id).select_related("thread").first()
        if following is None or following.read_number >= min(self.number, following.thread.last_number):
            return following_of(self.actor_id, root.pk)
        following.read_number = min(self.number, following.thread.last_number)
        following.save(update_fields=["read_number"])
        return _publish_following(access, root, actor_id=self.actor_id, batch=batch)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ResolveThread(Entry[None]):
    actor_id: int
    room_id: int
    message_id: int
    is_resolved: bool

    @property
    def channels(self) -> Sequence[str]:
        return [f"room:{self.room_id}"]

    def take(self, batch: Batch) -> None:
        access, root = standing.root_of(self.actor_id, self.message_id)
        thread = Thread.objects.filter(root=root).first()
        if self.is_resolved == (thread is not None and thread.resolved_at is not None):
            return
        standing.check_may_write(access, batch.now)
        thread = _thread_of(root)
        thread.resolved_at = batch.now if self.is_resolved else None
        thread.resolved_by_id = self.actor_id if self.is_resolved else None
        thread.save(update_fields=["resolved_at", "resolved_by"])
        batch.publish(
            access.room.channel,
            frames.ThreadChanged(thread=thread_frame_of(thread, root.author_id)),
            actor_id=self.actor_id,
            room=root.room_id,
            message=root,
        )


def follow_thread(*, actor: Person, message_id: int, wish: Wish) -> Following:
    """
    Follow a thread, mute it (so that writing in it does not make one follow), or neither. The message is the root or
    any reply. What is so already changes nothing.

    Raises:
        NoSuchMessage: none, or not theirs to read, or its root is not; or the root is deleted and has no replies.
        Archived; TryAgain.
    """
    _, message = doors.message_for(user=actor, message_id=message_id)
    return writer.write(FollowThread(actor_id=actor.pk, room_id=message.room_id, message_id=message_id, wish=wish))


def read_thread(*, actor: Person, message_id: int, number: int) -> Following:
    """
    Have read a thread up to the message with this number in its room, or its last reply if that is before. Never moves
    back; changes nothing for who neither follows nor mutes it. Raises NoSuchMessage; TryAgain.
    """
    _, message = doors.message_for(user=actor, message_id=message_id)
    return writer.write(ReadThread(actor_id=actor.pk, room_id=message.room_id, message_id=message_id, number=number))


def resolve_thread(*, actor: Person, message_id: int, is_resolved: bool) -> None:
    """
    Say that what a thread is about is settled, or take it up again: everybody may who may write in the room, and all
    see who did. Replies change nothing about it. What is so already changes nothing.

    Raises:
        NoSuchMessage: as `follow_thread`.
        NotAllowed, Muted, Archived.
        TryAgain.
    """
    _, message = doors.message_for(user=actor, message_id=message_id)
    writer.write(
        ResolveThread(actor_id=actor.pk, room_id=message.room_id, message_id=message_id, is_resolved=is_resolved)
    )


def _thread_of(root: Message) -> Thread:
    """Made here when nobody has replied yet, but not below a deleted message."""
    thread = Thread.objects.filter(root=root).first()
    if thread is None:
        if root.deleted_at is not None:
            raise errors.NoSuchMessage
        thread = Thread.objects.create(root=root, room_id=root.room_id)
    return thread


def _publish_following(access: Access, root: Message, *, actor_id: int, batch: Batch) -> Following:
    now = following_of(actor_id, root.pk)
    batch.publish(
        f"user:{actor_id}",
        frames.ThreadFollowed(
            thread=root.pk,
            room=root.room_id,
            following=now.following,
            number=access.room.last_number,
            read_number=now.read_number,
        ),
        actor_id=actor_id,
        room=root.room_id,
        message=root,
    )
    return now
