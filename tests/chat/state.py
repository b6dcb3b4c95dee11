"""
A client as a pure value: what a person's client knows (`State`), taken from the commands, and what a publication makes
of it (`apply`). `assert_follows` holds every change to the rule: old state plus publications equals new state.
"""

import contextlib
import copy
import dataclasses
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from teahouse.accounts.models import User
from teahouse.chat import errors, frames
from teahouse.chat.commands import table
from teahouse.chat.commands.native import COMMANDS
from teahouse.chat.commands.sync import Publications, Synced, SyncedRoom
from teahouse.realtime.application import Publication
from tests.chat import stories
from tests.chat.conftest import Wire

Place = tuple[int, int | None]


def do(person: User, method: str, /, **asked: object) -> Any:
    """A command as the door runs it: JSON in, the command's answer out."""
    answer = table.run(COMMANDS, person.pk, method, json.dumps(asked).encode())
    shape = COMMANDS[method].answer
    return None if shape is None else msgspec.json.decode(answer, type=shape)


@dataclasses.dataclass
class RoomState:
    room: frames.Room
    membership: frames.Membership
    last_number: int
    # Of one's own last message, and the room's last number where the read number was told.
    own_number: int = 0
    read_at_number: int = 0
    mentions: set[int] = dataclasses.field(default_factory=set)
    # By id, without what changes for all of a thread at once.
    messages: dict[int, frames.Message] = dataclasses.field(default_factory=dict)
    roots: dict[int, int] = dataclasses.field(default_factory=dict)
    threads: dict[int, frames.Thread] = dataclasses.field(default_factory=dict)
    pins: dict[int, tuple[int | None, int]] = dataclasses.field(default_factory=dict)
    members: dict[int, frames.Member] = dataclasses.field(default_factory=dict)

    @property
    def read_up_to(self) -> int:
        if self.room.history == "since_join":
            return max(self.membership.read_number, self.membership.joined_number)
        return self.membership.read_number

    def move_read(self, number: int) -> None:
        self.membership = msgspec.structs.replace(self.membership, read_number=number)
        self.mentions = {mention for mention in self.mentions if mention > self.read_up_to}

    def set_message(self, message: frames.Message, me: int) -> None:
        """Whole, whatever was known of it."""
        thread = message.thread
        self.roots.pop(message.id, None)
        if thread is not None and thread.root != message.id:
            self.roots[message.id] = thread.root
        self.set_thread(thread, message.id)
        self.messages[message.id] = msgspec.structs.replace(message, thread=None)
        if message.deleted_at is not None:
            self.pins.pop(message.id, None)
        names_me = message.deleted_at is None and (me in message.mentions or message.everyone > 0)
        if names_me and message.author != me and message.number > self.read_up_to:
            self.mentions.add(message.number)
        else:
            self.mentions.discard(message.number)

    def set_thread(self, thread: frames.Thread | None, message: int) -> None:
        if thread is None:
            self.threads.pop(message, None)
        elif thread.replies or thread.resolved_at is not None:
            self.threads[thread.root] = thread
        else:
            self.threads.pop(thread.root, None)


@dataclasses.dataclass
class ThreadState:
    """`number` is the room's last when it was told."""

    room: int
    following: str
    read_number: int
    number: int = 0


@dataclasses.dataclass
class State:
    """`heads` are the offsets up to which each channel is in it."""

    person: User
    heads: dict[str, int]
    rooms: dict[int, RoomState]
    drafts: dict[Place, tuple[str, int | None]]
    saved: set[int]
    threads: dict[int, ThreadState]
    notices: dict[int, tuple[int, frames.Notice]]
    readings: dict[int, tuple[int, int | None]]
    unread_notices: set[int]
    last_notice: int

    def shown(self) -> dict[str, Any]:
        """What a person would see, to be compared."""
        return {
            "rooms": {pk: _shown_room(room) for pk, room in self.rooms.items()},
            "drafts": self.drafts,
            "saved": self.saved,
            "threads": {
                pk: (one.room, one.following, one.read_number)
                for pk, one in self.threads.items()
                if one.following != "none"
            },
            "notices": self.notices,
            "readings": self.readings,
            "unread_notices": self.unread_notices,
        }


