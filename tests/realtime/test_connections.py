"""Connections that come, hear and go, in an engine over an application in memory."""

import asyncio
import threading
from collections.abc import Sequence

import msgspec
import pytest

from teahouse.realtime import channels as channels_module
from teahouse.realtime import connections as connections_module
from teahouse.realtime.application import Head
from teahouse.realtime.namespaces import Namespace
from tests.realtime.engines import CONF, Subscriptions, run, started
from tests.realtime.fakes import Listener, MemoryApplication, published, until

pytestmark = pytest.mark.usefixtures("_patient")


def test_a_channel_is_subscribed_once_and_let_go_a_moment_after_the_last_listener_left(
    application: MemoryApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections_module, "_LINGER_SECONDS", 0.05)
    broker = Subscriptions()

    async def test() -> None:
        async with started(application, broker) as engine:
            first, second = Listener("room:1"), Listener("room:1")
            await asyncio.gather(engine.join_all(first), engine.join_all(second))
            assert ["room:1"] == broker.channels

            engine.exit(first)
            engine.exit(second)
            assert ["room:1"] == broker.channels
            # Before what asked for it in vain would be let go.
            await until(lambda: not broker.channels, seconds=3)
            assert 0 == len(engine.channels)

            await engine.join_all(third := Listener("room:1"))
            application.commit(1)
            engine.announce(published(1))
            await until(lambda: third.frames)

    run(test())


def test_who_is_back_within_the_moment_finds_the_channel_still_there(
    application: MemoryApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections_module, "_LINGER_SECONDS", 0.05)
    broker = Subscriptions()

    async def test() -> None:
        async with started(application, broker) as engine:
            first, second = Listener("room:1"), Listener("room:1", "later")
            await engine.join_all(first)
            engine.exit(first)
            await engine.join_all(second)
            # What comes after the moment proves that it has passed.
            asyncio.get_running_loop().call_later(0.1, application.commit, 1)
            await until(lambda: "room:1" in application.history)

            assert ["room:1", "later"] == broker.channels
            engine.announce(published(1))
            await until(lambda: second.frames)

    run(test())


def test_leaving_twice_or_without_having_joined_is_harmless(application: MemoryApplication) -> None:
    async def test() -> None:
        async with started(application) as engine:
            first, second = Listener("room:1"), Listener("room:1")
            engine.exit(first)
            await engine.join_all(first)
            await engine.join_all(second)
            engine.exit(first)
            engine.exit(first)

            # The second one still counts and still hears.
            await engine.join_all(Listener("room:1"))
            assert not engine.has_room_for("1")
            application.commit(1)
            engine.announce(published(1))
            await until(lambda: second.frames)
            assert [] == first.frames

    run(test())


def test_each_person_has_room_for_so_many_connections(application: MemoryApplication) -> None:
    async def test() -> None:
        async with started(application) as engine:
            connections = [Listener("room:1", user="1") for _ in range(2)]
            assert engine.has_room_for("1")
            for connection in connections:
                await engine.join_all(connection)

            assert not engine.has_room_for("1")
            assert engine.has_room_for("2")
            engine.exit(connections[0])
            assert engine.has_room_for("1")
            engine.exit(connections[1])
            assert 0 == engine.hub.users_count()

    run(test())


def test_who_could_not_join_because_the_history_was_away_may_leave_and_come_again(
    application: MemoryApplication,
) -> None:
    async def test() -> None:
        async with started(application) as engine:
            connection = Listener("room:1")
            application.failures = 1
            with pytest.raises(ConnectionError):
                await engine.join_all(connection)
            engine.exit(connection)
            assert 0 == engine.hub.users_count()

            await engine.join_all(connection)
            application.commit(1)
            engine.announce(published(1))
            await until(lambda: connection.frames)

    run(test())


def test_who_leaves_while_joining_leaves_nothing_behind_and_the_next_one_hears(
    application: MemoryApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections_module, "_LINGER_SECONDS", 0.0)
    monkeypatch.setattr(channels_module, "_UNUSED_SECONDS", 0.05)
    broker = Subscriptions()
    reading, read_on = threading.Event(), threading.Event()
    heads = application.heads

    def slow_heads(channels: Sequence[str]) -> dict[str, Head]:
        reading.set()
        read_on.wait(10)
        return heads(channels)

    async def test() -> None:
        async with started(application, broker) as engine:
            monkeypatch.setattr(application, "heads", slow_heads)
            gone = Listener("room:1")
            joining = asyncio.create_task(engine.join_all(gone))
            await until(reading.is_set)
            engine.exit(gone)
            read_on.set()
            await joining
            await until(lambda: not len(engine.channels))
            assert [] == broker.channels
            assert [] == engine.hub.all_listeners_of("room:1")

            await engine.join_all(stays := Listener("room:1"))
            assert ["room:1"] == broker.channels
            application.commit(1)
            engine.announce(published(1))
            await until(lambda: stays.frames)

    run(test())


def test_people_on_the_classic_door_are_present_too(application: MemoryApplication) -> None:
    conf = msgspec.structs.replace(
        CONF, namespaces={**CONF.namespaces, "seen": Namespace(presence=True)}, max_connections_per_user=9
    )

    async def test() -> None:
        async with started(application, conf=conf) as engine:
            first, second = Listener("seen:1", "room:1", user="7"), Listener("seen:1", user="7")
            await engine.join_all(first)
            await engine.join_all(second)
            assert (2, 1) == await engine.presence.stats("seen:1")
            assert (0, 0) == await engine.presence.stats("room:1")
            engine.exit(first)
            engine.exit(first)
            assert (1, 1) == await engine.presence.stats("seen:1")
            engine.exit(second)
            assert {} == await engine.presence.present("seen:1")

    run(test())
