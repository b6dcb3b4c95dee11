"""The world of `world.py`, for the tests of this folder."""

import pytest

from teahouse.chat.api import commands
from teahouse.chat.api.paces import Paces
from teahouse.chat.selectors import rooms
from tests.chat.api.world import World


@pytest.fixture
def world(wire: object) -> World:
    rooms.forget_cached()
    return World()


@pytest.fixture(autouse=True)
def _at_any_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests ask for more in a second than people do; `test_paces.py` is about how fast these may."""

    class AnyPace(Paces):
        def take(self, user_id: int, now: float | None = None) -> None:
            pass

    monkeypatch.setattr(commands, "PACES", AnyPace())
