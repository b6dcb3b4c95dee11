"""Who is there, whatever the hints do; each arrival and each departure is told once."""

from collections.abc import Callable
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse.realtime.application import ClientInfo
from teahouse.realtime.presence.state import Absences, Changes, PresenceState

ANNE = ClientInfo("1", "a")
ANNES_PHONE = ClientInfo("1", "a2")
BOB = ClientInfo("2", "b")
BOB_RENAMED = ClientInfo("2", "b", conn_info=b'{"name":"Robert"}')
STRANGER = ClientInfo("", "s")
OTHER_STRANGER = ClientInfo("", "s2")


@pytest.fixture
def state() -> PresenceState:
    """Anne is in the room by one process, Bob by another."""
    state = PresenceState()
    state.changed("room:1", "n1", [ANNE], [])
    state.changed("room:1", "n2", [BOB], [])
    return state


Step: TypeAlias = Callable[[PresenceState], Changes]


@pytest.mark.parametrize(
    ("step", "joined", "left"),
    [
        pytest.param(lambda s: s.changed("room:1", "n1", [STRANGER], []), [STRANGER], [], id="somebody comes"),
        pytest.param(lambda s: s.changed("room:1", "n1", [ANNES_PHONE], []), [ANNES_PHONE], [], id="a second device"),
        pytest.param(lambda s: s.changed("room:1", "n2", [], [BOB]), [], [BOB], id="somebody goes"),
        pytest.param(lambda s: s.changed("room:1", "n1", [ANNE], []), [], [], id="somebody comes again"),
        pytest.param(lambda s: s.changed("room:1", "n1", [], [STRANGER]), [], [], id="an unknown one goes"),
        pytest.param(lambda s: s.changed("room:1", "n1", [], [BOB]), [], [], id="one of another process goes"),
        pytest.param(lambda s: s.changed("room:2", "n2", [], [BOB]), [], [], id="one of another channel goes"),
        pytest.param(
            lambda s: s.changed("room:1", "n2", [], [BOB_RENAMED]), [], [BOB], id="who goes is told as they were known"
        ),
        pytest.param(
            lambda s: s.changed("room:1", "n2", [BOB_RENAMED], []), [BOB_RENAMED], [BOB], id="the infos change"
        ),
        pytest.param(
            lambda s: s.changed("room:1", "n1", [ANNES_PHONE], [ANNE]), [ANNES_PHONE], [ANNE], id="a page is reloaded"
        ),
        pytest.param(lambda s: s.replaced("room:1", "n2", {"b": BOB}), [], [], id="a snapshot of what is known"),
        pytest.param(
            lambda s: s.replaced("room:1", "n2", {"s": STRANGER}), [STRANGER], [BOB], id="a snapshot of others"
        ),
        pytest.param(
            lambda s: s.replaced("room:1", "n2", {"b": BOB_RENAMED}), [BOB_RENAMED], [BOB], id="a snapshot of new infos"
        ),
        pytest.param(lambda s: s.replaced("room:1", "n2", {}), [], [BOB], id="an empty snapshot"),
        pytest.param(lambda s: s.replaced("room:1", "n3", {}), [], [], id="an empty snapshot of an unknown process"),
    ],
)
def test_what_changes_is_told_and_nothing_else(
    state: PresenceState, step: Step, joined: list[ClientInfo], left: list[ClientInfo]
) -> None:
    assert Changes(joined, left) == step(state)
    assert not step(state), "the same again tells nobody"


def test_a_process_takes_its_connections_with_it_and_no_others(state: PresenceState) -> None:
    state.changed("room:2", "n2", [STRANGER], [])

    assert {"room:1": Changes([], [BOB]), "room:2": Changes([], [STRANGER])} == state.node_gone("n2")
    assert {"a": ANNE} == state.present("room:1")
    assert {} == state.node_gone("n2")
    assert {"n1"} == state.nodes()


def test_a_channel_that_is_forgotten_is_unknown(state: PresenceState) -> None:
    state.forget("room:1")

    assert {} == state.present("room:1")
    assert set() == state.nodes("room:1") == state.nodes()
    assert Changes([ANNE], []) == state.changed("room:1", "n1", [ANNE], [])


