"""What people hear from the moment they connect."""

import pytest

from teahouse.accounts.models import User
from teahouse.chat.conf import Conf
from teahouse.chat.selectors.memberships import heard_by
from teahouse.chat.services.messages import send_message
from tests.chat.conftest import room_of

pytestmark = pytest.mark.django_db


def test_rooms_in_which_nothing_was_said_do_not_keep_out_those_in_which_people_talk(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("teahouse.chat.selectors.memberships.conf", lambda: Conf(most_rooms_per_person=2))
    spoken = [room_of(alice, name=f"spoken {number}") for number in range(2)]
    for room in spoken:
        send_message(author=alice, room_id=room.pk, client_key=f"{room.pk}", body="hi")
    for number in range(5):
        room_of(bob, alice, name=f"silent {number}")

    (heard,) = heard_by([alice.pk])
    assert {"site", f"user:{alice.pk}", *(room.channel for room in spoken)} == set(heard)


def test_who_has_an_id_that_no_database_has_is_nobody() -> None:
    assert [{}, {}] == heard_by([0, 2**62])
