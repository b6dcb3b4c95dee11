"""Bans, mutes and roles: never more power than one's own, and a term that ends by itself."""

import datetime

import pytest
from django.utils import timezone

from teahouse.accounts.models import User
from teahouse.chat import access, errors, frames
from teahouse.chat.models import Ban, Membership, Room
from teahouse.chat.services.members import invite_people, join_room
from teahouse.chat.services.messages import send_message
from teahouse.chat.services.moderation import ban_person, mute_member, set_role, unban_person
from tests.chat.conftest import Wire, new_person, room_of

pytestmark = pytest.mark.django_db

LONG_AGO = datetime.timedelta(days=1)


def role_of(room: Room, user: User) -> str:
    return Membership.objects.get(room=room, user=user).role


# Bans.


def test_a_ban_removes_and_is_told_once(alice: User, bob: User, wire: Wire) -> None:
    room = room_of(alice, bob, kind=Room.Kind.PUBLIC)
    with wire.committed():
        for _ in range(2):
            ban_person(actor=alice, room_id=room.pk, user_id=bob.pk, seconds=60, reason=" spam ")

    left, lost = (frames.decode(told.data) for told in wire.publications)
    assert frames.MemberLeft(user=bob.pk, reason="banned", by=alice.pk) == left
    assert frames.RoomLost(room=room.pk, reason="banned") == lost
    assert (str(bob.pk),) == wire.publications[0].leavers
    assert "spam" == Ban.objects.get().reason
    assert wire.matches_history()


def test_the_banned_get_in_by_no_way_until_the_term_is_over_or_the_ban_is_lifted(alice: User, bob: User) -> None:
    room = room_of(alice, kind=Room.Kind.PUBLIC)
    ban_person(actor=alice, room_id=room.pk, user_id=bob.pk, seconds=60)
    with pytest.raises(errors.Banned):
        join_room(actor=bob, room_id=room.pk)
    with pytest.raises(errors.Banned):
        invite_people(actor=alice, room_id=room.pk, user_ids=[bob.pk])
    Ban.objects.update(until=timezone.now() - LONG_AGO)
    join_room(actor=bob, room_id=room.pk)
    ban_person(actor=alice, room_id=room.pk, user_id=bob.pk)
    with pytest.raises(errors.Banned):
        join_room(actor=bob, room_id=room.pk)
    for _ in range(2):
        unban_person(actor=alice, room_id=room.pk, user_id=bob.pk)
    join_room(actor=bob, room_id=room.pk)


def test_another_term_replaces_the_first(alice: User, bob: User) -> None:
    room = room_of(alice)
    ban_person(actor=alice, room_id=room.pk, user_id=bob.pk, seconds=60)
    ban_person(actor=alice, room_id=room.pk, user_id=bob.pk, seconds=None, reason="worse")

    assert (None, "worse") == Ban.objects.values_list("until", "reason").get()


def test_nobody_is_banned_from_the_lobby(bob: User, admin: User) -> None:
    with pytest.raises(errors.NotAllowed):
        ban_person(actor=admin, room_id=access.lobby().pk, user_id=bob.pk)


@pytest.mark.parametrize("seconds", [0, -1, 10**12])
def test_a_ban_for_a_term_that_is_none_is_refused(alice: User, bob: User, seconds: int) -> None:
    with pytest.raises(errors.BadArgument):
        ban_person(actor=alice, room_id=room_of(alice, bob).pk, user_id=bob.pk, seconds=seconds)


# Mutes.


def test_who_is_muted_may_not_write_until_the_term_is_over(alice: User, bob: User, wire: Wire) -> None:
    room = room_of(alice, bob)
    with wire.committed():
        for _ in range(2):
            mute_member(actor=alice, room_id=room.pk, user_id=bob.pk, seconds=600)
    muted_until = frames.milliseconds(Membership.objects.get(room=room, user=bob).muted_until or timezone.now())
    with pytest.raises(errors.Muted):
        send_message(author=bob, room_id=room.pk, client_key="1", body="hi")
    Membership.objects.filter(user=bob).update(muted_until=timezone.now())
    send_message(author=bob, room_id=room.pk, client_key="1", body="hi")

    changed, own = (frames.decode(told.data) for told in wire.publications)
    assert frames.MemberChanged(member=frames.Member(user=bob.pk, role="member", muted_until=muted_until)) == changed
    assert isinstance(own, frames.MembershipChanged)
    assert muted_until == own.membership.muted_until


def test_the_word_is_given_back_at_once(alice: User, bob: User, wire: Wire) -> None:
    room = room_of(alice, bob)
    with wire.committed():
        for seconds in (600, 0, 0):
            mute_member(actor=alice, room_id=room.pk, user_id=bob.pk, seconds=seconds)
        send_message(author=bob, room_id=room.pk, client_key="1", body="hi")

    assert 5 == len(wire.publications)
    assert wire.matches_history()


