"""Joining and leaving, inviting and removing people, and what a member sets for themselves."""

import dataclasses
from collections.abc import Collection, Sequence

from teahouse.chat import access, errors, frames, people
from teahouse.chat.log import writer
from teahouse.chat.log.entries import Batch, Entry
from teahouse.chat.models import Membership, Room
from teahouse.chat.people import Person
from teahouse.chat.selectors import rooms
from teahouse.chat.services import joining

MOST_INVITED_AT_ONCE = 100


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class OfMember(Entry[None]):
    """A change by `actor_id` of what somebody, perhaps another one, has in a room."""

    actor_id: int
    room_id: int
    user_id: int

    @property
    def channels(self) -> Sequence[str]:
        return [f"room:{self.room_id}", f"user:{self.user_id}"]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class JoinRoom(OfMember):
    def take(self, batch: Batch) -> None:
        if people.person_with_id(self.user_id) is None:
            raise errors.NotAMember
        room = Room.objects.filter(pk=self.room_id).first()
        if room is None or not (room.kind == Room.Kind.PUBLIC or joining.is_member(room, self.user_id)):
            raise errors.NotAMember
        if not joining.is_member(room, self.user_id):
            joining.add_member(batch, room=room, user_id=self.user_id, actor_id=self.actor_id)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class LeaveRoom(OfMember):
    def take(self, batch: Batch) -> None:
        if people.person_with_id(self.user_id) is None:
            raise errors.NotAMember
        try:
            left = access.room_for_id(user_id=self.user_id, room_id=self.room_id)
        except errors.NotAMember:
            return
        if left.room.is_of_people or left.is_lobby:
            raise errors.NotAllowed("this room cannot be left")
        if left.is_owner and Membership.objects.filter(room=left.room).exclude(pk=left.membership.pk).exists():
            joining.check_owner_stays(left.room, self.user_id)
        joining.drop_member(batch, left=left, actor_id=self.actor_id, reason=joining.LEFT)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class InvitePerson(OfMember):
    def take(self, batch: Batch) -> None:
        inviting = access.room_for_id(user_id=self.actor_id, room_id=self.room_id)
        if not inviting.may_invite:
            raise errors.NotAllowed
        joining.check_people([self.user_id])
        if not joining.is_member(inviting.room, self.user_id):
            joining.add_member(batch, room=inviting.room, user_id=self.user_id, actor_id=self.actor_id)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class RemoveMember(OfMember):
    def take(self, batch: Batch) -> None:
        acting = access.room_for_id(user_id=self.actor_id, room_id=self.room_id)
        check_may_moderate(acting, self.user_id)
        if acting.is_lobby:
            raise errors.NotAllowed("nobody can be removed from the lobby")
        membership = Membership.objects.filter(room=acting.room, user=self.user_id).first()
        if membership is None:
            return
        check_may_act_on(acting, membership.role)
        joining.check_open(acting.room)
        left = access.Access(acting.room, membership)
        joining.drop_member(batch, left=left, actor_id=self.actor_id, reason=joining.REMOVED)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class PreferInRoom(OfMember):
    level: str | None
    is_favourite: bool | None

    def take(self, batch: Batch) -> None:
        own = access.room_for_id(user_id=self.user_id, room_id=self.room_id)
        membership = own.membership
        level = membership.level if self.level is None else self.level
        is_favourite = membership.is_favourite if self.is_favourite is None else self.is_favourite
        if (level, is_favourite) == (membership.level, membership.is_favourite):
            return
        joining.check_open(own.room)
        membership.level, membership.is_favourite = level, is_favourite
        keep(membership, ["level", "is_favourite"])
        batch.publish(
            f"user:{self.user_id}",
            frames.MembershipChanged(room=self.room_id, membership=rooms.membership_frame_in(own)),
            actor_id=self.actor_id,
            room=self.room_id,
        )


