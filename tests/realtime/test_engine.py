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
from teahouse.realtime.application import Admission, Head, Publication
from teahouse.realtime.broker.base import Broker, Ended, Hint
from teahouse.realtime.broker.memory import MemoryBroker
from teahouse.realtime.broker.redis import RedisBroker
from teahouse.realtime.conf import Conf
from teahouse.realtime.encoding import Item, NativeEncoding
from teahouse.realtime.engine import Engine
from teahouse.realtime.namespaces import Namespace
from teahouse.realtime.parts import Parts, parts_from
from teahouse.realtime.passes import Batch
from teahouse.realtime.presence.memory import MemoryPresence
from teahouse.realtime.presence.redis import RedisPresence
from teahouse.realtime.store.memory import MemoryStore
from teahouse.realtime.store.redis import RedisStore
from teahouse.realtime.wire.centrifuge.codec import JSON
from teahouse.realtime.wire.centrifuge.protobuf import PROTOBUF
from teahouse.realtime.wire.codes import Ending
from tests.realtime.fakes import Listener, MemoryApplication, published, until

CONF = Conf(
    application="none",
    key="k" * 32,
    pool_threads=2,
    max_connections_per_user=2,
    welcome_check_seconds=0.02,
    namespaces={"": Namespace(kind="logged")} | {name: Namespace(kind="logged") for name in ("room", "user", "site")},
)


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

    async def start(self, node: str, receive: Callable[[Hint], None], reconnected: Callable[[], None]) -> None:
        await super().start(node, receive, reconnected)
        self.say_reconnected = reconnected

    async def subscribe(self, channel: str) -> None:
        self.channels.append(channel)

    def unsubscribe(self, channel: str) -> None:
        self.channels.remove(channel)


def parts(broker: Broker | None = None) -> Parts:
    return Parts(broker=broker or MemoryBroker(), store=MemoryStore(), presence=MemoryPresence())


@contextlib.asynccontextmanager
async def started(
    application: MemoryApplication, broker: MemoryBroker | None = None, *, conf: Conf = CONF
) -> AsyncIterator[Engine]:
    engine = Engine(conf=conf, application=application, parts=parts(broker))
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
    monkeypatch.setattr(engine_module, "_LINGER_SECONDS", 0)
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
    monkeypatch.setattr(engine_module, "_LINGER_SECONDS", 0)

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


def test_what_cannot_be_encoded_is_left_out_and_nothing_else() -> None:
    bad = Publication(channel="room:1", offset=1, epoch="e1", data=b"1", tags={"name": "\ud800"})
    for encoding in (NativeEncoding(JSON), NativeEncoding(PROTOBUF)):
        batch = Batch[Item]([bad, msgspec.structs.replace(bad, tags=None)])
        assert 1 == len(batch.messages(encoding))


def test_a_connection_whose_turn_fails_keeps_no_heartbeat_from_others(
    application: MemoryApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "_TICK_SECONDS", 0.01)

    class Failing(Listener):
        def tick(self, now: float) -> None:
            super().tick(now)
            raise ValueError

    async def test() -> None:
        async with started(application) as engine:
            failing, well = Failing(), Listener()
            for connection in (failing, well):
                engine.enter(connection)
            await until(lambda: len(failing.ticks) > 2 and len(well.ticks) > 2, seconds=3)

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
                await engine.join_all(connection)
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
            await engine.join_all(connection)
            application.commit(1)

            await until(lambda: connection.frames)
            assert not engine.is_broker_up()

    run(test())


def test_a_broker_that_is_back_makes_it_come_at_once(application: MemoryApplication) -> None:
    broker = Subscriptions()

    async def test() -> None:
        async with started(application, broker) as engine:
            connection = Listener("room:1")
            await engine.join_all(connection)
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
            await engine.join_all(connection)
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
            await asyncio.gather(engine.join_all(first), engine.join_all(second))
            assert ["room:1"] == broker.channels

            engine.exit(first)
            engine.exit(second)
            assert ["room:1"] == broker.channels
            await until(lambda: not broker.channels)
            assert 0 == len(engine.channels)

            await engine.join_all(third := Listener("room:1"))
            application.commit(1)
            engine.announce(published(1))
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
            await engine.join_all(first)
            engine.exit(first)
            await engine.join_all(second)
            # What comes after the moment proves that it has passed.
            asyncio.get_running_loop().call_later(0.1, application.commit, 1)
            await until(lambda: "room:1" in application.history)

            assert ["room:1", "later"] == broker.channels
            engine.announce(published(1))
            await until(lambda: second.frames)

    run(test())


def test_leaving_twice_or_without_having_joined_is_harmless(application: MemoryApplication) -> None:
    async def test() -> None:
        async with started(application) as engine:
            first, second = Listener("room:1"), Listener("room:1")
            engine.exit(first)
            await engine.join_all(first)
            await engine.join_all(second)
            engine.exit(first)
            engine.exit(first)

            # The second one still counts and still hears.
            await engine.join_all(Listener("room:1"))
            assert not engine.has_room_for("1")
            application.commit(1)
            engine.announce(published(1))
            await until(lambda: second.frames)
            assert [] == first.frames

    run(test())


def test_each_person_has_room_for_so_many_connections(application: MemoryApplication) -> None:
    async def test() -> None:
        async with started(application) as engine:
            connections = [Listener("room:1", user="1") for _ in range(2)]
            assert engine.has_room_for("1")
            for connection in connections:
                await engine.join_all(connection)

            assert not engine.has_room_for("1")
            assert engine.has_room_for("2")
            engine.exit(connections[0])
            assert engine.has_room_for("1")
            engine.exit(connections[1])
            assert 0 == engine.hub.users_count()

    run(test())


