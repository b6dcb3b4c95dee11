"""The doors: who has a `Room` from here may read and write it, and there is no other way to get one."""

from django.db import IntegrityError, transaction

from teahouse.chat import errors, people
from teahouse.chat.conf import conf
from teahouse.chat.models import Membership, Room
from teahouse.chat.people import Person

# What fits the key of a room in every database.
_MOST_DIGITS = 18


def lobby() -> Room:
    """The room that everyone who may sign in is a member of. Made when it is asked for the first time."""
    room, _ = Room.objects.get_or_create(
        slug=conf().lobby_slug, defaults={"kind": Room.Kind.PUBLIC, "name": conf().lobby_name}
    )
    return room


def lobby_for(*, user: Person) -> Room:
    """Raises NotAMember for somebody who may not sign in (any more)."""
    if people.person_with_id(user.pk) is None:
        raise errors.NotAMember
    return lobby()


def direct_room_for(*, user: Person, other_id: int) -> Room:
    """
    The room of two people, or of one with oneself; made when it is asked for the first time.

    Raises:
        NotAMember: `user` may not sign in (any more).
        NoSuchPerson: nobody who may sign in has `other_id`.
    """
    if people.person_with_id(user.pk) is None:
        raise errors.NotAMember
    other = people.person_with_id(other_id)
    if other is None:
        raise errors.NoSuchPerson
    low, high = sorted((user.pk, other.pk))
    people_key = f"{low}:{high}"
    if room := Room.objects.filter(people_key=people_key).first():
        return room
    try:
        with transaction.atomic():
            room = Room.objects.create(kind=Room.Kind.DIRECT, people_key=people_key)
            Membership.objects.bulk_create(Membership(room=room, user_id=pk) for pk in {low, high})
    except IntegrityError:
        # The other one asked at the same moment.
        room = Room.objects.get(people_key=people_key)
    return room


def may_hear(person: Person, channel: str) -> bool:
    """Whether somebody who may sign in may subscribe to one of the chat's channels: their own, the site's, a room's."""
    if channel in ("site", f"user:{person.pk}"):
        return True
    kind, _, number = channel.partition(":")
    if kind != "room" or not number.isascii() or not number.isdecimal() or len(number) > _MOST_DIGITS:
        return False
    room = Room.objects.filter(pk=int(number)).first()
    if room is None:
        return False
    return room.slug == conf().lobby_slug or Membership.objects.filter(room=room, user_id=person.pk).exists()
