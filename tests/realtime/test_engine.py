"""The engine over an application in memory: hints may be late, lost or doubled, and what is heard is the history."""

import asyncio
import random
import threading

import msgspec
import pytest

from teahouse.realtime import connections as connections_module
from teahouse.realtime.application import Head, Publication
from teahouse.realtime.conf import Conf
from teahouse.realtime.engine import Engine
from tests.realtime.engines import CONF, frames, parts, run, started
from tests.realtime.fakes import Listener, MemoryApplication, published, until

pytestmark = pytest.mark.usefixtures("_patient")


def test_a_publication_reaches_those_who_joined(application: MemoryApplication) -> None:
    async def test() -> None:
        async with started(application) as engine:
            inside, outside = Listener("room:1"), Listener("room:2")
            await engine.join_all(inside)
            await engine.join_all(outside)
            application.commit(1)
            engine.announce(published(1))

            await until(lambda: inside.frames)
            assert frames(1) == inside.frames
            assert [] == outside.frames

    run(test())


def test_what_happened_before_joining_is_not_heard(application: MemoryApplication) -> None:
    application.commit(1, 2)

    async def test() -> None:
        async with started(application) as engine:
            connection = Listener("room:1")
            await engine.join_all(connection)
            # A late hint of what the head had counted already.
            engine.announce(published(2))
            application.commit(3)
            engine.announce(published(3))

            await until(lambda: connection.frames)
            assert frames(3) == connection.frames

    run(test())


@pytest.mark.parametrize(
    "hints",
    [
        pytest.param([1, 2, 3, 4], id="in order"),
        pytest.param([4, 3, 2, 1], id="backwards"),
        pytest.param([2, 1, 4, 3], id="pairs swapped"),
        pytest.param([1, 1, 2, 2, 3, 3, 4, 4], id="each twice"),
        pytest.param([1, 4], id="the middle lost"),
        pytest.param([4], id="all but the last lost"),
    ],
)
@pytest.mark.parametrize("before", [0, 1], ids=["in a new channel", "in one with a history"])
def test_each_publication_is_delivered_once_and_in_order(
    application: MemoryApplication, hints: list[int], before: int
) -> None:
    if before:
        application.commit(1)

    async def test() -> None:
        async with started(application) as engine:
            connection = Listener("room:1")
            await engine.join_all(connection)
            application.commit(*(offset + before for offset in range(1, 5)))
            for offset in hints:
                engine.announce(published(offset + before))

            await until(lambda: len(connection.frames) >= 4)
            await asyncio.sleep(0)
            assert frames(*(offset + before for offset in range(1, 5))) == connection.frames

    run(test())


def test_a_long_hole_is_filled_page_by_page(application: MemoryApplication) -> None:
    async def test() -> None:
        async with started(application) as engine:
            connection = Listener("room:1")
            await engine.join_all(connection)
            application.commit(*range(1, 1_001))
            engine.announce(published(1_000))

            await until(lambda: len(connection.frames) == 1_000)
            assert frames(*range(1, 1_001)) == connection.frames
            assert 4 == application.reads

    run(test())


def test_a_thousand_hints_in_any_order_with_some_lost_and_some_doubled(application: MemoryApplication) -> None:
    dice = random.Random(20)
    hints = [offset for offset in range(1, 1_001) for _ in range(dice.choice([0, 1, 1, 2]))]
    # Late by up to about 20 places.
    hints.sort(key=lambda offset: offset + dice.uniform(0, 20))

    async def test() -> None:
        async with started(application) as engine:
            connection = Listener("room:1")
            await engine.join_all(connection)
            application.commit(*range(1, 1_001))
            for number, offset in enumerate([*hints, 1_000]):
                engine.announce(published(offset))
                if number % 10 == 0:
                    await asyncio.sleep(0)

            await until(lambda: len(connection.frames) >= 1_000)
            assert frames(*range(1, 1_001)) == connection.frames

    run(test())


def test_a_hint_that_comes_just_when_a_hole_was_filled_is_not_forgotten(application: MemoryApplication) -> None:
    async def test() -> None:
        async with started(application) as engine:
            connection = Listener("room:1")
            await engine.join_all(connection)

            deliver = engine.channels._deliver

            def deliver_while_another_two_are_committed(publication: Publication) -> None:
                deliver(publication)
                if publication.offset == 2:
                    application.commit(3, 4)
                    engine.announce(published(4))

            engine.channels._deliver = deliver_while_another_two_are_committed
            application.commit(1, 2)
            engine.announce(published(2))

            await until(lambda: len(connection.frames) == 4, seconds=2)
            assert frames(1, 2, 3, 4) == connection.frames

    run(test())


