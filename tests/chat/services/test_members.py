"""Joining, leaving, inviting, removing: who hears what from which offset on, and what newcomers find."""

import contextlib
import threading
from collections.abc import Callable

import pytest
from django.db import transaction

from teahouse.accounts.models import User
from teahouse.chat import access, errors, frames
from teahouse.chat.conf import Conf
from teahouse.chat.models import Ban, Channel, Membership, Message, PublicationRecord, Room
from teahouse.chat.services import joining, moderation
from teahouse.chat.services.members import invite_people, join_room, leave_room, prefer_in_room, remove_member
from teahouse.chat.services.messages import send_message
from tests.chat.conftest import Wire, new_person, room_of
from tests.chat.services.test_messages import all_at_once

pytestmark = pytest.mark.django_db


def frames_told(wire: Wire) -> list[tuple[str, frames.Frame]]:
    return [(told.channel.partition(":")[0], frames.decode(told.data)) for told in wire.publications]


def of(room: Room, user: User) -> Membership:
    return Membership.objects.get(room=room, user=user)


# Joining.


def test_who_joins_is_told_to_the_room_and_hears_it_from_there_on(alice: User, bob: User, wire: Wire) -> None:
    room = room_of(alice, kind=Room.Kind.PUBLIC)
    with wire.committed():
        join_room(actor=bob, room_id=room.pk)
        join_room(actor=bob, room_id=room.pk)

    assert [
        ("room", frames.MemberJoined(member=frames.Member(user=bob.pk, role="member"))),
        ("user", frames.RoomGained(room=room.pk)),
    ] == frames_told(wire)
    assert ["", room.channel] == [told.opens for told in wire.publications]
    assert wire.matches_history()


@pytest.mark.parametrize("history", ["all", "since_join"])
def test_a_newcomer_has_nothing_unread_and_a_history_that_begins_here(alice: User, bob: User, history: str) -> None:
    room = room_of(alice, kind=Room.Kind.PUBLIC, history=history)
    for number in range(3):
        send_message(author=alice, room_id=room.pk, client_key=f"{number}", body="hi")
    join_room(actor=bob, room_id=room.pk)

    membership = of(room, bob)
    assert (3, 3, 3) == (membership.read_number, membership.joined_number, membership.joined_offset)
    found = access.room_for(user=bob, room_id=room.pk)
    assert ((1, 1) if history == "all" else (4, 4)) == (found.from_number, found.from_offset)
    # The first publication of theirs is that they came.
    assert "member.joined" == PublicationRecord.objects.get(channel__name=room.channel, offset=4).kind


def test_only_public_rooms_can_be_joined_and_others_do_not_show_that_they_are_there(alice: User, bob: User) -> None:
    room = room_of(alice)
    refusals = []
    for room_id in (room.pk, room.pk + 1_000, 0, -1, 2**63, 10**30):
        with pytest.raises(errors.NotAMember) as refusal:
            join_room(actor=bob, room_id=room_id)
        refusals.append(str(refusal.value))

    assert {""} == set(refusals)
    assert not Channel.objects.filter(name=f"room:{room.pk + 1_000}").exists()


def test_who_is_in_as_many_rooms_as_may_be_joins_no_more(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joining, "conf", lambda: Conf(most_rooms_per_person=1))
    first, second = room_of(alice, kind=Room.Kind.PUBLIC), room_of(alice, kind=Room.Kind.PUBLIC)
    join_room(actor=bob, room_id=first.pk)

    with pytest.raises(errors.TooMany):
        join_room(actor=bob, room_id=second.pk)


# Leaving.


def test_who_leaves_hears_no_more_and_is_told_to_the_room(alice: User, bob: User, wire: Wire) -> None:
    room = room_of(alice, bob)
    with wire.committed():
        leave_room(actor=bob, room_id=room.pk)
        leave_room(actor=bob, room_id=room.pk)

    assert [
        ("room", frames.MemberLeft(user=bob.pk, reason="left")),
        ("user", frames.RoomLost(room=room.pk, reason="left")),
    ] == frames_told(wire)
    assert [(str(bob.pk),), ()] == [told.leavers for told in wire.publications]
    assert wire.matches_history()
    with pytest.raises(errors.NotAMember):
        send_message(author=bob, room_id=room.pk, client_key="1", body="hi")