def test_who_could_not_join_because_the_history_was_away_may_leave_and_come_again(
    application: MemoryApplication,
) -> None:
    async def test() -> None:
        async with started(application) as engine:
            connection = Listener("room:1")
            application.failures = 1
            with pytest.raises(ConnectionError):
                await engine.join_all(connection)
            engine.exit(connection)
            assert 0 == engine.hub.users_count()

            await engine.join_all(connection)
            application.commit(1)
            engine.announce(published(1))
            await until(lambda: connection.frames)

    run(test())


def test_who_leaves_while_joining_leaves_nothing_behind_and_the_next_one_hears(
    application: MemoryApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "_LINGER_SECONDS", 0.0)
    monkeypatch.setattr(channels_module, "_UNUSED_SECONDS", 0.05)
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
            joining = asyncio.create_task(engine.join_all(gone))
            await until(reading.is_set)
            engine.exit(gone)
            read_on.set()
            await joining
            await until(lambda: not len(engine.channels))
            assert [] == broker.channels
            assert [] == engine.hub.all_listeners_of("room:1")

            await engine.join_all(stays := Listener("room:1"))
            assert ["room:1"] == broker.channels
            application.commit(1)
            engine.announce(published(1))
            await until(lambda: stays.frames)

    run(test())


def test_people_on_the_classic_door_are_present_too(application: MemoryApplication) -> None:
    conf = msgspec.structs.replace(
        CONF, namespaces={**CONF.namespaces, "seen": Namespace(presence=True)}, max_connections_per_user=9
    )

    async def test() -> None:
        async with started(application, conf=conf) as engine:
            first, second = Listener("seen:1", "room:1", user="7"), Listener("seen:1", user="7")
            await engine.join_all(first)
            await engine.join_all(second)
            assert (2, 1) == await engine.presence.stats("seen:1")
            assert (0, 0) == await engine.presence.stats("room:1")
            engine.exit(first)
            engine.exit(first)
            assert (1, 1) == await engine.presence.stats("seen:1")
            engine.exit(second)
            assert {} == await engine.presence.present("seen:1")

    run(test())


# Who is not welcome any more.


def test_a_disconnect_ends_the_connections_of_a_person_whom_the_application_does_not_want(
    application: MemoryApplication,
) -> None:
    async def test() -> None:
        async with started(application, conf=msgspec.structs.replace(CONF, welcome_check_seconds=3_600)) as engine:
            meant, other = Listener("site", user="1"), Listener("site", user="2")
            await engine.join_all(meant)
            await engine.join_all(other)
            application.gone |= {"1", "2"}
            engine.announce(Ended(user="1"))

            await until(lambda: meant.endings)
            assert [[Ending.SIGNED_OUT], []] == [meant.endings, other.endings]

    run(test())


def test_a_disconnect_that_is_forged_or_late_ends_nothing(application: MemoryApplication) -> None:
    async def test() -> None:
        async with started(application) as engine:
            welcome, gone = Listener("site", user="1"), Listener("site", user="2")
            await engine.join_all(welcome)
            await engine.join_all(gone)
            engine.announce(Ended(user="1"))
            application.gone.add("2")

            await until(lambda: gone.endings)
            assert [] == welcome.endings

    run(test())


def test_who_is_not_welcome_any_more_is_found_without_being_told(application: MemoryApplication) -> None:
    async def test() -> None:
        async with started(application) as engine:
            meant, other = Listener("site", user="1"), Listener("site", user="2")
            await engine.join_all(meant)
            await engine.join_all(other)
            # Asking may fail now and then.
            application.failures = 2
            application.gone.add("1")

            await until(lambda: meant.endings)
            assert Ending.SIGNED_OUT == meant.endings[0]
            assert [] == other.endings

    run(test())


def test_one_of_whom_nothing_can_be_asked_keeps_nobody_from_being_asked(
    application: MemoryApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = application.ended

    def picky(admissions: Sequence[Admission]) -> list[Admission]:
        if any(admission.user == "odd" for admission in admissions):
            raise ValueError("a string literal cannot contain NUL")
        return ended(admissions)

    monkeypatch.setattr(application, "ended", picky)

    async def test() -> None:
        async with started(application) as engine:
            listeners = {user: Listener("site", user=user) for user in ("1", "2", "odd", "3")}
            for listener in listeners.values():
                await engine.join_all(listener)
            application.gone |= {"1", "3"}

            await until(lambda: listeners["1"].endings and listeners["3"].endings)
            assert [] == listeners["2"].endings == listeners["odd"].endings

    run(test())


def test_every_connection_is_ticked(application: MemoryApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "_TICK_SECONDS", 0.01)

    async def test() -> None:
        async with started(application) as engine:
            connection = Listener("site")
            await engine.join_all(connection)

            await until(lambda: len(connection.ticks) > 1)
            assert sorted(connection.ticks) == connection.ticks

    run(test())


# Pace.


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


def test_what_is_shared_with_other_processes_follows_from_the_settings() -> None:
    alone = parts_from(Conf(application="", key="k" * 32))
    assert isinstance(alone.broker, MemoryBroker)
    assert isinstance(alone.store, MemoryStore)
    assert isinstance(alone.presence, MemoryPresence)
    shared = parts_from(Conf(application="", key="k" * 32, redis_url="redis://127.0.0.1:1"))
    assert isinstance(shared.broker, RedisBroker)
    assert isinstance(shared.store, RedisStore)
    assert isinstance(shared.presence, RedisPresence)


def test_an_engine_that_stops_leaves_no_task_behind(application: MemoryApplication) -> None:
    async def test() -> None:
        before = asyncio.all_tasks()
        async with started(application) as engine:
            await engine.join_all(Listener("room:1"))
            engine.announce(published(9))
        await until(lambda: asyncio.all_tasks() == before, seconds=2)

    run(test())
