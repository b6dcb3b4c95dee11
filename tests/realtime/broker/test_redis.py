"""The broker against a real Redis that comes and goes, and one that hangs."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any

import pytest
import redis

from teahouse.realtime.broker import redis as redis_module
from teahouse.realtime.broker.base import Disconnect, Hint, Seal
from teahouse.realtime.broker.redis import RedisBroker, publish_once
from tests.realtime.fakes import published, until
from tests.services import Redis, own_redis

SEAL = Seal(b"k" * 32)


class Ear:
    """What one process hears by its broker."""

    def __init__(self) -> None:
        self.hints: list[Hint] = []
        self.reconnects = 0

    def note_reconnect(self) -> None:
        self.reconnects += 1


@contextlib.asynccontextmanager
async def listening(url: str, prefix: str, *, seal: Seal = SEAL) -> AsyncIterator[tuple[RedisBroker, Ear]]:
    ear, broker = Ear(), RedisBroker(url, prefix=prefix, seal=seal)
    await broker.start(ear.hints.append, ear.note_reconnect)
    try:
        yield broker, ear
    finally:
        await broker.stop()


def run(test: Coroutine[Any, Any, None], *, seconds: float = 20) -> None:
    asyncio.run(asyncio.wait_for(test, seconds))


@pytest.fixture
def prefix(request: pytest.FixtureRequest) -> str:
    """Names of this test's own in a Redis that others use too."""
    return f"test:{os.getpid()}:{request.node.name}"


@pytest.fixture
def own() -> Iterator[Redis]:
    """A Redis that the test may stop."""
    with own_redis() as server:
        yield server


def subscribers(url: str, name: str) -> int:
    with redis.Redis.from_url(url) as client:
        counts: list[tuple[bytes, int]] = client.pubsub_numsub(name)
    return counts[0][1]


async def up(ear: Ear) -> None:
    await until(lambda: ear.reconnects)


async def tell(url: str, prefix: str, hint: Hint) -> None:
    """As a process without an engine does: nobody but Redis brings it to the brokers."""
    await asyncio.to_thread(publish_once, url, prefix=prefix, seal=SEAL, hint=hint)


def test_a_hint_reaches_every_process_that_subscribed(redis_url: str, prefix: str) -> None:
    async def test() -> None:
        async with (
            listening(redis_url, prefix) as (sender, sender_ear),
            listening(redis_url, prefix) as (receiver, receiver_ear),
            listening(redis_url, prefix) as (_, stranger_ear),
        ):
            for ear in (sender_ear, receiver_ear, stranger_ear):
                await up(ear)
            await receiver.subscribe("room:1")
            sender.publish(published(1))
            sender.publish(Disconnect(sid="a"))

            # The two travel on channels of their own, so their order is not promised.
            await until(lambda: len(receiver_ear.hints) == 2 and stranger_ear.hints)
            assert published(1) in receiver_ear.hints
            assert Disconnect(sid="a") in receiver_ear.hints
            assert [Disconnect(sid="a")] == stranger_ear.hints
            assert sender.is_up()

    run(test())


def test_the_publisher_hears_it_at_once_and_again_from_redis(redis_url: str, prefix: str) -> None:
    async def test() -> None:
        async with listening(redis_url, prefix) as (broker, ear):
            await up(ear)
            await broker.subscribe("room:1")
            broker.publish(published(1))
            await asyncio.sleep(0)
            assert [published(1)] == ear.hints

            await until(lambda: len(ear.hints) == 2)
            assert [published(1)] * 2 == ear.hints

    run(test())


def test_the_publisher_hears_it_without_redis_too(own: Redis, prefix: str) -> None:
    own.stop()

    async def test() -> None:
        async with listening(own.url, prefix) as (broker, ear):
            broker.publish(published(1))
            broker.publish(Disconnect(user_id=1))

            await until(lambda: len(ear.hints) == 2)
            assert [published(1), Disconnect(user_id=1)] == ear.hints

    run(test())


