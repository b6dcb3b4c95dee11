"""
How somebody becomes a member and how a membership ends, inside a batch that holds the locks of the room and the person.
What each asks first is said by the entries that use it.
"""

import datetime
from collections.abc import Iterable

from django.db.models import Q

from teahouse.chat import access, errors, frames, people
from teahouse.chat.access import MOST_ID, Access
from teahouse.chat.conf import conf
from teahouse.chat.log.entries import Batch
from teahouse.chat.models import Ban, InviteLink, Membership, Room
from teahouse.chat.selectors import rooms

LEFT, REMOVED, BANNED = "left", "removed", "banned"


def check_people(user_ids: Iterable[int]) -> None:
    """Raises errors.NoSuchPerson unless all are there and may sign in."""
    wanted = set(user_ids)
    if any(not 0 < user <= MOST_ID for user in wanted) or len(people.active_among(wanted)) < len(wanted):
        raise errors.NoSuchPerson


def check_person(user_id: int) -> None:
    """Raises errors.NoSuchPerson unless there is one, whether they may sign in or not."""
    if not 0 < user_id <= MOST_ID or not people.people_with_ids([user_id]):
        raise errors.NoSuchPerson


def check_open(room: Room) -> None:
    """Raises errors.Archived."""
    if room.archived_at is not None:
        raise errors.Archived


def check_fewer_rooms(user_ids: Iterable[int]) -> None:
    """Raises errors.TooMany when one of them is in as many rooms as anybody may be in."""
    for user in user_ids:
        if Membership.objects.filter(user=user).count() >= conf().most_rooms_per_person:
            raise errors.TooMany("rooms")


def ban_of(room: Room, user_id: int, now: datetime.datetime) -> Ban | None:
    """The ban that holds now."""
    return Ban.objects.filter(Q(until=None) | Q(until__gt=now), room=room, user=user_id).first()


def is_member(room: Room, user_id: int) -> bool:
    return access.is_lobby(room) or Membership.objects.filter(room=room, user=user_id).exists()


def add_member(batch: Batch, *, room: Room, user_id: int, actor_id: int) -> None:
    """
    Somebody who is none becomes a member; of a room that everyone had left, its owner. Nothing from before is unread.

    Raises:
        errors.Banned, Archived; TooMany: rooms of this person.
    """
    if ban_of(room, user_id, batch.now) is not None:
        raise errors.Banned
    check_open(room)
    check_fewer_rooms([user_id])
    is_first = not Membership.objects.filter(room=room).exists()
    membership = Membership.objects.create(
        room=room,
        user_id=user_id,
        role=Membership.Role.OWNER if is_first else Membership.Role.MEMBER,
        joined_number=room.last_number,
        joined_offset=batch.heads[room.channel].last_offset,
        read_number=room.last_number,
        # Who leaves a slow room and comes back has waited no less.
        last_posted_at=batch.now if room.slow_mode_seconds else None,
    )
    batch.publish(
        room.channel,
        frames.MemberJoined(member=rooms.member_frame_of(membership)),
        actor_id=actor_id,
        room=room,
    )
    batch.publish(f"user:{user_id}", frames.RoomGained(room=room.pk), actor_id=actor_id, room=room, opens=room.channel)


def drop_member(batch: Batch, *, left: Access, actor_id: int, reason: str) -> None:
    """
    Their membership ends: they hear nothing of the room from the publication on.

    Who is muted may come back when the mute is over, a reader when a moderator lifts the ban: or leaving and joining
    again would give them the word.
    """
    room, membership = left.room, left.membership
    user_id = membership.user_id
    Membership.objects.filter(pk=membership.pk).delete()
    is_reader = membership.role == Membership.Role.READER
    is_muted = membership.muted_until is not None and membership.muted_until > batch.now
    if reason != BANNED and (is_reader or is_muted):
        Ban.objects.update_or_create(
            room=room,
            user_id=user_id,
            defaults={
                "until": None if is_reader else membership.muted_until,
                "reason": "left as a reader" if is_reader else "left while muted",
                "banned_by": None,
                "created_at": batch.now,
            },
        )
    if not Membership.objects.filter(room=room).exists():
        # Nobody is there any more who could revoke them.
        InviteLink.objects.filter(room=room, revoked_at=None).update(revoked_at=batch.now)
    by = actor_id if actor_id != user_id else None
    batch.publish(
        room.channel,
        frames.MemberLeft(user=user_id, reason=reason, by=by),
        actor_id=actor_id,
        room=room,
        leavers=[user_id],
    )
    batch.publish(
        f"user:{user_id}",
        frames.RoomLost(room=room.pk, reason=reason),
        actor_id=actor_id,
        room=room,
        closes=room.channel,
    )


def check_owner_stays(room: Room, user_id: int) -> None:
    """Raises errors.Conflict when there is no other owner who may sign in. The lobby has the superusers."""
    if access.is_lobby(room):
        return
    owners = Membership.objects.filter(room=room, role=Membership.Role.OWNER).exclude(user=user_id)
    if not people.active_among(set(owners.values_list("user", flat=True))):
        raise errors.Conflict("the last owner")