def test_a_mute_in_the_lobby_makes_a_row(alice: User, bob: User, admin: User) -> None:
    lobby = access.lobby()
    mute_member(actor=admin, room_id=lobby.pk, user_id=bob.pk, seconds=600)

    with pytest.raises(errors.Muted):
        send_message(author=bob, room_id=lobby.pk, client_key="1", body="hi")
    with pytest.raises(errors.NotAllowed):
        mute_member(actor=bob, room_id=lobby.pk, user_id=alice.pk, seconds=600)
    with pytest.raises(errors.NotAllowed):
        mute_member(actor=new_person("root2", is_admin=True), room_id=lobby.pk, user_id=admin.pk, seconds=600)


def test_who_is_not_there_cannot_be_muted(alice: User, bob: User) -> None:
    room = room_of(alice)
    for user_id in (bob.pk, 0, 999_999, 10**30):
        with pytest.raises(errors.NoSuchPerson):
            mute_member(actor=alice, room_id=room.pk, user_id=user_id, seconds=60)


# Roles.


def test_a_role_is_told_to_the_room_and_to_its_member(alice: User, bob: User, wire: Wire) -> None:
    room = room_of(alice, bob)
    with wire.committed():
        for _ in range(2):
            set_role(actor=alice, room_id=room.pk, user_id=bob.pk, role="moderator")

    changed, own = (frames.decode(told.data) for told in wire.publications)
    assert frames.MemberChanged(member=frames.Member(user=bob.pk, role="moderator")) == changed
    assert isinstance(own, frames.MembershipChanged)
    assert "moderator" == own.membership.role
    assert wire.matches_history()


@pytest.mark.parametrize(
    ("actor", "target", "role", "may"),
    [
        pytest.param("owner", "owner", "member", True, id="an owner takes another owner's role"),
        pytest.param("owner", "reader", "owner", True, id="an owner makes an owner"),
        pytest.param("moderator", "member", "reader", True, id="a moderator makes a reader"),
        pytest.param("moderator", "reader", "member", True, id="a moderator makes a member"),
        pytest.param("moderator", "member", "moderator", False, id="a moderator makes no moderator"),
        pytest.param("moderator", "member", "owner", False, id="a moderator makes no owner"),
        pytest.param("moderator", "moderator", "member", False, id="a moderator takes no moderator's role"),
        pytest.param("moderator", "owner", "member", False, id="a moderator takes no owner's role"),
        pytest.param("member", "reader", "member", False, id="a member gives nothing"),
        pytest.param("reader", "reader", "member", False, id="a reader gives nothing"),
    ],
)
def test_nobody_gives_or_takes_more_than_they_have(
    alice: User, bob: User, actor: str, target: str, role: str, may: bool
) -> None:
    room = room_of(new_person("first"), alice, bob)
    Membership.objects.filter(user=alice).update(role=actor)
    Membership.objects.filter(user=bob).update(role=target)
    if may:
        set_role(actor=alice, room_id=room.pk, user_id=bob.pk, role=role)
    else:
        with pytest.raises(errors.NotAllowed):
            set_role(actor=alice, room_id=room.pk, user_id=bob.pk, role=role)

    assert (role if may else target) == role_of(room, bob)


@pytest.mark.parametrize("actor", ["moderator", "member", "reader"])
def test_nobody_raises_their_own_role(alice: User, bob: User, actor: str) -> None:
    room = room_of(alice, bob)
    Membership.objects.filter(user=bob).update(role=actor)

    with pytest.raises(errors.NotAllowed):
        set_role(actor=bob, room_id=room.pk, user_id=bob.pk, role="owner")


def test_an_owner_may_step_down_when_another_one_stays_and_ask_for_it_again(alice: User, bob: User) -> None:
    room = room_of(alice, bob)
    with pytest.raises(errors.Conflict):
        set_role(actor=alice, room_id=room.pk, user_id=alice.pk, role="member")
    set_role(actor=alice, room_id=room.pk, user_id=bob.pk, role="owner")
    for _ in range(2):
        set_role(actor=alice, room_id=room.pk, user_id=alice.pk, role="member")

    assert ["member", "owner"] == [role_of(room, user) for user in (alice, bob)]


def test_a_direct_room_has_no_roles(alice: User, bob: User) -> None:
    room = room_of(alice, bob, kind=Room.Kind.DIRECT)
    Membership.objects.update(role="member")

    for role in ("member", "owner"):
        with pytest.raises(errors.NotAllowed):
            set_role(actor=alice, room_id=room.pk, user_id=bob.pk, role=role)
    with pytest.raises(errors.NotAllowed):
        ban_person(actor=alice, room_id=room.pk, user_id=bob.pk)
    with pytest.raises(errors.NotAllowed):
        mute_member(actor=alice, room_id=room.pk, user_id=bob.pk, seconds=60)
