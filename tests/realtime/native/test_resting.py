"""A frame may hold two thousand commands that wait for nothing: who sends many of them is read from less often."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from teahouse.realtime.broker.memory import MemoryBroker
from teahouse.realtime.conf import Conf
from teahouse.realtime.namespaces import Namespace
from teahouse.realtime.server.fast_native import FastNative
from teahouse.realtime.wire.centrifuge.codec import JSON
from tests.realtime.fakes import engine_with, until

CONF = Conf(
    application="none",
    key="k" * 32,
    allow_strangers=True,
    sends_per_second=10_000,
    send_burst=10_000,
    namespaces={"plain": Namespace(may_publish="anyone")},
)


class Transport:
    """One that says whether it is read from."""

    is_read = True

    def pause_reading(self) -> None:
        self.is_read = False

    def resume_reading(self) -> None:
        self.is_read = True

    def is_closing(self) -> bool:
        return False

    def write(self, data: bytes) -> None:
        pass

    def set_write_buffer_limits(self, high: int) -> None:
        pass


def _masked(text: str) -> bytes:
    data = text.encode()
    length = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2, "big")
    return b"\x81" + length + bytes(4) + data


@pytest.mark.parametrize(
    ("count", "command", "rests"),
    [
        pytest.param(100, {"unsubscribe": {"channel": "plain:1"}}, False, id="as many as somebody who comes back"),
        pytest.param(400, {"unsubscribe": {"channel": "plain:1"}}, True, id="a flood"),
        pytest.param(400, {"publish": {"channel": "plain:1", "data": 1}}, False, id="what has a pace of its own"),
    ],
)
def test_who_asks_for_too_much_at_once_is_not_read_for_a_while(
    count: int, command: dict[str, Any], rests: bool
) -> None:
    async def test() -> None:
        async with _connected() as (connection, transport):
            connection.data_received(_frame(count, command))
            assert rests is not transport.is_read
            # What others of this connection have waited for does not end it before its time.
            connection.go_on()
            assert rests is not transport.is_read
            await until(lambda: transport.is_read, seconds=2)

    asyncio.run(asyncio.wait_for(test(), 20))


def test_who_asks_for_a_little_on_and_on_is_read_no_faster() -> None:
    async def test() -> None:
        async with _connected() as (connection, transport):
            began = time.monotonic()
            for _ in range(30):
                await until(lambda: transport.is_read)
                connection.data_received(_frame(100, {"unsubscribe": {"channel": "plain:1"}}))

            # 2,560 in a second after the first 128, and the last ones were not waited for.
            assert time.monotonic() - began > (29 * 100 - 128) / 2_560 * 0.9

    asyncio.run(asyncio.wait_for(test(), 20))


@contextlib.asynccontextmanager
async def _connected() -> AsyncIterator[tuple[FastNative, Transport]]:
    engine = engine_with(MemoryBroker(), conf=CONF)
    await engine.start()
    transport = Transport()
    state = type("State", (), {"connections": set()})()
    connection = FastNative(engine, cast(Any, transport), state, JSON)
    connection.open()
    connection.data_received(_masked(json.dumps({"id": 1, "connect": {}})))
    await until(lambda: connection.native.session.is_connected)
    yield connection, transport
    await engine.stop()


def _frame(count: int, command: dict[str, Any]) -> bytes:
    return _masked("\n".join(json.dumps({"id": number + 2, **command}) for number in range(count)))
