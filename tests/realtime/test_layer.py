"""
The Channels layer as Channels' own tests ask of a layer, in memory and between the engines of two processes on one real
Redis. With consumers in real servers it is in `tests/live/test_layer.py`.
"""

import asyncio
import contextlib
import enum
import json
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.exceptions import ChannelFull, MessageTooLarge
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from teahouse.realtime.application import ClientInfo, Publication
from teahouse.realtime.broker.base import Seal
from teahouse.realtime.broker.memory import MemoryBroker
from teahouse.realtime.broker.redis import RedisBroker
from teahouse.realtime.conf import Conf
from teahouse.realtime.engine import Engine
from teahouse.realtime.joining import Budget
from teahouse.realtime.layer import TeahouseLayer
from teahouse.realtime.layer_boxes import Boxes
from teahouse.realtime.layer_desk import Desk
from teahouse.realtime.layer_events import decoded, encoded
from teahouse.realtime.metrics import layer_dropped
from teahouse.realtime.namespaces import Namespace
from tests.realtime.fakes import Listener, engine_with, until

CONF = Conf(application="", key="k" * 32, namespaces={"group": Namespace()})


class _Layer(TeahouseLayer):
    """Of one process among several in this one."""

    def __init__(self, engine: Engine, **config: Any) -> None:
        super().__init__(**config)
        self.engine = engine

    def _engine(self) -> Engine:
        return self.engine


Layers = Callable[..., contextlib.AbstractAsyncContextManager[list[_Layer]]]


@pytest.fixture(params=["memory", "redis"])
def layers(request: pytest.FixtureRequest) -> Layers:
    """One process in memory, where both layers are the same; two processes with Redis."""
    redis_url = request.getfixturevalue("redis_url") if request.param == "redis" else None
    prefix = f"test:{os.getpid()}:{request.node.name}"

    @contextlib.asynccontextmanager
    async def two(*, conf: Conf = CONF, **config: Any) -> AsyncIterator[list[_Layer]]:
        brokers: list[Any] = (
            [MemoryBroker()]
            if redis_url is None
            else [RedisBroker(redis_url, prefix=prefix, seal=Seal(b"k" * 32)) for _ in range(2)]
        )
        engines = [engine_with(broker, conf=conf) for broker in brokers]
        for engine in engines:
            await engine.start()
        try:
            found = [_Layer(engine, **config) for engine in engines]
            yield found if len(found) == 2 else found * 2
        finally:
            for engine in engines:
                await engine.stop()

    return two


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 30))


def event(text: object = "hello") -> dict[str, Any]:
    return {"type": "test.message", "text": text}


async def texts(layer: TeahouseLayer, channel: str, count: int) -> list[object]:
    return [(await asyncio.wait_for(layer.receive(channel), 5))["text"] for _ in range(count)]


async def is_empty(layer: TeahouseLayer, channel: str) -> None:
    """Nothing waits there: what is sent now comes first."""
    await layer.send(channel, event("the end"))
    assert ["the end"] == await texts(layer, channel, 1)


# Channels.


def test_a_channel_of_one_process_is_written_to_from_all(layers: Layers) -> None:
    async def test() -> None:
        async with layers() as (here, there):
            channel = await here.new_channel()
            for number in range(50):
                await there.send(channel, event(number))

            assert list(range(50)) == await texts(here, channel, 50)
            await here.send(channel, event("own"))
            assert ["own"] == await texts(here, channel, 1)

    run(test())


def test_names_are_new_each_time_and_good_ones(layers: Layers) -> None:
    async def test() -> None:
        async with layers() as (here, there):
            names = {await layer.new_channel(prefix) for layer in (here, there) for prefix in ("specific", "a.b-c")}

            assert 4 == len(names)
            for name in names:
                assert here.require_valid_channel_name(name)

    run(test())


def test_a_channel_that_any_process_may_read(layers: Layers) -> None:
    async def test() -> None:
        async with layers() as (here, there):
            reading = asyncio.create_task(here.receive("worker"))
            # Between processes what is sent before anybody reads is lost.
            while not reading.done():
                await there.send("worker", event())
                await asyncio.sleep(0)
            assert event() == await reading

    run(test())


