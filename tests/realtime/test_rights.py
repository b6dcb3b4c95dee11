"""Who hears what changes while connected: by publications, and by a second look after connecting."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

import jwt
import msgspec

from teahouse.realtime.application import Admission, CommandError, Heard, Publication
from teahouse.realtime.broker.base import Published
from teahouse.realtime.conf import Conf
from teahouse.realtime.engine import Engine
from teahouse.realtime.namespaces import Namespace
from teahouse.realtime.tokens import TokenConf
from teahouse.realtime.wire.codes import Ending
from tests.realtime.fakes import EPOCH, MemoryApplication, until
from tests.realtime.native.wires import Wire, run, started

_KEY = "t" * 32
_CONF = Conf(
    application="none",
    key="k" * 32,
    tokens=TokenConf(hmac_key=_KEY, connection_audience=None),
    namespaces={name: Namespace(kind="logged") for name in ("room", "user")},
)


def publication(offset: int, *, channel: str = "room:1") -> Publication:
    return Publication(channel=channel, offset=offset, epoch=EPOCH, data=b"{}")


class _Application(MemoryApplication):
    """`rooms` are what everybody hears; what was started is answered when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.rooms: dict[str, int] = {"room:1": 1, "user:7": 1}
        self.asked = 0
        self.started: list[tuple[str, Callable[[bytes | CommandError | None], None]]] = []
        self.ran: list[str] = []

    def connecting(self, admissions: Sequence[Admission]) -> list[Heard | Ending]:
        self.asked += 1
        return [dict(self.rooms) for _ in admissions]

    def has_methods(self) -> bool:
        return True

    def start(
        self, admission: Admission, method: str, data: bytes, done: Callable[[bytes | CommandError | None], None]
    ) -> bool:
        if method == "start":
            self.started.append((data.decode(), done))
        return method == "start"

    def run(self, admission: Admission, method: str, data: bytes, command_key: str) -> bytes:
        self.ran.append(data.decode())
        return data


async def _connected(engine: Engine, user: str, **params: Any) -> Wire:
    token = jwt.encode({"sub": user, "exp": int(time.time()) + 60}, _KEY, "HS256")
    wire = Wire(engine)
    engine.enter(wire)  # type: ignore[arg-type]
    await wire.ask("connect", token=token, **params)
    return wire


def _tell(engine: Engine, application: _Application, entry: Publication) -> None:
    application.history.setdefault(entry.channel, []).append(entry)
    engine.announce(Published(publication=entry))


def _heard(wire: Wire, channel: str) -> list[int]:
    pushes = [message["push"] for message in wire.messages if message.get("push", {}).get("channel") == channel]
    return [push["pub"]["offset"] for push in pushes if "pub" in push]


def _lost(wire: Wire) -> list[str]:
    return [message["push"]["channel"] for message in wire.messages if "unsubscribe" in message.get("push", {})]


def test_who_leaves_with_a_publication_hears_neither_it_nor_what_comes_behind() -> None:
    async def test() -> None:
        application = _Application()
        async with started(_CONF, application) as engine:
            stays, leaves = await _connected(engine, "7"), await _connected(engine, "8")
            _tell(engine, application, publication(1))
            await until(lambda: _heard(stays, "room:1") == _heard(leaves, "room:1") == [1])
            _tell(engine, application, msgspec.structs.replace(publication(2), leavers=("8",)))
            _tell(engine, application, publication(3))
            await until(lambda: _heard(stays, "room:1") == [1, 2, 3])

            assert [1] == _heard(leaves, "room:1")
            assert ["room:1"] == _lost(leaves)
            assert [] == _lost(stays)

    run(test)


def test_they_leave_also_when_no_hint_has_told_of_it() -> None:
    async def test() -> None:
        application = _Application()
        async with started(_CONF, application) as engine:
            leaves = await _connected(engine, "8")
            application.history["room:1"] = [msgspec.structs.replace(publication(1), leavers=("8",)), publication(2)]
            await engine.channels.compare()
            await until(lambda: _lost(leaves) == ["room:1"])

            assert [] == _heard(leaves, "room:1")

    run(test)