def test_hints_of_one_channel_keep_their_order(redis_url: str, prefix: str) -> None:
    async def test() -> None:
        async with listening(redis_url, prefix) as (sender, ear), listening(redis_url, prefix) as (receiver, heard):
            await up(ear)
            await up(heard)
            await receiver.subscribe("room:1")
            for offset in range(1, 601):
                sender.publish(published(offset))

            await until(lambda: len(heard.hints) == 600)
            assert [published(offset) for offset in range(1, 601)] == heard.hints

    run(test())


def test_sites_with_other_prefixes_share_a_redis_and_hear_nothing_of_each_other(redis_url: str, prefix: str) -> None:
    async def test() -> None:
        async with (
            listening(redis_url, prefix) as (ours, our_ear),
            listening(redis_url, f"{prefix}-other") as (theirs, their_ear),
        ):
            await up(our_ear)
            await up(their_ear)
            await ours.subscribe("room:1")
            await theirs.subscribe("room:1")
            await tell(redis_url, prefix, published(1))
            await tell(redis_url, f"{prefix}-other", published(2))

            await until(lambda: our_ear.hints and their_ear.hints)
            assert [[published(1)], [published(2)]] == [our_ear.hints, their_ear.hints]

    run(test())


def test_a_process_without_an_engine_tells_by_a_connection_for_once(redis_url: str, prefix: str) -> None:
    async def test() -> None:
        async with listening(redis_url, prefix) as (broker, ear):
            await up(ear)
            await broker.subscribe("room:1")
            for hint in (published(1), Disconnect(user_id=7)):
                await tell(redis_url, prefix, hint)

            await until(lambda: len(ear.hints) == 2)
            assert [published(1), Disconnect(user_id=7)] == ear.hints

    run(test())


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda: b"", id="nothing"),
        pytest.param(lambda: b"garbage", id="garbage"),
        pytest.param(lambda: Seal(b"x" * 32).close(published(1)), id="signed by another site"),
        pytest.param(lambda: SEAL.close(published(1))[:-1] + b"x", id="changed on its way"),
    ],
)
def test_a_forged_hint_is_passed_over(redis_url: str, prefix: str, forge: Callable[[], bytes]) -> None:
    async def test() -> None:
        async with listening(redis_url, prefix) as (broker, ear):
            await up(ear)
            await broker.subscribe("room:1")
            with redis.Redis.from_url(redis_url) as attacker:
                for name in (f"{prefix}:channel:room:1", f"{prefix}:everyone"):
                    assert 1 == attacker.publish(name, forge())
            await tell(redis_url, prefix, published(2))

            await until(lambda: ear.hints)
            assert [published(2)] == ear.hints

    run(test())


def test_subscribing_twice_hears_once_and_unsubscribing_ends_it(redis_url: str, prefix: str) -> None:
    name = f"{prefix}:channel:room:1"

    async def test() -> None:
        async with listening(redis_url, prefix) as (broker, ear):
            await up(ear)
            await asyncio.gather(broker.subscribe("room:1"), broker.subscribe("room:1"))
            assert 1 == subscribers(redis_url, name)

            broker.unsubscribe("room:1")
            await until(lambda: subscribers(redis_url, name) == 0)
            broker.unsubscribe("room:1")

            await broker.subscribe("room:1")
            assert 1 == subscribers(redis_url, name)
            await tell(redis_url, prefix, published(1))
            await until(lambda: ear.hints)
            assert [published(1)] == ear.hints

    run(test())


def test_whoever_comes_back_while_the_channel_is_being_left_hears_it(redis_url: str, prefix: str) -> None:
    async def test() -> None:
        async with listening(redis_url, prefix) as (broker, ear):
            await up(ear)
            for offset in range(1, 21):
                await broker.subscribe("room:1")
                broker.unsubscribe("room:1")
                await broker.subscribe("room:1")
                await until(lambda: subscribers(redis_url, f"{prefix}:channel:room:1") == 1)
                await tell(redis_url, prefix, published(offset))
                await until(lambda: ear.hints)
                assert [published(offset)] == ear.hints
                ear.hints.clear()
                broker.unsubscribe("room:1")

    run(test())


