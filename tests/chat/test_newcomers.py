"""People whose account is new, and the lobby."""

import pytest

from teahouse.accounts.models import User
from teahouse.chat import access
from teahouse.chat.models import Membership
from teahouse.chat.services.messages import send_to_lobby
from tests.chat.conftest import new_person

pytestmark = pytest.mark.django_db


def test_a_newcomer_has_nothing_unread_from_before(alice: User) -> None:
    for number in range(3):
        send_to_lobby(author=alice, body=f"{number}", client_key=f"{number}")
    carol = new_person("carol")

    assert 3 == Membership.objects.get(room=access.lobby(), user=carol).read_number


def test_without_a_lobby_there_is_nothing_to_be_in(alice: User) -> None:
    assert not Membership.objects.exists()


def test_who_is_saved_again_stays_as_they_are(alice: User, bob: User) -> None:
    access.lobby()
    carol = new_person("carol")
    send_to_lobby(author=alice, body="hi", client_key="1")
    carol.last_name = "Tea"
    carol.save()

    assert 0 == Membership.objects.get(user=carol).read_number


def test_who_came_before_the_lobby_is_in_it_all_the_same(alice: User) -> None:
    lobby = access.lobby()

    assert 1 == access.room_for(user=alice, room_id=lobby.pk).from_number
