"""Who unsubscribes and subscribes again, at whatever moment, hears each publication once and in its place."""

import asyncio
import random
from typing import Any

import pytest

from teahouse.realtime import passes
from teahouse.realtime.application import Publication
from teahouse.realtime.conf import Conf
from teahouse.realtime.engine import Engine
from teahouse.realtime.namespaces import Namespace
from tests.realtime.fakes import until
from tests.realtime.native.wires import Wire, run, started

_CONF = Conf(
    application="none",
    key="k" * 32,
    allow_strangers=True,
    namespaces={"kept": Namespace(kind="kept", history_size=1_000, may_subscribe="anyone")},
)
_CHANNELS = ("kept:a", "kept:b")


class _Client:
    """What a client of the protocol makes of what it reads: `heard` are the offsets of a channel, in their order."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.heard: dict[str, list[int]] = {channel: [] for channel in _CHANNELS}
        self._subscribed: set[str] = set()
        self._epochs: dict[str, str] = {}
        self._asked: dict[int, tuple[str, str]] = {}
        self._read = 0

    def subscribe(self, channel: str) -> None:
        """From where it was, if it was."""
        self.read()
        since = {}
        if channel in self._epochs:
            since = {"recover": True, "epoch": self._epochs[channel], "offset": self.last(channel)}
        self._say("subscribe", channel, **since)

    def unsubscribe(self, channel: str) -> None:
        self._say("unsubscribe", channel)

    def last(self, channel: str) -> int:
        return self.heard[channel][-1] if self.heard[channel] else 0

    def read(self) -> None:
        for message in self.wire.messages[self._read :]:
            push = message.get("push")
            if push is None:
                self._answered(message)
            else:
                assert push["channel"] in self._subscribed
                self.heard[push["channel"]].append(push["pub"]["offset"])
        self._read = len(self.wire.messages)

    def _say(self, method: str, channel: str, **params: Any) -> None:
        (command_id,) = self.wire.say((method, {"channel": channel, **params}))
        self._asked[command_id] = (method, channel)

    def _answered(self, message: Any) -> None:
        method, channel = self._asked.pop(message["id"], ("connect", ""))
        assert "error" not in message
        if method == "unsubscribe":
            self._subscribed.remove(channel)
        elif method == "subscribe":
            result = message["subscribe"]
            assert result.get("recovered", False) is (channel in self._epochs)
            self._subscribed.add(channel)
            self._epochs[channel] = result["epoch"]
            self.heard[channel] += [pub["offset"] for pub in result.get("publications", ())]


async def _clients(engine: Engine, count: int) -> list[_Client]:
    clients = [_Client(await Wire(engine).connected()) for _ in range(count)]
    for client in clients:
        for channel in _CHANNELS:
            client.subscribe(channel)
    await until(lambda: not engine.unfinished)
    return clients


async def _publish(engine: Engine, channel: str) -> None:
    await engine.publish(Publication(channel=channel, data=b"{}"))


@pytest.fixture(autouse=True)
def _slow_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each gives to one connection on one turn of the loop."""
    monkeypatch.setattr(passes, "_HOLD_SECONDS", -1.0)
    monkeypatch.setattr(passes, "_GIVEN_AT_ONCE", 1)


@pytest.mark.parametrize("channels", [_CHANNELS[:1], _CHANNELS], ids=["one channel", "two at once"])
def test_who_comes_back_in_the_middle_of_a_pass_hears_nothing_twice(channels: tuple[str, ...]) -> None:
    async def test() -> None:
        async with started(_CONF) as engine:
            clients = await _clients(engine, 10)
            for channel in channels:
                await _publish(engine, channel)
            await _in_the_middle_of_a_pass(clients)
            for client in clients:
                client.unsubscribe("kept:a")
                client.subscribe("kept:a")
            await _publish(engine, "kept:a")
            await until(lambda: _have_all_heard(clients, "kept:a", 2))

            assert [[1, 2]] * 10 == [client.heard["kept:a"] for client in clients]
            assert [[1] * (len(channels) - 1)] * 10 == [client.heard["kept:b"] for client in clients]

    run(test)


async def _in_the_middle_of_a_pass(clients: list[_Client]) -> None:
    while not (heard := sum("push" in client.wire.messages[-1] for client in clients)):  # noqa: ASYNC110 (each turn)
        await asyncio.sleep(0)
    assert heard < len(clients)


def _have_all_heard(clients: list[_Client], channel: str, last: int) -> bool:
    for client in clients:
        client.read()
    return all(client.last(channel) == last for client in clients)


def test_who_leaves_in_the_middle_of_a_pass_hears_nothing_behind_the_answer() -> None:
    async def test() -> None:
        async with started(_CONF) as engine:
            clients, others = await _clients(engine, 10), await _clients(engine, 1)
            await _publish(engine, "kept:a")
            await _in_the_middle_of_a_pass(clients)
            for client in clients:
                client.unsubscribe("kept:a")
            await _publish(engine, "kept:a")
            await until(lambda: _have_all_heard(others, "kept:a", 2))
            for client in clients:
                client.read()

            assert {0, 1} == {client.last("kept:a") for client in clients}

    run(test)


@pytest.mark.parametrize("seed", range(10))
def test_coming_back_at_any_moment_leaves_no_seam(seed: int) -> None:
    dice = random.Random(seed)
    last = 60

    async def test() -> None:
        async with started(_CONF) as engine:
            clients = await _clients(engine, 8)
            for _ in range(last):
                for channel in _CHANNELS:
                    await _publish(engine, channel)
                for _ in range(dice.randrange(12)):
                    await asyncio.sleep(0)
                for client in dice.sample(clients, dice.randrange(4)):
                    channel = dice.choice(_CHANNELS)
                    client.unsubscribe(channel)
                    for _ in range(dice.choice((0, 0, 1, 5))):
                        await asyncio.sleep(0)
                    client.subscribe(channel)
            for channel in _CHANNELS:
                await until(lambda: _have_all_heard(clients, channel, last))  # noqa: B023

            for client in clients:
                assert {channel: list(range(1, last + 1)) for channel in _CHANNELS} == client.heard

    run(test)
