"""
The entry that sends a message, and how it is taken: by the hundred, with as many statements as for one. `messages.py`
makes it.
"""

import dataclasses
from collections.abc import Sequence
from typing import Self

from teahouse.chat import access, errors, frames
from teahouse.chat.conf import conf
from teahouse.chat.digests import digest_of
from teahouse.chat.log import rows
from teahouse.chat.log.entries import Batch, Entry, Outcome
from teahouse.chat.models import File, Membership, Mention, Message, Room
from teahouse.chat.services import sending_rows, thread_rows
from teahouse.chat.services.sending_rows import MemberNow, RoomNow, Sent


# Not frozen, which would cost a third of its making.
@dataclasses.dataclass(kw_only=True, slots=True, eq=False)
class SendMessage(Entry[Sent]):
    """
    A message in a room. `rings` are the people whose `user:<id>` hears of it too; `mentions` counts of them who are
    members; `html` is what `body` looks like.
    """

    actor_id: int
    room_id: int
    client_key: str
    body: str
    html: str = ""
    reply_to: int | None = None
    thread: int | None = None
    forwarded_from: int | None = None
    mentions: tuple[int, ...] = ()
    everyone: int = 0
    files: tuple[int, ...] = ()
    rings: tuple[int, ...] = ()

    @property
    def channels(self) -> Sequence[str]:
        return [f"room:{self.room_id}", *(f"user:{user}" for user in self.rings)]

    @property
    def key(self) -> tuple[int, str]:
        return self.actor_id, self.client_key

    def digest(self) -> bytes:
        """Of all that makes it another message."""
        return digest_of(self.room_id, self.body, self.reply_to, self.thread, self.forwarded_from, self.files)

    def check_now(self) -> None:
        """What else has to hold in the batch. Raises errors.ChatError."""

    def take(self, batch: Batch) -> Sent:
        raise NotImplementedError("taken by `take_all`")

    @classmethod
    def take_all(cls, entries: Sequence[Self], batch: Batch) -> list[Outcome]:
        return _Sending(entries, batch).outcomes()


class _New:
    """A message on its way into the table."""

    __slots__ = ("digest", "entry", "id", "mentions", "number", "offset")

    def __init__(self, entry: SendMessage, digest: bytes, number: int, offset: int, mentions: Sequence[int]) -> None:
        self.entry = entry
        self.digest = digest
        self.number = number
        self.offset = offset
        self.mentions = mentions
        self.id = 0


_MESSAGE_COLUMNS = (
    "room_id",
    "number",
    "offset",
    "author_id",
    "client_key",
    "digest",
    "body",
    "html",
    "reply_to_id",
    "thread_root_id",
    "forwarded_from_id",
    "everyone",
    "has_files",
    "created_at",
)


