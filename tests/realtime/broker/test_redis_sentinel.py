"""Broker and store behind a Sentinel, while the master is there, is gone and is another one."""

import asyncio

import pytest

from teahouse.realtime.application import Publication
from teahouse.realtime.broker.base import BrokerAway
from teahouse.realtime.store.base import Terms
from teahouse.realtime.store.redis import RedisStore, append_once
from tests.realtime.broker.ears import SEAL, listening, published, run, tell
from tests.realtime.broker.redis_servers import Sentinel, Server
from tests.realtime.fakes import until
from tests.services import free_port, wait_until

TERMS = Terms(size=9, seconds=60)
NEWS = Publication(channel="news", data=b"x")


def test_when_the_master_changes_everything_goes_to_the_new_one(
    sentinel: tuple[Sentinel, Server, Server], prefix: str
) -> None:
    watch, master, replica = sentinel
    wait_until(lambda: "connected" in replica.ask("ROLE"), what="the replica")
    watch.start()
    wait_until(lambda: str(replica.port) in str(watch.ask("SENTINEL", "REPLICAS", "tea")), what="the Sentinel")
    # The first Sentinel of the URL is not there.
    url = f"redis+sentinel://127.0.0.1:{free_port()},{watch.address}/tea"

    async def test() -> None:
        store = RedisStore(url, prefix=prefix, seal=SEAL)
        await store.start()
        async with listening(url, prefix) as (broker, ear):
            await broker.subscribe("room:1")
            await broker.carry(published(1))
            first = await store.append(NEWS, TERMS)
            master.stop()
            await until(lambda: not broker.is_up())
            await until(lambda: broker.is_up() and ear.reconnects == 2)
            await broker.carry(published(2))
            second = await store.append(NEWS, TERMS)
            await tell(url, prefix, published(3))
            third = await asyncio.to_thread(append_once, url, prefix=prefix, seal=SEAL, publication=NEWS, terms=TERMS)
            await until(lambda: published(3) in ear.hints)

            assert [published(1), published(2), published(3)] == ear.hints
            # The replica may have lacked some, so positions of before are void.
            assert first.head.epoch != second.head.epoch == third.head.epoch
            assert 2 <= third.head.offset <= 3
            assert "master" in await asyncio.to_thread(replica.ask, "ROLE")

            master.start()
            await until(lambda: broker.is_up() and store.is_up())
            await broker.carry(published(4))
            await until(lambda: published(4) in ear.hints)
        await store.stop()

    run(test())


def test_a_replica_that_is_taken_for_the_master_is_not_used(
    sentinel: tuple[Sentinel, Server, Server], prefix: str
) -> None:
    watch, master, replica = sentinel
    watch.start()
    wait_until(lambda: str(master.port) in str(watch.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "tea")))
    master.ask("REPLICAOF", "127.0.0.1", replica.port)

    async def test() -> None:
        async with listening(f"redis+sentinel://{watch.address}/tea", prefix) as (broker, _):
            with pytest.raises(BrokerAway):
                await broker.carry(published(1))
            assert not broker.is_up()

    run(test())


def test_without_a_sentinel_nobody_waits_long(prefix: str) -> None:
    url = f"redis+sentinel://127.0.0.1:{free_port()}/tea"

    async def test() -> None:
        async with listening(url, prefix) as (broker, ear):
            await broker.subscribe("room:1")
            broker.publish(published(1))
            with pytest.raises(BrokerAway):
                await broker.carry(published(2))
            with pytest.raises(BrokerAway):
                await tell(url, prefix, published(3))

            assert [published(1)] == ear.hints
            assert not broker.is_up()

    run(test())