def test_the_last_owner_stays_while_others_are_there(alice: User, bob: User) -> None:
    room = room_of(alice, bob)
    with pytest.raises(errors.Conflict):
        leave_room(actor=alice, room_id=room.pk)
    moderation.set_role(actor=alice, room_id=room.pk, user_id=bob.pk, role="owner")
    User.objects.filter(pk=bob.pk).update(is_active=False)
    with pytest.raises(errors.Conflict):
        leave_room(actor=alice, room_id=room.pk)
    User.objects.filter(pk=bob.pk).update(is_active=True)
    leave_room(actor=alice, room_id=room.pk)

    assert [bob.pk] == list(room.memberships.values_list("user", flat=True))


def test_a_room_that_all_have_left_belongs_to_who_joins_it_next(alice: User, bob: User) -> None:
    room = room_of(alice, kind=Room.Kind.PUBLIC)
    leave_room(actor=alice, room_id=room.pk)
    join_room(actor=bob, room_id=room.pk)

    assert "owner" == of(room, bob).role


def test_direct_rooms_groups_and_the_lobby_cannot_be_left(alice: User, bob: User, admin: User) -> None:
    kinds = (Room.Kind.DIRECT, Room.Kind.GROUP)
    rooms = [room_of(alice, bob, kind=kind, people_key=kind) for kind in kinds]
    Membership.objects.update(role="member")
    for room in [*rooms, access.lobby()]:
        for user in (alice, admin) if room.slug else (alice,):
            with pytest.raises(errors.NotAllowed):
                leave_room(actor=user, room_id=room.pk)


@pytest.mark.parametrize(
    "restrict",
    [
        pytest.param({"role": "reader"}, id="a reader"),
        pytest.param({"seconds": 3_600}, id="one who is muted"),
    ],
)
@pytest.mark.parametrize("leaves_by", ["leaving", "being removed"])
def test_nobody_gets_the_word_back_by_leaving_and_joining(
    alice: User, bob: User, restrict: dict[str, object], leaves_by: str
) -> None:
    room = room_of(alice, bob, kind=Room.Kind.PUBLIC)
    act: Callable[..., None] = moderation.set_role if "role" in restrict else moderation.mute_member
    act(actor=alice, room_id=room.pk, user_id=bob.pk, **restrict)
    if leaves_by == "leaving":
        leave_room(actor=bob, room_id=room.pk)
    else:
        remove_member(actor=alice, room_id=room.pk, user_id=bob.pk)

    with pytest.raises(errors.Banned):
        join_room(actor=bob, room_id=room.pk)
    moderation.unban_person(actor=alice, room_id=room.pk, user_id=bob.pk)
    join_room(actor=bob, room_id=room.pk)


def test_who_joins_a_slow_room_waits_before_the_first_message(alice: User, bob: User) -> None:
    room = room_of(alice, kind=Room.Kind.PUBLIC, slow_mode_seconds=60)
    join_room(actor=bob, room_id=room.pk)

    with pytest.raises(errors.TooSoon):
        send_message(author=bob, room_id=room.pk, client_key="1", body="hi")


# Inviting.


def test_people_who_are_invited_are_members_and_members_stay_what_they_are(alice: User, bob: User, wire: Wire) -> None:
    room, carol = room_of(alice, bob), new_person("carol")
    moderation.set_role(actor=alice, room_id=room.pk, user_id=bob.pk, role="moderator")
    before = Channel.objects.get(name=room.channel).last_offset
    for _ in range(2):
        invite_people(actor=bob, room_id=room.pk, user_ids=[carol.pk, alice.pk, bob.pk])

    assert ["owner", "moderator", "member"] == [of(room, user).role for user in (alice, bob, carol)]
    assert before + 1 == Channel.objects.get(name=room.channel).last_offset
    record = PublicationRecord.objects.get(channel__name=room.channel, offset=before + 1)
    assert ("member.joined", bob.pk) == (record.kind, record.actor_id)


