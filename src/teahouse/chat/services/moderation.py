"""What owners and moderators do to people: bans, mutes, roles."""

import dataclasses
import datetime

from teahouse.chat import access, errors, frames
from teahouse.chat.access import Access
from teahouse.chat.log import writer
from teahouse.chat.log.entries import Batch
from teahouse.chat.models import Ban, Membership
from teahouse.chat.people import Person
from teahouse.chat.selectors import rooms
from teahouse.chat.services import joining
from teahouse.chat.services.members import OfMember, check_may_act_on, check_may_moderate, keep
from teahouse.chat.services.room_names import cleaned_topic

MOST_SECONDS = 10 * 366 * 86_400
# A term that is set again within this time is the same one, sent twice.
_SAME_TERM = datetime.timedelta(seconds=60)
_MODERATED = (Membership.Role.MEMBER, Membership.Role.READER)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class BanPerson(OfMember):
    seconds: int | None
    reason: str

    def take(self, batch: Batch) -> None:
        acting = access.room_for_id(user_id=self.actor_id, room_id=self.room_id)
        check_may_moderate(acting, self.user_id)
        if acting.is_lobby:
            raise errors.NotAllowed("nobody can be banned from the lobby")
        membership = Membership.objects.filter(room=acting.room, user=self.user_id).first()
        if membership is not None:
            check_may_act_on(acting, membership.role)
        until = _end(batch.now, self.seconds)
        ban = joining.ban_of(acting.room, self.user_id, batch.now)
        if membership is None and ban is not None and ban.reason == self.reason and _is_same(ban.until, until):
            return
        joining.check_open(acting.room)
        Ban.objects.update_or_create(
            room=acting.room,
            user_id=self.user_id,
            defaults={
                "until": until,
                "reason": self.reason,
                "banned_by_id": self.actor_id,
                "created_at": batch.now,
            },
        )
        if membership is not None:
            left = Access(acting.room, membership)
            joining.drop_member(batch, left=left, actor_id=self.actor_id, reason=joining.BANNED)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class UnbanPerson(OfMember):
    def take(self, batch: Batch) -> None:
        acting = access.room_for_id(user_id=self.actor_id, room_id=self.room_id)
        if not acting.may_moderate:
            raise errors.NotAllowed
        ban = Ban.objects.filter(room=acting.room, user=self.user_id).first()
        if ban is not None:
            joining.check_open(acting.room)
            ban.delete()


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class MuteMember(OfMember):
    seconds: int

    def take(self, batch: Batch) -> None:
        acting = access.room_for_id(user_id=self.actor_id, room_id=self.room_id)
        check_may_moderate(acting, self.user_id)
        target = _target(acting, self.user_id)
        if target.role not in _MODERATED:
            raise errors.NotAllowed("owners and moderators cannot be muted")
        muted_until = target.membership.muted_until
        current = muted_until if muted_until is not None and muted_until > batch.now else None
        until = _end(batch.now, self.seconds) if self.seconds else None
        if current == until or (current is not None and until is not None and _is_same(current, until)):
            return
        joining.check_open(acting.room)
        target.membership.muted_until = until
        _tell(batch, target, ["muted_until"], actor_id=self.actor_id)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class SetRole(OfMember):
    role: str

    def take(self, batch: Batch) -> None:
        acting = access.room_for_id(user_id=self.actor_id, room_id=self.room_id)
        if acting.room.is_of_people:
            raise errors.NotAllowed("there are no roles here")
        # Also for who has just given their own role away, and asks again.
        if self.actor_id == self.user_id and self.role == acting.membership.role:
            return
        target = _target(acting, self.user_id)
        may = acting.is_owner or (acting.may_moderate and target.role in _MODERATED and self.role in _MODERATED)
        if not may:
            raise errors.NotAllowed
        if target.membership.role == self.role:
            return
        joining.check_open(acting.room)
        if target.membership.role == Membership.Role.OWNER:
            joining.check_owner_stays(acting.room, self.user_id)
        target.membership.role = self.role
        _tell(batch, target, ["role"], actor_id=self.actor_id)


