"""All that a person's client begins with, in a number of statements that does not grow with rooms or messages."""

from typing import NamedTuple

from django.utils import timezone

from teahouse.chat import frames, people
from teahouse.chat.access import Access
from teahouse.chat.models import Channel, Draft
from teahouse.chat.people import Person
from teahouse.chat.selectors import counts, memberships, notices, personal, rooms
from teahouse.chat.selectors.counts import Unread
from teahouse.chat.selectors.messages import frames_of
from teahouse.chat.selectors.personal import FollowedNow

MOST_UNREAD_NOTICES = 200
MOST_SAVED = 2_000
MOST_THREADS = 1_000


class HeadNow(NamedTuple):
    offset: int
    epoch: str


class RoomNow(NamedTuple):
    access: Access
    head: HeadNow
    unread: Unread
    last_message: frames.Message | None


class Snapshot(NamedTuple):
    """`unread_notices` are the newest ones, `last_notice` is the highest id of all, whomever they are for."""

    now: int
    rooms: list[RoomNow]
    user_head: HeadNow
    site_head: HeadNow
    people: list[Person]
    drafts: list[Draft]
    saved: list[int]
    unread_notices: list[int]
    last_notice: int
    threads: list[FollowedNow]


def snapshot_of(user: Person) -> Snapshot:
    """
    Each part is as of the heads or later. What was published above the heads is told again to who goes on from them,
    and applying it again is harmless: each publication sets what it speaks of, and they are applied in their order. So
    the heads are read first, and no transaction is needed, which in SQLite would keep writers waiting.
    """
    heard = memberships.heard_by([user.pk])[0]
    heads = _heads(list(heard))
    room_ids = [int(name.removeprefix("room:")) for name in heard if name.startswith("room:")]
    found = memberships.accesses_of(user=user, room_ids=room_ids)
    mentions = counts.mentions_of(user.pk)
    last = _last_messages(found)
    now = [
        RoomNow(
            access=one,
            head=heads.get(one.room.channel, _NOTHING),
            unread=counts.unread_in(one.room, one.membership, mentions.get(one.room.pk, [])),
            last_message=last.get(one.room.pk),
        )
        for one in found
    ]
    return Snapshot(
        now=frames.milliseconds(timezone.now()),
        rooms=now,
        user_head=heads.get(f"user:{user.pk}", _NOTHING),
        site_head=heads.get("site", _NOTHING),
        people=_people(user, now),
        drafts=personal.drafts_of(user=user),
        saved=personal.saved_ids(user=user, limit=MOST_SAVED),
        unread_notices=notices.unread_notices(user=user, limit=MOST_UNREAD_NOTICES),
        last_notice=notices.last_notice(),
        threads=personal.followed_now(user=user, limit=MOST_THREADS),
    )


# Of a channel in which nothing has happened yet.
_NOTHING = HeadNow(0, "")


def _heads(names: list[str]) -> dict[str, HeadNow]:
    found = Channel.objects.filter(name__in=names).values_list("name", "last_offset", "epoch")
    return {name: HeadNow(offset, epoch) for name, offset, epoch in found}


def _last_messages(accesses: list[Access]) -> dict[int, frames.Message]:
    """By room; from before they came it is not theirs to read."""
    places = [(one.room.pk, one.room.last_number) for one in accesses if one.room.last_number >= one.from_number]
    return {frame.room: frame for frame in frames_of(personal.messages_at(places))}


def _people(user: Person, found: list[RoomNow]) -> list[Person]:
    """Of rooms of people, and those who wrote last; the rest is asked for when it is shown."""
    wanted = {user.pk}
    for one in found:
        wanted.update(rooms.people_in_key(one.access.room.people_key))
        if one.last_message is not None and one.last_message.author is not None:
            wanted.add(one.last_message.author)
    return people.people_with_ids(wanted)
