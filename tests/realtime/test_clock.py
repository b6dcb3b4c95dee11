"""What the engine does because time passes, over an application in memory."""

import pytest

from teahouse.realtime import clock as clock_module
from teahouse.realtime.broker.memory import MemoryBroker
from tests.realtime.engines import Subscriptions, frames, run, started
from tests.realtime.fakes import Listener, MemoryApplication, until

pytestmark = pytest.mark.usefixtures("_patient")


# Comparing.


def test_a_lost_hint_is_found_by_the_comparison(
    application: MemoryApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock_module, "_COMPARE_SECONDS", 0.01)

    async def test() -> None:
        async with started(application) as engine:
            connections = [Listener("room:1", "user:1"), Listener("user:1")]
            for connection in connections:
                await engine.join_all(connection)
            application.commit(1, 2)
            application.commit(1, channel="user:1")

            await until(lambda: len(connections[0].frames) == 3 and connections[1].frames)
            assert {*frames(1, 2), *frames(1, channel="user:1")} == set(connections[0].frames)
            assert frames(1, channel="user:1") == connections[1].frames

    run(test())


def test_a_broker_that_is_away_makes_the_comparison_come_sooner(
    application: MemoryApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock_module, "_COMPARE_ALONE_SECONDS", 0.01)

    class Away(MemoryBroker):
        def is_up(self) -> bool:
            return False

    async def test() -> None:
        async with started(application, Away()) as engine:
            connection = Listener("room:1")
            await engine.join_all(connection)
            application.commit(1)

            await until(lambda: connection.frames)
            assert not engine.is_broker_up()

    run(test())


def test_a_broker_that_is_back_makes_it_come_at_once(application: MemoryApplication) -> None:
    broker = Subscriptions()

    async def test() -> None:
        async with started(application, broker) as engine:
            connection = Listener("room:1")
            await engine.join_all(connection)
            application.commit(1)
            broker.say_reconnected()

            await until(lambda: connection.frames)
            assert frames(1) == connection.frames

    run(test())


def test_a_comparison_that_fails_is_made_again(application: MemoryApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_module, "_COMPARE_SECONDS", 0.01)

    async def test() -> None:
        async with started(application) as engine:
            connection = Listener("room:1")
            await engine.join_all(connection)
            application.failures = 3
            application.commit(1)

            await until(lambda: connection.frames)

    run(test())


# Ticks.


def test_every_connection_is_ticked(application: MemoryApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_module, "_TICK_SECONDS", 0.01)

    async def test() -> None:
        async with started(application) as engine:
            connection = Listener("site")
            await engine.join_all(connection)

            await until(lambda: len(connection.ticks) > 1)
            assert sorted(connection.ticks) == connection.ticks

    run(test())


def test_a_connection_whose_turn_fails_keeps_no_heartbeat_from_others(
    application: MemoryApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock_module, "_TICK_SECONDS", 0.01)

    class Failing(Listener):
        def tick(self, now: float) -> None:
            super().tick(now)
            raise ValueError

    async def test() -> None:
        async with started(application) as engine:
            failing, well = Failing(), Listener()
            for connection in (failing, well):
                engine.enter(connection)
            await until(lambda: len(failing.ticks) > 2 and len(well.ticks) > 2, seconds=3)

    run(test())
