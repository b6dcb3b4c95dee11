"""Who joins a channel hears each publication once, whatever happens while it is joining."""

import asyncio
import random
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import pytest

from teahouse.realtime import channels as channels_module
from teahouse.realtime.application import Head, Publication
from teahouse.realtime.broker.memory import MemoryBroker
from teahouse.realtime.conf import Conf
from teahouse.realtime.engine import Engine
from teahouse.realtime.joining import Budget, Joined
from teahouse.realtime.namespaces import Namespace
from teahouse.realtime.store.memory import MemoryStore
from tests.realtime.fakes import EPOCH, Listener, MemoryApplication, engine_with, published, until

CHANNEL = "room:1"
CONF = Conf(
    application="none",
    key="k" * 32,
    pool_threads=2,
    namespaces={"": Namespace(), "room": Namespace(kind="logged"), "news": Namespace(kind="kept", history_size=10)},
)


def run(test: Callable[[Engine, MemoryApplication], Coroutine[Any, Any, None]]) -> None:
    async def started() -> None:
        application = MemoryApplication()
        engine = engine_with(MemoryBroker(), conf=CONF, application=application)
        await engine.start()
        try:
            await test(engine, application)
        finally:
            await engine.stop()

    asyncio.run(asyncio.wait_for(started(), 30))


def budget(publications: int = 300, total_bytes: int = 100_000) -> Budget:
    return Budget(publications=publications, total_bytes=total_bytes)


async def join(
    engine: Engine, since: Head | None, *, channel: str = CHANNEL, limit: Budget | None = None
) -> tuple[Listener, Joined]:
    listener = Listener(channel)
    engine.enter(listener)
    return listener, await engine.joining.join(listener, channel, since, limit or budget())


def offsets(publications: Sequence[Publication]) -> list[int]:
    return [publication.offset for publication in publications]


def heard(listener: Listener) -> list[int]:
    return [int(frame.partition("@")[2]) for frame in listener.frames]


@pytest.mark.parametrize(
    ("since", "missed", "is_recovered"),
    [
        pytest.param(None, [], False, id="not asked"),
        pytest.param(Head(5, EPOCH), [], True, id="nothing was missed"),
        pytest.param(Head(2, EPOCH), [3, 4, 5], True, id="some were missed"),
        pytest.param(Head(0, ""), [1, 2, 3, 4, 5], True, id="from the beginning"),
        pytest.param(Head(2, "other"), [], False, id="of another history"),
        pytest.param(Head(9, EPOCH), [], False, id="of the future"),
    ],
)
@pytest.mark.parametrize("has_others", [False, True], ids=["as the first", "among others"])
def test_what_was_missed(since: Head | None, missed: list[int], is_recovered: bool, has_others: bool) -> None:
    async def test(engine: Engine, application: MemoryApplication) -> None:
        application.commit(1, 2)
        if has_others:
            other, _ = await join(engine, None)
        application.commit(3, 4, 5)
        if has_others:
            engine.announce(published(5))
            await until(lambda: heard(other) == [3, 4, 5])
        listener, joined = await join(engine, since)

        assert (missed, is_recovered) == (offsets(joined.missed), joined.is_recovered)
        assert Head(5, EPOCH) == joined.head
        application.commit(6)
        engine.announce(published(6))
        await until(lambda: listener.frames)
        assert [6] == heard(listener)

    run(test)


@pytest.mark.parametrize(
    "limit",
    [
        pytest.param(budget(publications=2), id="too many"),
        pytest.param(budget(total_bytes=20), id="too large"),
    ],
)
def test_what_is_too_much_is_not_recovered(limit: Budget) -> None:
    async def test(engine: Engine, application: MemoryApplication) -> None:
        application.commit(1, 2, 3)
        _, joined = await join(engine, Head(0, ""), limit=limit)

        assert ([], False, Head(3, EPOCH)) == (joined.missed, joined.is_recovered, joined.head)

    run(test)


def test_a_client_that_is_ahead_of_this_process_is_caught_up_with() -> None:
    async def test(engine: Engine, application: MemoryApplication) -> None:
        application.commit(1)
        other, _ = await join(engine, None)
        # Committed elsewhere, and the hints are lost.
        application.commit(2, 3)
        listener, joined = await join(engine, Head(3, EPOCH))

        assert ([], True) == (joined.missed, joined.is_recovered)
        await until(lambda: heard(other) == [2, 3])
        assert [] == heard(listener)

    run(test)


