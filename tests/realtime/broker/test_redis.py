"""The broker against a real Redis that comes and goes, and one that hangs."""

import asyncio
import functools
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import redis

from teahouse.realtime.broker import redis_connection, redis_subscriptions
from teahouse.realtime.broker.base import BrokerAway, Emulated, Ended, Published, Seal
from teahouse.realtime.broker.redis import RedisBroker
from tests.realtime.broker.ears import SEAL, Ear, listening, published, run, tell
from tests.realtime.broker.redis_servers import Server
from tests.realtime.fakes import until


def subscribers(url: str, name: str) -> int:
    with redis.Redis.from_url(url) as client:
        counts: list[tuple[bytes, int]] = client.pubsub_numsub(name)
    return counts[0][1]


async def up(ear: Ear) -> None:
    await until(lambda: ear.reconnects)


async def away(carrying: Coroutine[Any, Any, None]) -> None:
    with pytest.raises(BrokerAway):
        await carrying


async def timed(coroutine: Coroutine[Any, Any, None]) -> float:
    begin = time.monotonic()
    await coroutine
    return time.monotonic() - begin


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
            sender.publish(Ended(sid="a"))

            # The two travel on channels of their own, so their order is not promised.
            await until(lambda: len(receiver_ear.hints) == 2 and stranger_ear.hints)
            assert published(1) in receiver_ear.hints
            assert Ended(sid="a") in receiver_ear.hints
            assert [Ended(sid="a")] == stranger_ear.hints
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


def test_the_publisher_hears_it_without_redis_too(own: Server, prefix: str) -> None:
    own.stop()

    async def test() -> None:
        async with listening(own.url, prefix) as (broker, ear):
            broker.publish(published(1))
            broker.publish(Ended(user="1"))

            await until(lambda: len(ear.hints) == 2)
            assert [published(1), Ended(user="1")] == ear.hints

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
            for hint in (published(1), Ended(user="7")):
                await tell(redis_url, prefix, hint)

            await until(lambda: len(ear.hints) == 2)
            assert [published(1), Ended(user="7")] == ear.hints

    run(test())


