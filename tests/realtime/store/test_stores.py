"""What every store does, by its port; against a real Redis where it is one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest

from teahouse.realtime.application import ClientInfo, Head, Publication
from teahouse.realtime.store.base import Kept, Store, Terms
from teahouse.realtime.store.memory import MemoryStore
from teahouse.realtime.store.redis import RedisStore
from tests.realtime.broker.ears import SEAL, run

TERMS = Terms(size=100, seconds=60)
NAMES = ["news", "a}b{c", "{}", "}", "%7D", "$news:1 #1,2", "*"]


@pytest.fixture(params=["memory", "redis"])
def make(request: pytest.FixtureRequest, prefix: str) -> Callable[[], Store]:
    if request.param == "memory":
        return MemoryStore
    url = request.getfixturevalue("redis_url")
    return lambda: RedisStore(url, prefix=prefix, seal=SEAL)


@contextlib.asynccontextmanager
async def started(store: Store) -> AsyncIterator[Store]:
    await store.start()
    try:
        yield store
    finally:
        await store.stop()


async def fill(store: Store, number: int, terms: Terms = TERMS, channel: str = "news") -> Head:
    for text in range(1, number + 1):
        await store.append(Publication(channel=channel, data=b"%d" % text), terms)
    return (await store.heads([channel]))[channel]


def test_offsets_are_dense_from_one_and_the_publication_comes_back_as_it_was(make: Callable[[], Store]) -> None:
    publication = Publication(
        channel="news",
        data='{"body": "你好"}'.encode(),
        publisher=ClientInfo(user="1", client="c", conn_info=b"{}", chan_info=b"[]"),
        tags={"colour": "red"},
    )

    async def test() -> None:
        async with started(make()) as store:
            kept = [await store.append(publication, TERMS) for _ in range(3)]
            page = await store.page("news", after=None, limit=10)

            assert [1, 2, 3] == [each.head.offset for each in kept]
            assert 1 == len({each.head.epoch for each in kept})
            assert page.publications == [each.publication for each in kept]
            assert page.head == kept[-1].head
            first = page.publications[0]
            assert (publication.data, publication.publisher, publication.tags) == (
                first.data,
                first.publisher,
                first.tags,
            )
            assert (1, page.head.epoch) == (first.offset, first.epoch)

    run(test())


def test_many_at_once_get_an_offset_each(make: Callable[[], Store]) -> None:
    async def test() -> None:
        async with started(make()) as store:
            kept = await asyncio.gather(
                *(store.append(Publication(channel="news", data=b"x"), TERMS) for _ in range(300))
            )

            assert list(range(1, 301)) == sorted(each.head.offset for each in kept)

    run(test())


@pytest.mark.parametrize(
    ("after", "limit", "reverse", "offsets"),
    [
        pytest.param(None, 3, False, [1, 2, 3], id="from the beginning"),
        pytest.param(None, 99, False, list(range(1, 11)), id="all"),
        pytest.param(0, 2, False, [1, 2], id="after 0"),
        pytest.param(8, 99, False, [9, 10], id="after one"),
        pytest.param(10, 99, False, [], id="after the last"),
        pytest.param(2**63, 99, False, [], id="after what is not there"),
        pytest.param(None, 3, True, [10, 9, 8], id="from the end"),
        pytest.param(4, 2, True, [3, 2], id="before one"),
        pytest.param(4, 99, True, [3, 2, 1], id="all before one"),
        pytest.param(1, 99, True, [], id="before the first"),
        pytest.param(0, 99, True, [], id="before 0"),
        pytest.param(2**63, 2, True, [10, 9], id="before what is not there"),
        pytest.param(None, 0, False, [], id="the head only"),
        pytest.param(3, 0, True, [], id="the head only, reverse"),
    ],
)
def test_pages(make: Callable[[], Store], after: int | None, limit: int, reverse: bool, offsets: list[int]) -> None:
    async def test() -> None:
        async with started(make()) as store:
            head = await fill(store, 10)
            page = await store.page("news", after=after, limit=limit, reverse=reverse)

            assert offsets == [publication.offset for publication in page.publications]
            assert head == page.head

    run(test())


def test_the_oldest_go_when_there_are_too_many(make: Callable[[], Store]) -> None:
    async def test() -> None:
        async with started(make()) as store:
            await fill(store, 7, Terms(size=3, seconds=60))
            page = await store.page("news", after=1, limit=10)
            assert [5, 6, 7] == [publication.offset for publication in page.publications]

            backwards = await store.page("news", after=7, limit=10, reverse=True)
            assert [6, 5] == [publication.offset for publication in backwards.publications]
            assert [] == (await store.page("news", after=4, limit=10, reverse=True)).publications

    run(test())


def test_after_its_time_the_history_is_empty_and_offsets_go_on(make: Callable[[], Store]) -> None:
    async def test() -> None:
        async with started(make()) as store:
            head = await fill(store, 2, Terms(size=3, seconds=0.05))
            pages = []

            async def look() -> None:
                pages.append(await store.page("news", after=None, limit=10))

            while not pages or pages[-1].publications:
                await look()
            assert head == pages[-1].head
            kept = await store.append(Publication(channel="news", data=b"x"), TERMS)

            assert Head(3, head.epoch) == kept.head

    run(test())


def test_removing_forgets_the_publications_and_not_the_offset(make: Callable[[], Store]) -> None:
    async def test() -> None:
        async with started(make()) as store:
            head = await fill(store, 3)
            await store.remove("news")
            await store.remove("other")
            page = await store.page("news", after=None, limit=10)
            assert ([], head) == (page.publications, page.head)

            kept = await store.append(Publication(channel="news", data=b"x"), TERMS)
            assert Head(4, head.epoch) == kept.head

    run(test())


def test_every_channel_has_a_head_and_an_epoch_of_its_own_that_stays(make: Callable[[], Store]) -> None:
    async def test() -> None:
        async with started(make()) as store:
            first = await store.heads(NAMES)
            assert list(first) == NAMES
            assert {0} == {head.offset for head in first.values()}
            assert len(NAMES) == len({head.epoch for head in first.values()})
            assert {12} == {len(head.epoch) for head in first.values()}

            for name in NAMES:
                await fill(store, 1, channel=name)
            assert {name: Head(1, first[name].epoch) for name in NAMES} == await store.heads(NAMES)
            await store.remove("news")
            assert [0, *[1] * (len(NAMES) - 1)] == [
                len((await store.page(name, after=None, limit=9)).publications) for name in NAMES
            ]
            assert {} == await store.heads([])

    run(test())


def test_who_listens_before_anything_happened_knows_the_epoch_that_it_will_have(make: Callable[[], Store]) -> None:
    async def test() -> None:
        async with started(make()) as store:
            before = (await store.heads(["news"]))["news"]
            assert before == (await store.page("news", after=None, limit=0)).head
            kept = await store.append(Publication(channel="news", data=b"x"), TERMS)
            unheard = await store.append(Publication(channel="other", data=b"x"), TERMS)

            assert Head(1, before.epoch) == kept.head
            assert kept.head.epoch != unheard.head.epoch
            assert unheard.head == (await store.heads(["other"]))["other"]

    run(test())


def test_the_heads_of_thousands_come_at_once(make: Callable[[], Store]) -> None:
    names = [f"news:{number}" for number in range(2_500)]

    async def test() -> None:
        async with started(make()) as store:
            first = await asyncio.wait_for(store.heads(names), 2)
            assert first == await store.heads(names)

    run(test())


def test_publishing_again_with_the_same_key_gives_the_first_answer_and_changes_nothing(
    make: Callable[[], Store],
) -> None:
    async def test() -> None:
        async with started(make()) as store:
            terms = Terms(size=9, seconds=60, idempotency_key="once")
            first = await store.append(Publication(channel="news", data=b"1"), terms)
            await store.append(Publication(channel="news", data=b"2"), TERMS)
            again = await store.append(Publication(channel="news", data=b"3"), terms)
            elsewhere = await store.append(Publication(channel="other", data=b"4"), terms)

            assert Kept(head=first.head, publication=None) == again
            assert 1 == elsewhere.head.offset
            page = await store.page("news", after=None, limit=9)
            assert [b"1", b"2"] == [publication.data for publication in page.publications]

    run(test())


@pytest.mark.parametrize(
    ("versions", "kept"),
    [
        pytest.param([(1, ""), (2, ""), (2, ""), (1, ""), (3, "")], [1, 1, 0, 0, 1], id="newer only"),
        pytest.param([(5, ""), (0, ""), (5, ""), (6, "")], [1, 1, 0, 1], id="without a version in between"),
        pytest.param([(5, "a"), (3, "b"), (3, "b"), (6, "a")], [1, 1, 0, 1], id="other epochs begin anew"),
        pytest.param([(9, ""), (10, ""), (9, "")], [1, 1, 0], id="more digits are more"),
        pytest.param([(2**63, ""), (2**63 + 1, ""), (2**63, "")], [1, 1, 0], id="beyond what a float holds"),
    ],
)
def test_what_is_not_newer_is_passed_over(
    make: Callable[[], Store], versions: list[tuple[int, str]], kept: list[int]
) -> None:
    async def test() -> None:
        async with started(make()) as store:
            answers = [
                await store.append(
                    Publication(channel="news", data=b"x"),
                    Terms(size=9, seconds=60, version=version, version_epoch=epoch),
                )
                for version, epoch in versions
            ]

            assert kept == [int(answer.publication is not None) for answer in answers]
            assert sum(kept) == answers[-1].head.offset
            assert sum(kept) == len((await store.page("news", after=None, limit=99)).publications)

    run(test())
