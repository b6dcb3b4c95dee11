"""The heads of channels, made and locked."""

import pytest

from teahouse.chat.log.writer import locked_channels
from teahouse.chat.models import Channel

pytestmark = pytest.mark.django_db


def test_channels_are_made_once_and_found_again() -> None:
    first = locked_channels(["user:2", "room:1"])
    second = locked_channels(["room:1", "user:2", "room:3"])

    assert {"user:2", "room:1"} == set(first)
    assert {"user:2", "room:1", "room:3"} == set(second)
    assert {channel.pk for channel in first.values()} < {channel.pk for channel in second.values()}
    assert 3 == Channel.objects.count()


def test_a_channel_that_is_named_twice_is_one() -> None:
    assert ["user:1"] == list(locked_channels(["user:1", "user:1"]))


def test_they_are_locked_in_the_order_of_their_ids_whatever_was_asked_first() -> None:
    for name in ("c", "a", "b"):
        locked_channels([name])

    assert ["c", "a", "b"] == list(locked_channels(["a", "b", "c"]))
