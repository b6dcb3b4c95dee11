"""The history in a real Redis that goes, comes back empty, hangs, or says what it should not."""

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest
import redis

from teahouse.realtime.application import Publication
from teahouse.realtime.broker.base import BrokerAway, Published, Seal
from teahouse.realtime.store import redis_scripts as scripts
from teahouse.realtime.store.base import FORGET_SECONDS, Kept, Terms
from teahouse.realtime.store.redis import RedisStore, append_once
from tests.realtime.broker.ears import SEAL, run
from tests.realtime.broker.redis_servers import Server
from tests.realtime.fakes import until

TERMS = Terms(size=100, seconds=60)
NEWS = Publication(channel="news", data=b"x")
STREAM = "tea:kept:{news}:stream"
META = "tea:kept:{news}:head"


@contextlib.asynccontextmanager
async def store_at(server: Server, seal: Seal = SEAL) -> AsyncIterator[RedisStore]:
    store = RedisStore(server.url, prefix="tea", seal=seal)
    await store.start()
    try:
        yield store
    finally:
        await store.stop()


async def is_away(asking: Coroutine[Any, Any, object]) -> None:
    began = time.monotonic()
    with pytest.raises(BrokerAway):
        await asking
    assert time.monotonic() - began < 2


async def all_are_away(store: RedisStore) -> None:
    await asyncio.gather(
        is_away(store.append(NEWS, TERMS)),
        is_away(store.heads(["news", "other"])),
        is_away(store.heads([f"news:{number}" for number in range(3_000)])),
        is_away(store.page("news", after=None, limit=9)),
        is_away(store.remove("news")),
    )


def once(server: Server, terms: Terms = TERMS) -> Kept:
    return append_once(server.url, prefix="tea", seal=SEAL, publication=NEWS, terms=terms)


def test_a_redis_that_is_away_is_said_within_two_seconds_and_found_again_by_itself(own: Server) -> None:
    async def test() -> None:
        async with store_at(own) as store:
            await store.append(NEWS, TERMS)
            own.stop()
            await all_are_away(store)
            assert not store.is_up()
            own.start()
            await until(store.is_up)

            # What was given up is not done later.
            assert 0 == (await store.heads(["news"]))["news"].offset
            assert 1 == (await store.append(NEWS, TERMS)).head.offset

    run(test())


def test_a_redis_that_hangs_is_said_within_two_seconds(own: Server) -> None:
    async def test() -> None:
        async with store_at(own) as store:
            await store.append(NEWS, TERMS)
            with own.paused():
                await all_are_away(store)
                await until(lambda: not store.is_up())
            await until(store.is_up)
            await store.append(NEWS, TERMS)

    run(test())


def test_a_redis_that_was_flushed_begins_a_new_epoch_in_the_middle_of_it_all(own: Server) -> None:
    async def test() -> None:
        async with store_at(own) as store:
            first = await store.append(NEWS, TERMS)
            own.ask("FLUSHALL")
            own.ask("SCRIPT", "FLUSH")
            head = (await store.heads(["news"]))["news"]
            assert 0 == head.offset
            assert first.head.epoch != head.epoch
            second = await store.append(NEWS, TERMS)

            assert (1, head.epoch) == (second.head.offset, second.head.epoch)

    run(test())


def test_a_redis_that_comes_back_with_an_older_state_begins_a_new_epoch(own: Server) -> None:
    async def test() -> None:
        async with store_at(own) as store:
            first = await store.append(NEWS, TERMS)
            own.ask("SAVE")
            lost = await store.append(NEWS, TERMS)
            own.stop()
            await until(lambda: not store.is_up())
            own.start()
            await until(store.is_up)
            page = await store.page("news", after=None, limit=9)
            other = await store.append(NEWS, TERMS)

            # The offset 2 means something else now, which nobody may take for what it was.
            assert lost.head.offset == other.head.offset == 2
            assert first.head.epoch == lost.head.epoch != other.head.epoch
            assert [1] == [publication.offset for publication in page.publications]
            assert page.head.epoch == page.publications[0].epoch == other.head.epoch

    run(test())


def test_a_stream_whose_head_is_gone_is_not_taken_for_that_of_the_new_epoch(own: Server) -> None:
    async def test() -> None:
        async with store_at(own) as store:
            for _ in range(5):
                await store.append(NEWS, TERMS)
            own.ask("DEL", META)
            kept = await store.append(NEWS, TERMS)

            assert 1 == kept.head.offset
            assert 1 == len((await store.page("news", after=None, limit=9)).publications)

    run(test())


def test_what_redis_keeps_ends_by_itself(own: Server) -> None:
    async def test() -> None:
        async with store_at(own) as store:
            await store.append(NEWS, Terms(size=9, seconds=60, idempotency_key="k"))
            (key,) = own.ask("KEYS", "tea:kept:{news}:once:*")

            assert 59 <= own.ask("TTL", STREAM) <= 60
            assert 299 <= own.ask("TTL", key) <= 300
            assert FORGET_SECONDS - 1 <= own.ask("TTL", META) <= FORGET_SECONDS
            # The head outlives its stream, however long that lives.
            await store.append(NEWS, Terms(size=9, seconds=FORGET_SECONDS))
            assert own.ask("TTL", META) > FORGET_SECONDS * 1.9
            # A channel that was only listened to is forgotten within minutes, unless that goes on.
            first = await store.heads(["other"])
            assert 0 < own.ask("TTL", "tea:kept:{other}:head") <= 300
            own.ask("PEXPIRE", "tea:kept:{other}:head", 1_000)
            assert first == await store.heads(["other"])
            assert own.ask("TTL", "tea:kept:{other}:head") > 290

    run(test())


