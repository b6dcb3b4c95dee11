"""Invite links: good for whom they were made, and not once more."""

import concurrent.futures
import datetime
import re
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.utils import timezone

from teahouse.accounts.models import User
from teahouse.chat import access, errors, frames
from teahouse.chat.models import InviteLink, Membership, Room
from teahouse.chat.services import invitations, members, moderation, rooms
from teahouse.chat.services.invitations import accept_invite, create_invite, good_link_of, qr_svg, revoke_invite
from tests.chat.conftest import Wire, new_person, room_of

pytestmark = pytest.mark.django_db


def closing(work: Callable[[int], None], number: int) -> None:
    """In a thread: with no connection left behind."""
    try:
        work(number)
    finally:
        connection.close()


def test_a_link_lets_in_who_has_it(alice: User, bob: User, wire: Wire) -> None:
    room = room_of(alice)
    link, secret = create_invite(actor=alice, room_id=room.pk, client_key="1")
    with wire.committed():
        assert room.pk == accept_invite(actor=bob, secret=secret)

    assert ["member.joined", "room.gained"] == [frames.kind_of(frames.decode(told.data)) for told in wire.publications]
    link.refresh_from_db()
    assert 1 == link.uses
    assert wire.matches_history()


def test_the_secret_is_not_in_the_database_and_the_same_for_the_same_key(alice: User, bob: User) -> None:
    room = room_of(alice)
    first = create_invite(actor=alice, room_id=room.pk, client_key="1", most_uses=3)
    again = create_invite(actor=alice, room_id=room.pk, client_key="1", most_uses=3)
    other = create_invite(actor=alice, room_id=room.pk, client_key="2")

    assert first == again
    assert first.secret != other.secret
    assert not any(first.secret in str(row) for row in InviteLink.objects.values_list())
    assert f"/invite/{first.secret}" == first.path
    with pytest.raises(errors.KeyConflict):
        create_invite(actor=alice, room_id=room_of(alice).pk, client_key="1", most_uses=3)
    with pytest.raises(errors.KeyConflict):
        create_invite(actor=alice, room_id=room.pk, client_key="1", most_uses=5)


def test_a_member_who_accepts_changes_nothing_and_uses_nothing_up(alice: User, bob: User, wire: Wire) -> None:
    room = room_of(alice)
    link, secret = create_invite(actor=alice, room_id=room.pk, client_key="1", most_uses=1)
    accept_invite(actor=alice, secret=secret)
    accept_invite(actor=bob, secret=secret)
    revoke_invite(actor=alice, link_id=link.pk)
    assert room.pk == accept_invite(actor=bob, secret=secret)

    link.refresh_from_db()
    assert 1 == link.uses
    assert "owner" == Membership.objects.get(user=alice).role


@pytest.mark.parametrize("why", ["unknown", "no secret", "expired", "used up", "revoked", "all have left"])
def test_a_link_that_is_good_no_more_is_refused_and_not_shown(alice: User, bob: User, why: str) -> None:
    room = room_of(alice)
    link, secret = create_invite(actor=alice, room_id=room.pk, client_key="1", most_uses=1, expires_in_seconds=60)
    match why:
        case "unknown":
            secret = "0" * 40
        case "no secret":
            secret = "../../茶"
        case "expired":
            InviteLink.objects.update(expires_at=timezone.now() - datetime.timedelta(seconds=1))
        case "used up":
            accept_invite(actor=new_person("carol"), secret=secret)
        case "revoked":
            revoke_invite(actor=alice, link_id=link.pk)
        case _:
            members.leave_room(actor=alice, room_id=room.pk)

    with pytest.raises(errors.BadLink):
        good_link_of(secret)
    with pytest.raises(errors.BadLink):
        accept_invite(actor=bob, secret=secret)
    assert not Membership.objects.filter(user=bob).exists()


def test_the_banned_and_the_archived_are_refused_and_use_nothing_up(alice: User, bob: User) -> None:
    room = room_of(alice)
    link, secret = create_invite(actor=alice, room_id=room.pk, client_key="1")
    moderation.ban_person(actor=alice, room_id=room.pk, user_id=bob.pk)
    with pytest.raises(errors.Banned):
        accept_invite(actor=bob, secret=secret)
    moderation.unban_person(actor=alice, room_id=room.pk, user_id=bob.pk)
    rooms.archive_room(actor=alice, room_id=room.pk)
    with pytest.raises(errors.Archived):
        accept_invite(actor=bob, secret=secret)

    link.refresh_from_db()
    assert 0 == link.uses


