"""How many channels a client may subscribe to, and what counting them costs."""

import threading
import time
from collections.abc import Sequence
from typing import Any

import pytest

from teahouse.realtime.application import Admission
from teahouse.realtime.broker.base import DoSubscribe
from teahouse.realtime.conf import Conf
from teahouse.realtime.engine import Engine
from teahouse.realtime.namespaces import Namespace
from teahouse.realtime.native import serving
from teahouse.realtime.native.subscriptions import GRACE_SECONDS, Subscription
from teahouse.realtime.wire.codes import Unsubscribed
from teahouse.realtime.wire.session import Limits
from tests.realtime.fakes import MemoryApplication, until
from tests.realtime.native.wires import Wire, run, started

_MOST = 3
_CONF = Conf(
    application="none",
    key="k" * 32,
    allow_strangers=True,
    limits=Limits(max_subscriptions=_MOST),
    namespaces={
        "plain": Namespace(may_subscribe="anyone"),
        "kept": Namespace(kind="kept", may_subscribe="anyone"),
        "logged": Namespace(kind="logged", may_subscribe="anyone"),
        "closed": Namespace(),
        "asked": Namespace(may_subscribe="application"),
    },
)
_LIMIT = 106


class _Application(MemoryApplication):
    """It says no, once it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = threading.Event()

    def may_subscribe(self, admission: Admission, channel: str) -> bool:
        assert self.may_answer.wait(10)
        return channel.endswith("yes")


def _subscribe(*channels: str, **options: Any) -> list[tuple[str, dict[str, Any]]]:
    return [("subscribe", {"channel": channel, **options}) for channel in channels]


def _codes(answers: Sequence[Any]) -> list[int]:
    return [answer.get("error", {}).get("code", 0) for answer in answers]


async def _left_over(wire: Wire) -> int:
    """How many it may still subscribe to."""
    answers = await wire.ask_all(*_subscribe(*(f"plain:left{number}" for number in range(_MOST + 1))))
    assert {0, _LIMIT} >= set(_codes(answers))
    return _codes(answers).count(0)


async def _count_of_the_servers(engine: Engine, wire: Wire, count: int) -> None:
    for number in range(count):
        await serving.subscribe(wire.native, DoSubscribe(channel=f"plain:server{number}"), None)


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "after waiting"])
def test_a_client_may_subscribe_to_so_many_and_leaving_one_makes_room(at_once: bool) -> None:
    async def test() -> None:
        async with started(_CONF) as engine:
            wire = await Wire(engine).connected()
            kind = "plain" if at_once else "kept"
            await _count_of_the_servers(engine, wire, 9)
            names = [f"{kind}:{number}" for number in range(_MOST + 1)]
            assert [0] * _MOST + [_LIMIT] == _codes(await wire.ask_all(*_subscribe(*names)))
            await wire.ask("unsubscribe", channel=names[0])
            await wire.ask("unsubscribe", channel=names[0])

            assert [0, _LIMIT] == _codes(await wire.ask_all(*_subscribe(names[-1], names[0])))

    run(test)


@pytest.mark.parametrize(
    ("refused", "code"),
    [
        pytest.param({"channel": "closed:1"}, 103, id="not allowed"),
        pytest.param({"channel": "asked:no"}, 103, id="not allowed by the application"),
        pytest.param({"channel": "nowhere:1"}, 102, id="no namespace"),
        pytest.param({"channel": "plain:here"}, 105, id="there is one"),
        pytest.param(
            {"channel": "kept:1", "recover": True, "offset": 7, "epoch": "old", "flag": 2}, 112, id="not recovered"
        ),
        pytest.param({"channel": "logged:1"}, 100, id="the history fails"),
    ],
)
def test_what_is_refused_does_not_count(refused: dict[str, Any], code: int) -> None:
    async def test() -> None:
        application = _Application()
        application.may_answer.set()
        async with started(_CONF, application) as engine:
            wire = await Wire(engine).connected()
            await wire.ask("subscribe", channel="plain:here")
            for _ in range(_MOST + 1):
                application.failures = 1
                assert [code] == _codes([await wire.ask("subscribe", **refused)])

            assert _MOST - 1 == await _left_over(wire)

    run(test)


def test_what_the_server_takes_away_does_not_count_any_more() -> None:
    async def test() -> None:
        async with started(_CONF) as engine:
            wire = await Wire(engine).connected()
            await wire.ask_all(*_subscribe("plain:a", "kept:b", "plain:c"))
            wire.native.unsubscribe("plain:a", Unsubscribed.INSUFFICIENT_STATE, "")
            wire.native.lose("kept:b")
            wire.native.subscriptions["plain:c"].expires_at = time.time() - GRACE_SECONDS - 1
            wire.native.subscriptions.note_end(wire.native.subscriptions["plain:c"].expires_at)
            wire.native.tick(time.monotonic())
            assert {} == wire.native.subscriptions

            assert _MOST == await _left_over(wire)

    run(test)


def test_what_takes_the_place_of_a_subscription_that_waits_is_not_taken_for_it() -> None:
    async def test() -> None:
        application = _Application()
        async with started(_CONF, application) as engine:
            wire = await Wire(engine).connected()
            wire.say(*_subscribe("asked:yes"))
            wire.native.unsubscribe("asked:yes", Unsubscribed.INSUFFICIENT_STATE, "")
            await serving.subscribe(wire.native, DoSubscribe(channel="asked:yes"), None)
            application.may_answer.set()
            await until(lambda: not engine.unfinished)

            assert [103] == _codes([message for message in wire.messages if message.get("id") == 2])
            assert wire.native.subscriptions["asked:yes"].is_servers
            assert _MOST == await _left_over(wire)

    run(test)


def test_an_end_that_is_put_off_is_looked_at_again_and_the_next_one_is_not_missed() -> None:
    async def test() -> None:
        async with started(_CONF) as engine:
            wire = await Wire(engine).connected()
            native = wire.native
            in_a_minute = time.time() + 60
            for number, expires_at in enumerate((in_a_minute, in_a_minute + 60, None)):
                native.subscriptions.add(f"plain:{number}", Subscription(expires_at=expires_at))
                native.subscriptions.note_end(expires_at)
            native.session._next_at = float("inf")
            assert native.due_at == pytest.approx(time.monotonic() + 60 + GRACE_SECONDS, abs=1)
            # The first is renewed.
            native.subscriptions["plain:0"].expires_at = in_a_minute + 90
            native.subscriptions.note_end(in_a_minute + 90)

            native._look_at_expiry(in_a_minute + GRACE_SECONDS + 1)
            assert 3 == len(native.subscriptions)
            assert native.due_at == pytest.approx(time.monotonic() + 120 + GRACE_SECONDS, abs=1)
            native._look_at_expiry(in_a_minute + 60 + GRACE_SECONDS + 1)
            assert ["plain:0", "plain:2"] == list(native.subscriptions)
            native._look_at_expiry(in_a_minute + 90 + GRACE_SECONDS + 1)
            assert ["plain:2"] == list(native.subscriptions)
            assert float("inf") == native.due_at

    run(test)


def test_subscribing_costs_no_more_for_who_has_many_subscriptions_of_the_servers() -> None:
    async def test() -> None:
        async with started(_CONF) as engine:
            light, heavy = await Wire(engine).connected(), await Wire(engine).connected()
            for number in range(2_000):
                heavy.native.subscriptions.add(f"plain:server{number}", Subscription(is_servers=True, is_live=True))
            frame = _subscribe(*(f"plain:{number}" for number in range(2_000)))
            for wire in (light, heavy):
                wire.say(*frame)

            # Processor time and the best of several, since other tests run beside this one.
            assert min(_seconds(heavy, frame) for _ in range(5)) < 3 * min(_seconds(light, frame) for _ in range(5))

    run(test)


def _seconds(wire: Wire, frame: list[tuple[str, dict[str, Any]]]) -> float:
    began = time.thread_time()
    wire.say(*frame)
    return time.thread_time() - began