def test_at_the_end_no_subscription_is_left(redis_url: str, prefix: str) -> None:
    async def test() -> None:
        async with listening(redis_url, prefix) as (broker, ear):
            await up(ear)
            await broker.subscribe("room:1")

    run(test())

    assert 0 == subscribers(redis_url, f"{prefix}:channel:room:1")
    assert 0 == subscribers(redis_url, f"{prefix}:everyone")


def test_what_was_published_just_before_the_end_still_goes_out(redis_url: str, prefix: str) -> None:
    async def test() -> None:
        async with listening(redis_url, prefix) as (receiver, ear):
            await up(ear)
            await receiver.subscribe("room:1")
            async with listening(redis_url, prefix) as (sender, _):
                sender.publish(published(1))
                await asyncio.sleep(0)

            await until(lambda: ear.hints)

    run(test())


def test_after_a_restart_subscriptions_are_back_by_themselves_and_the_engine_is_told(own: Redis, prefix: str) -> None:
    async def test() -> None:
        async with listening(own.url, prefix) as (sender, sender_ear), listening(own.url, prefix) as (receiver, ear):
            await up(sender_ear)
            await up(ear)
            await receiver.subscribe("room:1")
            own.stop()
            await until(lambda: not receiver.is_up())
            for offset in range(1, 101):
                sender.publish(published(offset))
            await until(lambda: not sender.is_up())
            own.start()
            await until(lambda: ear.reconnects == 2 and sender_ear.reconnects == 2)

            # What waited for Redis goes out as well; whether it is heard depends on who was back first.
            sender.publish(published(101))
            await until(lambda: published(101) in ear.hints)
            await until(lambda: sender.is_up() and receiver.is_up())

    run(test())


def test_a_restart_too_short_to_be_noticed_otherwise_is_told_as_well(own: Redis, prefix: str) -> None:
    async def test() -> None:
        async with listening(own.url, prefix) as (broker, ear):
            await up(ear)
            await broker.subscribe("room:1")
            # The loop does not run in between: when it does, Redis is there again.
            own.stop()
            own.start()

            await until(lambda: ear.reconnects == 2)
            await until(lambda: subscribers(own.url, f"{prefix}:channel:room:1") == 1)
            await tell(own.url, prefix, published(1))
            await until(lambda: ear.hints)

    run(test())


def test_a_connection_that_redis_ends_is_made_again_and_the_engine_is_told(own: Redis, prefix: str) -> None:
    async def test() -> None:
        async with listening(own.url, prefix) as (broker, ear):
            await up(ear)
            await broker.subscribe("room:1")
            with redis.Redis.from_url(own.url) as admin:
                admin.execute_command("CLIENT", "KILL", "TYPE", "pubsub")

            await until(lambda: ear.reconnects == 2)
            await tell(own.url, prefix, published(1))
            await until(lambda: ear.hints)

    run(test())


def test_a_channel_that_was_asked_for_while_redis_was_away_is_heard_later(own: Redis, prefix: str) -> None:
    own.stop()

    async def test() -> None:
        async with listening(own.url, prefix) as (broker, ear):
            assert not broker.is_up()
            await broker.subscribe("room:1")
            await broker.subscribe("room:2")
            broker.unsubscribe("room:2")
            own.start()
            await up(ear)
            await until(lambda: subscribers(own.url, f"{prefix}:channel:room:1") == 1)

            assert 0 == subscribers(own.url, f"{prefix}:channel:room:2")

    run(test())


async def timed(coroutine: Coroutine[Any, Any, None]) -> float:
    begin = time.monotonic()
    await coroutine
    return time.monotonic() - begin


def test_nobody_waits_long_for_a_redis_that_is_away(own: Redis, prefix: str) -> None:
    async def test() -> None:
        async with listening(own.url, prefix) as (broker, ear):
            await up(ear)
            own.stop()

            begin = time.monotonic()
            for offset in range(1_000):
                broker.publish(published(offset))
            assert time.monotonic() - begin < 0.5
            # Some right after the end, some once it has been noticed.
            for _ in range(2):
                times = await asyncio.gather(*(timed(broker.subscribe(f"room:{number}")) for number in range(20)))
                assert max(times) < 1.5

    run(test())


