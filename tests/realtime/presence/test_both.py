"""What holds for every presence, in memory and in Redis, seen from one process."""

import asyncio
import os
from collections.abc import Callable

import pytest

from teahouse.realtime.application import ClientInfo
from teahouse.realtime.presence.base import Presence
from teahouse.realtime.presence.memory import MemoryPresence
from tests.realtime.fakes import until
from tests.realtime.presence.nodes import Node, Wire, redis_presence, run, started

ANNE = ClientInfo("1", "a", conn_info=b'{"name":"Anne"}')
ANNES_PHONE = ClientInfo("1", "a2")
BOB = ClientInfo("2", "b")
STRANGER = ClientInfo("", "s")


@pytest.fixture(params=["memory", "redis"])
def make(request: pytest.FixtureRequest) -> Callable[[], Presence]:
    if request.param == "memory":
        return MemoryPresence
    url = request.getfixturevalue("redis_url")
    return lambda: redis_presence(url, f"test:{os.getpid()}:{request.node.name}")


def test_who_arrives_is_present_at_once_until_they_depart(make: Callable[[], Presence]) -> None:
    async def test() -> None:
        async with started(Wire(), "n1", make()) as node:
            node.presence.arrive("room:1", ANNE)
            node.presence.arrive("room:1", ANNES_PHONE)
            node.presence.arrive("room:1", BOB)
            node.presence.arrive("room:2", BOB)

            assert {"a": ANNE, "a2": ANNES_PHONE, "b": BOB} == await node.presence.present("room:1")
            assert (3, 2) == await node.presence.stats("room:1")

            node.presence.depart("room:1", "b")
            assert {"a": ANNE, "a2": ANNES_PHONE} == await node.presence.present("room:1")
            assert (2, 1) == await node.presence.stats("room:1")
            assert {"b": BOB} == await node.presence.present("room:2")
            assert {} == await node.presence.present("room:3")
            assert (0, 0) == await node.presence.stats("room:3")

    run(test())


def test_strangers_are_one_user_of_the_figures(make: Callable[[], Presence]) -> None:
    async def test() -> None:
        async with started(Wire(), "n1", make()) as node:
            for info in (STRANGER, ClientInfo("", "s2"), ANNE):
                node.presence.arrive("room:1", info)

            assert (3, 2) == await node.presence.stats("room:1")

    run(test())


def test_listeners_are_told_once_of_who_comes_and_who_goes(make: Callable[[], Presence]) -> None:
    async def test() -> None:
        async with started(Wire(), "n1", make()) as node:
            node.watch.begin("room:1")
            node.presence.arrive("room:1", ANNE)
            await until(lambda: node.joined)
            node.presence.arrive("room:1", ANNE)
            node.presence.arrive("room:1", BOB)
            node.presence.depart("room:1", "a")
            node.presence.depart("room:1", "a")
            await until(lambda: node.left)
            await settled(node)

            assert ["a", "b"] == node.joined
            assert ["a"] == node.left
            assert {"room:1": {"b": BOB}} == node.there

    run(test())


def test_who_came_and_went_at_once_is_not_told(make: Callable[[], Presence]) -> None:
    async def test() -> None:
        async with started(Wire(), "n1", make()) as node:
            node.watch.begin("room:1")
            node.presence.arrive("room:1", ANNE)
            node.presence.depart("room:1", "a")
            await settled(node)

            assert [] == node.joined == node.left

    run(test())


def test_nobody_is_told_of_those_who_were_there_before_the_first_listener(make: Callable[[], Presence]) -> None:
    async def test() -> None:
        async with started(Wire(), "n1", make()) as node:
            node.presence.arrive("room:1", ANNE)
            await until(lambda: node.presence.told("room:1"))
            node.watch.begin("room:1")
            node.presence.arrive("room:1", BOB)
            await until(lambda: node.joined)
            node.presence.depart("room:1", "a")
            await until(lambda: node.left)

            assert ["b"] == node.joined
            assert ["a"] == node.left

    run(test())


def test_without_listeners_nobody_is_told(make: Callable[[], Presence]) -> None:
    async def test() -> None:
        async with started(Wire(), "n1", make()) as node:
            node.watch.begin("room:1")
            node.watch.begin("room:1")
            node.watch.end("room:1")
            node.watch.end("room:1")
            node.presence.arrive("room:1", ANNE)
            await settled(node)

            assert [] == node.joined

    run(test())


def test_the_end_of_a_process_takes_everybody_with_it(make: Callable[[], Presence]) -> None:
    async def test() -> None:
        async with started(Wire(), "n1", make()) as node:
            node.watch.begin("room:1")
            node.presence.arrive("room:1", ANNE)
            node.presence.arrive("room:1", BOB)
            await until(lambda: len(node.joined) == 2)
            await node.presence.stop()
            await until(lambda: len(node.left) == 2)

            assert {"room:1": {}} == node.there

    run(test())


def test_people_do_not_flicker_when_a_page_is_loaded_again(make: Callable[[], Presence]) -> None:
    async def test() -> None:
        async with started(Wire(), "n1", make()) as node:
            node.watch.begin("room:1")
            for info in (ANNE, BOB):
                node.presence.arrive("room:1", info)
            await until(lambda: len(node.joined) == 2)
            node.presence.depart("room:1", "a")
            node.presence.depart("room:1", "b")
            await until(lambda: len(node.left) == 2)
            node.presence.arrive("room:1", ANNES_PHONE)
            await until(lambda: node.departed)

            assert ["1", "2"] == sorted(node.arrived)
            assert ["2"] == node.departed

    run(test())


def test_a_process_can_end_before_it_has_begun(make: Callable[[], Presence]) -> None:
    run(make().stop())


async def settled(node: Node) -> None:
    """All that was noted has been told, and told again."""
    node.watch.begin("end")
    node.presence.arrive("end", ClientInfo("", "end"))
    await until(lambda: "end" in node.there)
    await asyncio.sleep(0)
    del node.there["end"]
    node.joined.remove("end")
