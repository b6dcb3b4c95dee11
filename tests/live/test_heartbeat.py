"""Text `ping` is answered by text `pong`, whatever else the server does (row 3)."""

import sqlite3

from tests.live.server import Server


def test_ping_is_answered_by_pong(house: Server) -> None:
    with house.connect_as("alice") as alice:
        for form in ("ping", " ping\n", '{"type":"ping"}'):
            alice.send(form)

            assert "pong" == alice.next_text()


def test_ping_is_answered_while_this_very_connection_waits_for_the_database(own_house: Server) -> None:
    with own_house.connect_as("alice") as alice, own_house.connect_as("bob") as bob:
        blocker = sqlite3.connect(own_house.data / "teahouse.sqlite3", isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        alice.say("waits for the lock")
        for _ in range(20):
            alice.ping()
            bob.ping()
        blocker.execute("ROLLBACK")

        assert "waits for the lock" == bob.next()["text"]


def test_ping_is_answered_while_sixteen_people_wait_for_the_database(own_house: Server) -> None:
    crowd = [own_house.connect_as(name) for name in ("alice", "bob", "carol", "dave") for _ in range(8)]
    blocker = sqlite3.connect(own_house.data / "teahouse.sqlite3", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    for client in crowd:
        client.say("waits")
    for client in crowd:
        client.ping()
    blocker.execute("ROLLBACK")

    for client in crowd:
        assert ["waits"] * len(crowd) == [client.next()["text"] for _ in crowd]
        client.close()


def test_a_message_sent_while_the_database_is_locked_longer_than_it_waits_is_not_lost(own_house: Server) -> None:
    from tests.services import wait_until

    with own_house.connect_as("alice") as alice:
        blocker = sqlite3.connect(own_house.data / "teahouse.sqlite3", isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        alice.say("patient")
        # The first attempt gives up after five seconds; the command is tried again under the same key.
        wait_until(lambda: alice.ping() is None and "tried again" in own_house.log, seconds=12)
        blocker.execute("ROLLBACK")

        assert "patient" == alice.next(10)["text"]
