"""What Django code asks for, done by an engine: on its loop, from a thread of its process, and from another loop."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from teahouse.realtime import api, errands
from teahouse.realtime import engine as engine_module
from teahouse.realtime.application import Head
from teahouse.realtime.broker.base import DoSubscribe, Order, Target
from teahouse.realtime.engine import Engine
from teahouse.realtime.namespaces import Namespace
from tests.realtime.engines import CONF, run, started
from tests.realtime.fakes import EPOCH, MemoryApplication, NotingBroker, engine_with

pytestmark = pytest.mark.usefixtures("_patient")

_CONF = msgspec.structs.replace(
    CONF, namespaces={"room": Namespace(kind="logged"), "kept": Namespace(kind="kept"), "plain": Namespace()}
)


async def _from_a_loop_of_its_own(channel: str) -> Head:
    return await asyncio.to_thread(lambda: asyncio.run(api.achannel_position(channel)))


async def _from_a_thread(channel: str) -> Head:
    return await asyncio.to_thread(api.channel_position, channel)


@pytest.mark.parametrize("position_of", [api.achannel_position, _from_a_thread, _from_a_loop_of_its_own])
def test_the_position_of_a_channel_is_where_its_history_ends(
    position_of: Callable[[str], Awaitable[Head]], application: MemoryApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test() -> None:
        async with started(application, conf=_CONF) as engine:
            monkeypatch.setattr(engine_module, "_engine", engine)
            application.commit(1, 2, 3)
            assert Head(3, EPOCH) == await position_of("room:1")
            assert Head(0, "") == await position_of("room:2")
            assert Head(0, "") == await position_of("plain:1")

            begin = await position_of("kept:1")
            assert (0, True) == (begin.offset, bool(begin.epoch))
            for offset in (1, 2):
                assert Head(offset, begin.epoch) == await api.apublish("kept:1", "x") == await position_of("kept:1")
            for unknown in ("nothing:1", "茶"):
                with pytest.raises(api.UnknownChannel):
                    await position_of(unknown)

    run(test())


def test_what_keeps_the_application_from_answering_comes_out(
    application: MemoryApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test() -> None:
        async with started(application, conf=_CONF) as engine:
            monkeypatch.setattr(engine_module, "_engine", engine)
            application.failures = 1
            with pytest.raises(ConnectionError):
                await api.achannel_position("room:1")

    run(test())


def test_an_order_is_dated_when_it_goes_however_long_the_transaction_took(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = NotingBroker()
    engine: Engine = engine_with(broker)
    errand = errands.order(Target(user="1"), DoSubscribe(channel="plain:1"))
    commits_at = time.time() + 100
    monkeypatch.setattr(time, "time", lambda: commits_at)
    asyncio.run(errand.here(engine))

    (order,) = broker.hints
    assert isinstance(order, Order)
    assert commits_at == order.at