def _shown_room(room: RoomState) -> dict[str, Any]:
    return {
        "room": room.room,
        "membership": room.membership,
        "last_number": room.last_number,
        "unread": max(0, room.last_number - room.read_up_to),
        "mentions": room.mentions,
        "messages": room.messages,
        "roots": room.roots,
        "threads": room.threads,
        "pins": room.pins,
        "members": room.members,
    }


# Taking a snapshot.


def snapshot(person: User) -> State:
    """All of it, by `sync` and pages, as a client loads it."""
    synced: Synced = do(person, "sync")
    heads = {f"user:{person.pk}": synced.user_head.offset, "site": synced.site_head.offset}
    heads |= {f"room:{one.room.id}": one.head.offset for one in synced.rooms}
    state = State(
        person=person,
        heads=heads,
        rooms={},
        drafts={},
        saved=set(synced.saved),
        threads={},
        notices={},
        readings={},
        unread_notices=set(synced.notices.unread),
        last_notice=synced.notices.last,
    )
    for one in synced.rooms:
        _load_room(state, one, synced)
    for notice in do(person, "notice.list").results:
        state.notices[notice.notice.id] = (notice.push, notice.notice)
        if notice.read_at is not None:
            state.readings[notice.notice.id] = (notice.read_at, notice.confirmed_at)
    return state


def _load_room(state: State, one: SyncedRoom, synced: Synced) -> None:
    """With what is in it of drafts and threads."""
    person, room_id = state.person, one.room.id
    room = RoomState(one.room, one.membership, one.last_number, read_at_number=one.last_number)
    for message in _all_of(person, "room.messages", room=room_id):
        room.set_message(message, person.pk)
    assert room.mentions == set(one.mentions)
    assert max(0, room.last_number - room.read_up_to) == one.unread
    assert room.read_up_to + 1 == one.first_unread
    assert one.last_message is None or one.last_message in _all_of(person, "room.messages", room=room_id)
    room.pins = {pin.message.id: (pin.by, pin.at) for pin in do(person, "pin.list", room=room_id).results}
    room.members = {member.user: member for member in do(person, "room.members", room=room_id).results}
    state.rooms[room_id] = room
    state.drafts |= {(d.room, d.thread): (d.body, d.reply_to) for d in synced.drafts if d.room == room_id}
    state.threads |= {
        thread.thread: ThreadState(room_id, thread.following, thread.read_number, one.last_number)
        for thread in synced.threads
        if thread.room == room_id
    }


def _all_of(person: User, method: str, **asked: object) -> list[Any]:
    answer = do(person, method, limit=200, **asked)
    assert answer.next is None if hasattr(answer, "next") else True
    return list(answer.results)


# Following.


def apply(state: State, publication: Publication) -> None:
    """Publications of a channel in their order, those of several in any. What the state has already is passed over."""
    known = state.heads.get(publication.channel)
    if known is None or publication.offset <= known:
        return
    assert publication.offset == known + 1, "a hole"
    state.heads[publication.channel] = publication.offset
    frame = frames.decode(publication.data)
    set_in(state, frame)
    _set_member(state, publication.channel, frame)


def set_in(state: State, frame: frames.Frame | frames.Signal) -> None:
    match frame:
        case frames.RoomGained() | frames.RoomLost() | frames.ReadMoved() | frames.MembershipChanged():
            _set_membership(state, frame)
        case frames.DraftChanged():
            _set_draft(state, frame)
        case frames.MessageSaved(message=message, room=room_id):
            room = state.rooms.get(room_id)
            known = None if room is None else room.messages.get(message)
            if known is None or known.deleted_at is None:
                state.saved.add(message)
        case frames.MessageUnsaved(message=message):
            state.saved.discard(message)
        case frames.ThreadFollowed():
            _set_following(state, frame)
        case frames.NoticePushed(notice=notice):
            state.notices[notice.id] = (frame.push, notice)
            if notice.id > state.last_notice and notice.id not in state.readings:
                state.unread_notices.add(notice.id)
            state.last_notice = max(state.last_notice, notice.id)
        case frames.NoticeRead(notice=notice_id):
            state.readings[notice_id] = (frame.read_at, frame.confirmed_at)
            state.unread_notices.discard(notice_id)
        case _:
            _set_in_room(state, frame)


