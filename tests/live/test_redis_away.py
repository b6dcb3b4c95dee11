"""
Redis goes away under two processes of somebody's site that share a database: killed, stopped, flushed, cut off from one
of them. Nobody is disconnected, what was committed arrives, and what cannot be promised is refused.
"""

import concurrent.futures
import contextlib
import os
import pathlib
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from tests.live.cable import Cable
from tests.live.listener import Listener
from tests.live.server import Server, running
from tests.live.test_plain_site import manage
from tests.realtime.broker.redis_servers import Server as Redis
from tests.services import new_database, wait_until

_ROOT = pathlib.Path(__file__).parents[2]
_UVICORN = ("uvicorn", "tests.live.plain_site.asgi:application", "--host", "127.0.0.1", "--port", "{port}")
_FAST = (*_UVICORN, "--ws", "teahouse.realtime.server.fast:FastWebSocket")
# How long the longest cut is; `CUT_SECONDS=60 pytest ...` for a whole minute.
_CUT_SECONDS = float(os.environ.get("CUT_SECONDS", "3"))
_COMPARE_SECONDS, _COMPARE_ALONE_SECONDS = 10, 2
# For a machine that is busy with other things.
_SLACK_SECONDS = 2.5
_PROMISED_SECONDS = 2


class Pair:
    """`first` is connected to Redis directly, `second` by a cable."""

    def __init__(self, redis: Redis, cable: Cable, data: pathlib.Path, database_url: str) -> None:
        self.redis = redis
        self.cable = cable
        self.environment = {
            "DJANGO_SETTINGS_MODULE": "tests.live.plain_site.settings",
            "PYTHONPATH": f"{_ROOT}{os.pathsep}{_ROOT / 'src'}",
            "PLAIN_SITE_DATA": str(data),
            "PLAIN_SITE_DATABASE_URL": database_url,
        }
        self.first = self._site(data / "first", redis.port)
        self.second = self._site(data / "second", cable.port)

    @property
    def both(self) -> tuple[Server, Server]:
        return self.first, self.second

    def _site(self, data: pathlib.Path, redis_port: int) -> Server:
        data.mkdir()
        return Server(data, *_FAST, **self.environment, PLAIN_SITE_REDIS_URL=f"redis://127.0.0.1:{redis_port}/0")

    # What may happen.

    @contextlib.contextmanager
    def killed(self) -> Iterator[None]:
        """Redis, and it has saved nothing."""
        self.redis.stop()
        try:
            yield
        finally:
            self.redis.start()

    def stopped(self) -> contextlib.AbstractContextManager[None]:
        return self.redis.paused()

    def cut_off(self) -> contextlib.AbstractContextManager[None]:
        """The second process alone."""
        return self.cable.cut()


