"""Sessions of http_stream and SSE and the requests beside them: in order, within limits, between processes."""

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any

import pytest

from teahouse.realtime import engine as engine_module
from teahouse.realtime.application import Admission, Publication
from teahouse.realtime.broker.base import Answer, Emulated, Hint, node_of
from teahouse.realtime.broker.memory import MemoryBroker
from teahouse.realtime.conf import Conf
from teahouse.realtime.engine import Engine
from teahouse.realtime.namespaces import Namespace
from teahouse.realtime.server import streams
from teahouse.realtime.server.asgi_stream import EVENTS, LINES, ASGIStream, may_return
from teahouse.realtime.server.emulation import Emulation, Outcome
from teahouse.realtime.server.streams import Streams
from tests.realtime.fakes import MemoryApplication, engine_with, until

_CONF = Conf(
    application="none",
    key="k" * 32,
    allow_strangers=True,
    max_unsent_bytes=1_000,
    namespaces={"": Namespace(may_subscribe="anyone", may_publish="anyone")},
)
_CONNECT = b'{"id":1,"connect":{}}'


class _SlowApplication(MemoryApplication):
    """Whose commands are done once `may_go_on` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.may_go_on = threading.Event()

    def has_methods(self) -> bool:
        return True

    def run(self, admission: Admission, method: str, data: bytes, command_key: str) -> bytes:
        assert self.may_go_on.wait(10)
        return data


class _Wire(MemoryBroker):
    """Between the processes `ends`, by name."""

    is_local = False

    def __init__(self, ends: "dict[str, _Wire]") -> None:
        super().__init__()
        self.ends = ends
        self.carried: list[Hint] = []

    async def start(self, node: str, receive: Callable[[Hint], None], reconnected: Callable[[], None]) -> None:
        await super().start(node, receive, reconnected)
        self.ends[node] = self

    def publish(self, hint: Hint) -> None:
        self.carried.append(hint)
        for node, end in self.ends.items():
            if node_of(hint) in (None, node):
                end._deliver(hint)


class _Client:
    """The ASGI server's side of one request. `events` are what the application has sent."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.incoming: asyncio.Queue[Any] = asyncio.Queue()
        # A client that does not read keeps the server from sending.
        self.reads = asyncio.Event()
        self.reads.set()

    async def receive(self) -> Any:
        return await self.incoming.get()

    async def send(self, event: Any) -> None:
        await self.reads.wait()
        self.events.append(event)

    def leave(self) -> None:
        self.incoming.put_nowait({"type": "http.disconnect"})

    @property
    def body(self) -> bytes:
        return b"".join(event.get("body", b"") for event in self.events if event["type"] == "http.response.body")

    @property
    def replies(self) -> list[Any]:
        return [json.loads(line) for line in self.body.splitlines()]

    @property
    def has_ended(self) -> bool:
        return bool(self.events) and self.events[-1].get("more_body") is False


@contextlib.asynccontextmanager
async def _started(
    broker: MemoryBroker | None = None, application: MemoryApplication | None = None
) -> AsyncIterator[Engine]:
    engine = engine_with(broker or MemoryBroker(), conf=_CONF, application=application)
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()


class _Open:
    """A stream that lives."""

    def __init__(self, emulation: Emulation, *, frame: bytes = _CONNECT) -> None:
        self.client = _Client()
        self.stream = ASGIStream(emulation, LINES, self.client.send, frame=frame, headers=())
        self.life = asyncio.create_task(self.stream.live(self.client.receive))

    @property
    def session(self) -> str:
        return self.stream.native.session_id

    async def connected(self) -> "_Open":
        await until(lambda: self.client.replies)
        return self

    async def left(self) -> None:
        self.client.leave()
        await self.life


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 30))


def _rpc(command_id: int) -> bytes:
    return json.dumps({"id": command_id, "rpc": {"method": "m", "data": command_id}}).encode()


# Sessions.


def test_the_answer_to_connect_says_where_to_send() -> None:
    async def test() -> None:
        async with _started() as engine:
            open_ = await _Open(Emulation(engine)).connected()
            result = open_.client.replies[0]["connect"]

            assert (open_.session, engine.node) == (result["session"], result["node"])
            await open_.left()

    run(test())


def test_a_session_ends_with_its_stream() -> None:
    async def test() -> None:
        async with _started() as engine:
            emulation = Emulation(engine)
            open_ = await _Open(emulation).connected()
            assert Outcome.TAKEN is await emulation.bring(engine.node, open_.session, _rpc(2))
            await open_.left()

            assert Outcome.GONE is await emulation.bring(engine.node, open_.session, _rpc(3))
            assert not engine.hub.connections

    run(test())


