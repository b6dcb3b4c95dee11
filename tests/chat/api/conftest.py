"""The world of `world.py`, for the tests of this folder."""

import pytest

from teahouse.chat.selectors import rooms
from tests.chat.api.world import World


@pytest.fixture
def world(wire: object) -> World:
    rooms.forget_cached()
    return World()