def test_who_hears_a_channel_hears_what_it_opens_from_then_on() -> None:
    async def test() -> None:
        application = _Application()
        async with started(_CONF, application) as engine:
            wire = await _connected(engine, "7")
            application.rooms = {**application.rooms, "room:9": 1}
            application.history["room:9"] = [publication(offset, channel="room:9") for offset in (1, 2)]
            _tell(engine, application, msgspec.structs.replace(publication(1, channel="user:7"), opens="room:9"))
            await until(lambda: any("subscribe" in message.get("push", {}) for message in wire.messages))
            _tell(engine, application, publication(3, channel="room:9"))
            await until(lambda: _heard(wire, "room:9") == [3])

    run(test)


def test_who_comes_hears_nothing_from_before_in_a_process_that_is_behind() -> None:
    async def test() -> None:
        application = _Application()
        async with started(_CONF, application) as engine:
            opened = await _connected(engine, "7")
            application.rooms = {**application.rooms, "room:9": 1}
            there = await _connected(engine, "8")
            # No hint has told of these.
            application.history["room:9"] = [publication(offset, channel="room:9") for offset in (1, 2)]
            _tell(engine, application, msgspec.structs.replace(publication(1, channel="user:7"), opens="room:9"))
            await until(lambda: any("subscribe" in message.get("push", {}) for message in opened.messages))
            application.history["room:9"] += [publication(offset, channel="room:9") for offset in (3, 4)]
            application.rooms = {**application.rooms, "room:9": 5}
            connected = await _connected(engine, "9")
            _tell(engine, application, publication(5, channel="room:9"))
            await until(lambda: _heard(connected, "room:9") == [5])

            assert [1, 2, 3, 4, 5] == _heard(there, "room:9")
            assert [3, 4, 5] == _heard(opened, "room:9")

    run(test)


def test_what_changed_while_somebody_connected_is_as_it_is_now() -> None:
    class Changing(_Application):
        def connecting(self, admissions: Sequence[Admission]) -> list[Heard | Ending]:
            found = super().connecting(admissions)
            self.rooms = {"user:7": 1, "room:2": 1}
            return found

    async def test() -> None:
        application = Changing()
        async with started(_CONF, application) as engine:
            wire = await _connected(engine, "7")
            await until(lambda: "room:2" in wire.native.subscriptions)

            assert {"user:7", "room:2"} == set(wire.native.subscriptions)
            assert {"user:7"} == set(wire.messages[0]["connect"]["subs"])
            assert [] == _lost(wire)

    run(test)


def test_who_leaves_between_the_answer_and_the_joining_is_not_let_in() -> None:
    async def test() -> None:
        application = _Application()
        application.history["room:1"] = [publication(1)]
        async with started(_CONF, application) as engine:
            stays = await _connected(engine, "7")
            token = jwt.encode({"sub": "8", "exp": int(time.time()) + 60}, _KEY, "HS256")
            leaves = Wire(engine)
            engine.enter(leaves)  # type: ignore[arg-type]
            asked, ask = application.asked, engine.connecting.ask

            def ask_and_lose(admission: Admission) -> Any:
                answer = ask(admission)
                if application.asked > asked:
                    # Behind the second answer, before it has joined.
                    answer.add_done_callback(
                        lambda _: engine.channels.take(msgspec.structs.replace(publication(2), leavers=("8",)))
                    )
                return answer

            engine.connecting.ask = ask_and_lose  # type: ignore[method-assign]
            await leaves.ask("connect", token=token)
            engine.channels.take(publication(3))
            await until(lambda: _heard(stays, "room:1") == [2, 3])

            assert {"user:7"} == set(leaves.messages[0]["connect"]["subs"])
            assert [] == _heard(leaves, "room:1")

    run(test)


def test_a_channel_that_is_lost_and_gained_meanwhile_is_heard() -> None:
    async def test() -> None:
        application = _Application()
        async with started(_CONF, application) as engine:
            wire = await _connected(engine, "7")
            _tell(engine, application, msgspec.structs.replace(publication(1, channel="user:7"), closes="room:1"))
            await until(lambda: _lost(wire) == ["room:1"])
            _tell(engine, application, msgspec.structs.replace(publication(2, channel="user:7"), opens="room:1"))
            await until(lambda: "room:1" in wire.native.subscriptions)

    run(test)


