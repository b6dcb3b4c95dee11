"""What is particular to the broker of a lone process; what all brokers do is in test_brokers.py."""

import asyncio

import pytest

from teahouse.realtime.broker.base import BrokerAway, Ended, Hint
from teahouse.realtime.broker.memory import MemoryBroker
from tests.realtime.broker.ears import published, run, started


def test_a_hint_is_received_on_a_later_turn_of_the_loop() -> None:
    async def test() -> None:
        broker = MemoryBroker()
        async with started(broker) as ear:
            broker.publish(published(1))
            await broker.carry(Ended(user="1"))
            assert [] == ear.hints

            await asyncio.sleep(0)
            assert [published(1), Ended(user="1")] == ear.hints

    run(test())


def test_before_the_start_and_after_the_end_nothing_is_taken() -> None:
    received: list[Hint] = []
    broker = MemoryBroker()

    async def live() -> None:
        with pytest.raises(BrokerAway):
            await broker.carry(published(1))
        await broker.start("n1", received.append, lambda: None)
        await broker.stop()
        broker.publish(published(2))
        with pytest.raises(BrokerAway):
            await broker.carry(published(3))
        await asyncio.sleep(0)

    broker.publish(published(1))
    run(live())
    broker.publish(published(4))

    assert [] == received
