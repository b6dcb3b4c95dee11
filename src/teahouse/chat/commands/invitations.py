"""Commands about invite links."""

from typing import Annotated

import msgspec
from msgspec import Meta

from teahouse.chat import access, frames
from teahouse.chat.commands.messages import Id, Key
from teahouse.chat.commands.rooms import Limit, Room, room_answer
from teahouse.chat.commands.table import Command
from teahouse.chat.models import InviteLink
from teahouse.chat.people import Person
from teahouse.chat.selectors import rooms as selectors
from teahouse.chat.services import invitations

Secret = Annotated[str, Meta(max_length=100)]
# Scheme, host and port, as `location.origin` of a page has it.
Origin = Annotated[str, Meta(pattern=r"^https?://[A-Za-z0-9._~\[\]:-]{1,253}$", max_length=261)]


class CreateInvite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """None of a limit is no limit. `origin` is the one under which this client knows the site."""

    room: Id
    client_key: Key
    expires_in_seconds: int | None = None
    most_uses: int | None = None
    origin: Origin | None = None


class Invite(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The secret is told here only. `url` and its QR code, an <svg> element, come when an `origin` was given."""

    id: int
    secret: str
    path: str
    expires_at: int | None = None
    url: str = ""
    qr_svg: str = ""


def create(person: Person, asked: CreateInvite) -> Invite:
    link, secret = invitation = invitations.create_invite(
        actor=person,
        room_id=asked.room,
        client_key=asked.client_key,
        expires_in_seconds=asked.expires_in_seconds,
        most_uses=asked.most_uses,
    )
    url = asked.origin + invitation.path if asked.origin is not None else ""
    return Invite(
        id=link.pk,
        secret=secret,
        path=invitation.path,
        expires_at=None if link.expires_at is None else frames.milliseconds(link.expires_at),
        url=url,
        qr_svg=invitations.qr_svg(url) if url else "",
    )


class ListInvites(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`before` is the id of a link."""

    room: Id
    before: Id | None = None
    limit: Limit = 50


class Link(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Good or not any more; times are milliseconds since 1970."""

    id: int
    creator: int | None
    created_at: int
    uses: int
    most_uses: int | None = None
    expires_at: int | None = None
    revoked_at: int | None = None


class Links(msgspec.Struct, frozen=True):
    results: list[Link]
    next: int | None


def list_links(person: Person, asked: ListInvites) -> Links:
    door = access.moderated_room_for(user=person, room_id=asked.room)
    found = selectors.links_before(door, before=asked.before, limit=asked.limit + 1)
    page = found[: asked.limit]
    return Links([_link(link) for link in page], page[-1].pk if len(found) > asked.limit else None)


def _link(link: InviteLink) -> Link:
    return Link(
        id=link.pk,
        creator=link.creator_id,
        created_at=frames.milliseconds(link.created_at),
        uses=link.uses,
        most_uses=link.most_uses,
        expires_at=None if link.expires_at is None else frames.milliseconds(link.expires_at),
        revoked_at=None if link.revoked_at is None else frames.milliseconds(link.revoked_at),
    )


class RevokeInvite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    invite: Id


def revoke(person: Person, asked: RevokeInvite) -> None:
    invitations.revoke_invite(actor=person, link_id=asked.invite)


class BySecret(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    secret: Secret


class Invited(msgspec.Struct, frozen=True, kw_only=True):
    """What a link is to; `invited_by` is None when that person was deleted."""

    room: int
    kind: str
    name: str
    topic: str
    members: int
    is_member: bool
    invited_by: int | None


def look(person: Person, asked: BySecret) -> Invited:
    link = invitations.good_link_of(asked.secret)
    listed = selectors.listed_for(person, link.room)
    return Invited(
        room=link.room_id,
        kind=link.room.kind,
        name=link.room.name,
        topic=link.room.topic,
        members=listed.members,
        is_member=listed.is_member,
        invited_by=link.creator_id,
    )


def accept(person: Person, asked: BySecret) -> Room:
    return room_answer(person, invitations.accept_invite(actor=person, secret=asked.secret))


COMMANDS = {
    "invite.create": Command(CreateInvite, create, Invite),
    "invite.list": Command(ListInvites, list_links, Links),
    "invite.revoke": Command(RevokeInvite, revoke),
    "invite.look": Command(BySecret, look, Invited),
    "invite.accept": Command(BySecret, accept, Room),
}
