"""
The doors: who has a `Room` or a `Message` from here may read it, and there is no other way to get one. Whether they may
also change it depends on their membership, which comes with it.
"""

import msgspec
from django.db.models import Q, QuerySet

from teahouse.chat import errors, people
from teahouse.chat.conf import conf
from teahouse.chat.models import Membership, Message, Room
from teahouse.chat.people import Person

# What fits the key of a row in every database.
MOST_ID = 2**63 - 1


class Access(msgspec.Struct, frozen=True):
    """
    A room as a member of it sees it. `from_number` and `from_offset` are where its history begins for them: messages
    with a lower number, publications with a lower offset are not theirs to read.
    """

    room: Room
    membership: Membership
    # A superuser in the lobby, who acts as its owner whatever the stored role is.
    is_site_owner: bool = False

    @property
    def role(self) -> str:
        """In which they act."""
        return Membership.Role.OWNER if self.is_site_owner else self.membership.role

    @property
    def from_number(self) -> int:
        return self.membership.joined_number + 1 if self.room.history == Room.History.SINCE_JOIN else 1

    @property
    def from_offset(self) -> int:
        return self.membership.joined_offset + 1 if self.room.history == Room.History.SINCE_JOIN else 1

    @property
    def is_lobby(self) -> bool:
        return is_lobby(self.room)

    @property
    def is_owner(self) -> bool:
        return self.role == Membership.Role.OWNER

    @property
    def may_moderate(self) -> bool:
        return self.role in (Membership.Role.OWNER, Membership.Role.MODERATOR)

    @property
    def may_make_links(self) -> bool:
        """To the lobby only its owners: such a link is an invitation to the site."""
        return self.is_owner if self.is_lobby else self.may_moderate

    @property
    def may_invite(self) -> bool:
        """Everyone where everyone may join; else owners and moderators; the people of a direct room never change."""
        return self.room.kind == Room.Kind.PUBLIC or (not self.room.is_of_people and self.may_moderate)


def is_lobby(room: Room) -> bool:
    return room.slug == conf().lobby_slug


def lobby() -> Room:
    """The room that everyone who may sign in is a member of. Made when it is asked for the first time."""
    room, _ = Room.objects.get_or_create(
        slug=conf().lobby_slug, defaults={"kind": Room.Kind.PUBLIC, "name": conf().lobby_name}
    )
    return room


def lobby_id() -> int | None:
    """None before anybody has asked for it."""
    return Room.objects.filter(slug=conf().lobby_slug).values_list("pk", flat=True).first()


def lobby_for(*, user: Person) -> Room:
    """Raises NotAMember for somebody who may not sign in (any more)."""
    if people.person_with_id(user.pk) is None:
        raise errors.NotAMember
    return lobby()


def room_for(*, user: Person, room_id: int) -> Access:
    """
    A room that somebody is a member of; everyone is one of the lobby, with or without a row.

    Raises:
        NotAMember: no such room, or not theirs, or they may not sign in (any more).
    """
    return room_for_id(user_id=user.pk, room_id=room_id)


def room_for_id(*, user_id: int, room_id: int) -> Access:
    """As `room_for`; for entries, which read it under the lock of the room's channel and carry ids only."""
    person = people.person_with_id(user_id) if 0 < room_id <= MOST_ID else None
    if person is None:
        raise errors.NotAMember
    membership = Membership.objects.select_related("room").filter(room=room_id, user=user_id).first()
    if membership is not None:
        return _access(person, membership.room, membership)
    room = Room.objects.filter(pk=room_id).first()
    if room is None or not is_lobby(room):
        raise errors.NotAMember
    return _access(person, room, implied_membership(room, user_id))


def moderated_room_for(*, user: Person, room_id: int) -> Access:
    """As `room_for`, for its owners and moderators. Raises NotAllowed for its other members."""
    access = room_for(user=user, room_id=room_id)
    if not access.may_moderate:
        raise errors.NotAllowed
    return access


def message_for(*, user: Person, message_id: int) -> tuple[Access, Message]:
    """
    A message that somebody may read, deleted ones too (they are empty).

    Raises:
        NoSuchMessage: none, or in a room that is not theirs, or from before they came.
    """
    if not 0 < message_id <= MOST_ID:
        raise errors.NoSuchMessage
    message = Message.objects.filter(pk=message_id).first()
    if message is None:
        raise errors.NoSuchMessage
    try:
        access = room_for(user=user, room_id=message.room_id)
    except errors.NotAMember:
        raise errors.NoSuchMessage from None
    if message.number < access.from_number:
        raise errors.NoSuchMessage
    return access, message


def memberships_for(*, user: Person) -> list[Access]:
    """All rooms of somebody who may sign in, the lobby among them; at most `conf().most_rooms`."""
    rows = (
        Membership.objects.filter(user=user.pk).select_related("room").order_by("room")[: conf().most_rooms_per_person]
    )
    found = [_access(user, membership.room, membership) for membership in rows]
    if not any(access.is_lobby for access in found):
        room = lobby()
        found.append(_access(user, room, implied_membership(room, user.pk)))
    return found


def _access(person: Person, room: Room, membership: Membership) -> Access:
    is_site_owner = is_lobby(room) and getattr(person, "is_superuser", False)
    return Access(room, membership, is_site_owner=is_site_owner)


def is_site_owner(user_id: int) -> bool:
    """Whether somebody who may sign in acts as an owner of the lobby."""
    person = people.person_with_id(user_id)
    return person is not None and getattr(person, "is_superuser", False)


def public_rooms() -> QuerySet[Room]:
    """The rooms that everyone may know of."""
    return Room.objects.filter(kind=Room.Kind.PUBLIC)


def readable_messages(accesses: list[Access]) -> Q:
    """The condition on messages that somebody with these rooms may read."""
    everything = [access.room.pk for access in accesses if access.from_number == 1]
    condition = Q(room__in=everything)
    for access in accesses:
        if access.from_number > 1:
            condition |= Q(room=access.room.pk, number__gte=access.from_number)
    return condition


def implied_membership(room: Room, user_id: int) -> Membership:
    """Of the lobby, before there is a row; not saved."""
    return Membership(room=room, user_id=user_id)
