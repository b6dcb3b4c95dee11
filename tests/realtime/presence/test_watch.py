"""Hints and snapshots that cross each other; the presence of other processes answers when the test says so."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Mapping
from typing import Any

import pytest

from teahouse.realtime.application import ClientInfo
from teahouse.realtime.broker.base import BrokerAway, PresenceChanged
from tests.realtime.fakes import until
from tests.realtime.presence.nodes import Node, run

ANNE = ClientInfo("1", "a")
ANNES_PHONE = ClientInfo("1", "a2")
BOB = ClientInfo("2", "b")
CAROL = ClientInfo("3", "c")


class ScriptedPresence:
    """What other processes have is in `others_there`; it is read once `answer` is set."""

    def __init__(self) -> None:
        self.expiry_seconds = 1.0
        self.own: dict[str, ClientInfo] = {}
        self.others_there: dict[str, dict[str, ClientInfo]] = {}
        self.gone: set[str] = set()
        self.is_away = False
        self.answer = asyncio.Event()
        self.answer.set()
        self.asked = 0
        self.looks = 0

    async def start(self, *, node: str, publish: Callable[[PresenceChanged], None]) -> None: ...

    async def stop(self) -> None: ...

    def arrive(self, channel: str, info: ClientInfo) -> None: ...

    def depart(self, channel: str, client: str) -> None: ...

    async def present(self, channel: str) -> dict[str, ClientInfo]:
        return {}

    async def stats(self, channel: str) -> tuple[int, int]:
        return 0, 0

    def told(self, channel: str) -> Mapping[str, ClientInfo]:
        return self.own

    async def others(self, channel: str, *, expected: Collection[str] = ()) -> dict[str, dict[str, ClientInfo]]:
        self.asked += 1
        await self.answer.wait()
        if self.is_away:
            raise BrokerAway
        there = {node: dict(clients) for node, clients in self.others_there.items() if clients or node in expected}
        return {node: clients for node, clients in there.items() if node not in self.gone}

    async def missing(self, nodes: Collection[str]) -> set[str]:
        self.looks += 1
        if self.is_away:
            raise BrokerAway
        return self.gone & set(nodes)


def watching(test: Callable[[Node, ScriptedPresence], Coroutine[Any, Any, None]]) -> None:
    """As the process n1."""

    async def live() -> None:
        presence = ScriptedPresence()
        node = Node("n1", presence)
        node.watch.start(node="n1")
        try:
            await test(node, presence)
        finally:
            await node.watch.stop()

    run(live())


def joined(node: str, *infos: ClientInfo) -> PresenceChanged:
    return PresenceChanged(channel="c", node=node, joined=infos)


def left(node: str, *infos: ClientInfo) -> PresenceChanged:
    return PresenceChanged(channel="c", node=node, left=infos)


async def reading(node: Node, presence: ScriptedPresence) -> None:
    """A snapshot is asked for and not answered yet."""
    asked = presence.asked
    presence.answer.clear()
    if "c" in node.watch._watched:
        node.watch.reconnected()
    else:
        node.watch.begin("c")
    await until(lambda: presence.asked > asked)


async def begun(node: Node) -> None:
    node.watch.begin("c")
    await until(lambda: node.has_read("c"))


def test_who_comes_while_the_first_snapshot_is_read_is_told_in_it_or_not() -> None:
    async def test(node: Node, presence: ScriptedPresence) -> None:
        await reading(node, presence)
        presence.others_there = {"n2": {"a": ANNE, "b": BOB}}
        node.watch.receive(joined("n2", BOB))
        node.watch.receive(joined("n3", CAROL))
        assert [] == node.joined
        presence.answer.set()
        await until(lambda: node.has_read("c"))

        assert ["b", "c"] == node.joined
        node.watch.receive(left("n2", ANNE))
        assert ["a"] == node.left

    watching(test)


def test_who_goes_while_a_snapshot_is_read_does_not_stay_by_it() -> None:
    async def test(node: Node, presence: ScriptedPresence) -> None:
        presence.others_there = {"n2": {"a": ANNE}}
        await begun(node)
        await reading(node, presence)
        node.watch.receive(left("n2", ANNE))
        presence.answer.set()
        await until(lambda: node.left)

        assert (["a"], []) == (node.left, node.joined)

    watching(test)


def test_a_snapshot_tells_what_hints_have_missed() -> None:
    async def test(node: Node, presence: ScriptedPresence) -> None:
        presence.others_there = {"n2": {"a": ANNE}, "n3": {"c": CAROL}}
        await begun(node)
        presence.others_there = {"n2": {"b": BOB}, "n3": {}}
        node.watch.reconnected()
        await until(lambda: node.joined)

        assert (["b"], ["a", "c"]) == (node.joined, sorted(node.left))

    watching(test)


def test_what_others_write_soon_after_redis_was_away_is_found_without_a_hint() -> None:
    async def test(node: Node, presence: ScriptedPresence) -> None:
        presence.others_there = {"n2": {"a": ANNE}}
        await begun(node)
        node.watch.reconnected()
        asked = presence.asked
        await until(lambda: presence.asked > asked)
        # The other process has found Redis only now.
        presence.others_there = {"n2": {"b": BOB}}

        await until(lambda: node.left, seconds=2)
        assert (["b"], ["a"]) == (node.joined, node.left)

    watching(test)


def test_a_process_that_is_missing_in_a_snapshot_is_not_gone_yet() -> None:
    async def test(node: Node, presence: ScriptedPresence) -> None:
        presence.expiry_seconds = 1.0
        presence.others_there = {"n2": {"a": ANNE}}
        await begun(node)
        presence.gone = {"n2"}
        asked = presence.asked
        node.watch.reconnected()
        await until(lambda: presence.asked > asked)
        await until(lambda: presence.looks)
        assert [] == node.left

        looks = presence.looks
        await until(lambda: node.left)
        assert ["a"] == node.left
        assert presence.looks - looks >= 2

    watching(test)


def test_while_nobody_can_be_asked_nobody_is_gone() -> None:
    async def test(node: Node, presence: ScriptedPresence) -> None:
        presence.others_there = {"n2": {"a": ANNE}}
        await begun(node)
        presence.gone, presence.is_away = {"n2"}, True
        await until(lambda: presence.looks > 8)

        assert [] == node.left

    watching(test)


def test_who_was_missing_before_nobody_could_be_asked_has_to_be_missing_again() -> None:
    async def test(node: Node, presence: ScriptedPresence) -> None:
        presence.others_there = {"n2": {"a": ANNE}}
        await begun(node)
        presence.gone, looks = {"n2"}, presence.looks
        await until(lambda: presence.looks > looks)
        presence.is_away, looks = True, presence.looks
        await until(lambda: presence.looks > looks + 5)
        presence.is_away, looks = False, presence.looks
        await until(lambda: node.left)

        assert presence.looks - looks >= 4

    watching(test)


@pytest.mark.parametrize(
    ("hints", "told"),
    [
        pytest.param([joined("n1", ANNE), joined("n1", ANNE)], (["a"], []), id="twice"),
        pytest.param([joined("n1", BOB)], ([], []), id="of one who has gone since"),
        pytest.param([joined("n1", ANNE), left("n1", ANNE)], (["a"], []), id="of a going that was undone"),
    ],
)
def test_of_its_own_connections_a_hint_is_believed_as_far_as_it_is_still_so(
    hints: list[PresenceChanged], told: tuple[list[str], list[str]]
) -> None:
    async def test(node: Node, presence: ScriptedPresence) -> None:
        presence.is_away = True
        node.watch.begin("c")
        presence.own = {"a": ANNE}
        for hint in hints:
            node.watch.receive(hint)

        assert told == (node.joined, node.left)

    watching(test)


def test_a_channel_that_ended_while_its_snapshot_was_read_stays_forgotten() -> None:
    async def test(node: Node, presence: ScriptedPresence) -> None:
        presence.others_there = {"n2": {"a": ANNE}}
        await reading(node, presence)
        node.watch.receive(joined("n2", BOB))
        node.watch.end("c")
        presence.answer.set()
        await until(lambda: not node.watch._due)
        await begun(node)
        node.watch.receive(left("n2", ANNE))

        assert ([], ["a"]) == (node.joined, node.left)

    watching(test)


def test_listeners_that_fail_harm_nobody_else() -> None:
    async def test(node: Node, presence: ScriptedPresence) -> None:
        await begun(node)
        # What `Node` asserts fails: it believes that Anne is there already.
        node.there = {"c": {"a": ANNE}}
        node.watch.receive(joined("n2", ANNE))
        node.watch.receive(joined("n2", BOB))

        assert ["b"] == node.joined
        assert ["1", "2"] == node.arrived

    watching(test)


def test_people_who_were_there_are_no_arrivals_and_their_other_devices_neither() -> None:
    async def test(node: Node, presence: ScriptedPresence) -> None:
        presence.others_there = {"n2": {"a": ANNE}}
        await begun(node)
        node.watch.receive(joined("n3", ANNES_PHONE, BOB))

        assert ["2"] == node.arrived

    watching(test)