def test_a_channel_that_was_heard_has_to_be_confirmed_again_after_redis_was_away(own: Redis, prefix: str) -> None:
    async def test() -> None:
        async with listening(own.url, prefix) as (broker, ear):
            await up(ear)
            await broker.subscribe("room:1")
            own.stop()
            await until(lambda: not broker.is_up())
            again = asyncio.create_task(broker.subscribe("room:1"))
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asyncio.shield(again), 0.2)

            own.start()
            await again

    run(test())


def test_a_redis_that_hangs_is_noticed_by_its_silence(own: Redis, prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_module, "_HEALTH_SECONDS", 0.1)

    async def test() -> None:
        async with listening(own.url, prefix) as (broker, ear):
            await up(ear)
            assert own._process is not None
            os.kill(own._process.pid, signal.SIGSTOP)
            try:
                await until(lambda: not broker.is_up())
            finally:
                os.kill(own._process.pid, signal.SIGCONT)
            await until(lambda: ear.reconnects == 2 and broker.is_up())

    run(test())


def test_a_redis_that_is_silent_and_answers_pings_is_left_alone(
    redis_url: str, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_module, "_HEALTH_SECONDS", 0.01)

    async def test() -> None:
        async with listening(redis_url, prefix) as (broker, ear):
            await up(ear)
            with redis.Redis.from_url(redis_url) as client:

                def pings() -> int:
                    return int(client.info("commandstats").get("cmdstat_ping", {}).get("calls", 0))

                before = pings()
                await until(lambda: pings() > before + 3)

            assert (1, True) == (ear.reconnects, broker.is_up())

    run(test())


def test_nobody_waits_long_for_a_redis_that_hangs(own: Redis, prefix: str) -> None:
    async def test() -> None:
        async with listening(own.url, prefix) as (broker, ear):
            await up(ear)
            assert own._process is not None
            os.kill(own._process.pid, signal.SIGSTOP)
            try:
                for offset in range(100):
                    broker.publish(published(offset))
                times = await asyncio.gather(*(timed(broker.subscribe(f"room:{number}")) for number in range(20)))
                assert max(times) < 1.5
                await until(lambda: not broker.is_up())
            finally:
                os.kill(own._process.pid, signal.SIGCONT)
            await until(lambda: subscribers(own.url, f"{prefix}:channel:room:7") == 1)
            await until(broker.is_up)

    run(test())


def test_while_redis_is_away_only_so_many_hints_are_kept(own: Redis, prefix: str) -> None:
    own.stop()

    async def test() -> None:
        async with listening(own.url, prefix) as (broker, _):
            for offset in range(12_000):
                broker.publish(published(offset))
            await until(lambda: len(broker._outgoing) == 10_000)

            # The newest are kept: whoever hears one of them finds the others in the history.
            assert SEAL.close(published(11_999)) == broker._outgoing[-1][1]

    run(test())


def test_publishing_after_the_end_of_the_loop_does_nothing(redis_url: str, prefix: str) -> None:
    brokers: list[RedisBroker] = []

    async def test() -> None:
        async with listening(redis_url, prefix) as (broker, _):
            brokers.append(broker)

    run(test())
    brokers[0].publish(published(1))

    assert not brokers[0]._outgoing


def test_whatever_is_asked_for_while_the_connection_is_being_made_is_heard(own: Redis, prefix: str) -> None:
    async def test() -> None:
        async with listening(own.url, prefix) as (broker, _):
            for turn in range(5):
                own.stop()
                await until(lambda: not broker.is_up())
                own.start()
                # Channels are asked for all through the reconnection, a few each turn of the loop.
                asking = []
                for number in range(60):
                    asking.append(asyncio.create_task(broker.subscribe(f"room:{turn}.{number}")))
                    await asyncio.sleep(0.01)
                await asyncio.gather(*asking)
                await until(broker.is_up)

                names = [f"{prefix}:channel:room:{turn}.{number}" for number in range(60)]
                with redis.Redis.from_url(own.url) as client:
                    assert {1} == {count for _, count in client.pubsub_numsub(*names)}

    run(test(), seconds=60)
