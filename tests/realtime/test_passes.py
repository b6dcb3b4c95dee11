"""What is pending leaves in passes: joined per channel, in order, without holding the loop."""

import collections
from collections.abc import Callable, Sequence, Set

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.realtime import passes as module
from teahouse.realtime.passes import Batch, Passes


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


class Noting:
    """Keeps what it was given, and each delivery apart."""

    def __init__(self) -> None:
        self.frames: list[str] = []
        self.deliveries: list[list[str]] = []

    def deliver(self, batches: Sequence[Batch[str]]) -> None:
        items = [item for batch in batches for item in batch.items]
        self.frames += items
        self.deliveries.append(items)


class Listeners:
    def __init__(self) -> None:
        self.channels: dict[str, list[Noting]] = collections.defaultdict(list)
        self.fresh: dict[str, list[tuple[Noting, int]]] = collections.defaultdict(list)
        self.leavers: set[tuple[Noting, str]] | None = None

    def listeners_of(self, channel: str) -> Sequence[Noting]:
        return tuple(self.channels[channel])

    def take_fresh(self, channel: str) -> Sequence[tuple[Noting, int]]:
        fresh = self.fresh.pop(channel, [])
        self.channels[channel] += [listener for listener, _ in fresh]
        return fresh

    def begin_pass(self) -> Set[tuple[Noting, str]]:
        self.leavers = set()
        return self.leavers

    def end_pass(self) -> None:
        self.leavers = None


class House:
    def __init__(self) -> None:
        self.loop = Loop()
        self.listeners = Listeners()
        self.channels = self.listeners.channels
        self.given: list[int] = []
        # Behind a long pass: for how long the next one was put off.
        self.rests: list[float] = []
        self.passes: Passes[str] = Passes(
            self.listeners, call_soon=self.loop.calls.append, call_later=self._later, given=self.given.append
        )

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        self.rests.append(seconds)
        self.loop.calls.append(call)


@pytest.fixture
def house() -> House:
    return House()


def test_what_is_pending_for_a_channel_is_one_batch_for_each_of_its_connections(house: House) -> None:
    phone, stranger = Noting(), Noting()
    house.channels["room:1"], house.channels["room:2"] = [phone], [stranger]
    for frame in ("a", "b", "c"):
        house.passes.add("room:1", frame)
    assert [] == phone.deliveries

    house.loop.turn()
    assert [["a", "b", "c"]] == phone.deliveries
    assert [] == stranger.deliveries
    assert [3] == house.given


