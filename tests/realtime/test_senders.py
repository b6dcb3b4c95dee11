"""What each person has waiting, and how fast they may go on."""

import pytest

from teahouse.realtime.senders import Senders


@pytest.fixture
def senders() -> Senders:
    return Senders(per_second=10, burst=2, max_waiting=3)


def test_a_person_is_full_with_so_many_waiting_over_all_connections(senders: Senders) -> None:
    for _ in range(3):
        assert not senders.is_full("1")
        senders.added("1", now=0)
    assert senders.is_full("1")
    assert not senders.is_full("2")

    senders.done("1")
    assert not senders.is_full("1")


def test_a_pace_outlives_what_was_waiting(senders: Senders) -> None:
    for _ in range(3):
        senders.added("1", now=0)
        waits = senders.seconds_to_wait("1", now=0)
        senders.done("1")
        # Leaving and coming back is not a new beginning.
        senders.forget_idle(now=0)

    assert 0.1 == pytest.approx(waits)


def test_who_is_rested_and_waits_for_nothing_is_forgotten(senders: Senders) -> None:
    senders.added("1", now=0)
    senders.added("2", now=0)
    senders.seconds_to_wait("1", now=0)
    senders.seconds_to_wait("2", now=0)
    senders.done("1")

    senders.forget_idle(now=0.05)
    assert 2 == len(senders)
    senders.forget_idle(now=10)
    assert 1 == len(senders)
