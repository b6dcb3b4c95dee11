"""The pace of one person over HTTP."""

import pytest

from teahouse.chat import errors
from teahouse.chat.api.paces import Paces
from teahouse.realtime.conf import conf


def test_after_a_burst_one_has_to_wait_and_is_told_how_long() -> None:
    paces = Paces()
    for _ in range(conf().send_burst):
        paces.take(1, now=0)
    with pytest.raises(errors.TooSoon) as refused:
        paces.take(1, now=0)

    assert pytest.approx(1 / conf().sends_per_second) == refused.value.seconds


def test_what_is_refused_takes_no_turn_and_others_are_not_slowed_down() -> None:
    paces = Paces()
    for _ in range(conf().send_burst):
        paces.take(1, now=0)
    for _ in range(50):
        with pytest.raises(errors.TooSoon):
            paces.take(1, now=0)
    paces.take(2, now=0)
    paces.take(1, now=1 / conf().sends_per_second + 0.001)


def test_who_is_rested_is_forgotten() -> None:
    paces = Paces()
    for user in range(10_001):
        paces.take(user, now=0)
    for user in range(20_000, 20_010):
        paces.take(user, now=1_000)

    assert len(paces._by_person) <= 11