class Counting:
    """An encoding that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def message(self, item: str) -> bytes | None:
        self.asked += 1
        return None if item == "unspeakable" else item.encode()

    def websocket(self, messages: Sequence[bytes]) -> bytes:
        return b"|".join(messages)


def test_a_batch_is_encoded_once_for_each_protocol() -> None:
    batch = Batch("room:1", ["你好", "unspeakable", "b"])
    first, second = Counting(), Counting()

    assert "你好|b".encode() == batch.wire(first) == batch.wire(first)
    assert ["你好".encode(), b"b"] == batch.messages(first) == batch.messages(second)
    assert [3, 3] == [first.asked, second.asked]
    assert b"" == Batch("room:1", ["unspeakable"]).wire(first)


def test_what_is_pending_in_several_channels_is_one_delivery_to_whoever_hears_them(house: House) -> None:
    both, one = Noting(), Noting()
    house.channels["room:1"], house.channels["room:2"] = [both, one], [both]
    for channel, frame in (("room:1", "a"), ("room:2", "x"), ("room:1", "b")):
        house.passes.add(channel, frame)
    house.loop.turn_until_idle()

    assert [["a", "b", "x"]] == both.deliveries
    assert [["a", "b"]] == one.deliveries
    assert 5 == sum(house.given)


@pytest.mark.parametrize("other", [False, True], ids=["one channel", "among others"])
def test_who_joins_hears_nothing_of_what_was_pending_before(house: House, other: bool) -> None:
    old, fresh = Noting(), Noting()
    house.channels["room:1"] = [old]
    house.passes.add("room:1", "a")
    house.passes.add("room:1", "b")
    house.listeners.fresh["room:1"].append((fresh, house.passes.pending_in("room:1")))
    house.passes.add("room:1", "c")
    if other:
        house.channels["room:2"] = [old]
        house.passes.add("room:2", "x")
    house.loop.turn_until_idle()
    house.passes.add("room:1", "d")
    house.loop.turn_until_idle()

    assert ["c", "d"] == fresh.frames
    assert ["a", "b", "c", "d"] == [frame for frame in old.frames if frame != "x"]
    assert 0 == house.passes.pending_in("room:1")


def test_what_comes_during_a_pass_is_in_it_or_in_the_next(house: House) -> None:
    class Answering(Noting):
        def deliver(self, batches: Sequence[Batch[str]]) -> None:
            super().deliver(batches)
            if batches[0].items == ["question"]:
                house.passes.add("room:1", "answer")

    answering, hearing = Answering(), Noting()
    house.channels["room:1"] = [answering, hearing]
    house.passes.add("room:1", "question")
    house.loop.turn_until_idle()

    assert ["question", "answer"] == answering.frames == hearing.frames


def test_who_leaves_during_a_pass_and_who_joins_during_it(house: House) -> None:
    late = Noting()

    class Leaving(Noting):
        def deliver(self, batches: Sequence[Batch[str]]) -> None:
            super().deliver(batches)
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


def test_behind_a_long_pass_the_next_one_waits_a_little_and_a_lone_one_does_not(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_HOLD_SECONDS", -1.0)
    monkeypatch.setattr(module, "_LONG_SECONDS", 0.0)
    listener = Noting()
    house.channels["room:1"] = [listener]
    house.passes.add("room:1", "a")
    house.loop.turn_until_idle()
    assert [] == house.rests

    house.passes.add("room:1", "b")
    house.loop.turn()
    house.passes.add("room:1", "c")
    house.loop.turn()
    assert 1 == len(house.rests)
    assert 0 < house.rests[0] <= module._REST_SECONDS
    house.passes.add("room:1", "d")
    house.loop.turn_until_idle()
    assert [["a"], ["b"], ["c", "d"]] == listener.deliveries


@pytest.mark.parametrize("other", [False, True], ids=["one channel", "among others"])
def test_who_leaves_during_a_pass_gets_nothing_more_of_that_channel_even_if_back(
    house: House, other: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_HOLD_SECONDS", -1.0)
    first, *listeners = [Noting() for _ in range(300)]
    house.channels["room:1"] = [first, *listeners]
    house.passes.add("room:1", "a")
    if other:
        house.channels["room:2"] = [first, *listeners]
        house.passes.add("room:2", "x")
    while not first.frames:
        house.loop.turn()
    assert house.listeners.leavers == set()
    house.listeners.leavers |= {(listener, "room:1") for listener in listeners}
    house.passes.add("room:1", "b")
    house.loop.turn_until_idle()

    late = listeners[-1]
    assert ["x", "b"] == late.frames if other else ["b"] == late.frames
    assert [] not in late.deliveries
    assert house.listeners.leavers is None


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


@pytest.mark.parametrize("other", [False, True], ids=["one channel", "among others"])
def test_a_connection_that_fails_is_the_end_of_nobody_elses(house: House, other: bool) -> None:
    class Failing(Noting):
        def deliver(self, batches: Sequence[Batch[str]]) -> None:
            raise ValueError

    well = Noting()
    house.channels["room:1"] = [Failing(), well]
    for frame in ("a", "b"):
        house.passes.add("room:1", frame)
        if other:
            house.passes.add("room:2", "x")
        house.loop.turn_until_idle()

    assert ["a", "b"] == well.frames
