"""What is told of this process's connections: at once where it was quiet, joined together where it is busy."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse.realtime.application import ClientInfo
from teahouse.realtime.presence.own import Change, Own

ANNE = ClientInfo("1", "a")
ANNE_ELSEWHERE = ClientInfo("1", "a", chan_info=b"2")
BOB = ClientInfo("2", "b")


@pytest.fixture
def own() -> Own:
    """Anne's arrival was told at 10."""
    own = Own(spacing_seconds=0.1)
    own.arrive("room:1", ANNE)
    assert [Change("room:1", [ANNE], [])] == own.take(10)
    return own


def test_the_first_change_of_a_quiet_channel_is_told_at_once(own: Own) -> None:
    assert own.due_at() is None
    own.arrive("room:2", BOB)

    assert 0 == own.due_at()
    assert [Change("room:2", [BOB], [])] == own.take(10.01)


def test_changes_of_a_busy_channel_wait_and_are_told_together(own: Own) -> None:
    own.arrive("room:1", BOB)
    own.depart("room:1", "a")

    assert [] == own.take(10.05)
    assert pytest.approx(10.1) == own.due_at()
    assert [Change("room:1", [BOB], [ANNE])] == own.take(10.11)
    assert own.due_at() is None


def test_who_came_and_went_in_between_is_not_told(own: Own) -> None:
    own.arrive("room:1", BOB)
    own.depart("room:1", "b")

    assert [] == own.take(11)
    assert own.due_at() is None


def test_who_went_and_came_back_in_between_is_not_told(own: Own) -> None:
    own.depart("room:1", "a")
    own.arrive("room:1", ANNE)

    assert [] == own.take(11)


def test_other_infos_are_told_as_an_arrival(own: Own) -> None:
    own.arrive("room:1", ANNE_ELSEWHERE)

    assert [Change("room:1", [ANNE_ELSEWHERE], [])] == own.take(11)


def test_repeating_is_harmless(own: Own) -> None:
    own.arrive("room:1", ANNE)
    own.depart("room:1", "b")
    own.depart("room:9", "b")

    assert own.due_at() is None
    assert [] == own.take(11)


def test_what_is_there_is_known_before_it_is_told(own: Own) -> None:
    own.arrive("room:1", BOB)

    assert {"a": ANNE, "b": BOB} == own.actual("room:1")
    assert {"a": ANNE} == own.told("room:1")


def test_an_empty_channel_leaves_nothing_behind(own: Own) -> None:
    own.depart("room:1", "a")
    own.take(11)
    own.take(12)

    assert [] == list(own.channels())
    assert {} == own.told("room:1") == own.actual("room:1")


def test_a_large_change_is_several_hints() -> None:
    crowd = [ClientInfo("", str(number)) for number in range(1_001)]

    hints = list(Change("room:1", crowd, crowd[:1]).hints("n1"))

    assert [1, 0, 0, 0] == [len(hint.left) for hint in hints]
    assert crowd == [info for hint in hints for info in hint.joined]
    assert {("room:1", "n1")} == {(hint.channel, hint.node) for hint in hints}


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["arrive", "depart", "take"]),
            st.sampled_from(["c1", "c2"]),
            st.integers(0, 3),
            st.floats(0, 0.2),
        ),
        max_size=60,
    )
)
def test_what_was_told_adds_up_to_what_is_there_and_no_channel_is_told_too_often(
    steps: list[tuple[str, str, int, float]],
) -> None:
    own, now = Own(spacing_seconds=0.1), 0.0
    heard: dict[str, dict[str, ClientInfo]] = {"c1": {}, "c2": {}}
    told_at: dict[str, float] = {}

    def take() -> None:
        for change in own.take(now):
            assert now - told_at.get(change.channel, -1) >= 0.1 - 1e-9
            told_at[change.channel] = now
            for info in change.left:
                del heard[change.channel][info.client]
            heard[change.channel].update({info.client: info for info in change.joined})

    for what, channel, number, seconds in steps:
        now += seconds
        if what == "arrive":
            own.arrive(channel, ClientInfo("", str(number % 3), str(number).encode()))
        elif what == "depart":
            own.depart(channel, str(number % 3))
        else:
            take()
    now += 1
    take()

    assert heard == {channel: own.actual(channel) for channel in heard}
    assert heard == {channel: own.told(channel) for channel in heard}
    assert own.due_at() is None