def test_names_that_are_only_asked_for_are_gone_soon(own: Server) -> None:
    async def test() -> None:
        async with store_at(own) as store:
            await store.remove("news")
            assert 0 == own.ask("DBSIZE")
            page = await store.page("news", after=None, limit=9)
            assert 0 < own.ask("TTL", META) <= 60

            # Who listens has longer, and reading shortens that of nobody.
            assert {"news": page.head} == await store.heads(["news"])
            assert 240 < own.ask("TTL", META) <= 300
            assert page == await store.page("news", after=None, limit=9)
            assert 240 < own.ask("TTL", META) <= 300

    run(test())


def test_all_processes_see_one_history(own: Server) -> None:
    async def test() -> None:
        async with store_at(own) as first, store_at(own) as second:
            stores = [first, second] * 50
            kept = await asyncio.gather(*(store.append(NEWS, TERMS) for store in stores))

            assert list(range(1, 101)) == sorted(each.head.offset for each in kept)
            assert await first.page("news", after=None, limit=200) == await second.page("news", after=None, limit=200)

    run(test())


def test_sites_with_other_prefixes_share_nothing(own: Server) -> None:
    async def test() -> None:
        async with store_at(own) as ours:
            theirs = RedisStore(own.url, prefix="other", seal=SEAL)
            await theirs.start()
            await ours.append(NEWS, TERMS)
            assert 0 == (await theirs.heads(["news"]))["news"].offset
            await theirs.stop()

    run(test())


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"garbage" * 9, id="garbage"),
        pytest.param(b"x" * 5_000_000, id="huge"),
        pytest.param(SEAL.close(Published(publication=NEWS)), id="a hint of ours"),
        pytest.param(SEAL.sign(b"kept:\xc1") + b"\xc1", id="no entry"),
    ],
)
def test_what_a_stranger_writes_is_left_out_and_said_once(
    own: Server, entry: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        async with store_at(own) as store, store_at(own, Seal(b"x" * 32)) as strangers:
            await store.append(NEWS, TERMS)
            own.ask("XADD", STREAM, "2-0", "entry", entry)  # type: ignore[arg-type]
            own.ask("HSET", META, "offset", 2)
            await strangers.append(NEWS, TERMS)
            await store.append(NEWS, TERMS)
            for _ in range(3):
                page = await store.page("news", after=None, limit=9)

                assert [1, 4] == [publication.offset for publication in page.publications]
                assert 4 == page.head.offset

    run(test())
    assert 1 == caplog.text.count("did not sign")


def test_an_entry_of_another_channel_is_left_out(own: Server) -> None:
    async def test() -> None:
        async with store_at(own) as store:
            await store.append(Publication(channel="secret", data=b"x"), TERMS)
            own.ask("COPY", "tea:kept:{secret}:stream", STREAM)
            own.ask("COPY", "tea:kept:{secret}:head", META)

            page = await store.page("news", after=None, limit=9)
            assert ([], 1) == (page.publications, page.head.offset)

    run(test())


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(("SET", META, "x"), id="a text where the head should be"),
        pytest.param(("HSET", META, "epoch", "e", "offset", "x"), id="no offset"),
        pytest.param(("HSET", META, "epoch", "e"), id="half a head"),
    ],
)
def test_a_history_that_makes_no_sense_is_as_good_as_away(own: Server, spoil: tuple[str, ...]) -> None:
    async def test() -> None:
        own.ask(*spoil)
        async with store_at(own) as store:
            await is_away(store.heads(["news"]))
            await is_away(store.page("news", after=None, limit=9))

            assert 1 == (await store.append(Publication(channel="other", data=b"x"), TERMS)).head.offset

    run(test())


def test_a_process_without_an_engine_appends_as_others_do(own: Server) -> None:
    async def test() -> None:
        async with store_at(own) as store:
            await store.append(NEWS, TERMS)
            terms = Terms(size=9, seconds=60, idempotency_key="k", version=3)
            first, again, old = (
                await asyncio.to_thread(once, own, terms),
                await asyncio.to_thread(once, own, terms),
                await asyncio.to_thread(once, own, Terms(size=9, seconds=60, version=2)),
            )

            assert 2 == first.head.offset
            assert first.publication is not None
            assert Kept(head=first.head, publication=None) == again == old
            page = await store.page("news", after=1, limit=9)
            assert [first.publication] == page.publications

    run(test())


def test_a_process_without_an_engine_waits_no_longer(own: Server) -> None:
    for pause in (own.paused, contextlib.nullcontext):
        with pause():
            if pause is contextlib.nullcontext:
                own.stop()
            began = time.monotonic()
            with pytest.raises(BrokerAway):
                once(own)
            assert time.monotonic() - began < 2


def test_what_is_asked_for_one_after_the_other_stays_so_though_scripts_are_forgotten_meanwhile(own: Server) -> None:
    has_ended = threading.Event()

    def forget_scripts() -> None:
        """Again and again, and other processes bring them back."""
        with redis.Redis(port=own.port) as client, client.pipeline(transaction=False) as pipe:
            while not has_ended.is_set():
                for _ in range(50):
                    pipe.execute_command("SCRIPT", "FLUSH")
                    pipe.execute_command("SCRIPT", "LOAD", scripts.APPEND.source)
                pipe.execute()

    async def test() -> None:
        async with store_at(own) as store:
            forgetting = asyncio.create_task(asyncio.to_thread(forget_scripts))
            asked: list[asyncio.Task[Kept]] = []
            try:
                for _ in range(40):
                    # More than Redis reads at once.
                    asked += [asyncio.create_task(store.append(NEWS, TERMS)) for _ in range(100)]
                    await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
                kept = await asyncio.gather(*asked)
            finally:
                has_ended.set()
                await forgetting

            assert list(range(1, 4_001)) == [each.head.offset for each in kept]

    run(test())