def test_a_history_that_has_lost_its_beginning_recovers_nobody_from_there() -> None:
    async def test(engine: Engine, application: MemoryApplication) -> None:
        for number in range(15):
            await engine.publish(Publication(channel="news:a", data=b"%d" % number))
        _, late = await join(engine, Head(4, ""), channel="news:a")
        _, in_time = await join(engine, Head(5, ""), channel="news:a")

        assert ([], False) == (late.missed, late.is_recovered)
        assert (list(range(6, 16)), True) == (offsets(in_time.missed), in_time.is_recovered)

    run(test)


def test_a_history_that_was_removed_is_given_to_nobody() -> None:
    async def test(engine: Engine, application: MemoryApplication) -> None:
        listener, _ = await join(engine, None, channel="news:a")
        for number in (1, 2, 3):
            await engine.publish(Publication(channel="news:a", data=b"a@%d" % number))
        await until(lambda: heard(listener) == [1, 2, 3])
        await engine.remove_history("news:a")
        _, joined = await join(engine, Head(1, ""), channel="news:a")

        assert ([], False, 3) == (joined.missed, joined.is_recovered, joined.head.offset if joined.head else None)
        await engine.publish(Publication(channel="news:a", data=b"a@4"))
        await until(lambda: heard(listener) == [1, 2, 3, 4])

    run(test)


def test_in_a_plain_channel_there_is_nothing_to_recover() -> None:
    async def test(engine: Engine, application: MemoryApplication) -> None:
        listener, joined = await join(engine, Head(3, "x"), channel="plain")
        assert Joined(None, [], is_recovered=False) == joined
        assert engine.publish_at_once(Publication(channel="plain", data=b"plain@1"))
        await until(lambda: listener.frames)
        assert [1] == heard(listener)

    run(test)


def test_who_is_not_accepted_does_not_hear() -> None:
    async def test(engine: Engine, application: MemoryApplication) -> None:
        listener = Listener(CHANNEL)
        engine.enter(listener)
        await engine.joining.join(listener, CHANNEL, None, budget(), lambda _: False)

        assert [] == engine.hub.all_listeners_of(CHANNEL)

    run(test)


def test_a_history_that_became_another_one_lets_nobody_go_on_as_if_nothing_were() -> None:
    lost: list[str] = []

    class Losing(Listener):
        def lose(self, channel: str) -> None:
            lost.append(channel)

    async def test(engine: Engine, application: MemoryApplication) -> None:
        store = engine._store
        assert isinstance(store, MemoryStore)
        listener, plain = Losing("news:a"), Listener("news:a")
        for one in (listener, plain):
            engine.enter(one)
            await engine.joining.join(one, "news:a", None, budget())
        await engine.publish(Publication(channel="news:a", data=b"a@1"))
        await until(lambda: listener.frames and plain.frames)
        # As after FLUSHALL.
        store._forget("news:a")
        await engine.channels.compare()
        await until(lambda: lost)
        assert ["news:a"] == lost

        await engine.publish(Publication(channel="news:a", data=b"a@2"))
        await until(lambda: len(plain.frames) == 2)
        assert [1] == heard(listener)
        _, joined = await join(engine, Head(1, "old"), channel="news:a")
        assert not joined.is_recovered

    run(test)


def test_a_history_that_becomes_another_one_while_it_is_read_recovers_nobody() -> None:
    async def test(engine: Engine, application: MemoryApplication) -> None:
        application.commit(1, 2, 3)
        await join(engine, None)
        position = engine.channels.position_of(CHANNEL)
        assert position is not None
        application.on_read = lambda: position.move_to(3, "other")
        _, joined = await join(engine, Head(1, EPOCH))

        assert Joined(Head(3, "other"), [], is_recovered=False) == joined

    run(test)


# Several at once.


