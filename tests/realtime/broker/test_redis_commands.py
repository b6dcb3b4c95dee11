"""Commands on their way to Redis: how many wait, what is given up, what is done twice and what is not."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest
import redis

from teahouse.realtime.broker import redis_pipe
from teahouse.realtime.broker.base import BrokerAway
from teahouse.realtime.broker.redis_commands import Commands
from teahouse.realtime.broker.redis_connection import Finder
from teahouse.realtime.broker.redis_topology import topology_from
from tests.realtime.broker.ears import run
from tests.realtime.broker.redis_servers import Server
from tests.realtime.fakes import until


@contextlib.asynccontextmanager
async def commands_to(url: str) -> AsyncIterator[Commands]:
    commands = Commands(Finder(topology_from(url)), what="test")
    commands.start()
    try:
        yield commands
    finally:
        await commands.stop()


def test_while_redis_is_away_the_newest_are_kept(own: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_pipe, "_MOST_WAITING", 100)
    own.stop()

    async def test() -> None:
        async with commands_to(own.url) as commands:
            for number in range(300):
                commands.put("list", "RPUSH", "list", str(number))
            assert 100 == commands.waiting()
            own.start()
            await until(lambda: commands.is_up() and not commands.waiting())

            expected = [b"%d" % number for number in range(200, 300)]
            assert expected == await commands.ask("list", "LRANGE", "list", "0", "-1")

    run(test())


def test_however_large_they_are_what_waits_is_bounded_in_bytes(own: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_pipe, "_MOST_WAITING_BYTES", 1_000_000)
    own.stop()

    async def test() -> None:
        async with commands_to(own.url) as commands:
            for _ in range(20):
                commands.put("list", "RPUSH", "list", b"x" * 100_000)
            assert 9 == commands.waiting()
            commands.put("list", "RPUSH", "list", b"x" * 2_000_000)
            assert 1 == commands.waiting()

    run(test())


def test_what_was_given_up_is_not_done_later(own: Server) -> None:
    async def test() -> None:
        async with commands_to(own.url) as commands:
            own.stop()
            began = time.monotonic()
            asked = await asyncio.gather(
                commands.ask("list", "RPUSH", "list", "1"),
                commands.ask_all([("list", ("RPUSH", "list", "2"))] * 3),
                return_exceptions=True,
            )
            assert [BrokerAway, BrokerAway] == [type(outcome) for outcome in asked]
            assert time.monotonic() - began < 2
            own.start()
            await until(commands.is_up)

            assert [] == await commands.ask("list", "LRANGE", "list", "0", "-1")

    run(test())


def test_when_too_much_waits_the_oldest_are_told_at_once(own: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_pipe, "_MOST_WAITING", 10)

    async def test() -> None:
        async with commands_to(own.url) as commands:
            own.stop()
            await until(lambda: not commands.is_up())
            asking = asyncio.create_task(commands.ask("list", "PING"))
            await asyncio.sleep(0)
            began = time.monotonic()
            for _ in range(10):
                commands.put("list", "PING")
            with pytest.raises(BrokerAway, match="too much"):
                await asking
            assert time.monotonic() - began < 1

    run(test())


def test_answers_go_to_those_who_asked(own: Server) -> None:
    async def test() -> None:
        async with commands_to(own.url) as commands:
            texts = [f"text {number}" for number in range(3_000)]
            answers = await asyncio.gather(*(commands.ask("x", "ECHO", text) for text in texts))
            assert texts == [answer.decode() for answer in answers]

            with pytest.raises(redis.ResponseError):
                await commands.ask("x", "NO-SUCH-COMMAND")
            assert b"after" == await commands.ask("x", "ECHO", "after")

    run(test())


def test_a_redis_that_hangs_is_noticed_by_what_it_does_not_answer(own: Server) -> None:
    async def test() -> None:
        async with commands_to(own.url) as commands:
            await commands.ask("x", "PING")
            with own.paused():
                commands.put("x", "RPUSH", "list", "1")
                await until(lambda: not commands.is_up())
                assert commands.lag_seconds > 1
            await until(commands.is_up)
            # Nobody knows whether it was done, so it is done again: for hints that is harmless.
            await until(lambda: not commands.waiting())
            assert 1 <= await commands.ask("x", "LLEN", "list") <= 2

    run(test())


@pytest.mark.parametrize("number", [0, 1, 20])
def test_the_end_waits_for_what_waits(own: Server, number: int) -> None:
    async def test() -> None:
        async with commands_to(own.url) as commands:
            for _ in range(number):
                commands.put("x", "RPUSH", "list", "1")

    run(test())

    assert number == own.ask("LLEN", "list")
