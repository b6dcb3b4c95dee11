"""What one client publishes is heard in its order, however its turns come."""

import asyncio
import json
import time
from typing import Any, cast

import pytest

from teahouse.realtime.broker.memory import MemoryBroker
from teahouse.realtime.conf import Conf
from teahouse.realtime.engine import Engine
from teahouse.realtime.joining import Budget
from teahouse.realtime.namespaces import Namespace
from teahouse.realtime.native.connection import Native
from teahouse.realtime.wire.centrifuge.codec import JSON
from teahouse.realtime.wire.codes import Ending
from tests.realtime.fakes import Listener, engine_with, until

CHANNEL = "plain:1"
CONF = Conf(
    application="none",
    key="k" * 32,
    allow_strangers=True,
    sends_per_second=50,
    send_burst=1,
    namespaces={"plain": Namespace(may_publish="anyone")},
)


class Wire(Listener):
    """The transport of a native connection, which nobody reads."""

    admission = None

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.admission = None
        self.native = Native(engine, cast(Any, self), JSON)

    def send(self, payload: bytes) -> None:
        pass

    def end(self, code: int, reason: str) -> None:
        pass

    def go_on(self) -> None:
        pass


def _published(*numbers: int) -> str:
    return "\n".join(json.dumps({"id": n + 2, "publish": {"channel": CHANNEL, "data": n}}) for n in numbers)


@pytest.mark.parametrize("is_draining", [True, False], ids=["the process drains", "the loop is late"])
def test_none_is_overtaken_by_one_that_need_not_wait(is_draining: bool) -> None:
    # More than share the way to the broker; or so few that the next one's turn comes soon.
    count = 70 if is_draining else 3

    async def test() -> None:
        engine = engine_with(MemoryBroker(), conf=CONF)
        await engine.start()
        try:
            listener, wire = Listener(CHANNEL), Wire(engine)
            await engine.joining.join(listener, CHANNEL, None, Budget(publications=0, total_bytes=0))
            wire.native.receive(json.dumps({"id": 1, "connect": {}}))
            await until(lambda: wire.native.session.is_connected)

            wire.native.receive(_published(*range(count)))
            await until(lambda: listener.frames)
            if is_draining:
                wire.native.close(Ending.DRAIN)
                engine.is_draining = True
            else:
                time.sleep(0.1)  # noqa: ASYNC251 (what comes next is read before any timer is looked at)
                wire.native.receive(_published(count))
            await until(lambda: len(listener.frames) >= count)
            await until(lambda: not engine.unfinished)
        finally:
            await engine.stop()

        heard = [int(frame) for frame in listener.frames]
        assert list(range(len(heard))) == heard

    asyncio.run(asyncio.wait_for(test(), 20))
