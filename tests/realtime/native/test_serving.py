"""What the server wants of a connection, while the client wants something else."""

import asyncio
import threading

from teahouse.realtime.application import Head, Publication
from teahouse.realtime.broker.base import DoSubscribe, Published
from teahouse.realtime.conf import Conf
from teahouse.realtime.namespaces import Namespace
from teahouse.realtime.native import serving
from tests.realtime.fakes import EPOCH, MemoryApplication, until
from tests.realtime.native.wires import Wire, run, started

_CHANNEL = "room:1"
_CONF = Conf(
    application="none",
    key="k" * 32,
    allow_strangers=True,
    namespaces={"room": Namespace(kind="logged", may_subscribe="anyone")},
)


def _publications(*offsets: int) -> list[Publication]:
    return [Publication(channel=_CHANNEL, offset=offset, epoch=EPOCH, data=b"%d" % offset) for offset in offsets]


def test_what_the_client_has_taken_in_its_place_is_not_taken_for_what_the_server_has_begun() -> None:
    async def test() -> None:
        application, may_read = MemoryApplication(), threading.Event()
        application.history[_CHANNEL] = _publications(1, 2, 3)
        application.on_read = lambda: _wait_for(may_read)
        async with started(_CONF, application) as engine:
            wire = await Wire(engine).connected()
            do = DoSubscribe(channel=_CHANNEL)
            serves = asyncio.create_task(serving.subscribe(wire.native, do, Head(1, EPOCH)))
            await until(lambda: application.reads)
            wire.native.unsubscribe(_CHANNEL, 2000, "")
            await wire.ask("subscribe", channel=_CHANNEL)
            may_read.set()
            # In the same moment.
            application.history[_CHANNEL] += _publications(4)
            engine.announce(Published(publication=application.history[_CHANNEL][-1]))
            await serves
            await until(lambda: "pub" in wire.messages[-1].get("push", ()))

            pushes = [message["push"] for message in wire.messages if "push" in message]
            assert ["unsubscribe", "pub"] == [name for push in pushes for name in push if name != "channel"]
            assert not wire.native.subscriptions[_CHANNEL].is_servers

    run(test)


def _wait_for(event: threading.Event) -> None:
    assert event.wait(10)
