"""Rooms of people: the direct room of two (or of one with oneself) and groups, found again by their people."""

import dataclasses
from collections.abc import Collection, Sequence

from teahouse.chat import errors, frames, people
from teahouse.chat.conf import conf
from teahouse.chat.log import writer
from teahouse.chat.log.entries import Batch, Entry
from teahouse.chat.models import Membership, Room
from teahouse.chat.people import Person
from teahouse.chat.selectors import rooms


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class OpenRoomOfPeople(Entry[int]):
    """All its people gain it, and are its members for ever. The answer is the room's id, of the first time too."""

    actor_id: int
    people: tuple[int, ...]

    @property
    def channels(self) -> Sequence[str]:
        return [f"user:{user}" for user in self.people]

    def take(self, batch: Batch) -> int:
        # Whoever opens this room holds the locks of all its people: nobody makes it at the same time.
        key = rooms.key_of_people(set(self.people))
        if room := Room.objects.filter(people_key=key).first():
            return room.pk
        active = people.active_among(self.people)
        if self.actor_id not in active:
            raise errors.NotAMember
        if len(active) < len(self.people):
            raise errors.NoSuchPerson
        begun = Room.objects.filter(creator=self.actor_id, kind=Room.Kind.GROUP)
        if len(self.people) > 2 and begun.count() >= conf().most_groups_begun:
            raise errors.TooMany("groups")
        room = Room.objects.create(
            kind=Room.Kind.DIRECT if len(self.people) <= 2 else Room.Kind.GROUP,
            people_key=key,
            creator_id=self.actor_id,
        )
        Membership.objects.bulk_create(Membership(room=room, user_id=user) for user in self.people)
        batch.open(room)
        for user in self.people:
            batch.publish(
                f"user:{user}",
                frames.RoomGained(room=room.pk),
                actor_id=self.actor_id,
                room=room,
                opens=room.channel,
            )
        return room.pk


def direct_room_of(person: Person, others: Collection[int]) -> int:
    """
    The id of the room of somebody and these others (none: oneself alone); made when it is asked for the first time.

    Raises:
        errors.NoSuchPerson: one of them is not there, or may not sign in.
        errors.TooMany: more than `most_people_in_group` in all; or groups that this person has begun.
        errors.NotAMember: `person` may not sign in (any more).
        errors.TryAgain.
    """
    everyone = tuple(sorted({person.pk, *others}))
    if len(everyone) > conf().most_people_in_group:
        raise errors.TooMany("people")
    if room := Room.objects.filter(people_key=rooms.key_of_people(set(everyone))).only("pk").first():
        return room.pk
    if any(people.person_with_id(user) is None for user in everyone):
        raise errors.NotAMember if people.person_with_id(person.pk) is None else errors.NoSuchPerson
    return writer.write(OpenRoomOfPeople(actor_id=person.pk, people=everyone))
