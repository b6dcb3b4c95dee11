"""Who hears what in one process."""

import pytest

from teahouse.realtime.hub import Hub
from tests.realtime.fakes import Listener


@pytest.fixture
def hub() -> Hub:
    return Hub()


def test_the_listeners_of_a_channel_are_everyone_who_joined_it_and_nobody_else(hub: Hub) -> None:
    phone, tablet, stranger = Listener("room:1", "site"), Listener("room:1"), Listener("site")
    for connection in (phone, tablet, stranger):
        hub.join(connection)

    assert {phone, tablet} == set(hub.listeners_of("room:1"))
    assert {phone, stranger} == set(hub.listeners_of("site"))
    assert set() == set(hub.listeners_of("room:2"))


def test_a_connection_that_joined_twice_listens_once(hub: Hub) -> None:
    connection = Listener("room:1")
    hub.join(connection)
    hub.join(connection)

    assert [connection] == list(hub.listeners_of("room:1"))


def test_whoever_left_hears_no_more(hub: Hub) -> None:
    gone, stays = Listener("room:1"), Listener("room:1")
    hub.join(gone)
    hub.join(stays)
    hub.leave(gone)

    assert [stays] == list(hub.listeners_of("room:1"))
    assert {stays} == hub.connections


def test_leaving_says_which_channels_nobody_listens_to_any_more(hub: Hub) -> None:
    first, second = Listener("room:1", "user:1"), Listener("room:1", "user:2")
    hub.join(first)
    hub.join(second)

    assert ["user:1"] == hub.leave(first)
    assert ["room:1", "user:2"] == hub.leave(second)
    assert not hub.has_listeners("room:1")


def test_leaving_twice_or_without_having_joined_is_harmless(hub: Hub) -> None:
    stays, gone = Listener("room:1"), Listener("room:1")
    hub.join(stays)
    hub.join(gone)
    hub.leave(gone)

    assert [] == hub.leave(gone)
    assert [] == hub.leave(Listener("room:1"))
    assert hub.has_listeners("room:1")


@pytest.mark.parametrize(
    ("user_id", "sid", "meant"),
    [
        pytest.param(1, None, {"phone", "tablet", "program"}, id="every connection of a person"),
        pytest.param(None, "a", {"phone", "tablet"}, id="one login session"),
        pytest.param(None, "nobody's", set(), id="a login session that is not here"),
        pytest.param(9, None, set(), id="a person who is not here"),
        pytest.param(None, None, set(), id="nobody, which is not everybody without a login session"),
    ],
)
def test_the_connections_of_a_person_or_of_a_login_session(
    hub: Hub, user_id: int | None, sid: str | None, meant: set[str]
) -> None:
    connections = {
        "phone": Listener(user_id=1, sid="a"),
        "tablet": Listener(user_id=1, sid="a"),
        "program": Listener(user_id=1, sid=None),
        "other": Listener(user_id=2, sid="b"),
    }
    for connection in connections.values():
        hub.join(connection)
    found = hub.matching(user_id=user_id, sid=sid)

    assert meant == {name for name, connection in connections.items() if connection in found}
    assert len(meant) == len(found)