def test_another_processs_channel_is_not_read_here() -> None:
    async def test() -> None:
        async with _alone() as layer:
            for name in ("specific.another!abc", "another!"):
                with pytest.raises(ValueError, match="another process"):
                    await layer.receive(name)

    run(test())


def test_in_a_lone_process_what_is_sent_waits_for_its_reader() -> None:
    async def test() -> None:
        async with _alone() as layer:
            await layer.send("worker", event(1))
            await layer.send("worker", event(2))

            assert [1, 2] == await texts(layer, "worker", 2)

    run(test())


def test_a_full_channel_refuses() -> None:
    async def test() -> None:
        async with _alone(capacity=3, channel_capacity={"wide.*": 5}) as layer:
            channel, wide = await layer.new_channel(), await layer.new_channel("wide")
            for number in range(3):
                await layer.send(channel, event(number))
            for _ in range(5):
                await layer.send(wide, event())
            for name in (channel, wide):
                with pytest.raises(ChannelFull):
                    await layer.send(name, event())
            assert [0, 1, 2] == await texts(layer, channel, 3)
            await layer.send(channel, event(3))
            assert [3] == await texts(layer, channel, 1)

    run(test())


def test_what_comes_from_another_process_into_a_full_channel_is_dropped_and_counted(redis_url: str) -> None:
    async def test() -> None:
        async with _two_on(redis_url, capacity=2) as (here, there):
            before = layer_dropped.labels("full")._value.get()
            channel = await here.new_channel()
            for number in range(5):
                await there.send(channel, event(number))
            await until(lambda: layer_dropped.labels("full")._value.get() == before + 3)

            assert [0, 1] == await texts(here, channel, 2)

    run(test())


def test_of_two_readers_each_gets_its_own_and_none_is_lost_to_one_that_leaves() -> None:
    async def test() -> None:
        async with _alone() as layer:
            channel = await layer.new_channel()
            first, second = (asyncio.create_task(layer.receive(channel)) for _ in range(2))
            await asyncio.sleep(0)
            await layer.send(channel, event(1))
            await layer.send(channel, event(2))
            assert {1, 2} == {(await first)["text"], (await second)["text"]}

            # Cancelled in the very moment in which something has come for it.
            leaves, stays = (asyncio.create_task(layer.receive(channel)) for _ in range(2))
            await asyncio.sleep(0)
            await layer.send(channel, event(3))
            leaves.cancel()
            assert 3 == (await stays)["text"]
            assert leaves.cancelled() or 3 != leaves.result()["text"]

    run(test())


@pytest.mark.parametrize(
    "name", ["", "¯\\_(ツ)_/¯", "chat room", "a" * 101, "two!marks!", "room:1", None, b"bytes"], ids=repr
)
def test_what_is_no_name_is_refused(name: Any) -> None:
    async def test() -> None:
        async with _alone() as layer:
            channel = await layer.new_channel()
            for attempt in (
                lambda: layer.send(name, event()),
                lambda: layer.receive(name),
                lambda: layer.group_add(name, channel),
                lambda: layer.group_add("good", name),
                lambda: layer.group_discard(name, channel),
                lambda: layer.group_send(name, event()),
            ):
                with pytest.raises(TypeError):
                    await attempt()

    run(test())


# Groups.


def test_a_group_reaches_its_members_in_every_process(layers: Layers) -> None:
    async def test() -> None:
        async with layers() as (here, there):
            first, second, third = await here.new_channel(), await there.new_channel(), await there.new_channel()
            await here.group_add("g", first)
            await there.group_add("g", second)
            await there.group_add("g", third)
            await here.group_send("g", event(1))
            for layer, channel in ((here, first), (there, second), (there, third)):
                assert [1] == await texts(layer, channel, 1)

            await there.group_discard("g", second)
            await there.group_send("g", event(2))
            assert [2] == await texts(here, first, 1)
            assert [2] == await texts(there, third, 1)
            await is_empty(there, second)

    run(test())


