"""Making rooms with a name, changing what they are, and archiving them. `opening.py` makes those of people."""

import dataclasses
from collections.abc import Collection, Sequence

import msgspec
from msgspec import UNSET, UnsetType

from teahouse.chat import access, errors, frames, people
from teahouse.chat.access import Access
from teahouse.chat.digests import digest_of
from teahouse.chat.log import writer
from teahouse.chat.log.entries import Batch, Entry
from teahouse.chat.models import Membership, Room
from teahouse.chat.people import Person
from teahouse.chat.selectors import rooms
from teahouse.chat.services import joining, room_names

MOST_PEOPLE_AT_FIRST = 100
# Of slow mode; of the edit window; of retention.
MOST_SLOW_SECONDS = 86_400
MOST_EDIT_SECONDS = 366 * 86_400
MOST_RETENTION_DAYS = 36_600


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What of a room is to be another; what is UNSET stays. Limits are checked by `change_room`."""

    name: str | UnsetType = UNSET
    topic: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    posting: str | UnsetType = UNSET
    slow_mode_seconds: int | UnsetType = UNSET
    edit_window_seconds: int | UnsetType | None = UNSET
    # Owners only.
    history: str | UnsetType = UNSET
    retention_days: int | UnsetType | None = UNSET

    def values(self) -> dict[str, object]:
        """Those that are set, by the model's field."""
        return {name: value for name, value in msgspec.structs.asdict(self).items() if value is not UNSET}

    @property
    def are_owners_only(self) -> bool:
        return self.history is not UNSET or self.retention_days is not UNSET


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class CreateRoom(Entry[int]):
    actor_id: int
    client_key: str
    kind: str
    name: str
    topic: str
    description: str
    people: tuple[int, ...]

    @property
    def channels(self) -> Sequence[str]:
        # Whoever gives a public room a name holds the lock of `site`.
        names = ["site"] if self.kind == Room.Kind.PUBLIC else []
        return [*names, *(f"user:{user}" for user in (self.actor_id, *self.people))]

    def take(self, batch: Batch) -> int:
        first = Room.objects.filter(creator=self.actor_id, client_key=self.client_key).first()
        digest = digest_of(self.kind, self.name, self.topic, self.description, self.people)
        if first is not None:
            if bytes(first.digest) != digest:
                raise errors.KeyConflict
            return first.pk
        if people.person_with_id(self.actor_id) is None:
            raise errors.NotAMember
        joining.check_people(self.people)
        members = [self.actor_id, *self.people]
        joining.check_fewer_rooms(members)
        if self.kind == Room.Kind.PUBLIC:
            room_names.check_public_name(self.name)
        room = Room.objects.create(
            kind=self.kind,
            slug=room_names.free_slug_for(self.name) if self.kind == Room.Kind.PUBLIC else None,
            name=self.name,
            topic=self.topic,
            description=self.description,
            creator_id=self.actor_id,
            client_key=self.client_key,
            digest=digest,
        )
        Membership.objects.bulk_create(
            Membership(
                room=room,
                user_id=user,
                role=Membership.Role.OWNER if user == self.actor_id else Membership.Role.MEMBER,
            )
            for user in members
        )
        batch.open(room)
        for user in members:
            batch.publish(
                f"user:{user}",
                frames.RoomGained(room=room.pk),
                actor_id=self.actor_id,
                room=room,
                opens=room.channel,
            )
        return room.pk


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ChangeRoom(Entry[None]):
    actor_id: int
    room_id: int
    changes: Changes

    @property
    def channels(self) -> Sequence[str]:
        return [f"room:{self.room_id}", *(["site"] if self.changes.name is not UNSET else [])]

    def take(self, batch: Batch) -> None:
        acting = access.room_for_id(user_id=self.actor_id, room_id=self.room_id)
        check_may_change(acting, self.changes)
        room = acting.room
        values = {name: value for name, value in self.changes.values().items() if getattr(room, name) != value}
        if not values:
            return
        joining.check_open(room)
        if isinstance(name := values.get("name"), str) and room.kind == Room.Kind.PUBLIC:
            room_names.check_public_name(name, room_id=room.pk)
        for field, value in values.items():
            setattr(room, field, value)
        _tell(batch, room, list(values), actor_id=self.actor_id)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ArchiveRoom(Entry[None]):
    """Or, with `is_archived` False, take it up again."""

    actor_id: int
    room_id: int
    is_archived: bool

    @property
    def channels(self) -> Sequence[str]:
        return [f"room:{self.room_id}"]

    def take(self, batch: Batch) -> None:
        acting = access.room_for_id(user_id=self.actor_id, room_id=self.room_id)
        if not acting.is_owner or acting.is_lobby:
            raise errors.NotAllowed
        room = acting.room
        if (room.archived_at is not None) == self.is_archived:
            return
        room.archived_at = batch.now if self.is_archived else None
        _tell(batch, room, ["archived_at"], actor_id=self.actor_id)


