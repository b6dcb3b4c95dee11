"""Persons: many devices are one, and loading a page again is no departure."""

import pytest

from teahouse.realtime.application import ClientInfo
from teahouse.realtime.presence.people import People

ANNE = ClientInfo("1", "a")
ANNES_PHONE = ClientInfo("1", "a2")
BOB = ClientInfo("2", "b")
STRANGER = ClientInfo("", "s")


@pytest.fixture
def people() -> People:
    """Anne is in the room."""
    people = People(linger_seconds=3)
    people.seed("room:1", {"1": 1, "": 4})
    return people


def test_who_had_no_connection_arrives_and_a_second_device_does_not(people: People) -> None:
    assert ["2"] == people.changed("room:1", [ANNES_PHONE, BOB], [], now=0)
    assert {"1", "2"} == people.present("room:1")


def test_the_last_of_the_devices_is_the_departure_after_a_moment(people: People) -> None:
    people.changed("room:1", [ANNES_PHONE], [], now=0)
    people.changed("room:1", [], [ANNE], now=1)
    assert {} == people.tick(now=100)

    people.changed("room:1", [], [ANNES_PHONE], now=200)
    assert {} == people.tick(now=202.9)
    assert {"1"} == people.present("room:1")
    assert {"room:1": ["1"]} == people.tick(now=203)
    assert set() == people.present("room:1")
    assert {} == people.tick(now=300)


def test_who_loads_the_page_again_neither_departs_nor_arrives(people: People) -> None:
    people.changed("room:1", [], [ANNE], now=0)

    assert [] == people.changed("room:1", [ANNES_PHONE], [], now=2)
    assert {} == people.tick(now=100)


def test_who_comes_back_and_goes_again_lingers_anew(people: People) -> None:
    people.changed("room:1", [BOB], [ANNE], now=0)
    people.changed("room:1", [], [BOB], now=1)
    people.changed("room:1", [ANNE], [], now=2)
    people.changed("room:1", [], [ANNE], now=2.5)

    assert {"room:1": ["2"]} == people.tick(now=5.4)
    assert {"room:1": ["1"]} == people.tick(now=5.5)


def test_who_has_departed_arrives_again(people: People) -> None:
    people.changed("room:1", [], [ANNE], now=0)
    people.tick(now=3)

    assert ["1"] == people.changed("room:1", [ANNE], [], now=4)


def test_strangers_are_no_persons(people: People) -> None:
    assert [] == people.changed("room:1", [STRANGER], [], now=0)
    assert [] == people.changed("room:1", [], [STRANGER], now=0)
    assert {} == people.tick(now=10)
    assert {"1"} == people.present("room:1")


def test_channels_are_apart(people: People) -> None:
    assert ["1"] == people.changed("room:2", [ANNES_PHONE], [], now=0)
    people.changed("room:1", [], [ANNE], now=0)

    assert {"room:1": ["1"]} == people.tick(now=3)
    assert {"1"} == people.present("room:2")


def test_a_forgotten_channel_has_no_departures(people: People) -> None:
    people.changed("room:1", [], [ANNE], now=0)
    people.forget("room:1")

    assert {} == people.tick(now=3)


def test_who_is_found_there_while_lingering_has_not_gone(people: People) -> None:
    people.changed("room:1", [], [ANNE], now=0)
    people.seed("room:1", {"1": 1, "2": 1})

    assert {} == people.tick(now=3)
    assert {"1", "2"} == people.present("room:1")
