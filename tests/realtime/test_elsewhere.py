"""What Django code asks for in a process that serves nobody."""

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
import redis

from teahouse.realtime import api
from teahouse.realtime import engine as engine_module
from teahouse.realtime.application import BaseApplication, Head
from teahouse.realtime.conf import conf


class Log(BaseApplication):
    """A history in which one thing has happened in one channel."""

    def heads(self, channels: Sequence[str]) -> Mapping[str, Head]:
        return {channel: Head(1, "e") for channel in channels if channel == "log:1"}


@pytest.fixture
def site(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Its settings; `redis_url` is for a test to set, before anything is asked for."""
    monkeypatch.setattr(engine_module, "_engine", None)
    settings.TEAHOUSE_REALTIME = {
        "application": "tests.realtime.test_elsewhere.Log",
        "redis_prefix": f"test:{os.getpid()}:elsewhere",
        "namespaces": {"plain": {}, "kept": {"kind": "kept"}, "log": {"kind": "logged"}},
    }
    conf.cache_clear()
    yield settings.TEAHOUSE_REALTIME
    conf.cache_clear()


def test_without_redis_nothing_is_lost_without_a_word(site: Any) -> None:
    for act in (
        lambda: api.publish("plain:1", "x", on_commit=False),
        lambda: api.publish("kept:1", "x", on_commit=False),
        lambda: api.signal("log:1", "x", on_commit=False),
        lambda: api.disconnect(7, on_commit=False),
        lambda: api.who_is_present("plain:1"),
        lambda: api.channel_position("kept:1"),
    ):
        # A site of somebody else's has the one, Teahouse's own the other.
        with pytest.raises(api.BrokerAway, match=r"redis_url.*REDIS_URL"):
            act()


def test_a_signal_needs_a_namespace_here_too(site: Any) -> None:
    with pytest.raises(api.UnknownChannel):
        api.signal("nothing:1", "x", on_commit=False)


def test_a_broadcast_raises_the_first_failure_when_all_have_been_tried(site: Any, redis_url: str) -> None:
    site["redis_url"] = redis_url
    with redis.Redis.from_url(redis_url) as client, client.pubsub(ignore_subscribe_messages=True) as listener:
        listener.psubscribe(f"{site['redis_prefix']}:*")
        assert listener.get_message(timeout=5) is None
        with pytest.raises(api.NotPublishable):
            api.broadcast(["log:1", "nothing:1", "plain:1"], "x", on_commit=False)

        assert listener.get_message(timeout=5) is not None


@pytest.mark.parametrize("is_coroutine", [False, True], ids=["waiting", "coroutine"])
def test_the_position_of_a_channel_is_found_where_its_history_is(site: Any, redis_url: str, is_coroutine: bool) -> None:
    def position_of(channel: str) -> Head:
        return asyncio.run(api.achannel_position(channel)) if is_coroutine else api.channel_position(channel)

    assert Head(1, "e") == position_of("log:1")
    assert Head(0, "") == position_of("log:2") == position_of("plain:1")
    for unknown in ("nothing:1", "茶"):
        with pytest.raises(api.UnknownChannel):
            position_of(unknown)

    conf.cache_clear()
    site["redis_url"] = redis_url
    channel = f"kept:{is_coroutine}"
    begin = position_of(channel)
    assert (0, True) == (begin.offset, bool(begin.epoch))
    assert Head(1, begin.epoch) == api.publish(channel, "x", on_commit=False) == position_of(channel)


def test_a_redis_that_is_away_is_said_to_be(site: Any) -> None:
    site["redis_url"] = "redis://127.0.0.1:1/0"
    with pytest.raises(api.BrokerAway):
        api.channel_position("kept:1")
