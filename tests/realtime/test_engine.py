"""The engine over an application in memory: hints may be late, lost or doubled, and what is heard is the history."""

import asyncio
import contextlib
import random
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any

import msgspec
import pytest

from teahouse.realtime import channels as channels_module
from teahouse.realtime import engine as engine_module
from teahouse.realtime.application import Head, Publication
from teahouse.realtime.broker.base import Disconnect, Hint, Published
from teahouse.realtime.broker.memory import MemoryBroker
from teahouse.realtime.broker.redis import RedisBroker
from teahouse.realtime.conf import Conf
from teahouse.realtime.engine import Engine, broker_from
from teahouse.realtime.wire.codes import Ending
from tests.realtime.fakes import EPOCH, Listener, MemoryApplication, published, until

CONF = Conf(application="none", key="k" * 32, pool_threads=2, max_connections_per_user=2, welcome_check_seconds=0.02)


@pytest.fixture
def application() -> MemoryApplication:
    return MemoryApplication()


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is compared behind a test's back."""
    monkeypatch.setattr(engine_module, "_COMPARE_SECONDS", 3_600)
    monkeypatch.setattr(engine_module, "_COMPARE_ALONE_SECONDS", 3_600)
    monkeypatch.setattr(channels_module, "_FILL_RETRY_SECONDS", 0.01)


class Subscriptions(MemoryBroker):
    """A MemoryBroker that keeps which channels were asked for, and says at will that it was away."""

    def __init__(self) -> None:
        super().__init__()
        self.channels: list[str] = []
        self.say_reconnected: Callable[[], None] = lambda: None

    async def start(self, receive: Callable[[Hint], None], reconnected: Callable[[], None]) -> None:
        await super().start(receive, reconnected)
        self.say_reconnected = reconnected

    async def subscribe(self, channel: str) -> None:
        self.channels.append(channel)

    def unsubscribe(self, channel: str) -> None:
        self.channels.remove(channel)


@contextlib.asynccontextmanager
async def started(
    application: MemoryApplication, broker: MemoryBroker | None = None, *, conf: Conf = CONF
) -> AsyncIterator[Engine]:
    engine = Engine(conf=conf, application=application, broker=broker or MemoryBroker())
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 20))


def frames(*offsets: int, channel: str = "room:1") -> list[str]:
    return [f"{channel}@{offset}" for offset in offsets]


# Publications.


def test_a_publication_reaches_those_who_joined(application: MemoryApplication) -> None:
    async def test() -> None:
        async with started(application) as engine:
            inside, outside = Listener("room:1"), Listener("room:2")
            await engine.join(inside)
            await engine.join(outside)
            application.commit(1)
            engine.publish(published(1))

            await until(lambda: inside.frames)
            assert frames(1) == inside.frames
            assert [] == outside.frames

    run(test())


def test_what_happened_before_joining_is_not_heard(application: MemoryApplication) -> None:
    application.commit(1, 2)

    async def test() -> None:
        async with started(application) as engine:
            connection = Listener("room:1")
            await engine.join(connection)
            # A late hint of what the head had counted already.
            engine.publish(published(2))
            application.commit(3)
            engine.publish(published(3))

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
            await engine.join(connection)
            application.commit(*(offset + before for offset in range(1, 5)))
            for offset in hints:
                engine.publish(published(offset + before))

            await until(lambda: len(connection.frames) >= 4)
            await asyncio.sleep(0)
            assert frames(*(offset + before for offset in range(1, 5))) == connection.frames

    run(test())


def test_a_long_hole_is_filled_page_by_page(application: MemoryApplication) -> None:
    async def test() -> None:
        async with started(application) as engine:
            connection = Listener("room:1")
            await engine.join(connection)
            application.commit(*range(1, 1_001))
            engine.publish(published(1_000))

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
            await engine.join(connection)
            application.commit(*range(1, 1_001))
            for number, offset in enumerate([*hints, 1_000]):
                engine.publish(published(offset))
                if number % 10 == 0:
                    await asyncio.sleep(0)

            await until(lambda: len(connection.frames) >= 1_000)
            assert frames(*range(1, 1_001)) == connection.frames

    run(test())


