"""How fast one person may send, against a clock that the test turns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.realtime.wire.pace import Pace


@pytest.fixture
def pace() -> Pace:
    return Pace(per_second=2, burst=3, now=100.0)


def test_a_burst_goes_at_once_and_what_follows_waits_its_turn(pace: Pace) -> None:
    waits = [pace.take(100.0) for _ in range(6)]

    assert [0.0, 0.0, 0.0, 0.5, 1.0, 1.5] == waits


def test_turns_come_back_with_time(pace: Pace) -> None:
    for _ in range(3):
        pace.take(100.0)

    assert 0.0 == pace.take(100.5)
    assert 0.5 == pace.take(100.5)


def test_no_more_than_a_burst_is_saved_up(pace: Pace) -> None:
    waits = [pace.take(1_000_000.0) for _ in range(4)]

    assert [0.0, 0.0, 0.0, 0.5] == waits


def test_who_waits_has_paid_already(pace: Pace) -> None:
    for _ in range(5):
        pace.take(100.0)

    # The fifth waits until 101.0; the turn after it is half a second later.
    assert 0.5 == pace.take(101.0)


@given(st.lists(st.floats(0, 3), min_size=1, max_size=50))
def test_in_any_stretch_of_time_at_most_the_burst_and_the_rate_go(gaps: list[float]) -> None:
    pace, now, used = Pace(per_second=2, burst=3, now=0.0), 0.0, []
    for gap in gaps:
        now += gap
        used.append(now + pace.take(now))

    assert sorted(used) == pytest.approx(used)
    for first, begin in enumerate(used):
        for last in range(first, len(used)):
            assert last - first + 1 <= 3 + 2 * (used[last] - begin) + 1e-6
