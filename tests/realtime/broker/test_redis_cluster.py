"""Broker and store in a Redis Cluster: classic and sharded pub/sub, slots that move, nodes that go and come back."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest

from teahouse.realtime.application import Publication
from teahouse.realtime.broker.base import BrokerAway, Emulated, Ended
from teahouse.realtime.store.base import Terms
from teahouse.realtime.store.redis import RedisStore, append_once
from tests.realtime.broker.ears import SEAL, listening, published, run, tell
from tests.realtime.broker.redis_servers import Cluster
from tests.realtime.fakes import until

TERMS = Terms(size=1_000, seconds=60)


@pytest.fixture(params=["classic", "sharded"])
def url(request: pytest.FixtureRequest, cluster: Cluster) -> str:
    return cluster.url(sharded=request.param == "sharded")


@contextlib.asynccontextmanager
async def store_at(url: str, prefix: str) -> AsyncIterator[RedisStore]:
    store = RedisStore(url, prefix=prefix, seal=SEAL)
    await store.start()
    try:
        yield store
    finally:
        await store.stop()


def test_hints_reach_every_process_once_and_in_order(url: str, prefix: str) -> None:
    channels = [f"room:{number}" for number in range(30)]

    async def test() -> None:
        async with listening(url, prefix) as (sender, sender_ear), listening(url, prefix, node="n2") as (receiver, ear):
            for channel in channels:
                await asyncio.gather(sender.subscribe(channel), receiver.subscribe(channel))
            await asyncio.gather(
                *(sender.carry(published(offset, channel)) for offset in range(1, 21) for channel in channels)
            )
            await sender.carry(Ended(user="1"))
            await sender.carry(Emulated(node="n2", session="s", data=b""))
            await until(lambda: len(sender_ear.hints) == 601 and len(ear.hints) == 602)

            for channel in channels:
                expected = [published(offset, channel) for offset in range(1, 21)]
                for hints in (sender_ear.hints, ear.hints):
                    assert expected == [hint for hint in hints if hint in expected]
            assert Ended(user="1") in ear.hints
            assert Emulated(node="n2", session="s", data=b"") in ear.hints
            assert sender.is_up()
            assert receiver.is_up()

    run(test())


def test_a_process_without_an_engine_tells(url: str, prefix: str) -> None:
    async def test() -> None:
        async with listening(url, prefix) as (broker, ear):
            hints = [published(1, f"room:{number}") for number in range(6)]
            for hint in hints:
                await broker.subscribe(hint.publication.channel)
            await tell(url, prefix, *hints)

            await until(lambda: len(ear.hints) == 6)
            assert all(hint in ear.hints for hint in hints)

    run(test())


def test_a_channel_whose_slot_moves_is_heard_at_its_new_place(url: str, cluster: Cluster, prefix: str) -> None:
    async def test() -> None:
        async with listening(url, prefix) as (broker, ear):
            for number in range(5):
                await broker.subscribe(f"room:{number}")
            before = ear.reconnects
            await asyncio.to_thread(cluster.move, f"{prefix}:channel:room:1")
            await asyncio.to_thread(cluster.move, f"{prefix}:everyone")
            if "sharded" in url:
                # In between something may have been missed.
                await until(lambda: ear.reconnects > before)
            await until(broker.is_up)
            await broker.carry(published(1, "room:1"))
            await broker.carry(Ended(user="1"))
            broker.publish(published(2, "room:1"))
            await tell(url, prefix, published(3, "room:1"))

            await until(lambda: published(3, "room:1") in ear.hints)
            await until(lambda: ear.hints.count(published(2, "room:1")) == 2)
            assert 1 == ear.hints.count(published(1, "room:1"))
            assert 1 == ear.hints.count(Ended(user="1"))

    run(test())


def test_a_node_that_was_away_is_found_again(url: str, cluster: Cluster, prefix: str) -> None:
    names = [f"{prefix}:channel:room:{number}" for number in range(20)]
    node = cluster.owner_of(names[0])

    async def test() -> None:
        async with listening(url, prefix) as (broker, ear):
            for number in range(20):
                await broker.subscribe(f"room:{number}")
            node.stop()
            await until(lambda: not broker.is_up())
            began = time.monotonic()
            with pytest.raises(BrokerAway):
                await broker.carry(published(1, "room:0"))
            assert time.monotonic() - began < 2
            broker.publish(published(2, "room:0"))
            before = ear.reconnects
            node.start()
            await until(broker.is_up)
            await until(cluster.is_whole)
            if "sharded" in url:
                assert ear.reconnects > before
            for number in range(20):
                await broker.carry(published(3, f"room:{number}"))

            await until(lambda: all(published(3, f"room:{number}") in ear.hints for number in range(20)))

    run(test())


def test_a_node_that_is_away_holds_up_no_channel_of_others(cluster: Cluster, prefix: str) -> None:
    url = cluster.url(sharded=True)
    node = cluster.owner_of(f"{prefix}:channel:room:0")
    others = [
        f"room:{number}" for number in range(30) if cluster.owner_of(f"{prefix}:channel:room:{number}") is not node
    ]

    async def test() -> None:
        async with listening(url, prefix) as (broker, ear):
            for channel in ("room:0", *others):
                await broker.subscribe(channel)
            with node.paused():
                hanging = asyncio.create_task(broker.carry(published(1, "room:0")))
                began = time.monotonic()
                await asyncio.gather(*(broker.carry(published(1, channel)) for channel in others))
                await until(lambda: all(published(1, channel) in ear.hints for channel in others))
                assert time.monotonic() - began < 1
                with pytest.raises(BrokerAway):
                    await hanging
            await until(broker.is_up)

    run(test())
    # The other nodes may have taken it for dead meanwhile.
    cluster.wait()


def test_the_history_is_kept_where_its_slot_is(cluster: Cluster, prefix: str) -> None:
    url = cluster.url(sharded=False)
    channels = [f"news:{number}" for number in range(50)]

    async def test() -> None:
        async with store_at(url, prefix) as store:
            for turn in (1, 2):
                kept = await asyncio.gather(
                    *(store.append(Publication(channel=channel, data=b"%d" % turn), TERMS) for channel in channels)
                )
                assert {turn} == {each.head.offset for each in kept}
            kept_once = await asyncio.to_thread(
                append_once,
                url,
                prefix=prefix,
                seal=SEAL,
                publication=Publication(channel=channels[7], data=b"3"),
                terms=TERMS,
            )
            heads = await store.heads(channels)

            assert {2, 3} == {head.offset for head in heads.values()}
            assert heads[channels[7]] == kept_once.head
            page = await store.page(channels[7], after=1, limit=10)
            assert [b"2", b"3"] == [publication.data for publication in page.publications]

    run(test())


def test_publications_go_on_without_a_gap_while_their_slot_moves(cluster: Cluster, prefix: str) -> None:
    key = f"{prefix}:kept:{{news}}:head"

    async def test() -> None:
        async with store_at(cluster.url(sharded=False), prefix) as store:

            async def append() -> int:
                return (await store.append(Publication(channel="news", data=b"x"), TERMS)).head.offset

            assert 1 == await append()
            moving = await asyncio.to_thread(cluster.begin_moving, key)
            assert 2 == await append()
            await asyncio.to_thread(cluster.end_moving, *moving)
            assert 3 == await append()

            page = await store.page("news", after=None, limit=10)
            assert [1, 2, 3] == [publication.offset for publication in page.publications]

    run(test())


def test_a_channel_that_is_new_while_its_slot_moves_waits_for_its_new_place(cluster: Cluster, prefix: str) -> None:
    url = cluster.url(sharded=False)
    moving = cluster.begin_moving(f"{prefix}:kept:{{news}}:head")

    async def test() -> None:
        async with store_at(url, prefix) as store:
            # A Cluster answers nothing about several keys that are on neither side.
            waiting = asyncio.create_task(store.append(Publication(channel="news", data=b"x"), TERMS))
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asyncio.shield(waiting), 0.2)
            await asyncio.to_thread(cluster.end_moving, *moving)
            first = await waiting
            second = await asyncio.to_thread(
                append_once,
                url,
                prefix=prefix,
                seal=SEAL,
                publication=Publication(channel="news", data=b"y"),
                terms=TERMS,
            )

            assert (1, 2) == (first.head.offset, second.head.offset)
            assert first.head.epoch == second.head.epoch

    run(test())
