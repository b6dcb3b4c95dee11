"""Every offset once and in order, whatever the network does to the hints."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from teahouse.realtime.position import Position, Verdict


@pytest.fixture
def position() -> Position:
    return Position(offset=5, epoch="e")


@pytest.mark.parametrize(
    ("offset", "verdict", "after"),
    [
        pytest.param(6, Verdict.DELIVER, 6, id="the next one"),
        pytest.param(5, Verdict.DROP, 5, id="the last one again"),
        pytest.param(1, Verdict.DROP, 5, id="an old one"),
        pytest.param(7, Verdict.FILL, 5, id="one is missing"),
        pytest.param(5_000_000_000, Verdict.FILL, 5, id="many are missing"),
    ],
)
def test_an_offset_says_what_to_do(position: Position, offset: int, verdict: Verdict, after: int) -> None:
    assert verdict == position.judge(offset, "e")
    assert after == position.offset


@pytest.mark.parametrize(
    ("head", "verdict"),
    [
        pytest.param(5, Verdict.DROP, id="as far as we are"),
        pytest.param(4, Verdict.DROP, id="read before the last push"),
        pytest.param(6, Verdict.FILL, id="further"),
    ],
)
def test_a_head_says_whether_something_was_lost(position: Position, head: int, verdict: Verdict) -> None:
    assert verdict == position.judge_head(head, "e")
    assert 5 == position.offset


def test_it_is_behind_from_a_hole_until_what_was_announced_is_there(position: Position) -> None:
    assert not position.is_behind

    position.judge(8, "e")
    for offset in (6, 7):
        position.judge(offset, "e")
        assert position.is_behind
    position.judge(8, "e")

    assert not position.is_behind


def test_giving_up_leaves_the_offset_and_ends_the_wait(position: Position) -> None:
    position.judge(8, "e")
    position.give_up()

    assert not position.is_behind
    assert Verdict.DELIVER == position.judge(6, "e")


def test_another_epoch_is_not_believed_before_the_history_was_asked(position: Position) -> None:
    assert Verdict.FILL == position.judge(6, "f")
    assert position.is_doubted
    assert position.is_behind
    # What is of the known one goes on meanwhile.
    assert Verdict.DELIVER == position.judge(6, "e")

    position.move_to(3, "f")
    assert not position.is_behind
    assert [Verdict.DROP, Verdict.DELIVER] == [position.judge(offset, "f") for offset in (3, 4)]


def test_another_epoch_in_a_head_is_looked_into(position: Position) -> None:
    assert Verdict.FILL == position.judge_head(2, "f")
    assert position.is_doubted
    position.give_up()
    assert not position.is_behind


def test_a_head_of_a_channel_in_which_nothing_had_happened_is_read_from_its_beginning() -> None:
    position = Position(offset=0, epoch="")

    assert Verdict.FILL == position.judge_head(2, "f")
    assert 0 == position.offset


def test_a_channel_in_which_nothing_had_happened_is_heard_from_its_first_offset() -> None:
    position = Position(offset=0, epoch="")

    # Two processes publish first and second at once, and the second is faster.
    assert Verdict.FILL == position.judge(2, "e")
    assert [Verdict.DELIVER, Verdict.DELIVER] == [position.judge(offset, "e") for offset in (1, 2)]


class Channel:
    """A listener of a channel as the engine treats it, with reading the history as a step of its own."""

    def __init__(self, joined_at: int) -> None:
        self.committed = joined_at
        self.delivered: list[int] = []
        # A channel that is not there yet has no epoch.
        self._position = Position(offset=joined_at, epoch="e" if joined_at else "")
        self._is_filling = False

    def hear(self, offset: int) -> None:
        self._follow(self._position.judge(offset, "e"), offset)

    def compare(self) -> None:
        if self.committed:
            self._follow(self._position.judge_head(self.committed, "e"), None)

    def read_page(self, size: int) -> None:
        if not self._is_filling:
            return
        page = range(self._position.offset + 1, min(self.committed, self._position.offset + size) + 1)
        for offset in page:
            if self._position.judge(offset, "e") is Verdict.DELIVER:
                self.delivered.append(offset)
        if not page:
            self._position.give_up()
        self._is_filling = self._position.is_behind

    def settle(self) -> None:
        self.compare()
        while self._is_filling:
            self.read_page(3)

    def _follow(self, verdict: Verdict, offset: int | None) -> None:
        if verdict is Verdict.FILL:
            self._is_filling = True
        elif verdict is Verdict.DELIVER and offset is not None:
            self.delivered.append(offset)


steps = st.one_of(
    st.just(("commit", 0)),
    st.tuples(st.just("hear"), st.integers(0, 30)),
    st.just(("compare", 0)),
    st.tuples(st.just("read"), st.integers(1, 4)),
)


@settings(max_examples=300, deadline=None)
@example(joined_at=0, history=[("commit", 0), ("commit", 0), ("hear", 1)])
@example(joined_at=2, history=[("commit", 0), ("commit", 0), ("hear", 3), ("hear", 2), ("read", 4), ("hear", 3)])
@given(joined_at=st.integers(0, 3), history=st.lists(steps, max_size=60))
def test_whatever_order_loss_and_doubling_every_offset_is_delivered_once_and_in_order(
    joined_at: int, history: list[tuple[str, int]]
) -> None:
    channel = Channel(joined_at)
    for step, number in history:
        if step == "commit":
            channel.committed += 1
        elif step == "hear" and channel.committed:
            # Any hint of anything that has happened: late, twice, or never.
            channel.hear(1 + number % channel.committed)
        elif step == "compare":
            channel.compare()
        elif step == "read":
            channel.read_page(number)
    channel.settle()

    assert list(range(joined_at + 1, channel.committed + 1)) == channel.delivered