@pytest.fixture(scope="module")
def shared_pair(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    data = tmp_path_factory.mktemp("redis-away")
    with contextlib.ExitStack() as stack:
        redis = Redis(data / "redis").start()
        stack.callback(redis.stop)
        cable = stack.enter_context(contextlib.closing(Cable(redis.port)))
        pair = Pair(redis, cable, data, stack.enter_context(new_database(postgres_server)))
        assert 0 == manage(pair.environment, "migrate", "-v", "0").returncode
        for site in pair.both:
            stack.callback(site.kill)
            site.start()
        yield pair


@pytest.fixture
def pair(shared_pair: Pair) -> Pair:
    """Both processes have their Redis."""
    for site in shared_pair.both:
        wait_until(lambda site=site: "head" in publish(site, "settle"), what="Redis is there")  # type: ignore[misc]
    return shared_pair


AWAY = pytest.mark.parametrize("away", [Pair.killed, Pair.stopped, Pair.cut_off], ids=lambda away: away.__name__)
Away = Callable[[Pair], contextlib.AbstractContextManager[None]]


# What people do.


def listener(site: Server, name: str, *channels: str) -> Listener:
    return Listener(site.port, site.http("GET", f"/token/{name}").json()["token"], *channels)


@contextlib.contextmanager
def listeners(pair: Pair, *channels: str) -> Iterator[tuple[Listener, Listener]]:
    """One at each process."""
    with listener(pair.first, "ann", *channels) as ann, listener(pair.second, "bea", *channels) as bea:
        yield ann, bea


def note(site: Server, board: str, text: str, *, announced: bool = True) -> None:
    """Committed."""
    answer = site.http("POST", "/note", json={"board": board, "text": text, "announced": announced})
    assert 200 == answer.status_code, answer.text


def texts(*said: str) -> list[dict[str, str]]:
    return [{"text": text} for text in said]


def publish(site: Server, channel: str, data: Any = 1) -> dict[str, Any]:
    """`{"head": ...}`, or `{"error": ...}` from a view that answers 409."""
    answer = site.http("POST", "/publish/plainly", json={"channel": channel, "data": data})
    assert answer.status_code == (409 if "error" in answer.json() else 200), answer.text
    told: dict[str, Any] = answer.json()
    return told


# What was committed.


@AWAY
def test_what_is_committed_without_redis_is_heard_everywhere_in_order_and_once(pair: Pair, away: Away) -> None:
    board = away.__name__
    channel = f"board:{board}"
    said = ["before", *(f"without {number}" for number in range(6)), "after"]
    with listeners(pair, channel) as both:
        note(pair.first, board, "before")
        with away(pair):
            for number in range(6):
                note(pair.both[number % 2], board, f"without {number}")
            # A Redis that is stopped may still seem to be there.
            both[1].hears(channel, texts(*said[:-1]), seconds=_COMPARE_SECONDS + _SLACK_SECONDS)
        note(pair.second, board, "after")
        for each in both:
            each.hears(channel, texts(*said), seconds=_COMPARE_ALONE_SECONDS + _SLACK_SECONDS)
            assert list(range(1, 9)) == each.offsets(channel)
            assert [] == each.endings
            assert 1 == len(each.answers[channel])


def test_while_redis_is_away_everything_is_heard_within_the_two_seconds_of_a_comparison(pair: Pair) -> None:
    """For a whole minute with CUT_SECONDS=60."""
    said: list[str] = []
    with listeners(pair, "board:long") as both:
        end = time.monotonic() + _CUT_SECONDS
        with pair.killed():
            while time.monotonic() < end:
                said.append(str(len(said)))
                note(pair.both[len(said) % 2], "long", said[-1])
                for each in both:
                    each.hears("board:long", texts(*said), seconds=_COMPARE_ALONE_SECONDS + _SLACK_SECONDS)
        note(pair.first, "long", "after")
        for each in both:
            each.hears("board:long", texts(*said, "after"), seconds=_COMPARE_ALONE_SECONDS + _SLACK_SECONDS)
            assert [] == each.endings


@pytest.mark.parametrize(
    ("is_redis_there", "seconds"), [(True, _COMPARE_SECONDS), (False, _COMPARE_ALONE_SECONDS)], ids=["there", "away"]
)
def test_a_process_that_dies_before_it_has_told_is_read_by_the_other_one(
    pair: Pair, is_redis_there: bool, seconds: float
) -> None:
    board = f"dies-{is_redis_there}"
    with listener(pair.second, "bea", f"board:{board}") as bea, contextlib.ExitStack() as stack:
        if not is_redis_there:
            stack.enter_context(pair.killed())
        stack.callback(pair.first.start)
        note(pair.first, board, "committed", announced=False)
        pair.first.kill()

        bea.hears(f"board:{board}", texts("committed"), seconds=seconds + _SLACK_SECONDS)
        assert [] == bea.endings


# What cannot be promised.


@AWAY
def test_publishing_says_within_two_seconds_that_redis_is_away_and_works_again_soon(pair: Pair, away: Away) -> None:
    plain, kept = f"plain-{away.__name__}", f"kept:{away.__name__}"
    with listeners(pair, plain, kept) as both:
        with away(pair):
            began = time.monotonic()
            with concurrent.futures.ThreadPoolExecutor() as pool:
                answers = list(pool.map(lambda channel: publish(pair.second, channel, "never"), (plain, kept)))
            assert [{"error": "BrokerAway"}] * 2 == answers
            assert time.monotonic() - began < _PROMISED_SECONDS + 0.5
        for channel in (plain, kept):
            # What is published in a plain channel before the other process listens again is nobody's.
            wait_until(lambda channel=channel: _is_heard(pair.second, channel, both), seconds=5)  # type: ignore[misc]
        assert [[], []] == [each.endings for each in both]
    # What was not answered in time may have been done all the same; what was refused may not.
    if away is not Pair.stopped:
        assert all("never" not in each.data(channel) for each in both for channel in (plain, kept))


def _is_heard(site: Server, channel: str, listeners: Iterable[Listener]) -> bool:
    return "head" in publish(site, channel, "again") and all("again" in each.data(channel) for each in listeners)


def test_who_alone_was_cut_off_finds_what_was_kept_meanwhile(pair: Pair) -> None:
    with listeners(pair, "kept:alone") as (ann, bea):
        publish(pair.first, "kept:alone", 0)
        bea.hears("kept:alone", [0])
        with pair.cut_off():
            for number in (1, 2, 3):
                assert "head" in publish(pair.first, "kept:alone", number)
        for each in (ann, bea):
            each.hears("kept:alone", [0, 1, 2, 3])
            assert [1, 2, 3, 4] == each.offsets("kept:alone")
            # Nothing of it was lost, so nobody was sent for a new subscription.
            assert 1 == len(each.answers["kept:alone"])


# What is lost.


def test_after_a_flush_a_kept_channel_begins_anew_and_its_clients_are_told(pair: Pair) -> None:
    with listeners(pair, "kept:published", "kept:silent") as both:
        for channel in ("kept:published", "kept:silent"):
            assert {"head": [1, True]} == publish(pair.first, channel, "lost")
            for each in both:
                each.hears(channel, ["lost"])
        pair.redis.ask("FLUSHALL")
        assert {"head": [1, True]} == publish(pair.first, "kept:published", "new")

        # The one by its next publication, the other by the comparison.
        for channel, seconds in (("kept:published", 2), ("kept:silent", _COMPARE_SECONDS)):
            for each in both:
                before, after = _two_answers(each, channel, seconds + _SLACK_SECONDS)
                assert [2500] == each.taken[channel]
                assert before["epoch"] != after["epoch"]
                assert after["was_recovering"]
                assert not after.get("recovered")
        publish(pair.second, "kept:published", "goes on")
        for each in both:
            wait_until(lambda each=each: "goes on" in each.data("kept:published"))  # type: ignore[misc]
            assert [] == each.endings


def test_after_a_restart_of_redis_kept_channels_begin_anew(pair: Pair) -> None:
    with listeners(pair, "kept:restarted") as both:
        publish(pair.first, "kept:restarted", "lost")
        for each in both:
            each.hears("kept:restarted", ["lost"])
        with pair.killed():
            pass
        for each in both:
            before, after = _two_answers(each, "kept:restarted", 5)
            assert before["epoch"] != after["epoch"]
            assert not after.get("recovered")
            assert [] == each.endings


def _two_answers(each: Listener, channel: str, seconds: float) -> list[dict[str, Any]]:
    wait_until(lambda: len(each.answers[channel]) > 1, seconds=seconds, what=f"subscribed to {channel} again")
    assert 2 == len(each.answers[channel])
    return each.answers[channel]


def test_who_was_subscribed_by_the_server_is_sent_to_come_back(pair: Pair) -> None:
    who = pair.second.http("GET", "/token/sub").json()
    with Listener(pair.second.port, who["token"]) as sub:
        pair.first.http("POST", f"/subscribe/{who['id']}/kept:servers")
        wait_until(lambda: "head" in publish(pair.first, "kept:servers") and sub.heard.get("kept:servers"))
        pair.redis.ask("FLUSHALL")
        publish(pair.first, "kept:servers")

        wait_until(lambda: sub.endings == [3010], what="told to come back")


def test_everybody_is_present_again_soon_after_a_flush(pair: Pair) -> None:
    def present(site: Server) -> int:
        return len(site.http("GET", "/present/watched:flush").json()["present"])

    with listeners(pair, "watched:flush"):
        for site in pair.both:
            wait_until(lambda site=site: present(site) == 2)  # type: ignore[misc]
        pair.redis.ask("FLUSHALL")
        for site in pair.both:
            wait_until(lambda site=site: present(site) == 2, seconds=5)  # type: ignore[misc]
    for site in pair.both:
        wait_until(lambda site=site: present(site) == 0)  # type: ignore[misc]


def test_nobody_of_all_that_saw_a_fault(pair: Pair) -> None:
    for site in pair.both:
        # A subscription that cannot be answered is a command that failed, and said so to its client.
        assert "Traceback" not in site.log


# What the product says about it.


def test_figures_and_readiness_say_that_redis_is_away(
    tmp_path: pathlib.Path, database_url: str, shared_pair: Pair
) -> None:
    environment = {"DATABASE_URL": database_url, "REDIS_URL": shared_pair.redis.url, "TEAHOUSE_REDIS_PREFIX": "product"}
    with running(tmp_path / "data", "teahouse", "serve", "--workers", "2", **environment) as house:
        wait_until(lambda: house.metric("teahouse_broker_up") == 1)
        with shared_pair.killed():
            wait_until(lambda: house.metric("teahouse_broker_up") == 0)
            wait_until(lambda: house.http("GET", "/readyz").status_code == 503)
            assert {"ready": False, "reasons": ["Redis does not answer"]} == house.http("GET", "/readyz").json()
            assert 200 == house.http("GET", "/healthz").status_code
        wait_until(lambda: house.metric("teahouse_broker_up") == 1)
        wait_until(lambda: house.http("GET", "/readyz").status_code == 200)