def test_people_are_counted_by_connection_and_strangers_are_one_user_of_the_figures(state: PresenceState) -> None:
    state.changed("room:1", "n2", [ANNES_PHONE, STRANGER, OTHER_STRANGER], [])

    assert {"1": 2, "2": 1, "": 2} == state.people("room:1")
    assert (5, 3) == state.stats("room:1")
    assert (0, 0) == state.stats("room:9")


def test_a_process_is_gone_when_every_look_has_missed_it_for_long_enough() -> None:
    absences = Absences(3)

    assert [] == absences.judge({"n1", "n2"}, now=10)
    assert [] == absences.judge({"n2"}, now=12)
    assert ["n2"] == absences.judge({"n1", "n2"}, now=13)
    assert [] == absences.judge({"n1", "n2"}, now=15)
    assert ["n1"] == absences.judge({"n1", "n2"}, now=16)


def test_looks_that_were_not_possible_condemn_nobody() -> None:
    absences = Absences(3)
    absences.judge({"n1"}, now=10)
    absences.forget()

    assert [] == absences.judge({"n1"}, now=20)


class Listener:
    """Does with what it is told what a client does."""

    def __init__(self) -> None:
        self.there: dict[str, ClientInfo] = {}

    def hear(self, changes: Changes) -> None:
        for info in changes.left:
            assert info == self.there.pop(info.client), "who is told as gone was there"
        for info in changes.joined:
            assert info.client not in self.there, "who is told as new was not there"
            self.there[info.client] = info


NODES = ("n1", "n2", "n3")

# What happens in a process: a connection that comes (with one of two infos) or goes.
happenings = st.lists(
    st.tuples(st.sampled_from(NODES), st.integers(0, 3), st.sampled_from(["come", "come otherwise", "go"])), max_size=40
)


class Node:
    """An honest process: it hints at what has changed, and at nothing else."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.clients: dict[str, ClientInfo] = {}
        self.hints: list[tuple[list[ClientInfo], list[ClientInfo]]] = []

    def do(self, number: int, what: str) -> None:
        client = f"{self.name}-{number}"
        before = self.clients.get(client)
        if what == "go":
            if before is not None:
                self.hints.append(([], [self.clients.pop(client)]))
            return
        info = ClientInfo(str(number % 2), client, what.encode())
        if info != before:
            self.clients[client] = info
            self.hints.append(([info], []))


def nodes_after(history: list[tuple[str, int, str]]) -> dict[str, Node]:
    nodes = {name: Node(name) for name in NODES}
    for name, number, what in history:
        nodes[name].do(number, what)
    return nodes


def union_of(nodes: dict[str, Node]) -> dict[str, ClientInfo]:
    return {client: info for node in nodes.values() for client, info in node.clients.items()}


@settings(max_examples=300, deadline=None)
@given(history=happenings, data=st.data())
def test_hints_in_each_process_own_order_are_enough_whatever_is_repeated(
    history: list[tuple[str, int, str]], data: st.DataObject
) -> None:
    nodes = nodes_after(history)
    state, listener = PresenceState(), Listener()
    at = dict.fromkeys(NODES, 0)
    while behind := [name for name in NODES if at[name] < len(nodes[name].hints)]:
        name = data.draw(st.sampled_from(behind))
        # A broker that lost its connection goes back and sends the last ones again.
        for position in range(max(0, at[name] - data.draw(st.integers(0, 3))), at[name] + 1):
            listener.hear(state.changed("c", name, *nodes[name].hints[position]))
        at[name] += 1

    assert union_of(nodes) == state.present("c") == listener.there


@settings(max_examples=300, deadline=None)
@given(history=happenings, data=st.data())
def test_any_order_loss_and_doubling_ends_with_the_next_snapshot(
    history: list[tuple[str, int, str]], data: st.DataObject
) -> None:
    nodes = nodes_after(history)
    state, listener = PresenceState(), Listener()
    hints = [(name, hint) for name in NODES for hint in nodes[name].hints]
    if hints:
        for name, hint in data.draw(st.lists(st.sampled_from(hints), max_size=2 * len(hints))):
            listener.hear(state.changed("c", name, *hint))
            if data.draw(st.integers(0, 9)) == 0:
                for changes in state.node_gone(name).values():
                    listener.hear(changes)
    for name, node in nodes.items():
        listener.hear(state.replaced("c", name, node.clients))

    assert union_of(nodes) == state.present("c") == listener.there
