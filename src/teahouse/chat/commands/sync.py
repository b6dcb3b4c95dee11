"""Commands that bring a client up to date: all there is now, and what was published since."""

from typing import Annotated

import msgspec

from teahouse.chat import access, errors, frames, people
from teahouse.chat.commands.messages import Id, Number
from teahouse.chat.commands.people import Someone
from teahouse.chat.commands.personal import OneDraft, draft_shown
from teahouse.chat.commands.table import Command
from teahouse.chat.log import history
from teahouse.chat.models import Channel
from teahouse.chat.people import Person
from teahouse.chat.selectors import sync as selectors
from teahouse.chat.selectors.personal import FollowedNow
from teahouse.chat.selectors.rooms import membership_frame_in, room_frame_of
from teahouse.chat.selectors.sync import HeadNow, RoomNow


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class ChannelHead(msgspec.Struct, frozen=True):
    """The newest offset, 0 and "" when nothing was published yet."""

    offset: int
    epoch: str


class SyncedRoom(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    `unread` messages, of which `first_unread` is the first; `mentions` are the numbers of those that mention one, by
    name or with everyone, newest first, at most 100 (show "99+"). `badge` is the number to show by the membership's
    level: all that is unread, the mentions, or 0. `last_message` is left out when it is not one's own to read.
    """

    room: frames.Room
    membership: frames.Membership
    head: ChannelHead
    last_number: int
    first_unread: int
    unread: int = 0
    mentions: list[int] = []
    badge: int = 0
    last_message_at: int | None = None
    last_message: frames.Message | None = None


class SyncedNotices(msgspec.Struct, frozen=True):
    """
    `unread` are the newest of those for one that one has not read, at most 200. `last` is the highest id of any: one
    with a higher id that is pushed later is unread, one with a lower id only if it is among them.
    """

    unread: list[int]
    last: int


class SyncedThread(msgspec.Struct, frozen=True):
    """The thread of this root, in which `last_number` is the last reply; it is unread when `read_number` is lower."""

    thread: int
    room: int
    following: str
    read_number: int
    last_number: int


class Synced(msgspec.Struct, frozen=True, kw_only=True):
    """
    Everything is as of the heads or later: apply what was published above them, in its order. `people` are oneself,
    those of direct rooms and groups, and who wrote the last messages. `saved` are ids of messages, the last saved
    first, of those too that one may not read any more; `threads` what one follows or mutes, at most 1,000;
    `unread_threads` counts those of them that one follows with unread replies.
    """

    user: Someone
    now: int
    rooms: list[SyncedRoom]
    user_head: ChannelHead
    site_head: ChannelHead
    people: list[Someone]
    drafts: list[OneDraft]
    saved: list[int]
    notices: SyncedNotices
    threads: list[SyncedThread]
    unread_threads: int


def sync(person: Person, asked: Nothing) -> Synced:
    found = selectors.snapshot_of(person)
    threads = found.threads
    return Synced(
        user=_someone(person),
        now=found.now,
        rooms=[_room(one) for one in found.rooms],
        user_head=_head(found.user_head),
        site_head=_head(found.site_head),
        people=[_someone(one) for one in found.people],
        drafts=[draft_shown(draft) for draft in found.drafts],
        saved=found.saved,
        notices=SyncedNotices(found.unread_notices, found.last_notice),
        threads=[_thread(thread) for thread in threads],
        unread_threads=sum(not one.is_muted and one.last_number > one.read_number for one in threads),
    )


def _room(one: RoomNow) -> SyncedRoom:
    room = one.access.room
    return SyncedRoom(
        room=room_frame_of(room),
        membership=membership_frame_in(one.access),
        head=_head(one.head),
        last_number=room.last_number,
        first_unread=one.unread.first_unread,
        unread=one.unread.unread,
        mentions=one.unread.mentions,
        badge=one.unread.badge,
        last_message_at=None if room.last_message_at is None else frames.milliseconds(room.last_message_at),
        last_message=one.last_message,
    )


def _thread(one: FollowedNow) -> SyncedThread:
    return SyncedThread(
        thread=one.thread,
        room=one.room,
        following="mutes" if one.is_muted else "follows",
        read_number=one.read_number,
        last_number=one.last_number,
    )


def _head(head: HeadNow) -> ChannelHead:
    return ChannelHead(head.offset, head.epoch)


def _someone(person: Person) -> Someone:
    return Someone(person.pk, person.get_username(), people.name_of(person), person.is_active)


# What was published.

MostPublications = Annotated[int, msgspec.Meta(ge=1, le=500)]


class After(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`after` is an offset."""

    after: Number
    limit: MostPublications = 100


class AfterInRoom(After, frozen=True, forbid_unknown_fields=True, kw_only=True):
    room: Id


class OnePublication(msgspec.Struct, frozen=True):
    """`data` is what is pushed, as it is now: of a text that was edited or deleted since only what it is now."""

    offset: int
    data: msgspec.Raw


class Publications(msgspec.Struct, frozen=True):
    """The oldest first; `next` is the `after` of the next page, null at the `head`."""

    results: list[OnePublication]
    head: ChannelHead
    next: int | None


def of_room(person: Person, asked: AfterInRoom) -> Publications:
    """What is from before somebody came to a room without history for newcomers is left out."""
    entered = access.room_for(user=person, room_id=asked.room)
    return _after(entered.room.channel, max(asked.after, entered.from_offset - 1), asked.limit)


def of_user(person: Person, asked: After) -> Publications:
    return _after(f"user:{person.pk}", asked.after, asked.limit)


def of_site(person: Person, asked: After) -> Publications:
    return _after("site", asked.after, asked.limit)


def _after(channel: str, after: int, limit: int) -> Publications:
    """Raises errors.Gone when the oldest that is asked for is not kept any more."""
    row = Channel.objects.filter(name=channel).first()
    if row is None:
        return Publications([], ChannelHead(0, ""), None)
    if after + 1 < row.first_offset:
        raise errors.Gone(f"the history begins at {row.first_offset}")
    found = history.publications_after(channel, after, limit=limit)
    results = [OnePublication(one.offset, msgspec.Raw(one.data)) for one in found]
    # Counted by what is there: the head may be from before the last of them.
    offset = max(row.last_offset, found[-1].offset if found else 0)
    is_more = bool(found) and found[-1].offset < offset
    return Publications(results, ChannelHead(offset, row.epoch), found[-1].offset if is_more else None)


COMMANDS = {
    "sync": Command(Nothing, sync, Synced),
    "room.publications": Command(AfterInRoom, of_room, Publications),
    "user.publications": Command(After, of_user, Publications),
    "site.publications": Command(After, of_site, Publications),
}