def test_when_one_cannot_be_invited_nobody_is(alice: User) -> None:
    room = room_of(alice)
    welcome, banned, gone = new_person("welcome"), new_person("banned"), new_person("gone", is_active=False)
    Ban.objects.create(room=room, user=banned)
    for other, refusal in (
        (banned.pk, errors.Banned),
        (gone.pk, errors.NoSuchPerson),
        (999_999, errors.NoSuchPerson),
        (10**30, errors.NoSuchPerson),
    ):
        with pytest.raises(refusal):
            invite_people(actor=alice, room_id=room.pk, user_ids=[welcome.pk, other])

    assert [alice.pk] == list(room.memberships.values_list("user", flat=True))
    assert not Channel.objects.filter(name="user:999999").exists()


def test_nobody_is_invited_into_a_direct_room(alice: User, bob: User) -> None:
    room = room_of(alice, bob, kind=Room.Kind.DIRECT)

    with pytest.raises(errors.NotAllowed):
        invite_people(actor=alice, room_id=room.pk, user_ids=[new_person("carol").pk])


# Removing.


def test_who_is_removed_hears_no_more_and_it_is_told_by_whom(alice: User, bob: User, wire: Wire) -> None:
    room = room_of(alice, bob)
    with wire.committed():
        remove_member(actor=alice, room_id=room.pk, user_id=bob.pk)
        remove_member(actor=alice, room_id=room.pk, user_id=bob.pk)

    assert [
        ("room", frames.MemberLeft(user=bob.pk, reason="removed", by=alice.pk)),
        ("user", frames.RoomLost(room=room.pk, reason="removed")),
    ] == frames_told(wire)
    assert (str(bob.pk),) == wire.publications[0].leavers
    assert wire.matches_history()


def test_nobody_removes_themselves_or_anybody_from_the_lobby(alice: User, bob: User, admin: User) -> None:
    room = room_of(alice, bob)

    with pytest.raises(errors.BadArgument):
        remove_member(actor=alice, room_id=room.pk, user_id=alice.pk)
    with pytest.raises(errors.NotAllowed):
        remove_member(actor=admin, room_id=access.lobby().pk, user_id=bob.pk)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("own_transactions", [False, True], ids=["through the writer", "in transactions of their own"])
def test_no_message_of_a_removed_member_comes_after_the_removal(alice: User, bob: User, own_transactions: bool) -> None:
    room = room_of(alice, bob)
    refused = threading.Event()
    begun = threading.Barrier(4, timeout=30)

    def act(number: int) -> None:
        begun.wait()
        if number == 0:
            remove_member(actor=alice, room_id=room.pk, user_id=bob.pk)
            return
        for count in range(200):
            try:
                with transaction.atomic() if own_transactions else contextlib.nullcontext():
                    send_message(author=bob, room_id=room.pk, client_key=f"{number} {count}", body="hi")
            except errors.NotAMember:
                refused.set()
                return

    all_at_once(4, act)

    kinds = list(
        PublicationRecord.objects.filter(channel__name=room.channel).order_by("offset").values_list("kind", flat=True)
    )
    assert refused.is_set()
    assert "member.left" == kinds[-1]
    assert ["message.posted"] * Message.objects.count() == kinds[:-1]


# Own settings.


def test_what_a_member_prefers_is_told_to_their_own_devices(alice: User, bob: User, wire: Wire) -> None:
    room = room_of(alice, bob)
    with wire.committed():
        prefer_in_room(actor=bob, room_id=room.pk, level="mentions")
        prefer_in_room(actor=bob, room_id=room.pk, level="mentions")
        prefer_in_room(actor=bob, room_id=room.pk, is_favourite=True)

    assert [f"user:{bob.pk}"] * 2 == [told.channel for told in wire.publications]
    assert frames.MembershipChanged(
        room=room.pk,
        membership=frames.Membership(role="member", level="mentions", read_number=0, is_favourite=True),
    ) == frames.decode(wire.publications[-1].data)
    assert wire.matches_history()


def test_a_preference_in_the_lobby_makes_a_row(alice: User) -> None:
    lobby = access.lobby()
    prefer_in_room(actor=alice, room_id=lobby.pk, level="everything")
    assert not lobby.memberships.exists()
    prefer_in_room(actor=alice, room_id=lobby.pk, level="nothing")

    assert ("nothing", "member") == (of(lobby, alice).level, of(lobby, alice).role)


def test_a_level_that_is_none_is_refused(alice: User) -> None:
    with pytest.raises(errors.BadArgument):
        prefer_in_room(actor=alice, room_id=room_of(alice).pk, level="loud")