def test_the_events_of_a_group_stay_in_their_order(layers: Layers) -> None:
    async def test() -> None:
        async with layers(capacity=1_000) as (here, there):
            members = [(layer, await layer.new_channel()) for layer in (here, there, there)]
            for layer, channel in members:
                await layer.group_add("g", channel)
            for number in range(300):
                await (here if number % 2 else there).group_send("g", event(number))

            for layer, channel in members:
                assert list(range(300)) == await texts(layer, channel, 300)

    run(test())


def test_groups_of_similar_names_are_apart(layers: Layers) -> None:
    async def test() -> None:
        async with layers() as (here, there):
            one, ten = await here.new_channel(), await here.new_channel()
            await here.group_add("test_1", one)
            await here.group_add("test_10", ten)
            await there.group_send("test_1", event(1))
            await there.group_send("test_10", event(10))

            assert [1] == await texts(here, one, 1)
            assert [10] == await texts(here, ten, 1)
            await is_empty(here, one)

    run(test())


def test_joining_twice_is_joining_once_and_leaving_what_one_is_not_in_is_nothing(layers: Layers) -> None:
    async def test() -> None:
        async with layers() as (here, _):
            channel = await here.new_channel()
            await here.group_discard("g", channel)
            await asyncio.gather(*(here.group_add("g", channel) for _ in range(5)))
            await here.group_send("g", event(1))
            assert [1] == await texts(here, channel, 1)
            await here.group_discard("g", channel)
            await here.group_add("g", channel)
            await here.group_send("g", event(2))
            assert [2] == await texts(here, channel, 1)
            await is_empty(here, channel)

    run(test())


def test_a_channel_of_another_process_joins_and_leaves_in_that_order(layers: Layers) -> None:
    async def test() -> None:
        async with layers() as (here, there):
            joins, leaves = await here.new_channel(), await here.new_channel()
            await there.group_add("g", joins)
            await there.group_add("g", leaves)
            await there.group_discard("g", leaves)

            reading = asyncio.create_task(here.receive(joins))
            # In the other process it begins a moment later.
            while not reading.done():
                await there.group_send("g", event())
                await asyncio.sleep(0)
            await is_empty(here, leaves)

    run(test())


def test_a_member_that_is_full_keeps_nothing_from_the_others(layers: Layers) -> None:
    async def test() -> None:
        async with layers(capacity=2) as (here, there):
            full, other = await here.new_channel(), await here.new_channel()
            await here.group_add("g", full)
            await here.group_add("g", other)
            for number in range(5):
                await there.group_send("g", event(number))
                assert [number] == await texts(here, other, 1)

            assert [0, 1] == await texts(here, full, 2)
            await is_empty(here, full)

    run(test())


def test_a_group_without_members_is_listened_to_no_more(layers: Layers) -> None:
    async def test() -> None:
        async with layers() as (here, _):
            channel = await here.new_channel()
            await here.group_add("g", channel)
            assert here.engine.hub.has_listeners("group:g")
            await here.group_discard("g", channel)
            assert not here.engine.hub.has_listeners("group:g")
            await until(lambda: not here.engine.channels.listens_to("group:g"))

    run(test())


def test_a_flush_empties_channels_and_groups(layers: Layers) -> None:
    async def test() -> None:
        async with layers() as (here, _):
            channel = await here.new_channel()
            await here.group_add("g", channel)
            await here.send(channel, event(1))
            await here.flush()
            await here.group_send("g", event(2))

            await is_empty(here, channel)
            assert set() == here.engine.hub.channel_names()

    run(test())


def test_two_layers_of_one_process_keep_to_themselves(layers: Layers) -> None:
    async def test() -> None:
        async with layers() as (here, there):
            beside = _Layer(here.engine)
            own, others = await here.new_channel(), await beside.new_channel()
            await there.send(own, event("own"))
            await there.send(others, event("beside"))

            assert ["own"] == await texts(here, own, 1)
            assert ["beside"] == await texts(beside, others, 1)

    run(test())


# Native clients.


async def _native_in(engine: Engine, channel: str) -> Listener:
    listener = Listener(channel)
    await engine.joining.join(listener, channel, None, Budget(publications=0, total_bytes=0))
    return listener