def test_what_was_before_somebody_came_is_not_recovered() -> None:
    async def test() -> None:
        application = _Application()
        application.history["room:1"] = [publication(offset) for offset in (1, 2, 3, 4)]
        application.rooms = {"room:1": 3}
        async with started(_CONF, application) as engine:
            for offset, is_recovered in ((0, False), (1, False), (2, True), (3, True)):
                wire = await _connected(
                    engine, "7", subs={"room:1": {"recover": True, "offset": offset, "epoch": EPOCH}}
                )
                found = wire.messages[0]["connect"]["subs"]["room:1"]
                assert is_recovered == found.get("recovered", False), offset
                assert len(found.get("publications", [])) == (4 - offset if is_recovered else 0)

    run(test)


def test_a_publication_that_forgets_empties_the_window() -> None:
    async def test() -> None:
        application = _Application()
        async with started(_CONF, application) as engine:
            wire = await _connected(engine, "7")
            for entry in (publication(1), publication(2), msgspec.structs.replace(publication(3), forgets=True)):
                _tell(engine, application, entry)
            await until(lambda: _heard(wire, "room:1") == [1, 2, 3])

            assert [3] == [entry.offset for entry in engine.windows.after("room:1", 2) or ()]
            assert engine.windows.after("room:1", 0) in (None, [])

    run(test)


# Commands that are started.


def test_what_is_started_is_answered_later_and_others_begin_behind_it_in_order() -> None:
    async def test() -> None:
        application = _Application()
        async with started(_CONF, application) as engine:
            wire = await _connected(engine, "7")
            ids = wire.say(*(("rpc", {"method": "start", "data": number}) for number in range(3)))
            assert ["0", "1", "2"] == [data for data, _ in application.started]
            for answer, (_, done) in zip((b"5", CommandError(1003, "bad"), None), application.started, strict=True):
                done(answer)
            await until(lambda: len(wire.messages) == 4)

            answers = {message["id"]: message for message in wire.messages[1:]}
            assert {"data": 5} == answers[ids[0]]["rpc"]
            assert {"code": 1003, "message": "bad"} == answers[ids[1]]["error"]
            # Nobody knows whether it is done.
            assert answers[ids[2]]["error"]["temporary"]

    run(test)


def test_what_is_not_started_runs_behind_what_was() -> None:
    async def test() -> None:
        application = _Application()
        async with started(_CONF, application) as engine:
            wire = await _connected(engine, "7")
            wire.say(
                ("rpc", {"method": "start", "data": 1}),
                ("rpc", {"method": "run", "data": 2}),
                ("rpc", {"method": "start", "data": 3}),
            )
            await until(lambda: len(application.started) == 2)

            assert ["2"] == application.ran
            for _, done in application.started:
                done(b"{}")
            await until(lambda: len(wire.messages) == 4)

    run(test)


def test_no_more_than_sixteen_of_one_connection_are_under_way() -> None:
    async def test() -> None:
        application = _Application()
        async with started(_CONF, application) as engine:
            wire = await _connected(engine, "7")
            wire.say(*(("rpc", {"method": "start", "data": number}) for number in range(20)))
            assert 16 == len(application.started)
            for number in range(20):
                await until(lambda number=number: len(application.started) > number)  # type: ignore[misc]
                application.started[number][1](b"{}")
            await until(lambda: len(wire.messages) == 21)

    run(test)


def test_a_connection_that_has_gone_takes_its_answer_with_it() -> None:
    async def test() -> None:
        application = _Application()
        async with started(_CONF, application) as engine:
            wire = await _connected(engine, "7")
            wire.say(("rpc", {"method": "start", "data": 1}))
            wire.native.leave()
            application.started[0][1](b"{}")
            await asyncio.sleep(0)

            assert 1 == len(wire.messages)

    run(test)
