"""What is pending leaves in passes: joined per channel, in order, without holding the loop."""

import collections
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.realtime import passes as module
from teahouse.realtime.passes import Batch, Passes
from teahouse.realtime.wire.framing import text_frame
from tests.realtime.fakes import Listener


class Loop:
    """A loop that turns when it is told to."""

    def __init__(self) -> None:
        self.calls: collections.deque[Callable[[], None]] = collections.deque()

    def turn(self) -> None:
        for _ in range(len(self.calls)):
            self.calls.popleft()()

    def turn_until_idle(self) -> int:
        turns = 0
        while self.calls:
            self.turn()
            turns += 1
        return turns


class House:
    def __init__(self) -> None:
        self.loop = Loop()
        self.channels: dict[str, list[Listener]] = collections.defaultdict(list)
        self.given: list[int] = []
        self.passes = Passes(
            lambda channel: self.channels[channel], call_soon=self.loop.calls.append, given=self.given.append
        )


@pytest.fixture
def house() -> House:
    return House()


class Noting(Listener):
    """Keeps batches apart."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[list[str]] = []

    def deliver(self, batch: Batch) -> None:
        super().deliver(batch)
        self.batches.append(list(batch.frames))


def test_what_is_pending_for_a_channel_is_one_batch_for_each_of_its_connections(house: House) -> None:
    phone, stranger = Noting(), Noting()
    house.channels["room:1"], house.channels["room:2"] = [phone], [stranger]
    for frame in ("a", "b", "c"):
        house.passes.add("room:1", frame)
    assert [] == phone.batches

    house.loop.turn()
    assert [["a", "b", "c"]] == phone.batches
    assert [] == stranger.batches
    assert [3] == house.given


def test_a_batch_is_encoded_once_for_all() -> None:
    batch = Batch(["你好", "b"])

    assert text_frame("你好") + text_frame("b") == batch.wire
    assert batch.wire is batch.wire


def test_what_comes_during_a_pass_is_in_it_or_in_the_next(house: House) -> None:
    class Answering(Noting):
        def deliver(self, batch: Batch) -> None:
            super().deliver(batch)
            if batch.frames == ["question"]:
                house.passes.add("room:1", "answer")

    answering, hearing = Answering(), Noting()
    house.channels["room:1"] = [answering, hearing]
    house.passes.add("room:1", "question")
    house.loop.turn_until_idle()

    assert ["question", "answer"] == answering.frames == hearing.frames


def test_who_leaves_during_a_pass_and_who_joins_during_it(house: House) -> None:
    late = Noting()

    class Leaving(Noting):
        def deliver(self, batch: Batch) -> None:
            super().deliver(batch)
            house.channels["room:1"].remove(self)
            if late not in house.channels["room:1"]:
                house.channels["room:1"].append(late)

    leaving = [Leaving() for _ in range(5)]
    house.channels["room:1"] = list(leaving)
    house.passes.add("room:1", "a")
    house.loop.turn_until_idle()
    house.passes.add("room:1", "b")
    house.loop.turn_until_idle()

    assert [["a"]] * 5 == [listener.frames for listener in leaving]
    assert ["b"] == late.frames


def test_a_long_pass_lets_the_loop_turn_in_between(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    # No time at all may be spent at once, so every group of connections is a turn of its own.
    monkeypatch.setattr(module, "_HOLD_SECONDS", -1.0)
    listeners = [Noting() for _ in range(1_000)]
    house.channels["room:1"] = list(listeners)
    house.passes.add("room:1", "a")

    assert 8 <= house.loop.turn_until_idle()
    assert [["a"]] * 1_000 == [listener.frames for listener in listeners]


def test_a_pass_for_nobody_ends(house: House) -> None:
    house.passes.add("room:1", "a")
    house.loop.turn_until_idle()
    house.channels["room:1"] = [listener := Noting()]
    house.passes.add("room:1", "b")
    house.loop.turn_until_idle()

    assert ["b"] == listener.frames


@given(st.lists(st.one_of(st.tuples(st.sampled_from("xyz"), st.integers()), st.none()), max_size=60))
def test_each_channel_keeps_its_order_and_nothing_is_lost_or_doubled(steps: list[tuple[str, int] | None]) -> None:
    house = House()
    listeners = {channel: Noting() for channel in "xyz"}
    for channel, listener in listeners.items():
        house.channels[channel] = [listener]
    for step in steps:
        if step is None:
            house.loop.turn()
        else:
            house.passes.add(step[0], str(step[1]))
    house.loop.turn_until_idle()

    for channel, listener in listeners.items():
        assert [str(step[1]) for step in steps if step and step[0] == channel] == listener.frames
