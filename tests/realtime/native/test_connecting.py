"""What is heard from the start is heard behind the answer to the connect command."""

import asyncio
import threading
from collections.abc import Sequence

from teahouse.realtime.application import Admission, Publication
from teahouse.realtime.broker.base import Published
from teahouse.realtime.conf import Conf
from teahouse.realtime.namespaces import Namespace
from teahouse.realtime.wire.codes import Ending
from tests.realtime.fakes import EPOCH, MemoryApplication, until
from tests.realtime.native.wires import Wire, run, started

_CHANNELS = ("room:1", "room:2")
_CONF = Conf(application="none", key="k" * 32, allow_strangers=True, namespaces={"room": Namespace(kind="logged")})


class _Application(MemoryApplication):
    """Everybody hears two channels from the start; the history is read once it may be."""

    def __init__(self) -> None:
        super().__init__()
        self.is_reading, self.may_read = threading.Event(), threading.Event()

    def connecting(self, admissions: Sequence[Admission]) -> list[Sequence[str] | Ending]:
        return [_CHANNELS for _ in admissions]

    def publications_after(self, channel: str, offset: int, limit: int) -> list[Publication]:
        self.is_reading.set()
        assert self.may_read.wait(10)
        return super().publications_after(channel, offset, limit)

    def commit(self, *offsets: int, channel: str = "room:1") -> None:
        self.history.setdefault(channel, []).extend(
            Publication(channel=channel, offset=offset, epoch=EPOCH, data=b"%d" % offset) for offset in offsets
        )


def test_what_is_published_while_something_else_is_recovered_comes_behind_the_answer() -> None:
    async def test() -> None:
        application = _Application()
        application.commit(1)
        application.commit(1, 2, 3, channel="room:2")
        async with started(_CONF, application) as engine:
            bystander, wire = await Wire(engine).connected(), Wire(engine)
            engine.enter(wire)
            wire.say(("connect", {"subs": {"room:2": {"recover": True, "offset": 1, "epoch": EPOCH}}}))
            await until(application.is_reading.is_set)
            application.commit(2)
            engine.announce(Published(publication=application.history["room:1"][-1]))
            await until(lambda: "push" in bystander.messages[-1])
            assert [] == wire.messages
            application.may_read.set()
            await until(lambda: wire.messages)
            application.commit(3)
            engine.announce(Published(publication=application.history["room:1"][-1]))
            await until(lambda: len(wire.messages) == 2)

            answer, push = wire.messages
            subs = answer["connect"]["subs"]
            assert (2, [2, 3]) == (
                subs["room:1"]["offset"],
                [pub["offset"] for pub in subs["room:2"]["publications"]],
            )
            assert 3 == push["push"]["pub"]["offset"]

    run(test)


def test_the_answer_does_not_wait_for_what_was_ordered_meanwhile() -> None:
    async def test() -> None:
        application = _Application()
        application.may_read.set()
        async with started(_CONF, application) as engine:
            wire = Wire(engine)
            engine.enter(wire)
            may_end, has_begun = asyncio.Event(), asyncio.Event()

            async def ordered() -> None:
                has_begun.set()
                await may_end.wait()
                raise OSError("the database is away")

            wire.native.when_connected(ordered)
            wire.say(("connect", {}))
            await until(has_begun.is_set)
            (answer,) = wire.messages
            may_end.set()
            await until(lambda: not engine.unfinished)

            assert "connect" in answer
            assert [answer] == wire.messages

    run(test)