def test_what_was_not_asked_for_by_a_lone_process_is_nowhere() -> None:
    async def test() -> None:
        async with _started() as engine:
            assert Outcome.GONE is await Emulation(engine).bring("other", "session", b"{}")

    run(test())


# Order.


def test_what_comes_while_too_much_waits_is_taken_later_and_in_order() -> None:
    async def test() -> None:
        application = _SlowApplication()
        async with _started(application=application) as engine:
            open_ = await _Open(Emulation(engine)).connected()
            first = _CONF.limits.max_waiting_commands
            outcomes = [open_.stream.offer(_rpc(2 + number)) for number in range(first + 20)]
            # The client's requests wait, so that a browser sends no more of them.
            assert [True] * first + [False] * 20 == [outcome.done() for outcome in outcomes]
            application.may_go_on.set()

            assert {Outcome.TAKEN} == set(await asyncio.gather(*outcomes))
            await until(lambda: len(open_.client.replies) == 1 + first + 20)
            assert list(range(1, first + 22)) == [reply["id"] for reply in open_.client.replies]
            await open_.left()

    run(test())


def test_there_is_an_end_to_what_may_wait() -> None:
    async def test() -> None:
        application = _SlowApplication()
        async with _started(application=application) as engine:
            open_ = await _Open(Emulation(engine)).connected()
            outcomes = [open_.stream.offer(_rpc(2 + number)) for number in range(200)]
            assert Outcome.FULL is outcomes[-1].result()
            waiting = [outcome for outcome in outcomes if not outcome.done()]
            await open_.left()

            assert {Outcome.GONE} == {outcome.result() for outcome in waiting}
            application.may_go_on.set()
            # What was taken is done all the same.
            await until(lambda: not engine.unfinished)

    run(test())


def test_a_request_that_was_given_up_is_done_all_the_same() -> None:
    async def test() -> None:
        application = _SlowApplication()
        async with _started(application=application) as engine:
            open_ = await _Open(Emulation(engine)).connected()
            outcomes = [open_.stream.offer(_rpc(2 + number)) for number in range(_CONF.limits.max_waiting_commands + 1)]
            outcomes[-1].cancel()
            application.may_go_on.set()

            await until(lambda: len(open_.client.replies) == 1 + len(outcomes))
            await open_.left()

    run(test())


# Floods.


def _unsubscribes(count: int) -> bytes:
    """Commands that wait for nothing."""
    return b"\n".join([b'{"id":9,"unsubscribe":{"channel":"a"}}'] * count)


@pytest.mark.parametrize(
    ("requests", "commands"),
    [
        pytest.param(4, 500, id="few requests of many commands"),
        pytest.param(16, 100, id="each of fewer than are done at once"),
    ],
)
def test_a_stream_is_fed_no_faster_than_a_websocket(requests: int, commands: int) -> None:
    async def test() -> None:
        async with _started() as engine:
            open_ = await _Open(Emulation(engine)).connected()
            began = time.monotonic()
            outcomes = [open_.stream.offer(_unsubscribes(commands)) for _ in range(requests)]
            assert outcomes[0].done()
            assert not outcomes[-1].done()
            assert {Outcome.TAKEN} == set(await asyncio.gather(*outcomes))

            # 2,560 in a second after the first 128; the last one is taken before it is counted.
            assert time.monotonic() - began > ((requests - 1) * commands - 128) / 2_560 * 0.9
            assert 1 + requests * commands == len(open_.client.replies)
            await open_.left()

    run(test())


def test_after_as_many_requests_at_once_as_may_wait_they_take_turns() -> None:
    async def test() -> None:
        async with _started() as engine:
            open_ = await _Open(Emulation(engine)).connected()
            began = time.monotonic()
            outcomes = [open_.stream.offer(_unsubscribes(1)) for _ in range(128)]
            assert [True, False] == [outcomes[63].done(), outcomes[-1].done()]
            assert {Outcome.TAKEN} == set(await asyncio.gather(*outcomes))

            assert time.monotonic() - began > 63 / 256 * 0.9
            assert 1 + 128 == len(open_.client.replies)
            await open_.left()

    run(test())


def test_what_waits_because_it_is_others_turn_is_gone_with_its_stream() -> None:
    async def test() -> None:
        async with _started() as engine:
            open_ = await _Open(Emulation(engine)).connected()
            taken, waiting = open_.stream.offer(_unsubscribes(1_000)), open_.stream.offer(_unsubscribes(1))
            await open_.left()

            assert [Outcome.TAKEN, Outcome.GONE] == [taken.result(), waiting.result()]

    run(test())