class _Sending:
    def __init__(self, entries: Sequence[SendMessage], batch: Batch) -> None:
        self._entries = entries
        self._batch = batch
        self._new: dict[tuple[int, str], _New] = {}
        self._lobby_members: set[tuple[int, int]] = set()

    def outcomes(self) -> list[Outcome]:
        """Of each entry, in their order."""
        self._load()
        refusals: dict[int, errors.ChatError] = {}
        for place, entry in enumerate(self._entries):
            try:
                self._check(entry)
            except errors.ChatError as refusal:
                refusals[place] = refusal
        sent = self._store() if self._new else {}
        return [
            Outcome(refusal=refusals[place]) if place in refusals else Outcome(answer=self._answer(entry, sent))
            for place, entry in enumerate(self._entries)
        ]

    def _answer(self, entry: SendMessage, sent: dict[tuple[int, str], Sent]) -> Sent:
        return sent[entry.key] if entry.key in sent else self._known[entry.key][1]

    # Loading.

    def _load(self) -> None:
        entries = self._entries
        places: set[tuple[int, int, str | None]] = {
            (entry.room_id, entry.actor_id, entry.client_key) for entry in entries
        }
        places |= {(entry.room_id, user, None) for entry in entries for user in entry.mentions}
        self._known, self._rooms, self._members, self._people = sending_rows.asked_for(places)
        targets = {target for entry in entries for target in (entry.reply_to, entry.thread) if target is not None}
        self._targets = sending_rows.targets(targets)
        self._files = sending_rows.free_files({file for entry in entries for file in entry.files})
        self._origins = sending_rows.origins({entry.forwarded_from for entry in entries if entry.forwarded_from})
        for room in self._rooms.values():
            room.next_offset = self._batch.heads[f"room:{room.id}"].last_offset + 1

    # Checking.

    def _check(self, entry: SendMessage) -> None:
        digest = entry.digest()
        if (new := self._new.get(entry.key)) is not None:
            if new.digest != digest:
                raise errors.KeyConflict
            return
        if (known := self._known.get(entry.key)) is not None:
            if known[0] != digest:
                raise errors.KeyConflict
            return
        entry.check_now()
        room = self._rooms.get(entry.room_id)
        if room is None or entry.actor_id not in self._people:
            raise errors.NotAMember
        member = self._member(room, entry.actor_id)
        self._check_right(room, member, entry.actor_id)
        self._check_targets(entry, room, member)
        for file in entry.files:
            if self._files.get(file) != (entry.actor_id, entry.room_id):
                raise errors.NoSuchFile
        # From here on it is stored.
        for file in entry.files:
            del self._files[file]
        room.last_number += 1
        member.number = room.last_number
        member.last_posted_at = self._batch.now
        mentions = [user for user in entry.mentions if user in self._people and self._is_member(room, user)]
        self._new[entry.key] = _New(entry, digest, room.last_number, room.next_offset, mentions)
        room.next_offset += 1

    def _member(self, room: RoomNow, user: int) -> MemberNow:
        member = self._members.get((room.id, user))
        if member is None:
            if room.slug != conf().lobby_slug:
                raise errors.NotAMember
            member = self._members[room.id, user] = MemberNow(Membership.Role.MEMBER, None, None, 0)
            self._lobby_members.add((room.id, user))
        return member

    def _is_member(self, room: RoomNow, user: int) -> bool:
        return (room.id, user) in self._members or room.slug == conf().lobby_slug

    def _check_right(self, room: RoomNow, member: MemberNow, user: int) -> None:
        if room.archived is not None:
            raise errors.Archived
        if member.may_moderate:
            return
        try:
            self._check_member_may(room, member)
        except errors.ChatError:
            # Asked last, since hardly anybody is.
            if room.slug != conf().lobby_slug or not access.is_site_owner(user):
                raise

    def _check_member_may(self, room: RoomNow, member: MemberNow) -> None:
        if member.role == Membership.Role.READER or room.posting == Room.Posting.MODERATORS:
            raise errors.NotAllowed
        now = self._batch.now
        if member.muted_until is not None and member.muted_until > now:
            raise errors.Muted
        if room.slow_mode_seconds and member.last_posted_at is not None:
            left = room.slow_mode_seconds - (now - member.last_posted_at).total_seconds()
            if left > 0:
                raise errors.TooSoon(left)

    def _check_targets(self, entry: SendMessage, room: RoomNow, member: MemberNow) -> None:
        first = member.joined_number + 1 if room.history == Room.History.SINCE_JOIN else 1
        for message_id in (entry.reply_to, entry.thread):
            if message_id is None:
                continue
            target = self._targets.get(message_id)
            if target is None or target.room != room.id or target.number < first:
                raise errors.NoSuchMessage
        if entry.thread is not None and self._targets[entry.thread].thread_root is not None:
            raise errors.BadArgument("a thread begins at a message that is in none")

    # Storing.

    def _store(self) -> dict[tuple[int, str], Sent]:
        new, at = list(self._new.values()), rows.moment(self._batch.now)
        found = rows.insert(
            Message,
            _MESSAGE_COLUMNS,
            [_row_of(one, at) for one in new],
            returning='"id", "room_id", "number"',
        )
        ids = {(room, number): pk for pk, room, number in found}
        for one in new:
            one.id = ids[one.entry.room_id, one.number]
        self._store_mentions(new)
        self._store_files(new)
        thread_frames = self._store_threads(new)
        self._move_rooms_and_members(new, at)
        milliseconds = frames.milliseconds(self._batch.now)
        for one in new:
            self._publish(one, milliseconds, thread_frames.get(one.id))
        return {one.entry.key: Sent(one.id, one.entry.room_id, one.number, one.offset, milliseconds) for one in new}

    def _store_mentions(self, new: Sequence[_New]) -> None:
        rows.insert(
            Mention,
            ("user_id", "room_id", "number", "message_id"),
            [(user, one.entry.room_id, one.number, one.id) for one in new for user in one.mentions],
        )

    def _store_files(self, new: Sequence[_New]) -> None:
        rows.update(
            File,
            ("id",),
            ("message_id", "position"),
            [(file, one.id, place) for one in new for place, file in enumerate(one.entry.files)],
        )
        self._file_frames = sending_rows.file_frames([file for one in new for file in one.entry.files])

    def _store_threads(self, new: Sequence[_New]) -> dict[int, frames.Thread]:
        """By message: the thread as it is with it."""
        return {
            one.id: thread_rows.replied(
                root_id=one.entry.thread,
                room_id=one.entry.room_id,
                root_author_id=self._targets[one.entry.thread].author,
                author_id=one.entry.actor_id,
                number=one.number,
            )
            for one in new
            if one.entry.thread is not None
        }

    def _move_rooms_and_members(self, new: Sequence[_New], at: object) -> None:
        touched = {one.entry.room_id for one in new}
        rows.update(
            Room,
            ("id",),
            ("last_number", "last_message_at"),
            [(room, self._rooms[room].last_number, at) for room in touched],
        )
        if self._lobby_members:
            new_members = (Membership(room_id=room, user_id=user) for room, user in sorted(self._lobby_members))
            # Somebody may have read there meanwhile, which makes the row too.
            Membership.objects.bulk_create(new_members, ignore_conflicts=True)
        # Whoever writes has read what is above.
        rows.update(
            Membership,
            ("room_id", "user_id"),
            ("read_number", "last_posted_at"),
            [(*pair, member.number, at) for pair, member in self._members.items() if member.number],
        )

    def _publish(self, one: _New, at: int, thread: frames.Thread | None) -> None:
        entry = one.entry
        message = frames.Message(
            id=one.id,
            room=entry.room_id,
            number=one.number,
            author=entry.actor_id,
            at=at,
            key=entry.client_key,
            body=entry.body,
            html=entry.html,
            reply_to=entry.reply_to,
            thread=thread,
            forwarded=self._origins.get(entry.forwarded_from or 0),
            mentions=sorted(one.mentions),
            everyone=entry.everyone,
            files=[self._file_frames[file] for file in entry.files],
        )
        # At the offset that the row has, since nothing else is published while these are taken.
        self._batch.publish(
            f"room:{entry.room_id}",
            frames.MessagePosted(message=message),
            actor_id=entry.actor_id,
            room=entry.room_id,
            message=one.id,
        )
        for user in entry.rings:
            self._batch.publish(
                f"user:{user}",
                frames.MessageRang(message=message),
                actor_id=entry.actor_id,
                room=entry.room_id,
                message=one.id,
            )


def _row_of(one: _New, at: object) -> tuple[object, ...]:
    entry = one.entry
    return (
        entry.room_id,
        one.number,
        one.offset,
        entry.actor_id,
        entry.client_key,
        one.digest,
        entry.body,
        entry.html,
        entry.reply_to,
        entry.thread,
        entry.forwarded_from,
        entry.everyone,
        bool(entry.files),
        at,
    )