def test_native_clients_hear_a_group_as_json(layers: Layers) -> None:
    async def test() -> None:
        async with layers() as (here, there):
            native = await _native_in(there.engine, "group:news")
            await here.group_send("news", {"type": "news.posted", "title": "早", "icon": b"\x00\xff", "price": 1.0})
            await until(lambda: native.frames)

            assert {"type": "news.posted", "title": "早", "icon": {"$bytes": "AP8="}, "price": 1.0} == json.loads(
                native.frames[0]
            )

    run(test())


def test_consumers_hear_what_the_server_publishes_there_and_never_what_clients_do(layers: Layers) -> None:
    async def test() -> None:
        async with layers() as (here, there):
            channel = await here.new_channel()
            await here.group_add("g", channel)
            by_client = Publication(
                channel="group:g", data=json.dumps(event("forged")).encode(), publisher=ClientInfo("1", "c")
            )
            await there.engine.publish(by_client)
            for data in (b'{"text": "no type"}', b'{"type": 1}', b"[]", b"1"):
                await there.engine.publish(Publication(channel="group:g", data=data))
            await there.engine.publish(Publication(channel="group:g", data=b'{"type": "a", "text": "ours"}'))

            assert ["ours"] == await texts(here, channel, 1)

    run(test())


@pytest.mark.parametrize(
    "namespaces", [{"": Namespace()}, {"group": Namespace(kind="kept")}], ids=["no namespace", "kept"]
)
def test_a_group_is_heard_whatever_its_namespace(layers: Layers, namespaces: dict[str, Namespace]) -> None:
    async def test() -> None:
        async with layers(conf=Conf(application="", key="k" * 32, namespaces=namespaces)) as (here, _):
            channel = await here.new_channel()
            await here.group_add("g", channel)
            for number in range(20):
                await here.group_send("g", event(number))

            assert list(range(20)) == await texts(here, channel, 20)

    run(test())


# Threads and loops.


def test_other_threads_and_their_loops_use_it_too(layers: Layers) -> None:
    async def test() -> None:
        async with layers() as (here, there):
            channel = await here.new_channel()

            def view() -> str:
                mine: str = async_to_sync(there.new_channel)()
                for name in (channel, mine):
                    async_to_sync((here if name == channel else there).group_add)("g", name)
                async_to_sync(there.group_send)("g", event(1))
                async_to_sync(there.send)(channel, event(2))
                assert 1 == async_to_sync(there.receive)(mine)["text"]
                async_to_sync(there.group_discard)("g", mine)
                return mine

            # Without the loop of this one, as in a thread of a WSGI server.
            await asyncio.get_running_loop().run_in_executor(None, view)
            assert {1, 2} == set(await texts(here, channel, 2))

    run(test())


def test_a_reader_in_another_loop_may_give_up() -> None:
    async def test() -> None:
        async with _alone() as layer:
            channel = await layer.new_channel()

            async def give_up() -> None:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(layer.receive(channel), 0.01)

            await asyncio.to_thread(lambda: asyncio.run(give_up()))
            await layer.send(channel, event())
            assert ["hello"] == await texts(layer, channel, 1)

    run(test())


# What an event may hold.


class _Color(enum.StrEnum):
    RED = "red"


class _Level(enum.IntEnum):
    HIGH = 3