def test_a_link_can_be_revoked_in_an_archived_room_and_only_by_its_moderators(alice: User, bob: User) -> None:
    room = room_of(alice, bob)
    link, _ = create_invite(actor=alice, room_id=room.pk, client_key="1")
    rooms.archive_room(actor=alice, room_id=room.pk)
    with pytest.raises(errors.NotAllowed):
        revoke_invite(actor=bob, link_id=link.pk)
    for link_id in (link.pk, 999_999, 0, 10**30):
        with pytest.raises(errors.BadLink):
            revoke_invite(actor=new_person(f"stranger-{link_id}"[:30]), link_id=link_id)
    revoke_invite(actor=alice, link_id=link.pk)

    link.refresh_from_db()
    assert link.revoked_at is not None


def test_nobody_makes_links_to_a_direct_room(alice: User, bob: User) -> None:
    direct = room_of(alice, bob, kind=Room.Kind.DIRECT)
    Membership.objects.update(role="member")

    with pytest.raises(errors.NotAllowed):
        create_invite(actor=alice, room_id=direct.pk, client_key="1")


@pytest.mark.parametrize("role", ["member", "moderator"])
def test_only_an_owner_of_the_lobby_makes_links_to_it(alice: User, admin: User, role: str) -> None:
    lobby = access.lobby()
    Membership.objects.create(room=lobby, user=alice, role=role)

    with pytest.raises(errors.NotAllowed):
        create_invite(actor=alice, room_id=lobby.pk, client_key="1")
    assert lobby == create_invite(actor=admin, room_id=lobby.pk, client_key="1").link.room


def test_a_link_to_the_lobby_is_used_up_by_newcomers_only(alice: User, admin: User, wire: Wire) -> None:
    lobby = access.lobby()
    link, secret = create_invite(actor=admin, room_id=lobby.pk, client_key="1", most_uses=1)
    with wire.committed():
        assert lobby.pk == accept_invite(actor=alice, secret=secret)
    link.refresh_from_db()
    assert (0, []) == (link.uses, wire.publications)

    accept_invite(actor=new_person("carol"), secret=secret, is_newcomer=True)
    link.refresh_from_db()
    assert 1 == link.uses
    with pytest.raises(errors.BadLink):
        accept_invite(actor=new_person("dave"), secret=secret, is_newcomer=True)
    # Whoever is in stays in.
    assert lobby.pk == accept_invite(actor=alice, secret=secret)


@pytest.mark.parametrize(
    "limits",
    [
        {"most_uses": 0},
        {"most_uses": 10**30},
        {"expires_in_seconds": 0},
        {"expires_in_seconds": 10**12},
        {"client_key": "茶"},
    ],
    ids=str,
)
def test_a_limit_that_is_none_is_refused(alice: User, limits: dict[str, object]) -> None:
    with pytest.raises(errors.BadArgument):
        create_invite(actor=alice, room_id=room_of(alice).pk, **{"client_key": "1", **limits})  # type: ignore[arg-type]


def test_a_room_has_so_many_good_links(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "MOST_LINKS_PER_ROOM", 2)
    room = room_of(alice)
    link, _ = create_invite(actor=alice, room_id=room.pk, client_key="1")
    create_invite(actor=alice, room_id=room.pk, client_key="2")
    with pytest.raises(errors.TooMany):
        create_invite(actor=alice, room_id=room.pk, client_key="3")
    revoke_invite(actor=alice, link_id=link.pk)
    create_invite(actor=alice, room_id=room.pk, client_key="3")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("own_transactions", [False, True], ids=["through the writer", "in transactions of their own"])
def test_a_link_for_five_lets_in_five_of_twenty_who_come_at_once(alice: User, own_transactions: bool) -> None:
    room = room_of(alice)
    link, secret = create_invite(actor=alice, room_id=room.pk, client_key="1", most_uses=5)
    people = [new_person(f"person-{number}") for number in range(20)]
    refused: list[int] = []

    def accept(number: int) -> None:
        try:
            if own_transactions:
                with transaction.atomic():
                    accept_invite(actor=people[number], secret=secret)
            else:
                accept_invite(actor=people[number], secret=secret)
        except errors.BadLink:
            refused.append(number)

    # Six at a time: PostgreSQL's pool has ten connections, and the log's writer needs one.
    with concurrent.futures.ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda number: closing(accept, number), range(20)))

    link.refresh_from_db()
    assert (15, 5, 6) == (len(refused), link.uses, room.memberships.count())


def test_the_qr_code_is_an_svg_element_of_nothing_but_modules() -> None:
    svg = qr_svg("https://chat.example/invite/" + "0a" * 20)

    assert re.fullmatch(r"<svg [^<>]*><g [^<>]*>(<path [^<>]*/>){2}</g></svg>", svg.strip())
