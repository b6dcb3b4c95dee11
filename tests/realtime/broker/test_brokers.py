"""What every broker does, by its port; against a real Redis where it is one."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from teahouse.realtime.application import ClientInfo
from teahouse.realtime.broker.base import (
    Answer,
    Broker,
    DoDisconnect,
    Emulated,
    Ended,
    Hint,
    Order,
    PresenceChanged,
    Question,
    Target,
)
from teahouse.realtime.broker.memory import MemoryBroker
from teahouse.realtime.broker.redis import RedisBroker
from tests.realtime.broker.ears import SEAL, published, run, started
from tests.realtime.fakes import until

FOR_ALL = [
    pytest.param(published(1), id="publication"),
    pytest.param(
        PresenceChanged(channel="room:1", node="n2", joined=(ClientInfo(user="1", client="c"),)), id="presence"
    ),
    pytest.param(Ended(user="1", sid="s"), id="ended"),
    pytest.param(
        Order(id="1", at=1.5, target=Target(user="1"), do=DoDisconnect(code=3503, reason="x", spare=("c",))), id="order"
    ),
    pytest.param(Question(id="1", node="n2", about="channels", pattern="*"), id="question"),
    pytest.param(Emulated(node="n1", session="s", data=b"{}"), id="emulated, for this process"),
    pytest.param(Answer(id="1", to="n1", node="n2", data=b"{}"), id="answer, for this process"),
]
FOR_ANOTHER = [
    pytest.param(Emulated(node="n2", session="s", data=b"{}"), id="emulated"),
    pytest.param(Answer(id="1", to="n2", node="n1", data=b"{}"), id="answer"),
]


@pytest.fixture(params=["memory", "redis", "redis, sharded"])
def make(request: pytest.FixtureRequest, prefix: str) -> Callable[[], Broker]:
    if request.param == "memory":
        return MemoryBroker
    url = request.getfixturevalue("redis_url") + ("?sharded=1" if "sharded" in request.param else "")
    return lambda: RedisBroker(url, prefix=prefix, seal=SEAL)


@pytest.mark.parametrize("hint", FOR_ALL)
def test_what_is_carried_is_received_once(make: Callable[[], Broker], hint: Hint) -> None:
    async def test() -> None:
        broker = make()
        async with started(broker) as ear:
            await broker.subscribe("room:1")
            await broker.carry(hint)
            await broker.carry(Ended(user="last"))

            await until(lambda: Ended(user="last") in ear.hints and hint in ear.hints)
            assert 2 == len(ear.hints)

    run(test())


@pytest.mark.parametrize("hint", FOR_ALL)
def test_what_is_published_is_received_once_or_twice(make: Callable[[], Broker], hint: Hint) -> None:
    async def test() -> None:
        broker = make()
        async with started(broker) as ear:
            await broker.subscribe("room:1")
            broker.publish(hint)
            await asyncio.sleep(0)
            assert [hint] == ear.hints

            await broker.carry(Ended(user="last"))
            await until(lambda: Ended(user="last") in ear.hints)
            assert {1, 2} >= {ear.hints.count(hint)}

    run(test())


@pytest.mark.parametrize("hint", FOR_ANOTHER)
def test_what_is_for_another_process_is_not_received_here(make: Callable[[], Broker], hint: Hint) -> None:
    async def test() -> None:
        broker = make()
        async with started(broker) as ear:
            broker.publish(hint)
            await broker.carry(hint)
            await broker.carry(Ended(user="last"))

            await until(lambda: Ended(user="last") in ear.hints)
            assert hint not in ear.hints

    run(test())


def test_what_is_carried_keeps_its_order(make: Callable[[], Broker]) -> None:
    async def test() -> None:
        broker = make()
        async with started(broker) as ear:
            await broker.subscribe("room:1")
            await asyncio.gather(*(broker.carry(published(offset)) for offset in range(1, 601)))

            await until(lambda: len(ear.hints) == 600)
            assert [published(offset) for offset in range(1, 601)] == ear.hints

    run(test())


def test_any_thread_may_publish_and_it_is_received_on_the_loop(make: Callable[[], Broker]) -> None:
    async def test() -> None:
        threads: list[threading.Thread] = []
        broker = make()
        await broker.start("n1", lambda _: threads.append(threading.current_thread()), lambda: None)
        await asyncio.to_thread(broker.publish, published(1))
        await until(lambda: threads)

        assert [threading.main_thread()] == threads
        await broker.stop()

    run(test())


def test_once_it_has_started_it_is_up_and_behind_by_less_than_a_second(make: Callable[[], Broker]) -> None:
    async def test() -> None:
        broker = make()
        async with started(broker):
            await broker.carry(published(1))

            assert broker.is_up()
            assert isinstance(broker, MemoryBroker | RedisBroker)
            assert 0 <= broker.lag_seconds < 1

    run(test())


def test_publishing_after_the_end_of_the_loop_does_nothing(make: Callable[[], Broker]) -> None:
    broker = make()

    async def test() -> None:
        async with started(broker):
            pass

    run(test())
    broker.publish(published(1))
