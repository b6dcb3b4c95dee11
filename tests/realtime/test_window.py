"""What a process remembers of its channels: without holes, and not too much."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.realtime.application import Publication
from teahouse.realtime.window import Windows


def entry(offset: int, *, channel: str = "a", epoch: str = "e", size: int = 10) -> Publication:
    return Publication(channel=channel, offset=offset, epoch=epoch, data=b"x" * size)


def offsets(found: list[Publication] | None) -> list[int] | None:
    return None if found is None else [publication.offset for publication in found]


@pytest.fixture
def windows() -> Windows:
    windows = Windows(most=5, most_bytes=100_000)
    for offset in range(3, 7):
        windows.add(entry(offset))
    return windows


@pytest.mark.parametrize(
    ("after", "found"),
    [
        pytest.param(1, None, id="further back than it reaches"),
        pytest.param(2, [3, 4, 5, 6], id="all of it"),
        pytest.param(4, [5, 6], id="the newer half"),
        pytest.param(5, [6], id="the newest"),
        pytest.param(6, [], id="nothing newer"),
    ],
)
def test_what_is_past_an_offset(windows: Windows, after: int, found: list[int] | None) -> None:
    assert found == offsets(windows.after("a", after))


def test_of_a_channel_without_a_window_nothing_is_known(windows: Windows) -> None:
    assert windows.after("b", 0) is None


def test_the_oldest_go_first(windows: Windows) -> None:
    windows.add(entry(7))
    windows.add(entry(8))

    assert windows.after("a", 2) is None
    assert [4, 5, 6, 7, 8] == offsets(windows.after("a", 3))


@pytest.mark.parametrize(
    "odd", [pytest.param(entry(9), id="a hole"), pytest.param(entry(7, epoch="f"), id="another history")]
)
def test_what_does_not_follow_begins_it_anew(windows: Windows, odd: Publication) -> None:
    windows.add(odd)

    assert windows.after("a", 5) is None
    assert [odd.offset] == offsets(windows.after("a", odd.offset - 1))


def test_forgetting_a_channel_leaves_the_others(windows: Windows) -> None:
    windows.add(entry(1, channel="b"))
    windows.forget("a")
    windows.forget("a")

    assert windows.after("a", 5) is None
    assert [1] == offsets(windows.after("b", 0))


def test_over_the_limit_of_bytes_the_channel_where_nothing_happens_is_forgotten() -> None:
    windows = Windows(most=100, most_bytes=3_000)
    windows.add(entry(1, channel="silent", size=1_000))
    for offset in range(1, 10):
        windows.add(entry(offset, channel="busy", size=400))

    assert windows.after("silent", 0) is None
    assert [5, 6, 7, 8, 9] == offsets(windows.after("busy", 4))
    assert windows.total_bytes <= 3_000


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 900), st.booleans()), max_size=80))
def test_the_bytes_are_counted_right_and_no_window_has_a_hole(steps: list[tuple[str, int, bool]]) -> None:
    windows = Windows(most=7, most_bytes=4_000)
    newest = dict.fromkeys("abc", 0)
    for channel, size, is_next in steps:
        newest[channel] += 1 if is_next else 3
        windows.add(entry(newest[channel], channel=channel, size=size))

        kept = {name: windows.after(name, window[0].offset - 1) for name, window in windows._by_channel.items()}
        assert sum(len(one.data) + 200 for window in kept.values() for one in window or ()) == windows.total_bytes
        for name, window in kept.items():
            assert window is not None
            assert list(range(window[0].offset, newest[name] + 1)) == offsets(window)