@pytest.mark.parametrize(
    ("since", "missed", "is_recovered"),
    [
        pytest.param(None, [], False, id="not asked"),
        pytest.param(Head(2, EPOCH), [3, 4], True, id="all that was missed, also meanwhile"),
        pytest.param(Head(2, "other"), [], False, id="of another history"),
    ],
)
def test_who_joins_several_channels_hears_of_none_before_all_are_joined(
    since: Head | None, missed: list[int], is_recovered: bool
) -> None:
    async def test(engine: Engine, application: MemoryApplication) -> None:
        other, is_read = "room:2", threading.Event()
        application.commit(1, 2, 3)
        application.commit(1, 2, 3, channel=other)
        listener, bystander = Listener(CHANNEL, other), (await join(engine, None))[0]
        application.on_read = lambda: _wait_for(is_read)
        wanted = {CHANNEL: since, other: Head(1, EPOCH)}
        joining = asyncio.create_task(engine.joining.join_all(listener, wanted, budget()))
        await until(lambda: application.reads)
        # One of the two may have been read already.
        application.commit(4)
        engine.announce(published(4))
        await until(lambda: heard(bystander) == [4])
        is_read.set()
        joined = await joining

        assert [] == listener.frames
        assert (missed, is_recovered) == (offsets(joined[CHANNEL].missed), joined[CHANNEL].is_recovered)
        assert Head(4, EPOCH) == joined[CHANNEL].head
        assert ([2, 3], True) == (offsets(joined[other].missed), joined[other].is_recovered)
        application.commit(5)
        engine.announce(published(5))
        await until(lambda: listener.frames)
        assert [5] == heard(listener)

    run(test)


@pytest.mark.parametrize(
    "limit",
    [
        pytest.param(budget(publications=2), id="too many"),
        pytest.param(budget(total_bytes=8 * 3), id="too large"),
    ],
)
def test_what_is_published_meanwhile_counts_too(limit: Budget) -> None:
    async def test(engine: Engine, application: MemoryApplication) -> None:
        is_read = threading.Event()
        application.commit(1, 2, 3)
        application.commit(1, 2, channel="room:2")
        bystander, _ = await join(engine, None)
        wanted = {CHANNEL: Head(1, EPOCH), "room:2": Head(1, EPOCH)}
        # Reading the second.
        application.on_read = lambda: _wait_for(is_read) if application.reads == 2 else None
        joining = asyncio.create_task(engine.joining.join_all(Listener(), wanted, limit))
        await until(lambda: application.reads == 2)
        application.commit(4)
        engine.announce(published(4))
        await until(lambda: heard(bystander) == [4])
        is_read.set()
        joined = await joining

        assert Joined(Head(4, EPOCH), [], is_recovered=False) == joined[CHANNEL]
        assert joined["room:2"].is_recovered

    run(test)


def _wait_for(event: threading.Event) -> None:
    assert event.wait(10)


@pytest.mark.parametrize("seed", range(12))
def test_joining_at_any_moment_leaves_no_seam(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Publications are committed, announced late, twice or never, while others join from any position."""
    monkeypatch.setattr(channels_module, "_FILL_RETRY_SECONDS", 0.01)
    dice = random.Random(seed)
    last = 150

    async def test(engine: Engine, application: MemoryApplication) -> None:
        joined: list[tuple[Listener, Joined, Head | None]] = []
        committed = 0

        async def newcomer() -> None:
            await asyncio.sleep(dice.uniform(0, 0.05))
            since = Head(dice.randrange(committed + 1), EPOCH) if dice.random() < 0.8 else None
            listener, result = await join(engine, since)
            joined.append((listener, result, since))

        newcomers = [asyncio.create_task(newcomer()) for _ in range(40)]
        for offset in range(1, last + 1):
            application.commit(offset)
            committed = offset
            for _ in range(dice.choice([0, 1, 1, 2])):
                engine.announce(published(offset if dice.random() < 0.8 else dice.randrange(1, offset + 1)))
            if dice.random() < 0.3:
                await asyncio.sleep(dice.uniform(0, 0.002))
        await asyncio.gather(*newcomers)
        await engine.channels.compare()
        await until(lambda: all((heard(one) or [last])[-1] == last for one, _, _ in joined))

        for listener, result, since in joined:
            assert result.head is not None
            begin = since.offset if since is not None and result.is_recovered else result.head.offset
            assert list(range(begin + 1, last + 1)) == offsets(result.missed) + heard(listener)
            if since is not None:
                assert result.is_recovered

    run(test)


def test_what_was_counted_and_is_not_sent_is_free_for_others() -> None:
    budget = Budget(publications=10, total_bytes=4)
    four = [Publication(channel="room:1", offset=1, epoch="e", data=b"1234")]
    assert budget.takes(four)
    assert not budget.takes(four)
    budget.give_back(four)

    assert budget.takes(four)
