"""What is wanted of connections is done once, to each of them."""

import asyncio
import time
from typing import Any, cast

import msgspec

from teahouse.realtime.broker.base import DoRefresh, DoSubscribe, Order, Target
from teahouse.realtime.broker.memory import MemoryBroker
from teahouse.realtime.conf import Conf
from teahouse.realtime.engine import Engine
from teahouse.realtime.namespaces import Namespace
from teahouse.realtime.native.connection import Native
from teahouse.realtime.orders import Obeyed, obey
from teahouse.realtime.wire.centrifuge.codec import JSON
from tests.realtime.fakes import Listener, MemoryApplication, admission, engine_with, until

CONF = Conf(application="none", key="k" * 32, namespaces={"room": Namespace(kind="logged")})


def order(number: int, *, at: float = 0, do: DoRefresh | DoSubscribe | None = None) -> Order:
    return Order(id=str(number), at=at, target=Target(user="1"), do=do or DoRefresh())


def test_an_order_is_obeyed_once_and_not_when_it_is_old() -> None:
    obeyed = Obeyed()
    assert obeyed.is_new(order(1), 0)
    assert not obeyed.is_new(order(1), 29)
    assert not obeyed.is_new(order(2), 31)
    assert not obeyed.is_new(order(1), 61)


def test_thousands_of_orders_do_not_make_the_next_one_slow() -> None:
    obeyed = Obeyed()
    began = time.perf_counter()
    assert all(obeyed.is_new(order(number), 0) for number in range(10_000))
    assert 1 > time.perf_counter() - began

    assert obeyed.is_new(order(-1, at=61), 61)
    assert 1 == len(obeyed._seen)


class Wire(Listener):
    """A connection of which only what is sent is looked at."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.payloads: list[bytes] = []
        self.admission = admission("1")
        self.native = Native(engine, cast(Any, self), JSON)

    def channels(self) -> list[str]:
        return self.native.channels()

    def send(self, payload: bytes) -> None:
        self.payloads.append(payload)

    def go_on(self) -> None:
        pass


def test_a_connection_that_cannot_be_subscribed_keeps_no_other_from_it() -> None:
    application = MemoryApplication()
    engine = engine_with(MemoryBroker(), conf=CONF, application=application)

    async def test() -> list[int]:
        await engine.start()
        wires = [Wire(engine) for _ in range(3)]
        for wire in wires:
            engine.enter(wire)
            engine.identify(wire, "1")
            wire.native.session.connected(time.monotonic())
        application.failures = 1
        await obey(engine, order(1, at=time.time(), do=DoSubscribe(channel="room:1")))
        counts = sorted(len(wire.native.subscriptions) for wire in wires)
        await engine.stop()
        return counts

    assert [0, 1, 1] == asyncio.run(asyncio.wait_for(test(), 20))


def test_what_is_ordered_while_somebody_connects_is_told_after_the_answer() -> None:
    conf = msgspec.structs.replace(CONF, allow_strangers=True)
    engine = engine_with(MemoryBroker(), conf=conf, application=MemoryApplication())

    async def test() -> list[str]:
        await engine.start()
        wire = Wire(engine)
        wire.admission = None
        engine.enter(wire)
        wire.native.receive('{"id":1,"connect":{}}')
        wire.admission = admission("1")
        engine.identify(wire, "1")
        await obey(engine, order(1, at=time.time(), do=DoSubscribe(channel="room:1")))
        assert [] == wire.payloads
        await until(lambda: len(b"".join(wire.payloads).split(b"subscribe")) > 1)
        await engine.stop()
        return b"\n".join(wire.payloads).decode().split("\n")

    first, second = asyncio.run(asyncio.wait_for(test(), 20))
    assert first.startswith('{"id":1,"connect"')
    assert '{"push":{"channel":"room:1","subscribe":{"recoverable":true,"positioned":true}}}' == second
