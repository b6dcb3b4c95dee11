"""The doors to rooms: who gets which, and in which role they act."""

import pytest

from teahouse.accounts.models import User
from teahouse.chat import access, errors
from teahouse.chat.models import Membership, Message, Room
from teahouse.chat.services.messages import send_message
from tests.chat.conftest import new_person, room_of
from tests.chat.services.test_messages import all_at_once

pytestmark = pytest.mark.django_db


def test_the_lobby_is_made_once(alice: User) -> None:
    assert access.lobby() == access.lobby() == access.lobby_for(user=alice)
    assert [("public", "lobby", "Lobby")] == list(Room.objects.values_list("kind", "slug", "name"))
    assert access.lobby().pk == access.lobby_id()


@pytest.mark.django_db(transaction=True)
def test_asked_for_by_many_at_once_the_lobby_is_made_once() -> None:
    all_at_once(6, lambda _: access.lobby() and None)

    assert 1 == Room.objects.count()


def test_everyone_who_may_sign_in_is_a_member_of_the_lobby(alice: User) -> None:
    found = access.room_for(user=alice, room_id=access.lobby().pk)

    assert ("member", None, 1, 1) == (found.role, found.membership.pk, found.from_number, found.from_offset)


def test_whoever_may_not_sign_in_has_no_door(alice: User, bob: User) -> None:
    room = room_of(alice, bob)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    for room_id in (room.pk, access.lobby().pk):
        with pytest.raises(errors.NotAMember):
            access.room_for(user=alice, room_id=room_id)
    with pytest.raises(errors.NotAMember):
        access.lobby_for(user=alice)


@pytest.mark.parametrize("room_id", [0, -1, 999_999, 2**63 - 1, 2**63, 10**400], ids=lambda number: str(number)[:22])
def test_a_room_that_is_not_there_and_one_of_others_answer_alike(alice: User, bob: User, room_id: int) -> None:
    others = room_of(bob)
    refusals = []
    for asked in (room_id, others.pk):
        with pytest.raises(errors.NotAMember) as refusal:
            access.room_for(user=alice, room_id=asked)
        refusals.append((type(refusal.value), str(refusal.value)))

    assert refusals[0] == refusals[1]


@pytest.mark.parametrize(
    ("role", "moderates", "owns", "invites_to_private", "invites_to_public"),
    [
        pytest.param("owner", True, True, True, True, id="an owner"),
        pytest.param("moderator", True, False, True, True, id="a moderator"),
        pytest.param("member", False, False, False, True, id="a member"),
        pytest.param("reader", False, False, False, True, id="a reader"),
    ],
)
def test_what_a_role_may(
    alice: User, role: str, moderates: bool, owns: bool, invites_to_private: bool, invites_to_public: bool
) -> None:
    private, public = room_of(alice), room_of(alice, kind=Room.Kind.PUBLIC)
    Membership.objects.update(role=role)
    found = access.room_for(user=alice, room_id=private.pk)

    assert (role, moderates, owns, invites_to_private) == (
        found.role,
        found.may_moderate,
        found.is_owner,
        found.may_invite,
    )
    assert invites_to_public == access.room_for(user=alice, room_id=public.pk).may_invite
    if moderates:
        assert private == access.moderated_room_for(user=alice, room_id=private.pk).room
    else:
        with pytest.raises(errors.NotAllowed):
            access.moderated_room_for(user=alice, room_id=private.pk)


def test_a_superuser_acts_as_owner_in_the_lobby_and_is_a_stranger_elsewhere(alice: User, admin: User) -> None:
    lobby, private = access.lobby(), room_of(alice)
    Membership.objects.create(room=lobby, user=admin)

    assert access.room_for(user=admin, room_id=lobby.pk).is_owner
    assert "member" == access.room_for(user=admin, room_id=lobby.pk).membership.role
    with pytest.raises(errors.NotAMember):
        access.room_for(user=admin, room_id=private.pk)


def test_a_message_from_before_one_came_is_not_there_where_history_begins_with_joining(alice: User, bob: User) -> None:
    room = room_of(alice, history=Room.History.SINCE_JOIN)
    sent = [send_message(author=alice, room_id=room.pk, client_key=f"{number}", body="hi") for number in range(2)]
    Membership.objects.create(room=room, user=bob, joined_number=1, joined_offset=1)

    assert sent[1].id == access.message_for(user=bob, message_id=sent[1].id)[1].pk
    for message_id in (sent[0].id, 0, 999_999, 10**30):
        with pytest.raises(errors.NoSuchMessage):
            access.message_for(user=bob, message_id=message_id)
    with pytest.raises(errors.NoSuchMessage):
        access.message_for(user=new_person("carol"), message_id=sent[1].id)
    found = Message.objects.filter(access.readable_messages(access.memberships_for(user=bob)))
    assert [sent[1].id] == [message.pk for message in found]


def test_the_rooms_of_somebody_have_the_lobby_among_them(alice: User, admin: User, bob: User) -> None:
    own = room_of(alice)
    room_of(bob)

    assert {own, access.lobby()} == {found.room for found in access.memberships_for(user=alice)}
    assert ["owner"] == [found.role for found in access.memberships_for(user=admin)]