def test_a_hint_that_comes_just_when_a_hole_was_filled_is_not_forgotten(application: MemoryApplication) -> None:
    async def test() -> None:
        async with started(application) as engine:
            connection = Listener("room:1")
            await engine.join(connection)

            def another_two_are_committed(publication: Publication) -> None:
                if publication.offset == 2:
                    application.commit(3, 4)
                    engine.publish(published(4))

            application.on_frame = another_two_are_committed
            application.commit(1, 2)
            engine.publish(published(2))

            await until(lambda: len(connection.frames) == 4, seconds=2)
            assert frames(1, 2, 3, 4) == connection.frames

    run(test())


def test_what_happens_while_a_hole_is_being_filled_is_filled_too(application: MemoryApplication) -> None:
    async def test() -> None:
        async with started(application) as engine:
            connection = Listener("room:1")
            await engine.join(connection)

            def another_two_are_committed() -> None:
                application.on_read = lambda: None
                application.commit(3, 4)
                engine.publish(published(4))

            application.on_read = another_two_are_committed
            application.commit(1, 2)
            engine.publish(published(2))

            await until(lambda: len(connection.frames) == 4, seconds=2)
            assert frames(1, 2, 3, 4) == connection.frames

    run(test())


def test_a_history_that_cannot_be_read_is_read_later(application: MemoryApplication) -> None:
    async def test() -> None:
        async with started(application) as engine:
            connection = Listener("room:1")
            await engine.join(connection)
            application.commit(1, 2)
            application.failures = 3
            engine.publish(published(2))

            await until(lambda: connection.frames)
            assert frames(1, 2) == connection.frames

    run(test())


def test_what_was_announced_and_never_came_to_be_holds_up_nothing(application: MemoryApplication) -> None:
    async def test() -> None:
        async with started(application) as engine:
            connection = Listener("room:1")
            await engine.join(connection)
            engine.publish(published(5))
            await until(lambda: application.reads and not engine._channels._filling)

            application.commit(1)
            engine.publish(published(1))
            await until(lambda: connection.frames)
            assert frames(1) == connection.frames
            assert 1 == application.reads

    run(test())


def test_a_publication_without_a_frame_or_with_a_fault_leaves_no_hole(application: MemoryApplication) -> None:
    def entry(offset: int, text: str) -> Publication:
        return Publication(channel="room:1", offset=offset, epoch=EPOCH, data=text.encode())

    entries = [entry(1, "unspeakable"), entry(2, "poison"), entry(3, "last")]

    async def test() -> None:
        async with started(application) as engine:
            connection = Listener("room:1")
            await engine.join(connection)
            application.history["room:1"] = entries
            for one in entries:
                engine.publish(Published(publication=one))

            await until(lambda: connection.frames)
            assert ["last"] == connection.frames
            assert 0 == application.reads

    run(test())


# Comparing.


def test_a_lost_hint_is_found_by_the_comparison(
    application: MemoryApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "_COMPARE_SECONDS", 0.01)

    async def test() -> None:
        async with started(application) as engine:
            connections = [Listener("room:1", "user:1"), Listener("user:1")]
            for connection in connections:
                await engine.join(connection)
            application.commit(1, 2)
            application.commit(1, channel="user:1")

            await until(lambda: len(connections[0].frames) == 3 and connections[1].frames)
            assert {*frames(1, 2), *frames(1, channel="user:1")} == set(connections[0].frames)
            assert frames(1, channel="user:1") == connections[1].frames

    run(test())


def test_a_broker_that_is_away_makes_the_comparison_come_sooner(
    application: MemoryApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "_COMPARE_ALONE_SECONDS", 0.01)

    class Away(MemoryBroker):
        def is_up(self) -> bool:
            return False

    async def test() -> None:
        async with started(application, Away()) as engine:
            connection = Listener("room:1")
            await engine.join(connection)
            application.commit(1)

            await until(lambda: connection.frames)
            assert not engine.is_broker_up()

    run(test())


def test_a_broker_that_is_back_makes_it_come_at_once(application: MemoryApplication) -> None:
    broker = Subscriptions()

    async def test() -> None:
        async with started(application, broker) as engine:
            connection = Listener("room:1")
            await engine.join(connection)
            application.commit(1)
            broker.say_reconnected()

            await until(lambda: connection.frames)
            assert frames(1) == connection.frames

    run(test())


def test_a_comparison_that_fails_is_made_again(application: MemoryApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "_COMPARE_SECONDS", 0.01)

    async def test() -> None:
        async with started(application) as engine:
            connection = Listener("room:1")
            await engine.join(connection)
            application.failures = 3
            application.commit(1)

            await until(lambda: connection.frames)

    run(test())