def _set_membership(
    state: State, frame: frames.RoomGained | frames.RoomLost | frames.ReadMoved | frames.MembershipChanged
) -> None:
    room = state.rooms.get(frame.room)
    match frame:
        case frames.RoomGained():
            _reload(state, frame.room)
        case frames.RoomLost():
            state.rooms.pop(frame.room, None)
            state.heads.pop(f"room:{frame.room}", None)
            state.drafts = {place: draft for place, draft in state.drafts.items() if place[0] != frame.room}
            state.threads = {pk: one for pk, one in state.threads.items() if one.room != frame.room}
        case frames.ReadMoved() if room is not None:
            own = room.own_number if room.own_number > frame.last_number else 0
            room.read_at_number = frame.last_number
            known = {message.number: message for message in room.messages.values()}
            told = {number for number in frame.mentions if number not in known}
            told |= {number for number in frame.mentions if number in known and known[number].deleted_at is None}
            room.mentions |= told
            room.move_read(max(frame.read_number, own))
        case frames.MembershipChanged() if room is not None:
            now = room.membership.read_number
            room.membership = msgspec.structs.replace(frame.membership, read_number=now)
        case _:
            pass


def _reload(state: State, room_id: int) -> None:
    """One room, as it is by now; nothing when it is lost again."""
    synced: Synced = do(state.person, "sync")
    for one in synced.rooms:
        if one.room.id == room_id:
            state.heads[f"room:{room_id}"] = one.head.offset
            _load_room(state, one, synced)


def _set_draft(state: State, frame: frames.DraftChanged) -> None:
    if frame.body and frame.room in state.rooms:
        state.drafts[frame.room, frame.thread] = (frame.body, frame.reply_to)
    else:
        state.drafts.pop((frame.room, frame.thread), None)


def _set_in_room(state: State, frame: frames.Frame | frames.Signal) -> None:
    me = state.person.pk
    match frame:
        case frames.MessagePosted(message=message) | frames.MessageRang(message=message):
            if (room := state.rooms.get(message.room)) is not None:
                _set_posted(state, room, message)
        case frames.MessageEdited(message=message) | frames.MessageDeleted(message=message):
            if (room := state.rooms.get(message.room)) is not None:
                room.set_message(message, me)
            if message.deleted_at is not None:
                state.saved.discard(message.id)
        case frames.ReactionAdded() | frames.ReactionRemoved():
            for room in state.rooms.values():
                _set_reaction(room, frame)
        case frames.PinAdded() | frames.PinRemoved():
            for room in state.rooms.values():
                _set_pin(room, frame)
        case frames.ThreadChanged(thread=thread):
            for room in state.rooms.values():
                if thread.root in room.messages:
                    room.set_thread(thread, thread.root)
        case frames.RoomChanged(room=changed) if changed.id in state.rooms:
            room = state.rooms[changed.id]
            was, room.room = room.room.history, changed
            if was != changed.history:
                _reload(state, changed.id)
        case _:
            pass


def _set_posted(state: State, room: RoomState, message: frames.Message) -> None:
    me = state.person.pk
    room.last_number = max(room.last_number, message.number)
    if message.author == me:
        room.own_number = max(room.own_number, message.number)
        if message.number > max(room.read_at_number, room.membership.read_number):
            room.move_read(message.number)
    room.set_message(message, me)
    thread = message.thread
    if thread is not None and thread.root != message.id and me in (message.author, thread.author):
        _follow(state, room, message, thread)


def _follow(state: State, room: RoomState, message: frames.Message, thread: frames.Thread) -> None:
    """As `MessagePosted` says: whoever writes in a thread, and who began it."""
    known = state.threads.get(thread.root)
    if known is not None and known.number >= message.number:
        return
    following = "follows" if known is None or known.following == "none" else known.following
    before = 0 if known is None else known.read_number
    if message.author == state.person.pk:
        before = max(before, message.number)
    elif known is None or known.following == "none":
        before = message.number - 1
    state.threads[thread.root] = ThreadState(room.room.id, following, before, message.number)