_REFUSED = [
    pytest.param(b"nonsense", 400, id="garbage"),
    pytest.param(b'{"session":"s","node":"n","data":"{}"}', 404, id="no session"),
]


@pytest.mark.parametrize(("body", "status"), _REFUSED)
def test_many_refusals_wait_and_nobody_else_does(body: bytes, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_REFUSED_AT_ONCE", 5)
    monkeypatch.setattr(streams, "_REFUSED_PER_SECOND", 20)

    async def test() -> None:
        async with _started() as engine:
            monkeypatch.setattr(engine_module, "_engine", engine)
            site = Streams(_nobody)
            open_ = await _Open(await site._emulation_now()).connected()
            good = json.dumps({"session": open_.session, "node": engine.node, "data": '{"id":2,"rpc":{}}'}).encode()
            began = time.monotonic()
            statuses: list[int] = []

            async def flood() -> None:
                # Those that wait longest do so for a second each.
                while len(statuses) < 60:
                    statuses.append(await _status_of(site, body))

            flooders = [asyncio.create_task(flood()) for _ in range(30)]
            await until(lambda: len(statuses) == 5)
            for _ in range(3):
                asked = time.monotonic()
                assert 204 == await _status_of(site, good)
                assert time.monotonic() < asked + 0.5
            await asyncio.gather(*flooders)

            # 5 at once, 20 in the first second and no more than 30 in each that follows.
            assert time.monotonic() > began + 1.5
            assert {status} == set(statuses)
            await open_.left()

    run(test())


def test_after_a_flood_refusals_do_not_wait_for_its_sake() -> None:
    refusals = streams._Refusals()
    waits = [refusals.seconds_to_wait(1_000.0) for _ in range(10_000)]

    assert [0.0] * 128 == waits[:128]
    assert 0 < waits[128] < 0.01
    assert 1.0 == max(waits) == waits[-1]
    assert 0 < refusals.seconds_to_wait(1_000.5) < 0.6
    assert 0.0 == refusals.seconds_to_wait(1_001.1)


async def _status_of(site: Streams, body: bytes) -> int:
    client = _Client()
    client.incoming.put_nowait({"type": "http.request", "body": body, "more_body": False})
    await site(_scope("/emulation"), client.receive, client.send)
    status: int = client.events[0]["status"]
    return status


# Processes.


@contextlib.asynccontextmanager
async def _two() -> AsyncIterator[tuple[Emulation, Emulation, list[Hint]]]:
    """Two processes, and what the second one's broker has carried."""
    ends: dict[str, _Wire] = {}
    here, there = _Wire(ends), _Wire(ends)
    async with _started(here) as first, _started(there) as second:
        yield Emulation(first), Emulation(second), there.carried


def test_what_comes_in_elsewhere_is_brought_to_the_stream_in_order() -> None:
    async def test() -> None:
        async with _two() as (here, there, _):
            open_ = await _Open(here).connected()
            outcomes = await asyncio.gather(
                *(there.bring(here.engine.node, open_.session, _rpc(2 + number)) for number in range(10))
            )

            assert [Outcome.TAKEN] * 10 == outcomes
            assert list(range(1, 12)) == [reply["id"] for reply in open_.client.replies]
            await open_.left()

    run(test())


def test_a_session_that_is_gone_there_is_gone_here() -> None:
    async def test() -> None:
        async with _two() as (here, there, _):
            open_ = await _Open(here).connected()
            await open_.left()

            assert Outcome.GONE is await there.bring(here.engine.node, open_.session, _rpc(2))

    run(test())


def test_what_strangers_make_up_costs_other_processes_nothing() -> None:
    async def test() -> None:
        async with _two() as (here, there, carried):
            open_ = await _Open(here).connected()
            node = here.engine.node
            for session in ("", "x", "x.y", ".", open_.session[:-1], open_.session + "0", "x" + open_.session, "é.é"):
                assert Outcome.GONE is await there.bring(node, session, b"{}")
            # A name of this process is none of that one's.
            assert Outcome.GONE is await there.bring(there.engine.node, open_.session, b"{}")
            assert [] == [hint for hint in carried if isinstance(hint, Emulated)]
            await open_.left()

    run(test())


def test_a_process_that_does_not_answer_is_not_waited_for_for_ever() -> None:
    async def test() -> None:
        async with _two() as (here, there, _):
            hint = Emulated(node="dead", session="s", data=b"{}", id="1", answer_to=there.engine.node)
            assert await there.engine.survey.answer_to(hint, seconds=0.05) is None
            # What comes later has nobody to go to.
            there.engine.survey.receive(Answer(id="1", to=there.engine.node, node="dead", data=b'"taken"'))
            assert here.engine.node != there.engine.node

    run(test())


# Ends.


@pytest.mark.parametrize(
    ("code", "expected"),
    [(1000, True), (3001, True), (3499, True), (3500, False), (3999, False), (4000, True), (4500, False), (5000, True)],
)
def test_who_may_return_follows_from_the_code(code: int, expected: bool) -> None:
    assert expected is may_return(code)


def test_a_code_of_the_applications_is_told_as_it_is() -> None:
    async def test() -> None:
        async with _started() as engine:
            open_ = await _Open(Emulation(engine)).connected()
            open_.stream.end(4321, "go away")
            await open_.life

            assert {"code": 4321, "reason": "go away", "reconnect": True} == (
                open_.client.replies[-1]["push"]["disconnect"]
            )
            assert open_.client.has_ended

    run(test())


def test_a_slow_reader_is_cut_without_an_end_that_it_would_not_read() -> None:
    async def test() -> None:
        async with _started() as engine:
            open_ = await _Open(Emulation(engine)).connected()
            open_.stream.offer(b'{"id":2,"subscribe":{"channel":"a"}}')
            await until(lambda: len(open_.client.replies) == 2)
            open_.client.reads.clear()
            for _ in range(3):
                await engine.publish(Publication(channel="a", data=b'"%b"' % (b"x" * 600)))
            # It hears nothing more from here on; the server's limits cut the connection itself.
            await until(lambda: not engine.hub.connections)
            open_.client.leave()
            await open_.life

            assert not open_.client.has_ended
            assert "disconnect" not in str(open_.client.replies)

    run(test())


# Requests.


def test_events_are_one_line_each() -> None:
    assert b'data: {"a":1}\n\ndata: {}\n\n' == EVENTS.codec.join([b'{"a":\r1}', b"{}"])


def test_other_paths_are_the_sites() -> None:
    seen: list[str] = []

    async def site(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["path"])

    async def test() -> None:
        client = _Client()
        for path in ("/", "/emulation/x", "/connection/websocket", "/connection/ssex", "//emulation"):
            await Streams(site)(_scope(path), client.receive, client.send)

    run(test())
    assert ["/", "/emulation/x", "/connection/websocket", "/connection/ssex", "//emulation"] == seen


def _scope(path: str, *headers: tuple[bytes, bytes]) -> Any:
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "scheme": "http",
        "http_version": "1.1",
        "headers": [(b"host", b"testserver"), *headers],
    }