# Joining and leaving.


def test_a_channel_is_subscribed_once_and_let_go_a_moment_after_the_last_listener_left(
    application: MemoryApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "_LINGER_SECONDS", 0.05)
    broker = Subscriptions()

    async def test() -> None:
        async with started(application, broker) as engine:
            first, second = Listener("room:1"), Listener("room:1")
            await asyncio.gather(engine.join(first), engine.join(second))
            assert ["room:1"] == broker.channels

            engine.leave(first)
            engine.leave(second)
            assert ["room:1"] == broker.channels
            await until(lambda: not broker.channels)
            assert 0 == len(engine._channels)

            await engine.join(third := Listener("room:1"))
            application.commit(1)
            engine.publish(published(1))
            await until(lambda: third.frames)

    run(test())


def test_who_is_back_within_the_moment_finds_the_channel_still_there(
    application: MemoryApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "_LINGER_SECONDS", 0.05)
    broker = Subscriptions()

    async def test() -> None:
        async with started(application, broker) as engine:
            first, second = Listener("room:1"), Listener("room:1", "later")
            await engine.join(first)
            engine.leave(first)
            await engine.join(second)
            # What comes after the moment proves that it has passed.
            asyncio.get_running_loop().call_later(0.1, application.commit, 1)
            await until(lambda: "room:1" in application.history)

            assert ["room:1", "later"] == broker.channels
            engine.publish(published(1))
            await until(lambda: second.frames)

    run(test())


def test_leaving_twice_or_without_having_joined_is_harmless(application: MemoryApplication) -> None:
    async def test() -> None:
        async with started(application) as engine:
            first, second = Listener("room:1"), Listener("room:1")
            engine.leave(first)
            await engine.join(first)
            await engine.join(second)
            engine.leave(first)
            engine.leave(first)

            # The second one still counts and still hears.
            await engine.join(Listener("room:1"))
            assert not engine.has_room_for(1)
            application.commit(1)
            engine.publish(published(1))
            await until(lambda: second.frames)
            assert [] == first.frames

    run(test())


def test_each_person_has_room_for_so_many_connections(application: MemoryApplication) -> None:
    async def test() -> None:
        async with started(application) as engine:
            connections = [Listener("room:1", user_id=1) for _ in range(2)]
            assert engine.has_room_for(1)
            for connection in connections:
                await engine.join(connection)

            assert not engine.has_room_for(1)
            assert engine.has_room_for(2)
            engine.leave(connections[0])
            assert engine.has_room_for(1)
            engine.leave(connections[1])
            assert {} == engine._connections_of

    run(test())


def test_who_could_not_join_because_the_history_was_away_may_leave_and_come_again(
    application: MemoryApplication,
) -> None:
    async def test() -> None:
        async with started(application) as engine:
            connection = Listener("room:1")
            application.failures = 1
            with pytest.raises(ConnectionError):
                await engine.join(connection)
            engine.leave(connection)
            assert {} == engine._connections_of

            await engine.join(connection)
            application.commit(1)
            engine.publish(published(1))
            await until(lambda: connection.frames)

    run(test())


def test_who_leaves_while_joining_leaves_nothing_behind_and_the_next_one_hears(
    application: MemoryApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "_LINGER_SECONDS", 0.0)
    broker = Subscriptions()
    reading, read_on = threading.Event(), threading.Event()
    heads = application.heads

    def slow_heads(channels: Sequence[str]) -> dict[str, Head]:
        reading.set()
        read_on.wait(10)
        return heads(channels)

    async def test() -> None:
        async with started(application, broker) as engine:
            monkeypatch.setattr(application, "heads", slow_heads)
            gone = Listener("room:1")
            joining = asyncio.create_task(engine.join(gone))
            await until(reading.is_set)
            engine.leave(gone)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            read_on.set()
            await joining
            assert 0 == len(engine._channels)
            assert [] == broker.channels

            await engine.join(stays := Listener("room:1"))
            assert ["room:1"] == broker.channels
            application.commit(1)
            engine.publish(published(1))
            await until(lambda: stays.frames)

    run(test())


