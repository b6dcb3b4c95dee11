"""Who hears what in one process."""

import pytest

from teahouse.realtime.hub import Hub
from teahouse.realtime.wire.codes import Ending
from tests.realtime.fakes import Listener


@pytest.fixture
def hub() -> Hub:
    return Hub()


def test_a_frame_reaches_everyone_who_listens_to_its_channel_and_nobody_else(hub: Hub) -> None:
    phone, tablet, stranger = Listener("room:1", "site"), Listener("room:1"), Listener("site")
    for connection in (phone, tablet, stranger):
        hub.join(connection)

    assert 2 == hub.deliver("room:1", "hello")
    assert [["hello"], ["hello"], []] == [phone.frames, tablet.frames, stranger.frames]


def test_a_frame_for_a_channel_without_listeners_reaches_nobody(hub: Hub) -> None:
    assert 0 == hub.deliver("room:1", "hello")


def test_a_connection_that_joined_twice_hears_once(hub: Hub) -> None:
    connection = Listener("room:1")
    hub.join(connection)
    hub.join(connection)
    hub.deliver("room:1", "hello")

    assert ["hello"] == connection.frames


def test_whoever_left_hears_no_more(hub: Hub) -> None:
    gone, stays = Listener("room:1"), Listener("room:1")
    hub.join(gone)
    hub.join(stays)
    hub.leave(gone)

    assert 1 == hub.deliver("room:1", "hello")
    assert [] == gone.frames
    assert {stays} == hub.connections


def test_leaving_says_which_channels_nobody_listens_to_any_more(hub: Hub) -> None:
    first, second = Listener("room:1", "user:1"), Listener("room:1", "user:2")
    hub.join(first)
    hub.join(second)

    assert ["user:1"] == hub.leave(first)
    assert ["room:1", "user:2"] == hub.leave(second)
    assert [] == hub.channels()
    assert not hub.has_listeners("room:1")


def test_leaving_twice_or_without_having_joined_is_harmless(hub: Hub) -> None:
    stays, gone = Listener("room:1"), Listener("room:1")
    hub.join(stays)
    hub.join(gone)
    hub.leave(gone)

    assert [] == hub.leave(gone)
    assert [] == hub.leave(Listener("room:1"))
    assert hub.has_listeners("room:1")


def test_a_connection_may_leave_while_it_is_being_written_to(hub: Hub) -> None:
    class Slow(Listener):
        def deliver(self, frame: str) -> None:
            super().deliver(frame)
            hub.leave(self)

    connections = [Slow("room:1") for _ in range(5)]
    for connection in connections:
        hub.join(connection)
    hub.deliver("room:1", "hello")

    assert [["hello"]] * 5 == [connection.frames for connection in connections]
    assert [] == hub.channels()


@pytest.mark.parametrize(
    ("user_id", "sid", "ended"),
    [
        pytest.param(1, None, ["phone", "tablet", "program"], id="every connection of a person"),
        pytest.param(None, "a", ["phone", "tablet"], id="one login session"),
        pytest.param(None, "nobody's", [], id="a login session that is not here"),
        pytest.param(9, None, [], id="a person who is not here"),
        pytest.param(None, None, [], id="nobody, which is not everybody without a login session"),
    ],
)
def test_a_disconnect_ends_the_connections_it_means(
    hub: Hub, user_id: int | None, sid: str | None, ended: list[str]
) -> None:
    connections = {
        "phone": Listener(user_id=1, sid="a"),
        "tablet": Listener(user_id=1, sid="a"),
        "program": Listener(user_id=1, sid=None),
        "other": Listener(user_id=2, sid="b"),
    }
    for connection in connections.values():
        hub.join(connection)
    hub.disconnect(user_id=user_id, sid=sid, ending=Ending.SIGNED_OUT)

    assert ended == [name for name, connection in connections.items() if connection.endings == [Ending.SIGNED_OUT]]