def _answered(
    monkeypatch: pytest.MonkeyPatch, path: str, events: Sequence[Any], *headers: tuple[bytes, bytes]
) -> _Client:
    client = _Client()
    for event in events:
        client.incoming.put_nowait(event)

    async def test() -> None:
        async with _started() as engine:
            monkeypatch.setattr(engine_module, "_engine", engine)
            await Streams(_nobody)(_scope(path, *headers), client.receive, client.send)

    run(test())
    return client


async def _nobody(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("no path of the site")


@pytest.mark.parametrize("path", ["/emulation", "/emulation/", "/connection/http_stream", "/connection/sse"])
@pytest.mark.parametrize(
    ("length", "events"),
    [
        pytest.param(b"70000", [], id="declared: nothing is read"),
        pytest.param(b"9" * 5_000, [], id="declared with more digits than a number may have"),
        pytest.param(
            b"", [{"type": "http.request", "body": b"x" * 40_000, "more_body": True}] * 2, id="counted: not to its end"
        ),
    ],
)
def test_a_body_has_a_limit(monkeypatch: pytest.MonkeyPatch, path: str, length: bytes, events: Sequence[Any]) -> None:
    client = _answered(monkeypatch, path, events, (b"content-length", length))

    assert 413 == client.events[0]["status"]
    assert (b"connection", b"close") in client.events[0]["headers"]


def test_who_leaves_before_all_is_said_is_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    events = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]

    assert [] == _answered(monkeypatch, "/emulation", events).events


def test_http_2_is_told_nothing_of_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    client = _Client()
    client.incoming.put_nowait({"type": "http.request", "body": b"nonsense", "more_body": False})

    async def test() -> None:
        async with _started() as engine:
            monkeypatch.setattr(engine_module, "_engine", engine)
            scope = _scope("/connection/http_stream") | {"http_version": "2"}
            await Streams(_nobody)(scope, client.receive, client.send)

    run(test())
    assert 200 == client.events[0]["status"]
    assert b"connection" not in dict(client.events[0]["headers"])
    assert client.has_ended