def ban_person(*, actor: Person, room_id: int, user_id: int, seconds: int | None = None, reason: str = "") -> None:
    """
    Somebody may not be in a room for so many seconds (up to ten years), or, None, until it is lifted; a member is
    removed. Another term or reason replaces the one that is; terms that end within a minute of each other are the same.

    Raises:
        errors.NotAMember; NotAllowed: no moderator, or of one who has as much to say; or the lobby.
        errors.NoSuchPerson; BadArgument: oneself, or no such term or reason; Archived; TryAgain.
    """
    if seconds is not None and not 0 < seconds <= MOST_SECONDS:
        raise errors.BadArgument("seconds")
    reason = cleaned_topic(reason)
    access.moderated_room_for(user=actor, room_id=room_id)
    joining.check_person(user_id)
    writer.write(BanPerson(actor_id=actor.pk, room_id=room_id, user_id=user_id, seconds=seconds, reason=reason))


def unban_person(*, actor: Person, room_id: int, user_id: int) -> None:
    """Lift a ban, if there is one. Raises errors.NotAMember, NotAllowed, NoSuchPerson, Archived, TryAgain."""
    access.moderated_room_for(user=actor, room_id=room_id)
    joining.check_person(user_id)
    writer.write(UnbanPerson(actor_id=actor.pk, room_id=room_id, user_id=user_id))


def mute_member(*, actor: Person, room_id: int, user_id: int, seconds: int) -> None:
    """
    Take the word away for so many seconds (up to ten years) from now; 0 gives it back. A mute that ends within a minute
    of one that is there is the same one.

    Raises:
        errors.NotAMember; NotAllowed: no moderator, or of an owner or moderator.
        errors.NoSuchPerson: not a member; BadArgument: oneself, or no such term; Archived; TryAgain.
    """
    if not 0 <= seconds <= MOST_SECONDS:
        raise errors.BadArgument("seconds")
    access.moderated_room_for(user=actor, room_id=room_id)
    joining.check_person(user_id)
    writer.write(MuteMember(actor_id=actor.pk, room_id=room_id, user_id=user_id, seconds=seconds))


def set_role(*, actor: Person, room_id: int, user_id: int, role: str) -> None:
    """
    Owners set any role (Membership.Role) of everyone, their own too; moderators make members readers, and back.

    Raises:
        errors.NotAMember, NotAllowed; NoSuchPerson: not a member; Conflict: the last owner; Archived; TryAgain;
        BadArgument for a role that is none.
    """
    if role not in Membership.Role:
        raise errors.BadArgument("role")
    access.room_for(user=actor, room_id=room_id)
    joining.check_person(user_id)
    writer.write(SetRole(actor_id=actor.pk, room_id=room_id, user_id=user_id, role=role))


def _target(acting: Access, user_id: int) -> Access:
    try:
        return access.room_for_id(user_id=user_id, room_id=acting.room.pk)
    except errors.NotAMember:
        pass
    # A member who may not sign in (now) can still be muted, and have their role taken.
    membership = Membership.objects.filter(room=acting.room, user=user_id).first()
    if membership is None:
        raise errors.NoSuchPerson
    return Access(acting.room, membership)


def _tell(batch: Batch, target: Access, fields: list[str], *, actor_id: int) -> None:
    room, membership = target.room, target.membership
    keep(membership, fields)
    batch.publish(
        room.channel, frames.MemberChanged(member=rooms.member_frame_in(target)), actor_id=actor_id, room=room
    )
    batch.publish(
        f"user:{membership.user_id}",
        frames.MembershipChanged(room=room.pk, membership=rooms.membership_frame_in(target)),
        actor_id=actor_id,
        room=room,
    )


def _end(now: datetime.datetime, seconds: int | None) -> datetime.datetime | None:
    return None if seconds is None else now + datetime.timedelta(seconds=seconds)


def _is_same(one: datetime.datetime | None, other: datetime.datetime | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) < _SAME_TERM
