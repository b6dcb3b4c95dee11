"""Slugs: readable, free, and never the lobby's."""

import pytest

from teahouse.accounts.models import User
from teahouse.chat.models import Room
from teahouse.chat.services.room_names import free_slug_for
from teahouse.chat.services.rooms import create_room

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        pytest.param("Design & Tea", "design-tea", id="English"),
        pytest.param("设计讨论", "shejitaolun", id="Chinese"),
        pytest.param("Team 设计 2", "team-sheji-2", id="both"),
        pytest.param("Чай", "чай", id="letters of another script stay"),
        pytest.param("🍵🍵", "room", id="no letters"),
        pytest.param("a" * 120, "a" * 70, id="long"),
        pytest.param("Lobby", "lobby-2", id="the lobby's name"),
    ],
)
def test_the_slug_of_a_name(name: str, slug: str) -> None:
    assert slug == free_slug_for(name)


def test_names_that_sound_alike_have_slugs_of_their_own(alice: User) -> None:
    ids = [
        create_room(actor=alice, client_key=str(key), kind="public", name=name)
        for key, name in enumerate(("设计", "涉及", "sheji", "🍵", "🍰"))
    ]

    slugs = [Room.objects.get(pk=pk).slug for pk in ids]
    assert ["sheji", "sheji-2", "sheji-3", "room", "room-2"] == slugs
