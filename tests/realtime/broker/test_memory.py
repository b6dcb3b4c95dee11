"""The broker of a lone process."""

import asyncio
import threading

from teahouse.realtime.broker.base import Disconnect, Hint
from teahouse.realtime.broker.memory import MemoryBroker
from tests.realtime.fakes import published, until


def test_a_hint_is_received_on_a_later_turn_of_the_loop() -> None:
    async def test() -> None:
        received: list[Hint] = []
        broker = MemoryBroker()
        await broker.start(received.append, lambda: None)
        await broker.subscribe("room:1")
        broker.publish(published(1))
        broker.publish(Disconnect(user_id=1))

        assert [] == received
        await until(lambda: len(received) == 2)
        assert [published(1), Disconnect(user_id=1)] == received
        assert broker.is_up()
        await broker.stop()

    asyncio.run(test())


def test_any_thread_may_publish_and_it_is_received_on_the_loop() -> None:
    async def test() -> None:
        threads: list[threading.Thread] = []
        broker = MemoryBroker()
        await broker.start(lambda _: threads.append(threading.current_thread()), lambda: None)
        await asyncio.to_thread(broker.publish, published(1))
        await until(lambda: threads)

        assert [threading.main_thread()] == threads

    asyncio.run(test())


def test_publishing_before_the_start_and_after_the_end_does_nothing() -> None:
    received: list[Hint] = []
    broker = MemoryBroker()
    broker.publish(published(1))

    async def live() -> None:
        await broker.start(received.append, lambda: None)
        await broker.stop()
        broker.publish(published(2))
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(live())
    broker.publish(published(3))

    assert [] == received
