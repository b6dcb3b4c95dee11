"""
Invite links: whoever has one may join, until it expires, is used up or revoked. Their secrets are stored hashed. How
somebody without an account gets one by a link is not here: the site does that.
"""

import dataclasses
import datetime
import hashlib
import re
from collections.abc import Sequence
from typing import NamedTuple

import segno
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from teahouse.chat import access, errors, people
from teahouse.chat.access import MOST_ID
from teahouse.chat.digests import digest_of
from teahouse.chat.log import writer
from teahouse.chat.log.entries import Batch, Entry
from teahouse.chat.models import InviteLink
from teahouse.chat.people import Person
from teahouse.chat.services import joining
from teahouse.chat.services.members import OfMember

MOST_LINKS_PER_ROOM = 100
MOST_SECONDS = 366 * 86_400
MOST_USES = 100_000
_SECRET = re.compile(r"[0-9a-f]{40}", re.ASCII)


class Invitation(NamedTuple):
    """A link with its secret, which is nowhere else."""

    link: InviteLink
    secret: str

    @property
    def path(self) -> str:
        return f"/invite/{self.secret}"


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class CreateInvite(Entry[InviteLink]):
    actor_id: int
    room_id: int
    secret_hash: str
    expires_in_seconds: int | None
    most_uses: int | None

    @property
    def channels(self) -> Sequence[str]:
        return [f"room:{self.room_id}"]

    def take(self, batch: Batch) -> InviteLink:
        acting = access.room_for_id(user_id=self.actor_id, room_id=self.room_id)
        if not acting.may_make_links:
            raise errors.NotAllowed
        first = InviteLink.objects.filter(secret_hash=self.secret_hash).first()
        digest = digest_of(self.room_id, self.expires_in_seconds, self.most_uses)
        if first is not None:
            if bytes(first.digest) != digest:
                raise errors.KeyConflict
            return first
        joining.check_open(acting.room)
        if good_links(batch.now).filter(room=acting.room).count() >= MOST_LINKS_PER_ROOM:
            raise errors.TooMany("links")
        term = self.expires_in_seconds
        return InviteLink.objects.create(
            room=acting.room,
            secret_hash=self.secret_hash,
            creator_id=self.actor_id,
            expires_at=None if term is None else batch.now + datetime.timedelta(seconds=term),
            most_uses=self.most_uses,
            digest=digest,
        )


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class RevokeInvite(Entry[None]):
    actor_id: int
    room_id: int
    link_id: int

    @property
    def channels(self) -> Sequence[str]:
        return [f"room:{self.room_id}"]

    def take(self, batch: Batch) -> None:
        acting = access.room_for_id(user_id=self.actor_id, room_id=self.room_id)
        if not acting.may_moderate:
            raise errors.NotAllowed
        # Though the room be archived: a link that became known must not wait for it.
        InviteLink.objects.filter(pk=self.link_id, room=acting.room, revoked_at=None).update(revoked_at=batch.now)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class AcceptInvite(OfMember):
    """`is_newcomer` says that the account is made by this link: it is used up by one even where they are in already."""

    link_id: int
    is_newcomer: bool = False

    def take(self, batch: Batch) -> None:
        if people.person_with_id(self.user_id) is None:
            raise errors.NotAMember
        link = InviteLink.objects.select_related("room").filter(pk=self.link_id).first()
        if link is None:
            raise errors.BadLink
        is_member = joining.is_member(link.room, self.user_id)
        if is_member and not self.is_newcomer:
            return
        if not good_links(batch.now).filter(pk=link.pk).exists():
            raise errors.BadLink
        if not is_member:
            joining.add_member(batch, room=link.room, user_id=self.user_id, actor_id=self.user_id)
        InviteLink.objects.filter(pk=link.pk).update(uses=F("uses") + 1)