def test_what_happens_while_a_hole_is_being_filled_is_filled_too(application: MemoryApplication) -> None:
    async def test() -> None:
        async with started(application) as engine:
            connection = Listener("room:1")
            await engine.join_all(connection)

            def another_two_are_committed() -> None:
                application.on_read = lambda: None
                application.commit(3, 4)
                engine.announce(published(4))

            application.on_read = another_two_are_committed
            application.commit(1, 2)
            engine.announce(published(2))

            await until(lambda: len(connection.frames) == 4, seconds=2)
            assert frames(1, 2, 3, 4) == connection.frames

    run(test())


def test_a_history_that_cannot_be_read_is_read_later(application: MemoryApplication) -> None:
    async def test() -> None:
        async with started(application) as engine:
            connection = Listener("room:1")
            await engine.join_all(connection)
            application.commit(1, 2)
            application.failures = 3
            engine.announce(published(2))

            await until(lambda: connection.frames)
            assert frames(1, 2) == connection.frames

    run(test())


def test_what_was_announced_and_never_came_to_be_holds_up_nothing(application: MemoryApplication) -> None:
    async def test() -> None:
        async with started(application) as engine:
            connection = Listener("room:1")
            await engine.join_all(connection)
            engine.announce(published(5))
            await until(lambda: application.reads and not engine.channels._filling)

            application.commit(1)
            engine.announce(published(1))
            await until(lambda: connection.frames)
            assert frames(1) == connection.frames
            assert 1 == application.reads

    run(test())


def test_what_was_read_for_listeners_who_have_left_is_not_told_those_who_came_after(
    application: MemoryApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections_module, "_LINGER_SECONDS", 0)
    is_read, may_go_on = threading.Event(), threading.Event()

    def wait() -> None:
        is_read.set()
        may_go_on.wait(10)

    async def test() -> None:
        async with started(application) as engine:
            before, after = Listener("room:1"), Listener("room:1")
            await engine.join_all(before)
            application.commit(1, 2)
            application.on_read = wait
            engine.announce(published(2))
            await until(is_read.is_set)
            engine.exit(before)
            await until(lambda: not engine.channels.listens_to("room:1"))

            await engine.join_all(after)
            may_go_on.set()
            await until(lambda: not engine.channels._filling)
            application.commit(3)
            engine.announce(published(3))
            await until(lambda: after.frames)
            assert frames(3) == after.frames

    run(test())


def test_a_channel_whose_history_broke_is_let_go_if_nobody_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections_module, "_LINGER_SECONDS", 0)

    class Losing(Listener):
        def lose(self, channel: str) -> None:
            pass

    async def test() -> None:
        application = MemoryApplication()
        application.commit(1)
        async with started(application) as engine:
            connection = Losing("room:1")
            await engine.join_all(connection)
            application.history["room:1"] = [msgspec.structs.replace(published(1).publication, epoch="e2")]
            monkeypatch.setattr(application, "heads", lambda channels: {"room:1": Head(1, "e2")})
            await engine.channels.compare()
            await until(lambda: not engine.hub.has_listeners("room:1"))
            engine.exit(connection)

            await until(lambda: not engine.channels.listens_to("room:1"), seconds=3)

    run(test())


# Pace, and the end.


def test_a_person_waits_for_a_turn_and_others_do_not(application: MemoryApplication) -> None:
    conf = Conf(application="none", key="k" * 32, sends_per_second=0.001, send_burst=2)

    async def test() -> None:
        engine = Engine(conf=conf, application=application, parts=parts())
        for user in ("1", "1", "1", "2"):
            engine.senders.added(user, 0)
        await engine.pace("1")
        await engine.pace("1")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(engine.pace("1"), 0.05)
        await asyncio.wait_for(engine.pace("2"), 1)

        # Nobody waits when the process is about to end.
        engine.is_draining = True
        await asyncio.wait_for(engine.pace("1"), 1)

    run(test())


def test_an_engine_that_stops_waits_for_what_clients_have_asked_for(application: MemoryApplication) -> None:
    done: list[str] = []

    async def command(engine: Engine) -> None:
        await engine.pool.run(lambda: None)
        done.append("done")

    async def test() -> None:
        engine = Engine(conf=CONF, application=application, parts=parts())
        await engine.start()
        engine.unfinished.add(asyncio.create_task(command(engine)))
        await engine.stop()

        assert ["done"] == done

    run(test())


def test_an_engine_that_stops_leaves_no_task_behind(application: MemoryApplication) -> None:
    async def test() -> None:
        before = asyncio.all_tasks()
        async with started(application) as engine:
            await engine.join_all(Listener("room:1"))
            engine.announce(published(9))
        await until(lambda: asyncio.all_tasks() == before, seconds=2)

    run(test())
