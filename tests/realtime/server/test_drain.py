"""Sending connections elsewhere at the end of a process: all of them, once, and new ones not at all."""

import asyncio

import pytest

from teahouse.realtime import engine as engine_module
from teahouse.realtime.engine import Engine
from teahouse.realtime.server.drain import drain
from teahouse.realtime.wire.codes import Ending
from tests.realtime.fakes import Listener, NotingBroker, engine_with


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = engine_with(NotingBroker())
    monkeypatch.setattr(engine_module, "_engine", engine)
    return engine


def test_a_process_that_serves_nobody_has_nothing_to_drain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "_engine", None)
    asyncio.run(drain(seconds=5))


@pytest.mark.parametrize("count", [0, 1, 7])
@pytest.mark.parametrize("seconds", [pytest.param(0, id="at once"), pytest.param(0.1, id="spread over two steps")])
def test_every_connection_is_told_once_to_come_back(engine: Engine, count: int, seconds: float) -> None:
    connections = [Listener("site") for _ in range(count)]
    for connection in connections:
        engine.enter(connection)
    asyncio.run(drain(seconds=seconds))

    assert [[Ending.DRAIN]] * count == [connection.endings for connection in connections]
    assert engine.is_draining


def test_a_spread_drain_leaves_some_for_later(engine: Engine) -> None:
    connections = [Listener("site") for _ in range(10)]
    for connection in connections:
        engine.enter(connection)

    async def first_step() -> int:
        draining = asyncio.create_task(drain(seconds=60))
        await asyncio.sleep(0)
        draining.cancel()
        return sum(connection.endings == [Ending.DRAIN] for connection in connections)

    assert 1 >= asyncio.run(first_step())
    assert engine.is_draining