def create_invite(
    *,
    actor: Person,
    room_id: int,
    client_key: str,
    expires_in_seconds: int | None = None,
    most_uses: int | None = None,
) -> Invitation:
    """
    Make a link to a room; owners and moderators may, to the lobby its owners only. It is good for up to a year, or
    (None) until it is revoked, and for so many people, or any number. The same `client_key` again gives the same link
    and secret, as it is by now.

    Raises:
        errors.NotAMember; NotAllowed: also direct rooms and groups; Archived.
        errors.BadArgument; KeyConflict: something else was asked under this key; TooMany: good links of this room;
        TryAgain.
    """
    for name, value, most in (
        ("expires_in_seconds", expires_in_seconds, MOST_SECONDS),
        ("most_uses", most_uses, MOST_USES),
    ):
        if value is not None and not 0 < value <= most:
            raise errors.BadArgument(name)
    if not 0 < len(client_key) <= 64 or not client_key.isascii() or not client_key.isprintable():
        raise errors.BadArgument("client_key")
    access.moderated_room_for(user=actor, room_id=room_id)
    secret = _secret_of(actor.pk, client_key)
    link = writer.write(
        CreateInvite(
            actor_id=actor.pk,
            room_id=room_id,
            secret_hash=_hash(secret),
            expires_in_seconds=expires_in_seconds,
            most_uses=most_uses,
        )
    )
    return Invitation(link, secret)


def revoke_invite(*, actor: Person, link_id: int) -> None:
    """
    The link is good no more, in an archived room too; owners and moderators may. One that is revoked stays so.

    Raises errors.BadLink: none, or of a room that is not theirs; NotAllowed, TryAgain.
    """
    link = InviteLink.objects.filter(pk=link_id).first() if 0 < link_id <= MOST_ID else None
    if link is None:
        raise errors.BadLink
    try:
        access.moderated_room_for(user=actor, room_id=link.room_id)
        writer.write(RevokeInvite(actor_id=actor.pk, room_id=link.room_id, link_id=link_id))
    except errors.NotAMember:
        raise errors.BadLink from None


def accept_invite(*, actor: Person, secret: str, is_newcomer: bool = False) -> int:
    """
    Join the room of a link and give its id. A member stays what they are, and uses nothing up, whatever became of the
    link; but a newcomer, whose account is made in the same transaction, uses up one of a link to the lobby, too.

    Raises:
        errors.BadLink: none, or expired, used up, revoked.
        errors.Banned, Archived; TooMany: rooms of this person; NotAMember: they may not sign in (any more); TryAgain.
    """
    link = _link_of(secret)
    if link is None:
        raise errors.BadLink
    writer.write(
        AcceptInvite(
            actor_id=actor.pk, room_id=link.room_id, user_id=actor.pk, link_id=link.pk, is_newcomer=is_newcomer
        )
    )
    return link.room_id


def good_link_of(secret: str) -> InviteLink:
    """With `room` and `creator`. Raises errors.BadLink: none, or expired, used up, revoked."""
    link = _link_of(secret)
    if link is None or not good_links(timezone.now()).filter(pk=link.pk).exists():
        raise errors.BadLink
    return link


def good_links(now: datetime.datetime) -> QuerySet[InviteLink]:
    """By which somebody may join now."""
    return InviteLink.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=now),
        Q(most_uses=None) | Q(uses__lt=F("most_uses")),
        revoked_at=None,
    )


def qr_svg(url: str) -> str:
    """The QR code of a URL as an <svg> element, 4 units a module, black on white, with a quiet zone."""
    return str(segno.make(url, error="m", micro=False).svg_inline(scale=4, light="#fff"))


def _link_of(secret: str) -> InviteLink | None:
    if not _SECRET.fullmatch(secret):
        return None
    return InviteLink.objects.select_related("room", "creator").filter(secret_hash=_hash(secret)).first()


def _secret_of(user_id: int, client_key: str) -> str:
    """160 bits that nobody can guess without the site's SECRET_KEY: what is asked for twice has the same answer."""
    digest = salted_hmac("teahouse.chat.invite", f"{user_id}:{client_key}", algorithm="sha256").hexdigest()
    return digest[:40]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