def passed_over(broker: RedisBroker, number: int) -> bool:
    return broker.passed_over == number


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda: b"", id="nothing"),
        pytest.param(lambda: b"garbage", id="garbage"),
        pytest.param(lambda: Seal(b"x" * 32).close(published(1)), id="signed by another site"),
        pytest.param(lambda: SEAL.close(published(1))[:-1] + b"x", id="changed on its way"),
        pytest.param(lambda: b"x" * 20_000_000, id="large"),
    ],
)
def test_what_a_stranger_publishes_is_passed_over_and_said_once(
    redis_url: str, prefix: str, forge: Callable[[], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        async with listening(redis_url, prefix) as (broker, ear):
            await broker.subscribe("room:1")
            with redis.Redis.from_url(redis_url) as attacker:
                for number, name in enumerate(("channel:room:1", "everyone", "node:n1"), 1):
                    await asyncio.to_thread(attacker.publish, f"{prefix}:{name}", forge())
                    await until(functools.partial(passed_over, broker, number))
            await broker.carry(published(2))

            await until(lambda: ear.hints)
            assert [published(2)] == ear.hints
            assert (1, True) == (ear.reconnects, broker.is_up())

    run(test())
    assert 1 == caplog.text.count("did not sign")


def test_what_is_too_much_for_redis_to_hand_over_costs_a_connection_and_nothing_else(own: Server, prefix: str) -> None:
    async def test() -> None:
        async with listening(own.url, prefix) as (broker, ear):
            # Redis gives up a listener that is 32 MiB behind.
            with redis.Redis.from_url(own.url) as attacker:
                await asyncio.to_thread(attacker.publish, f"{prefix}:everyone", b"x" * 50_000_000)
            await until(lambda: ear.reconnects == 2 or broker.passed_over)
            await until(broker.is_up)
            await broker.carry(Ended(user="1"))

            await until(lambda: ear.hints)
            assert [Ended(user="1")] == ear.hints

    run(test())


def test_a_hint_of_ours_on_the_name_of_another_channel_is_received_as_what_it_is(redis_url: str, prefix: str) -> None:
    async def test() -> None:
        async with listening(redis_url, prefix) as (broker, ear):
            await broker.subscribe("room:1")
            with redis.Redis.from_url(redis_url) as attacker:
                attacker.publish(f"{prefix}:channel:room:1", SEAL.close(published(1, "room:2")))

            await until(lambda: ear.hints)
            assert [published(1, "room:2")] == ear.hints

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


def test_after_a_restart_subscriptions_are_back_by_themselves_and_the_engine_is_told(own: Server, prefix: str) -> None:
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


def test_a_restart_too_short_to_be_noticed_otherwise_is_told_as_well(own: Server, prefix: str) -> None:
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


def test_a_connection_that_redis_ends_is_made_again_and_the_engine_is_told(own: Server, prefix: str) -> None:
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


def test_a_channel_that_was_asked_for_while_redis_was_away_is_heard_later(own: Server, prefix: str) -> None:
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


def test_nobody_waits_long_for_a_redis_that_is_away(own: Server, prefix: str) -> None:
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


def test_without_redis_nothing_is_carried_and_nobody_waits_long(own: Server, prefix: str) -> None:
    async def test() -> None:
        async with listening(own.url, prefix) as (broker, ear):
            await broker.subscribe("room:1")
            own.stop()
            # Some right after the end, some once it has been noticed.
            for _ in range(2):
                times = await asyncio.gather(*(timed(away(broker.carry(published(1)))) for _ in range(100)))
                assert max(times) < 2
            own.start()
            await until(broker.is_up)
            await broker.carry(published(2))

            # What was given up does not come later.
            await until(lambda: ear.hints)
            assert [published(2)] == ear.hints

    run(test())


def test_a_restart_in_the_middle_of_carrying_loses_nothing_that_was_taken(own: Server, prefix: str) -> None:
    async def test() -> None:
        async with listening(own.url, prefix) as (broker, ear):
            await broker.subscribe("room:1")
            carrying = [asyncio.create_task(broker.carry(published(offset))) for offset in range(1, 3_001)]
            await until(lambda: ear.hints)
            own.stop()
            own.start()
            outcomes = await asyncio.gather(*carrying, return_exceptions=True)
            await until(broker.is_up)

            assert {type(None), BrokerAway} >= {type(outcome) for outcome in outcomes}
            offsets = [hint.publication.offset for hint in ear.hints if isinstance(hint, Published)]
            assert sorted(set(offsets)) == offsets

    run(test())


@pytest.mark.parametrize(
    ("query", "word"),
    [pytest.param("", "subscribe", id="classic"), pytest.param("?sharded=1", "ssubscribe", id="sharded")],
)
def test_nothing_is_carried_while_nobody_listens_here(own: Server, prefix: str, query: str, word: str) -> None:
    async def test() -> None:
        async with listening(own.url + query, prefix) as (broker, ear):
            await broker.subscribe("room:1")
            # Publishing works all the time, listening is refused from here on.
            own.ask("ACL", "SETUSER", "default", f"-{word}")
            own.ask("CLIENT", "KILL", "TYPE", "pubsub")
            await until(lambda: not broker.is_up())
            assert await timed(away(broker.carry(published(1)))) < 2

            own.ask("ACL", "SETUSER", "default", f"+{word}")
            await until(broker.is_up)
            await broker.carry(published(2))
            await until(lambda: ear.hints)
            assert [published(2)] == ear.hints

    run(test())


def test_what_redis_refuses_is_not_carried_and_said_once(
    own: Server, prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    own.ask("ACL", "SETUSER", "default", "-publish")

    async def test() -> None:
        async with listening(own.url, prefix) as (broker, _):
            with pytest.raises(BrokerAway, match="refuses"):
                await broker.carry(published(1))
            for offset in range(100):
                broker.publish(published(offset))
            await until(lambda: not broker.is_up())

            own.ask("ACL", "SETUSER", "default", "+publish")
            broker.publish(published(1))
            await until(broker.is_up)

    run(test())
    assert 1 == caplog.text.count("Redis refuses (publishing)")


def test_a_node_hears_what_is_for_it_and_no_other_does(redis_url: str, prefix: str) -> None:
    async def test() -> None:
        async with (
            listening(redis_url, prefix, node="n1") as (sender, sender_ear),
            listening(redis_url, prefix, node="n2") as (_, ear),
            listening(redis_url, prefix, node="n3") as (_, stranger_ear),
        ):
            first, second = (Emulated(node="n2", session="s", data=data) for data in (b"1", b"2"))
            sender.publish(first)
            await sender.carry(second)
            await sender.carry(Ended(user="last"))
            await until(lambda: all(Ended(user="last") in each.hints for each in (sender_ear, ear, stranger_ear)))
            await until(lambda: len(ear.hints) == 3)

            assert {first, second} <= set(ear.hints)
            assert [Ended(user="last")] == sender_ear.hints == stranger_ear.hints

    run(test())


def test_one_round_trip_carries_many(redis_url: str, prefix: str) -> None:
    async def test() -> None:
        async with listening(redis_url, prefix) as (broker, ear):
            await broker.subscribe("room:1")
            await asyncio.gather(*(broker.carry(published(offset)) for offset in range(1, 2_001)))
            await until(lambda: len(ear.hints) == 2_000)

            assert [published(offset) for offset in range(1, 2_001)] == ear.hints

    run(test(), seconds=5)


def test_a_channel_that_was_heard_has_to_be_confirmed_again_after_redis_was_away(own: Server, prefix: str) -> None:
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


def test_a_redis_that_hangs_is_noticed_by_its_silence(
    own: Server, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_subscriptions, "_HEALTH_SECONDS", 0.1)

    async def test() -> None:
        async with listening(own.url, prefix) as (broker, ear):
            with own.paused():
                await until(lambda: not broker.is_up())
            await until(lambda: ear.reconnects == 2 and broker.is_up())

    run(test())


def test_silence_is_noticed_within_seven_seconds() -> None:
    assert redis_subscriptions._HEALTH_SECONDS + redis_connection.ANSWER_SECONDS <= 7


def test_a_redis_that_is_silent_and_answers_pings_is_left_alone(
    redis_url: str, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_subscriptions, "_HEALTH_SECONDS", 0.01)

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


def test_nobody_waits_long_for_a_redis_that_hangs(own: Server, prefix: str) -> None:
    async def test() -> None:
        async with listening(own.url, prefix) as (broker, ear):
            with own.paused():
                for offset in range(100):
                    broker.publish(published(offset))
                times = await asyncio.gather(
                    *(timed(broker.subscribe(f"room:{number}")) for number in range(20)),
                    *(timed(away(broker.carry(published(number)))) for number in range(20)),
                )
                assert max(times[:20]) < 1.5
                assert max(times) < 2
                assert not broker.is_up()
                assert broker.lag_seconds > 1
            await until(lambda: subscribers(own.url, f"{prefix}:channel:room:7") == 1)
            await until(broker.is_up)
            await broker.carry(Ended(user="1"))
            await until(lambda: Ended(user="1") in ear.hints)

    run(test())


def test_whatever_is_asked_for_while_the_connection_is_being_made_is_heard(own: Server, prefix: str) -> None:
    async def test() -> None:
        async with listening(own.url, prefix) as (broker, _):
            for turn in range(3):
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