def join_room(*, actor: Person, room_id: int) -> None:
    """
    Become a member of a public room; its owner when everyone had left it.

    Raises:
        errors.NotAMember: no such room, or not public; or `actor` may not sign in (any more).
        errors.Banned, Archived; TooMany: rooms of this person; TryAgain.
    """
    # No channel is made for a room that is not there.
    if not 0 < room_id <= access.MOST_ID or not Room.objects.filter(pk=room_id).exists():
        raise errors.NotAMember
    writer.write(JoinRoom(actor_id=actor.pk, room_id=room_id, user_id=actor.pk))


def leave_room(*, actor: Person, room_id: int) -> None:
    """
    End one's membership, in an archived room too. Whoever is not in the room, or names none, has left it.

    Raises:
        errors.NotAllowed: the lobby, a direct room or a group.
        errors.Conflict: the last owner, while others are there.
        errors.NotAMember: `actor` may not sign in (any more).
        errors.TryAgain.
    """
    try:
        access.room_for(user=actor, room_id=room_id)
    except errors.NotAMember:
        if people.person_with_id(actor.pk) is None:
            raise
        return
    writer.write(LeaveRoom(actor_id=actor.pk, room_id=room_id, user_id=actor.pk))


def invite_people(*, actor: Person, room_id: int, user_ids: Collection[int]) -> None:
    """
    Make people members: in public rooms every member may, in private ones its owners and moderators. Members stay what
    they are. One entry each: after TryAgain some may be in, and the same again brings in the rest.

    Raises:
        errors.NotAMember, NotAllowed, Archived.
        errors.NoSuchPerson: one of them is not there, or may not sign in.
        errors.Banned: one of them is; nobody is invited then.
        errors.TooMany: more than 100 at once, or a person in too many rooms.
        errors.TryAgain.
    """
    wanted = sorted(set(user_ids))
    inviting = access.room_for(user=actor, room_id=room_id)
    if not inviting.may_invite:
        raise errors.NotAllowed
    if len(wanted) > MOST_INVITED_AT_ONCE:
        raise errors.TooMany("people")
    joining.check_people(wanted)
    joining.check_open(inviting.room)
    if rooms.is_any_banned(inviting.room, wanted):
        raise errors.Banned
    for user in wanted:
        writer.write(InvitePerson(actor_id=actor.pk, room_id=room_id, user_id=user))


def remove_member(*, actor: Person, room_id: int, user_id: int) -> None:
    """
    End somebody's membership. They may join again where everybody may; nothing changes for who is not a member.

    Raises:
        errors.NotAMember; NotAllowed: no moderator, or of one who has as much to say; or the lobby.
        errors.NoSuchPerson; BadArgument: oneself; Archived; TryAgain.
    """
    access.moderated_room_for(user=actor, room_id=room_id)
    joining.check_person(user_id)
    writer.write(RemoveMember(actor_id=actor.pk, room_id=room_id, user_id=user_id))


def prefer_in_room(*, actor: Person, room_id: int, level: str | None = None, is_favourite: bool | None = None) -> None:
    """
    Set one's own notification level (Membership.Level) and favourite; None leaves it.

    Raises errors.NotAMember, Archived, TryAgain; BadArgument for a level that is none.
    """
    if level is not None and level not in Membership.Level:
        raise errors.BadArgument("level")
    access.room_for(user=actor, room_id=room_id)
    writer.write(
        PreferInRoom(actor_id=actor.pk, room_id=room_id, user_id=actor.pk, level=level, is_favourite=is_favourite)
    )


def keep(membership: Membership, fields: Sequence[str]) -> None:
    """Store these fields; the lobby's implied memberships get a row."""
    if membership.pk is None:
        membership.save()
    else:
        membership.save(update_fields=fields)


def check_may_moderate(acting: access.Access, user_id: int) -> None:
    """Raises errors.NotAllowed; BadArgument for oneself."""
    if not acting.may_moderate:
        raise errors.NotAllowed
    if acting.membership.user_id == user_id:
        raise errors.BadArgument("user: oneself")


def check_may_act_on(acting: access.Access, role: str) -> None:
    """Owners on everyone, moderators on who is neither. Raises errors.NotAllowed."""
    if not acting.is_owner and role in (Membership.Role.OWNER, Membership.Role.MODERATOR):
        raise errors.NotAllowed("they have as much to say")
