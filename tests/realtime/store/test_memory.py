"""What bounds the history in memory: time, number, and bytes in all."""

import asyncio

import pytest

from teahouse.realtime.application import Publication
from teahouse.realtime.store import memory
from teahouse.realtime.store.base import FORGET_SECONDS, Terms
from teahouse.realtime.store.memory import MemoryStore
from tests.realtime.broker.ears import run

TERMS = Terms(size=100, seconds=60)


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_what_has_ended_is_gone_on_time_whether_swept_or_not() -> None:
    async def test() -> None:
        clock = Clock()
        store = MemoryStore(clock=clock)
        kept = await store.append(Publication(channel="news", data=b"x" * 10_000), TERMS)
        clock.now += 59.9
        assert 1 == len((await store.page("news", after=None, limit=9)).publications)
        clock.now += 0.2
        assert [] == (await store.page("news", after=None, limit=9)).publications
        assert store.size_bytes < 2_000

        assert kept.head == (await store.heads(["news"]))["news"]

    run(test())


def test_sweeping_frees_what_nobody_asks_for_a_thousand_channels_at_a_time() -> None:
    async def test() -> None:
        clock = Clock()
        store = MemoryStore(clock=clock)
        for number in range(1_500):
            await store.append(Publication(channel=f"news:{number}", data=b"x" * 10_000), TERMS)
        full = store.size_bytes
        clock.now += 61
        store.sweep()
        assert full / 4 < store.size_bytes < full / 2
        store.sweep()
        assert store.size_bytes <= 1_500_000

        clock.now += FORGET_SECONDS
        store.sweep()
        store.sweep()
        assert 0 == store.size_bytes

    run(test())


def test_a_channel_that_was_long_forgotten_begins_a_new_epoch() -> None:
    async def test() -> None:
        clock = Clock()
        store = MemoryStore(clock=clock)
        first = await store.append(Publication(channel="news", data=b"x"), TERMS)
        clock.now += FORGET_SECONDS - 1
        assert first.head == (await store.heads(["news"]))["news"]
        clock.now += 2
        again = await store.append(Publication(channel="news", data=b"x"), TERMS)

        assert 1 == again.head.offset
        assert first.head.epoch != again.head.epoch

    run(test())


def test_beyond_its_bytes_channels_are_forgotten_those_published_in_longest_ago_first() -> None:
    async def test() -> None:
        store = MemoryStore(max_bytes=50_000)
        before = [
            (await store.append(Publication(channel=f"news:{number}", data=b"x" * 10_000), TERMS)).head.epoch
            for number in range(4)
        ]
        await store.append(Publication(channel="news:0", data=b"x"), TERMS)
        for number in (4, 5):
            await store.append(Publication(channel=f"news:{number}", data=b"x" * 10_000), TERMS)
        assert store.size_bytes <= 50_000
        heads = await store.heads([f"news:{number}" for number in range(6)])

        assert [2, 0, 0, 1, 1, 1] == [head.offset for head in heads.values()]
        assert [True, False, False, True] == [
            head.epoch == epoch for head, epoch in zip(heads.values(), before, strict=False)
        ]

    run(test())


def test_asking_for_channels_in_which_nothing_happened_leaves_nothing_behind() -> None:
    async def test() -> None:
        store = MemoryStore()
        names = [f"none:{number}" for number in range(1_000)]
        heads = await store.heads(names)
        for name in names:
            page = await store.page(name, after=None, limit=9)
            assert ([], heads[name]) == (page.publications, page.head)
            await store.remove(name)

        assert 0 == store.size_bytes
        assert 0 == len(store._channels)
        assert heads == await store.heads(names)

    run(test())


def test_that_a_channel_was_forgotten_is_seen_at_few_others_in_which_nothing_happened_yet() -> None:
    async def test() -> None:
        store = MemoryStore(max_bytes=15_000)
        names = [f"none:{number}" for number in range(1_000)]
        before = await store.heads([*names, "news:0"])
        for number in range(6):
            await store.append(Publication(channel=f"news:{number}", data=b"x" * 10_000), TERMS)
        after = await store.heads([*names, "news:0"])

        assert before["news:0"] != after["news:0"]
        assert 900 < sum(before[name] == after[name] for name in names)

    run(test())


def test_no_epoch_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    # All channels are counted together.
    monkeypatch.setattr(memory, "_EPOCH_SLOTS", 1)

    async def test() -> None:
        clock = Clock()
        store = MemoryStore(clock=clock)
        epochs = []
        for number in range(5):
            kept = await store.append(Publication(channel="news", data=b"x"), TERMS)
            other = await store.append(Publication(channel=f"other:{number}", data=b"x"), TERMS)
            epochs.append(kept.head.epoch)
            clock.now += FORGET_SECONDS / 2
            # What was published keeps its own, whatever is forgotten beside it.
            assert [kept.head, other.head] == list((await store.heads(["news", f"other:{number}"])).values())
            clock.now += FORGET_SECONDS
            store.sweep()

        assert 5 == len(set(epochs))
        assert 1 == kept.head.offset

    run(test())


def test_one_publication_that_is_larger_than_all_may_be_is_kept_alone() -> None:
    async def test() -> None:
        store = MemoryStore(max_bytes=1_000)
        for number in range(3):
            await store.append(Publication(channel=f"news:{number}", data=b"x" * 10_000), TERMS)
        page = await store.page("news:2", after=None, limit=9)

        assert 1 == len(page.publications)
        assert store.size_bytes < 20_000

    run(test())


def test_an_idempotency_key_counts_for_five_minutes_unless_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        clock = Clock()
        store = MemoryStore(clock=clock)
        terms = Terms(size=9, seconds=9, idempotency_key="k")
        publication = Publication(channel="news", data=b"x")
        await store.append(publication, terms)
        clock.now += 299
        assert (await store.append(publication, terms)).publication is None
        clock.now += 2
        assert (await store.append(publication, terms)).publication is not None

        monkeypatch.setattr(memory, "_MOST_IDEMPOTENCY_KEYS", 100)
        for number in range(200):
            await store.append(publication, Terms(size=1, seconds=9, idempotency_key=str(number)))
        again = [
            await store.append(publication, Terms(size=1, seconds=9, idempotency_key=key))
            for key in ("199", "100", "99")
        ]
        assert [True, True, False] == [kept.publication is None for kept in again]

    run(test())


def test_it_sweeps_by_itself_until_it_is_stopped() -> None:
    async def test() -> None:
        store = MemoryStore()
        await store.start()
        assert len(asyncio.all_tasks()) == 2
        await store.stop()
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(test())
