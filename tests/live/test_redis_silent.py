"""
The network between one of two processes and Redis drops every packet: nothing is refused and nothing ends, there is
only no answer. The other process has its Redis all the time.
"""

import concurrent.futures
import contextlib
import pathlib
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.live.cable import Cable
from tests.live.listener import Listener
from tests.live.redis_sites import listener, publish, served
from tests.live.server import Server
from tests.realtime.broker.redis_servers import Server as Redis
from tests.services import wait_until

_PLAIN, _KEPT, _BOARD = "plain:silent", "kept:silent", "board:silent"
_PROMISED_SECONDS = 2
# For a machine that is busy with other things.
_SLACK_SECONDS = 2.5
# How often a process compares, with its Redis and without.
_COMPARE_SECONDS, _COMPARE_ALONE_SECONDS = 10, 2
# Five seconds of silence are normal; then Redis is asked, and has one and a half to answer.
_NOTICED_SECONDS = 6.5 + _SLACK_SECONDS


class Pair:
    """Ann listens at `first`, which has its Redis, and Bea at `second`, which has it by the cable."""

    def __init__(self, first: Server, second: Server, cable: Cable, ann: Listener, bea: Listener) -> None:
        self.first, self.second, self.cable, self.ann, self.bea = first, second, cable, ann, bea

    @property
    def both(self) -> tuple[Listener, Listener]:
        return self.ann, self.bea


@pytest.fixture
def pair(tmp_path: pathlib.Path) -> Iterator[Pair]:
    with contextlib.ExitStack() as stack:
        redis = Redis(tmp_path / "redis").start()
        stack.callback(redis.stop)
        cable = stack.enter_context(contextlib.closing(Cable(redis.port)))
        urls = (f"redis://127.0.0.1:{port}/0" for port in (redis.port, cable.port))
        first, second = stack.enter_context(served(tmp_path / "data", *urls))
        ann = stack.enter_context(listener(first, "ann", _PLAIN, _KEPT, _BOARD))
        bea = stack.enter_context(listener(second, "bea", _PLAIN, _KEPT, _BOARD))
        yield Pair(first, second, cable, ann, bea)


def note(site: Server, text: str) -> dict[str, str]:
    """It is committed; what is heard of it."""
    assert 200 == site.http("POST", "/note", json={"board": "silent", "text": text}).status_code
    return {"text": text}


def test_who_publishes_is_told_in_time_and_nobody_else_notices_much(pair: Pair) -> None:
    said = [note(pair.second, "before")]
    with pair.cable.silent():
        assert ["BrokerAway"] * 2 == _refusals_in_time(pair.second)
        assert "head" in publish(pair.first, _KEPT, "meanwhile")
        said += [note(pair.second, "of the second"), note(pair.first, "of the first")]
        pair.bea.hears(_BOARD, said, seconds=_COMPARE_ALONE_SECONDS + _SLACK_SECONDS)
        wait_until(lambda: "away (listening)" in pair.second.log, seconds=_NOTICED_SECONDS)
        # Also now that new connections are tried, which nobody answers.
        assert ["BrokerAway"] * 2 == _refusals_in_time(pair.second)
        pair.ann.hears(_BOARD, said, seconds=_COMPARE_SECONDS + _SLACK_SECONDS)

    for channel in (_PLAIN, _KEPT):
        wait_until(lambda channel=channel: _is_heard_by_both(pair, channel))  # type: ignore[misc]
    said.append(note(pair.first, "after"))
    for each in pair.both:
        each.hears(_BOARD, said, seconds=_COMPARE_ALONE_SECONDS + _SLACK_SECONDS)
        assert "meanwhile" in each.data(_KEPT)
        for channel in (_KEPT, _BOARD):
            assert list(range(1, len(each.heard[channel]) + 1)) == each.offsets(channel)
        # Nobody was disconnected, and nobody had to subscribe again.
        assert [] == each.endings
        assert [1, 1, 1] == [len(answers) for answers in each.answers.values()]
    assert "Traceback" not in pair.first.log + pair.second.log


def _refusals_in_time(site: Server) -> list[Any]:
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda channel: publish(site, channel, "perhaps"), (_PLAIN, _KEPT)))
    assert time.monotonic() - began < _PROMISED_SECONDS + 1
    return [answer.get("error") for answer in answers]


def _is_heard_by_both(pair: Pair, channel: str) -> bool:
    return "head" in publish(pair.second, channel, "again") and all("again" in each.data(channel) for each in pair.both)
