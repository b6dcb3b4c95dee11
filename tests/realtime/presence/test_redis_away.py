"""Presence while Redis hangs, goes, forgets or loses hints; what is over is told once and what is not never."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Iterator
from functools import partial

import pytest
import redis

from teahouse.realtime.broker.base import BrokerAway
from tests.realtime.fakes import until
from tests.realtime.presence.nodes import (
    ANNE,
    CAROL,
    Node,
    Wire,
    both_there,
    clients_in,
    presently,
    redis_presence,
    run,
    started,
    two,
)
from tests.services import Redis


def test_a_flushed_redis_is_filled_again_and_nobody_is_told(own: Redis, prefix: str) -> None:
    async def test() -> None:
        async with two(Wire(), own.url, prefix, expiry_seconds=4) as (one, other):
            with redis.Redis.from_url(own.url) as client:
                client.flushall()
            for node in (one, other):
                await presently(partial(clients_in, node, "room:1"), {"a", "b"})
            one.presence.arrive("room:1", CAROL)
            await until(lambda: "c" in other.joined)

            for node in (one, other):
                assert [] == node.left
                assert ["a", "b", "c"] == sorted(node.joined)

    run(test())


def test_a_process_that_was_taken_for_dead_is_told_again(redis_url: str, prefix: str) -> None:
    async def test() -> None:
        async with two(Wire(), redis_url, prefix, expiry_seconds=2) as (one, other):
            await stall(one)
            await until(lambda: other.left == ["a"])
            resume(one)
            await until(lambda: both_there(other))

            assert ["a", "b", "a"] == sorted(other.joined[:2]) + other.joined[2:]
            await presently(lambda: clients_in(other, "room:1"), {"a", "b"})

    run(test())


def test_a_redis_that_hangs_holds_up_nobody_and_is_brought_up_to_date(own: Redis, prefix: str) -> None:
    async def test() -> None:
        async with two(Wire(), own.url, prefix, expiry_seconds=4) as (one, other):
            with hanging(own):
                began = time.monotonic()
                one.presence.arrive("room:1", CAROL)
                one.presence.depart("room:1", "a")
                assert time.monotonic() - began < 0.1
                for ask in (one.presence.present, one.presence.stats):
                    began = time.monotonic()
                    with pytest.raises(BrokerAway):
                        await ask("room:1")
                    assert time.monotonic() - began < 2
                # This process's listeners are told all the same.
                await until(lambda: one.left == ["a"] and "c" in one.joined)
            await presently(lambda: clients_in(other, "room:1"), {"b", "c"})
            await presently(lambda: clients_in(one, "room:1"), {"b", "c"})
            await until(lambda: other.left == ["a"] and "c" in other.joined)

    run(test())


def test_many_who_ask_a_redis_that_hangs_all_have_their_answer_in_time(own: Redis, prefix: str) -> None:
    async def test() -> None:
        async with two(Wire(), own.url, prefix) as (one, _):
            with hanging(own):
                began = time.monotonic()
                answers = await asyncio.gather(
                    *(one.presence.present(f"room:{number}") for number in range(100)), return_exceptions=True
                )

                assert time.monotonic() - began < 2
                assert all(isinstance(answer, BrokerAway) for answer in answers)

    run(test())


def test_a_redis_that_was_away_is_brought_up_to_date(own: Redis, prefix: str) -> None:
    async def test() -> None:
        wire = Wire()
        async with two(wire, own.url, prefix, expiry_seconds=4) as (one, other):
            own.stop()
            wire.is_cut = True
            with pytest.raises(BrokerAway):
                await one.presence.present("room:1")
            one.presence.arrive("room:1", CAROL)
            one.presence.depart("room:1", "a")
            await until(lambda: one.left == ["a"] and "c" in one.joined)
            await asyncio.to_thread(own.start)
            wire.is_cut = False
            for node in (one, other):
                await presently(partial(clients_in, node, "room:1"), {"b", "c"})
            other.watch.reconnected()
            await until(lambda: other.left == ["a"])

            # Nobody flickered: those who stayed were never told as gone.
            assert ["a"] == one.left == other.left
            assert ["a", "b", "c"] == sorted(other.joined) == sorted(one.joined)

    run(test())


def test_without_redis_from_the_start_its_own_are_told_and_known_later(own: Redis, prefix: str) -> None:
    own.stop()

    async def test() -> None:
        wire = Wire()
        async with (
            started(wire, "n1", redis_presence(own.url, prefix)) as one,
            started(wire, "n2", redis_presence(own.url, prefix)) as other,
        ):
            one.watch.begin("room:1")
            one.presence.arrive("room:1", ANNE)
            await until(lambda: one.joined == ["a"])
            await asyncio.to_thread(own.start)
            await presently(lambda: ignoring_away(other, "room:1"), {"a"})

    run(test())


def test_a_lost_hint_is_found_by_reading_again(redis_url: str, prefix: str) -> None:
    async def test() -> None:
        wire = Wire()
        async with two(wire, redis_url, prefix) as (one, other):
            await until(lambda: other.has_read("room:1"))
            wire.is_cut = True
            one.presence.arrive("room:1", CAROL)
            one.presence.depart("room:1", "a")
            await presently(lambda: clients_in(other, "room:1"), {"b", "c"})
            assert [] == other.left
            other.watch.reconnected()
            await until(lambda: other.left == ["a"] and "c" in other.joined)

    run(test())


# What is done to processes and to Redis.


async def stall(node: Node) -> None:
    """It does nothing for a while, as a process that is suspended."""
    presence = node.presence
    task = presence._task  # type: ignore[attr-defined]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def resume(node: Node) -> None:
    presence = node.presence
    presence._task = asyncio.create_task(presence._for_ever())  # type: ignore[attr-defined]


@contextlib.contextmanager
def hanging(server: Redis) -> Iterator[None]:
    assert server._process is not None
    os.kill(server._process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server._process.pid, signal.SIGCONT)


async def ignoring_away(node: Node, channel: str) -> set[str] | None:
    try:
        return await clients_in(node, channel)
    except BrokerAway:
        return None