def create_room(
    *,
    actor: Person,
    client_key: str,
    kind: str,
    name: str,
    topic: str = "",
    description: str = "",
    user_ids: Collection[int] = (),
) -> int:
    """
    Make a room of the kind public or private and give its id; `actor` is its owner, the people `user_ids` (100 at most)
    are members at once. The same `client_key` again gives the same room, as it is by now.

    Raises:
        errors.BadArgument; NoSuchPerson; KeyConflict: something else was asked under this key.
        errors.Conflict: another public room has this name; TooMany: people, or rooms of one of them.
        errors.NotAMember: `actor` may not sign in (any more); TryAgain.
    """
    if kind not in (Room.Kind.PUBLIC, Room.Kind.PRIVATE):
        raise errors.BadArgument("kind")
    if not 0 < len(client_key) <= 64 or not client_key.isascii() or not client_key.isprintable():
        raise errors.BadArgument("client_key")
    others = tuple(sorted(set(user_ids) - {actor.pk}))
    if len(others) > MOST_PEOPLE_AT_FIRST:
        raise errors.TooMany("people")
    if not Room.objects.filter(creator=actor.pk, client_key=client_key).exists():
        joining.check_people(others)
    return writer.write(
        CreateRoom(
            actor_id=actor.pk,
            client_key=client_key,
            kind=kind,
            name=room_names.cleaned_name(name),
            topic=room_names.cleaned_topic(topic),
            description=room_names.cleaned_description(description),
            people=others,
        )
    )


def change_room(*, actor: Person, room_id: int, changes: Changes) -> None:
    """
    Set what is named. Owners and moderators may, `history` and `retention_days` owners only. The slug stays.

    Raises:
        errors.NotAMember, NotAllowed, Archived; Conflict: another public room has this name; TryAgain.
        errors.BadArgument: a text that may not be; a number below 0, or over a day of slow mode, a year of editing,
        36,600 days of retention (at least 1).
    """
    check_may_change(access.room_for(user=actor, room_id=room_id), changes)
    writer.write(ChangeRoom(actor_id=actor.pk, room_id=room_id, changes=_checked(changes)))


def archive_room(*, actor: Person, room_id: int) -> None:
    """Nothing changes in it any more; members can read and leave. Raises errors.NotAMember, NotAllowed, TryAgain."""
    access.moderated_room_for(user=actor, room_id=room_id)
    writer.write(ArchiveRoom(actor_id=actor.pk, room_id=room_id, is_archived=True))


def unarchive_room(*, actor: Person, room_id: int) -> None:
    """As before it was archived. Raises errors.NotAMember, NotAllowed, TryAgain."""
    access.moderated_room_for(user=actor, room_id=room_id)
    writer.write(ArchiveRoom(actor_id=actor.pk, room_id=room_id, is_archived=False))


def check_may_change(acting: Access, changes: Changes) -> None:
    """Raises errors.NotAllowed."""
    if not acting.may_moderate or (changes.are_owners_only and not acting.is_owner):
        raise errors.NotAllowed


def _checked(changes: Changes) -> Changes:
    """With clean texts. Raises errors.BadArgument."""
    _check_range("slow_mode_seconds", changes.slow_mode_seconds, 0, MOST_SLOW_SECONDS)
    _check_range("edit_window_seconds", changes.edit_window_seconds, 0, MOST_EDIT_SECONDS)
    _check_range("retention_days", changes.retention_days, 1, MOST_RETENTION_DAYS)
    if changes.posting is not UNSET and changes.posting not in Room.Posting:
        raise errors.BadArgument("posting")
    if changes.history is not UNSET and changes.history not in Room.History:
        raise errors.BadArgument("history")
    cleaned: dict[str, str] = {}
    if changes.name is not UNSET:
        cleaned["name"] = room_names.cleaned_name(changes.name)
    if changes.topic is not UNSET:
        cleaned["topic"] = room_names.cleaned_topic(changes.topic)
    if changes.description is not UNSET:
        cleaned["description"] = room_names.cleaned_description(changes.description)
    return msgspec.structs.replace(changes, **cleaned)


def _check_range(name: str, value: int | UnsetType | None, least: int, most: int) -> None:
    if value is not UNSET and value is not None and not least <= value <= most:
        raise errors.BadArgument(name)


def _tell(batch: Batch, room: Room, fields: Sequence[str], *, actor_id: int) -> None:
    room.save(update_fields=fields)
    batch.publish(room.channel, frames.RoomChanged(room=rooms.room_frame_of(room)), actor_id=actor_id, room=room)