@pytest.mark.parametrize(
    ("sent", "received"),
    [
        pytest.param(b"\x00\xff", b"\x00\xff", id="bytes"),
        pytest.param([b"a", {"b": [b"c"]}], [b"a", {"b": [b"c"]}], id="bytes inside"),
        pytest.param(bytearray(b"a"), b"a", id="bytearray"),
        pytest.param((1, (2,)), [1, [2]], id="tuples are lists"),
        pytest.param(2**63 - 1, 2**63 - 1, id="a large integer"),
        pytest.param(-(2**63), -(2**63), id="a small integer"),
        pytest.param(0.1, 0.1, id="a float"),
        pytest.param(float("-inf"), float("-inf"), id="infinity"),
        pytest.param(None, None, id="nothing"),
        pytest.param(True, True, id="a boolean"),
        pytest.param("\x00\ud7ff早\n", "\x00\ud7ff早\n", id="text"),
        pytest.param({"$bytes": "AA=="}, {"$bytes": "AA=="}, id="a dict like one of ours"),
        pytest.param({"$$bytes": {"$float": 1}}, {"$$bytes": {"$float": 1}}, id="and one like those"),
        pytest.param({"$bytes": 1, "a": 2}, {"$bytes": 1, "a": 2}, id="a dict with more in it"),
        pytest.param(_Color.RED, "red", id="an enumeration of texts"),
        pytest.param(_Level.HIGH, 3, id="an enumeration of numbers"),
        pytest.param(mark_safe("<b>"), "<b>", id="safe text"),
        pytest.param(gettext_lazy("Sunday"), "Sunday", id="lazy text"),
    ],
)
def test_what_an_event_holds_comes_back(sent: object, received: object) -> None:
    back = decoded(encoded(event(sent)))["text"]

    assert received == back
    assert type(received) is type(back)


_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["$bytes", "$$float", "$float"]), inner)
    ),
)


@given(_values)
def test_any_event_comes_back_as_it_was(value: object) -> None:
    assert event(value) == decoded(encoded(event(value)))


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param([], id="a list"),
        pytest.param({"text": 1}, id="no type"),
        pytest.param({"type": 1}, id="a type that is no text"),
        pytest.param({"type": "a", "o": object()}, id="an object"),
        pytest.param({"type": "a", "o": {1, 2}}, id="a set"),
        pytest.param({"type": "a", "o": {1: 2}}, id="a key that is no text"),
    ],
)
def test_what_is_no_event_is_not_sent(wrong: Any) -> None:
    async def test() -> None:
        async with _alone() as layer:
            for attempt in (lambda: layer.send("worker", wrong), lambda: layer.group_send("g", wrong)):
                with pytest.raises(TypeError):
                    await attempt()

    run(test())


def test_a_mebibyte_passes_and_more_than_two_do_not(layers: Layers) -> None:
    async def test() -> None:
        async with layers() as (here, there):
            channel = await here.new_channel()
            await there.send(channel, event("x" * 1_048_576))
            assert 1_048_576 == len((await here.receive(channel))["text"])
            for attempt in (there.send, there.group_send):
                with pytest.raises(MessageTooLarge):
                    await attempt("g", event("x" * 2_097_152))

    run(test())


def test_what_is_received_is_nobody_elses() -> None:
    async def test() -> None:
        async with _alone() as layer:
            first, second = await layer.new_channel(), await layer.new_channel()
            await layer.group_add("g", first)
            await layer.group_add("g", second)
            sent = event([1])
            await layer.group_send("g", sent)
            (await layer.receive(first))["text"].append(2)
            sent["text"].append(3)

            assert [1] == (await layer.receive(second))["text"]

    run(test())


# Time.


class _Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def _boxes(clock: _Clock, capacity: int = 3) -> Boxes:
    return Boxes(capacity_of=lambda _: capacity, expiry_seconds=60, clock=clock)


def test_an_event_that_is_not_read_in_time_is_not_read_at_all() -> None:
    async def test() -> None:
        clock = _Clock()
        boxes = _boxes(clock)
        boxes.put("a", b"old")
        clock.now += 30
        boxes.put("a", b"young")
        clock.now += 30

        assert b"young" == await boxes.take("a")
        assert {"a": 1} == boxes.expired()
        assert {} == boxes.expired()

    run(test())


def test_what_has_expired_takes_no_place() -> None:
    clock = _Clock()
    boxes = _boxes(clock)
    assert [True, True, True, False] == [boxes.put("a", b"old") for _ in range(4)]
    clock.now += 60
    assert boxes.put("a", b"young")
    assert {"a": 3} == boxes.expired()


