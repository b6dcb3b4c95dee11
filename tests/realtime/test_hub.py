"""Who hears what in one process."""

import pytest

from teahouse.realtime.hub import Hub
from tests.realtime.fakes import Listener


@pytest.fixture
def hub() -> Hub:
    return Hub()


def enter(hub: Hub, connection: Listener) -> Listener:
    """As the engine does it."""
    hub.enter(connection)
    assert connection.admission is not None
    hub.identify(connection, connection.admission.user)
    for channel in connection.channels():
        hub.join(connection, channel)
    return connection


def test_the_listeners_of_a_channel_are_everyone_who_joined_it_and_nobody_else(hub: Hub) -> None:
    phone, tablet, stranger = Listener("room:1", "site"), Listener("room:1"), Listener("site")
    for connection in (phone, tablet, stranger):
        enter(hub, connection)

    assert {phone, tablet} == set(hub.listeners_of("room:1"))
    assert {phone, stranger} == set(hub.listeners_of("site"))
    assert () == hub.listeners_of("room:2")
    assert 2 == hub.count_in("room:1")
    assert {"room:1", "site"} == hub.channel_names()


def test_a_connection_that_joined_twice_listens_once(hub: Hub) -> None:
    connection = enter(hub, Listener("room:1"))
    hub.join(connection, "room:1")

    assert (connection,) == hub.listeners_of("room:1")


def test_whoever_left_hears_no_more(hub: Hub) -> None:
    gone, stays = enter(hub, Listener("room:1")), enter(hub, Listener("room:1"))
    hub.exit(gone)

    assert (stays,) == hub.listeners_of("room:1")
    assert {stays} == hub.connections


def test_leaving_says_which_channels_nobody_listens_to_any_more(hub: Hub) -> None:
    first, second = enter(hub, Listener("room:1", "user:1")), enter(hub, Listener("room:1", "user:2"))

    assert ["user:1"] == hub.exit(first)
    assert ["room:1", "user:2"] == hub.exit(second)
    assert not hub.has_listeners("room:1")


def test_leaving_twice_or_without_having_joined_is_harmless(hub: Hub) -> None:
    enter(hub, Listener("room:1"))
    gone = enter(hub, Listener("room:1"))
    hub.exit(gone)

    assert [] == hub.exit(gone)
    assert [] == hub.exit(Listener("room:1"))
    assert not hub.leave(gone, "room:1")
    assert not hub.leave(gone, "nowhere")
    assert hub.has_listeners("room:1")


def test_who_joined_while_something_was_pending_is_fresh_once(hub: Hub) -> None:
    old, fresh = enter(hub, Listener("room:1")), Listener("room:1")
    hub.enter(fresh)
    hub.join(fresh, "room:1", skip=2)

    assert (old,) == hub.listeners_of("room:1")
    assert [old, fresh] == hub.all_listeners_of("room:1")
    assert ((fresh, 2),) == hub.take_fresh("room:1")
    assert () == hub.take_fresh("room:1")
    assert {old, fresh} == set(hub.listeners_of("room:1"))


def test_who_leaves_while_fresh_is_not_left_behind(hub: Hub) -> None:
    fresh = Listener("room:1")
    hub.enter(fresh)
    hub.join(fresh, "room:1", skip=1)

    assert hub.has_listeners("room:1")
    assert ["room:1"] == hub.exit(fresh)
    assert not hub.has_listeners("room:1")
    assert () == hub.take_fresh("room:1")


def test_who_leaves_during_a_pass_is_told_to_it_and_who_leaves_for_good_is_not(hub: Hub) -> None:
    before, during, gone, after = (enter(hub, Listener("room:1")) for _ in range(4))
    hub.leave(before, "room:1")
    leavers = hub.begin_pass()
    hub.leave(during, "room:1")
    hub.join(during, "room:1")
    # Whatever is written to it is passed over.
    hub.exit(gone)
    hub.end_pass()
    hub.leave(after, "room:1")

    assert {(during, "room:1")} == leavers
    assert set() == hub.begin_pass()


def test_the_connections_of_a_person_and_of_a_login_session(hub: Hub) -> None:
    phone, tablet = enter(hub, Listener(user="1", sid="a")), enter(hub, Listener(user="1", sid="a"))
    program, other = enter(hub, Listener(user="1")), enter(hub, Listener(user="2", sid="b"))

    assert {phone, tablet, program} == set(hub.connections_of("1"))
    assert (other,) == hub.connections_of("2")
    assert () == hub.connections_of("9")
    assert [3, 1, 0] == [hub.count_of(user) for user in ("1", "2", "9")]
    assert {phone, tablet} == set(hub.with_sid("a"))
    assert [] == hub.with_sid("nobody's")
    assert 2 == hub.users_count()


def test_a_person_is_forgotten_with_their_last_connection(hub: Hub) -> None:
    first, second, other = (enter(hub, Listener(user=user)) for user in ("1", "1", "2"))
    hub.exit(first)
    assert (second,) == hub.connections_of("1")
    hub.exit(second)
    hub.exit(other)

    assert 0 == hub.users_count()
    assert set() == hub.connections


def test_a_connection_that_nobody_has_been_identified_with_yet_leaves_too(hub: Hub) -> None:
    nobody = Listener()
    nobody.admission = None
    hub.enter(nobody)

    assert [] == hub.exit(nobody)
    assert set() == hub.connections