def test_what_is_published_between_reading_the_head_and_hearing_of_it_is_not_lost(
    application: MemoryApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = application.heads

    async def test() -> None:
        async with started(application) as engine:
            loop = asyncio.get_running_loop()

            def heads_then_a_message(channels: Sequence[str]) -> dict[str, Head]:
                found = heads(channels)
                application.commit(1)
                # The hint is on the loop before this answer is.
                asyncio.run_coroutine_threadsafe(_publish(engine), loop).result(5)
                return found

            monkeypatch.setattr(application, "heads", heads_then_a_message)
            await engine.join(connection := Listener("room:1"))
            await until(lambda: connection.frames)

            assert frames(1) == connection.frames

    async def _publish(engine: Engine) -> None:
        engine.publish(published(1))
        await asyncio.sleep(0.01)

    run(test())


# Who is not welcome any more.


def test_a_disconnect_ends_the_connections_of_a_person_whom_the_application_does_not_want(
    application: MemoryApplication,
) -> None:
    async def test() -> None:
        async with started(application, conf=msgspec.structs.replace(CONF, welcome_check_seconds=3_600)) as engine:
            meant, other = Listener("site", user_id=1), Listener("site", user_id=2)
            await engine.join(meant)
            await engine.join(other)
            application.gone |= {1, 2}
            engine.publish(Disconnect(user_id=1))

            await until(lambda: meant.endings)
            assert [[Ending.SIGNED_OUT], []] == [meant.endings, other.endings]

    run(test())


def test_a_disconnect_that_is_forged_or_late_ends_nothing(application: MemoryApplication) -> None:
    async def test() -> None:
        async with started(application) as engine:
            welcome, gone = Listener("site", user_id=1), Listener("site", user_id=2)
            await engine.join(welcome)
            await engine.join(gone)
            engine.publish(Disconnect(user_id=1))
            application.gone.add(2)

            await until(lambda: gone.endings)
            assert [] == welcome.endings

    run(test())


def test_who_is_not_welcome_any_more_is_found_without_being_told(application: MemoryApplication) -> None:
    async def test() -> None:
        async with started(application) as engine:
            meant, other = Listener("site", user_id=1), Listener("site", user_id=2)
            await engine.join(meant)
            await engine.join(other)
            # Asking may fail now and then.
            application.failures = 2
            application.gone.add(1)

            await until(lambda: meant.endings)
            assert Ending.SIGNED_OUT == meant.endings[0]
            assert [] == other.endings

    run(test())


def test_every_connection_is_ticked(application: MemoryApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "_TICK_SECONDS", 0.01)

    async def test() -> None:
        async with started(application) as engine:
            connection = Listener("site")
            await engine.join(connection)

            await until(lambda: len(connection.ticks) > 1)
            assert sorted(connection.ticks) == connection.ticks

    run(test())


# Pace.


def test_a_person_waits_for_a_turn_and_others_do_not(application: MemoryApplication) -> None:
    conf = Conf(application="none", key="k" * 32, sends_per_second=0.001, send_burst=2)

    async def test() -> None:
        engine = Engine(conf=conf, application=application, broker=MemoryBroker())
        for user_id in (1, 1, 1, 2):
            engine.senders.added(user_id, 0)
        await engine.pace(1)
        await engine.pace(1)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(engine.pace(1), 0.05)
        await asyncio.wait_for(engine.pace(2), 1)

        # Nobody waits when the process is about to end.
        engine.is_draining = True
        await asyncio.wait_for(engine.pace(1), 1)

    run(test())


def test_an_engine_that_stops_waits_for_what_clients_have_asked_for(application: MemoryApplication) -> None:
    done: list[str] = []

    async def command(engine: Engine) -> None:
        await engine.pool.run(lambda: None)
        done.append("done")

    async def test() -> None:
        engine = Engine(conf=CONF, application=application, broker=MemoryBroker())
        await engine.start()
        engine.unfinished.add(asyncio.create_task(command(engine)))
        await engine.stop()

        assert ["done"] == done

    run(test())


def test_the_broker_follows_from_the_settings() -> None:
    assert isinstance(broker_from(Conf(application="", key="k" * 32)), MemoryBroker)
    assert isinstance(broker_from(Conf(application="", key="k" * 32, redis_url="redis://127.0.0.1:1")), RedisBroker)


def test_an_engine_that_stops_leaves_no_task_behind(application: MemoryApplication) -> None:
    async def test() -> None:
        before = asyncio.all_tasks()
        async with started(application) as engine:
            await engine.join(Listener("room:1"))
            engine.publish(published(9))
        await until(lambda: asyncio.all_tasks() == before, seconds=2)

    run(test())