def test_a_box_is_there_only_while_something_or_somebody_waits_in_it() -> None:
    async def test() -> None:
        clock = _Clock()
        boxes = _boxes(clock)
        for number in range(100):
            boxes.put(f"nobody's {number}", b"x")
        reading = asyncio.create_task(boxes.take("a"))
        await asyncio.sleep(0)
        assert 101 == len(boxes)
        assert boxes.is_read("a")
        clock.now += 60
        boxes.expired()
        assert 1 == len(boxes)
        boxes.put("a", b"x")
        await reading
        assert 0 == len(boxes)
        gone = asyncio.create_task(boxes.take("a"))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.wait([gone])
        assert 0 == len(boxes)

    run(test())


@contextlib.asynccontextmanager
async def _desk(monkeypatch: pytest.MonkeyPatch, clock: _Clock) -> AsyncIterator[tuple[Engine, Desk]]:
    monkeypatch.setattr("teahouse.realtime.layer_desk._SWEEP_SECONDS", 0.01)
    engine = engine_with(MemoryBroker(), conf=CONF)
    await engine.start()
    try:
        yield (
            engine,
            Desk(engine, capacity_of=lambda _: 3, expiry_seconds=60, group_expiry_seconds=86_400, clock=clock),
        )
    finally:
        await engine.stop()


def test_a_member_that_reads_nothing_for_long_is_taken_for_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        clock = _Clock()
        async with _desk(monkeypatch, clock) as (engine, desk):
            gone, slow = desk.new_channel("a"), desk.new_channel("a")
            await desk.group_add("g", gone)
            await desk.group_add("h", slow)
            expired = layer_dropped.labels("expired")._value
            for number in range(12):
                before = expired.get()
                await desk.group_send("g", encoded(event()))
                await desk.group_send("h", encoded(event()))
                if number == 5:
                    # What has expired meanwhile is lost to it, and it is still there.
                    await desk.receive(slow)
                await until(lambda: len(desk))
                clock.now += 60
                await until(lambda before=before: expired.get() > before)  # type: ignore[misc]
            await until(lambda: not engine.hub.has_listeners("group:g"))
            assert engine.hub.has_listeners("group:h")

    run(test())


def test_a_membership_that_nobody_renews_ends_after_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        clock = _Clock()
        async with _desk(monkeypatch, clock) as (engine, desk):
            renewed, forgotten = desk.new_channel("a"), desk.new_channel("a")
            for channel, group in ((renewed, "g"), (forgotten, "g"), (forgotten, "h")):
                await desk.group_add(group, channel)
            clock.now += 86_000
            await desk.group_add("g", renewed)
            clock.now += 1_000
            await until(lambda: not engine.hub.has_listeners("group:h"))
            await desk.group_send("g", encoded(event()))

            assert event() == decoded(await desk.receive(renewed))
            await desk.send(forgotten, encoded(event("the end")))
            assert event("the end") == decoded(await desk.receive(forgotten))

    run(test())


def test_a_channel_of_anybodys_is_let_go_when_nobody_reads_there(
    monkeypatch: pytest.MonkeyPatch, redis_url: str
) -> None:
    monkeypatch.setattr("teahouse.realtime.layer_desk._SWEEP_SECONDS", 0.01)

    async def test() -> None:
        async with _two_on(redis_url, expiry=0.05) as (here, _):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(here.receive("worker"), 0.2)
            await until(lambda: not here.engine.hub.channel_names())

    run(test())


# Engines.


@contextlib.asynccontextmanager
async def _alone(**config: Any) -> AsyncIterator[_Layer]:
    engine = engine_with(MemoryBroker(), conf=CONF)
    await engine.start()
    try:
        yield _Layer(engine, **config)
    finally:
        await engine.stop()


@contextlib.asynccontextmanager
async def _two_on(redis_url: str, **config: Any) -> AsyncIterator[list[_Layer]]:
    prefix = f"test:{os.getpid()}:{id(config)}"
    engines = [engine_with(RedisBroker(redis_url, prefix=prefix, seal=Seal(b"k" * 32)), conf=CONF) for _ in range(2)]
    for engine in engines:
        await engine.start()
    try:
        yield [_Layer(engine, **config) for engine in engines]
    finally:
        for engine in engines:
            await engine.stop()