def _set_following(state: State, frame: frames.ThreadFollowed) -> None:
    """What was said after it, and heard before, follows from there."""
    state.threads[frame.thread] = ThreadState(frame.room, frame.following, frame.read_number, frame.number)
    room = state.rooms.get(frame.room)
    thread = None if room is None else room.threads.get(frame.thread)
    if room is None or thread is None:
        return
    replies = [room.messages[pk] for pk, root in room.roots.items() if root == frame.thread]
    for message in sorted(replies, key=lambda reply: reply.number):
        if state.person.pk in (message.author, thread.author):
            _follow(state, room, message, thread)


def _set_reaction(room: RoomState, frame: frames.ReactionAdded | frames.ReactionRemoved) -> None:
    message = room.messages.get(frame.message)
    if message is None or message.deleted_at is not None:
        return
    users = {reaction.emoji: list(reaction.users) for reaction in message.reactions}
    those = users.setdefault(frame.emoji, [])
    if frame.user in those:
        those.remove(frame.user)
    if isinstance(frame, frames.ReactionAdded):
        those.append(frame.user)
    reactions = [frames.Reaction(emoji, found) for emoji, found in users.items() if found]
    room.messages[frame.message] = msgspec.structs.replace(message, reactions=reactions)


def _set_pin(room: RoomState, frame: frames.PinAdded | frames.PinRemoved) -> None:
    message = room.messages.get(frame.message)
    if message is None or message.deleted_at is not None:
        return
    is_pinned = isinstance(frame, frames.PinAdded)
    room.messages[frame.message] = msgspec.structs.replace(message, is_pinned=is_pinned)
    if isinstance(frame, frames.PinAdded):
        room.pins[frame.message] = (frame.by, frame.at)
    else:
        room.pins.pop(frame.message, None)


def _set_member(state: State, channel: str, frame: frames.Frame | frames.Signal) -> None:
    room = state.rooms.get(int(channel.removeprefix("room:"))) if channel.startswith("room:") else None
    if room is None:
        return
    match frame:
        case frames.MemberJoined(member=member) | frames.MemberChanged(member=member):
            room.members[member.user] = member
        case frames.MemberLeft(user=user):
            room.members.pop(user, None)
        case _:
            pass


# Holding it to the rule.


def assert_follows(person: User, *acts: Callable[[], object], wire: Wire) -> list[Publication]:
    """
    What a client of this person makes of the publications of `acts` is what another one finds that comes afterwards;
    whichever of its channels comes first, as they were told and as the history has them, once and over again. Each act
    is committed before the next. The publications that the person could hear are returned.
    """
    before, story_before = snapshot(person), stories.loaded(person)
    first = len(wire.publications)
    for act in acts:
        with wire.committed():
            act()
    after = snapshot(person)
    told = wire.publications[first:]
    channels = list(dict.fromkeys([*before.heads, *after.heads]))
    heard = [publication for publication in told if publication.channel in channels]
    orders: dict[str, Sequence[Publication]] = {
        "as told": heard,
        "the person's own channel first": _sorted(heard, channels),
        "the person's own channel last": _sorted(heard, channels[::-1]),
        "from the history": remembered(before),
    }
    stories.keep(story_before, stories.loaded(person), orders)
    for order, publications in orders.items():
        state = copy.deepcopy(before)
        for publication in publications:
            apply(state, publication)
        assert after.shown() == state.shown(), order
    again = copy.deepcopy(after)
    for publication in heard:
        if publication.channel in again.heads:
            again.heads[publication.channel] = min(again.heads[publication.channel], publication.offset - 1)
    for publication in heard:
        apply(again, publication)
    assert after.shown() == again.shown(), "over again"
    return heard


def _sorted(publications: Iterable[Publication], channels: Sequence[str]) -> list[Publication]:
    return sorted(publications, key=lambda publication: channels.index(publication.channel))


def remembered(state: State) -> list[Publication]:
    """What the history of each channel has above its head, by the commands."""
    found = []
    for channel, head in state.heads.items():
        kind, _, number = channel.partition(":")
        room = {"room": int(number)} if kind == "room" else {}
        # Of a room that was lost meanwhile, the person's own channel tells.
        with contextlib.suppress(errors.NotAMember):
            answer: Publications = do(state.person, f"{kind}.publications", after=head, limit=500, **room)
            assert answer.next is None
            found += [
                Publication(channel=channel, offset=one.offset, epoch=answer.head.epoch, data=bytes(one.data))
                for one in answer.results
            ]
    return found
