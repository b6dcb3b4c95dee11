"""
People are present in two processes while the master of Redis is lost and a Sentinel names another one. Everything is
spoken in TLS.
"""

import ast
import contextlib
import functools
import pathlib
from collections.abc import Iterator, Sequence

import pytest

from tests.live.native import Native, door
from tests.live.redis_sites import elsewhere, served
from tests.live.redis_tls import Watched, watched_redis
from tests.live.server import Server
from tests.services import wait_until

_CHANNEL = "seen:failover"
# Sentinel notices after half a second and then has a vote to win; ours find the new master within two.
_FAILOVER_SECONDS = 20
# A hint that was lost is found six seconds after Redis was, at the latest.
_TOLD_SECONDS = 8
_SILENCE_SECONDS = 0.5


@pytest.fixture
def redis(tmp_path: pathlib.Path) -> Iterator[Watched]:
    with watched_redis(tmp_path) as redis:
        yield redis


class People:
    """Who is in the channel, by name; who came and went as they were told."""

    def __init__(self, sites: Sequence[Server], stack: contextlib.ExitStack) -> None:
        self._sites = sites
        self._stack = stack
        self._ids: dict[str, str] = {}
        self.connections: dict[str, Native] = {}

    def come(self, name: str, site: Server) -> None:
        who = site.http("GET", f"/token/{name}").json()
        self._ids[name] = who["id"]
        native = self._stack.enter_context(door(site))
        native.connect(who["token"])
        assert "error" not in native.ask("subscribe", channel=_CHANNEL, join_leave=True)
        self.connections[name] = native

    def go(self, name: str) -> None:
        self.connections.pop(name).close()

    def are_known(self, *, seconds: float = 10) -> None:
        """To both processes and, over Redis alone, to one that serves nobody."""
        expected = {self._ids[name]: 1 for name in self.connections}
        for site in self._sites:
            for path in ("present", "apresent"):
                ask = functools.partial(_present, site, path)
                wait_until(lambda ask=ask: ask() == expected, seconds=seconds)  # type: ignore[misc]
        assert expected == ast.literal_eval(elsewhere(self._sites[0], f"print(api.who_is_present({_CHANNEL!r}))"))

    def in_answer_to(self, name: str) -> set[str]:
        """Whom this one's presence command names."""
        presence = self.connections[name].ask("presence", channel=_CHANNEL)["presence"]
        users = {info["user"] for info in presence.values()}
        return {name for name, user in self._ids.items() if user in users}

    def told_to(self, name: str, *expected: tuple[str, str]) -> None:
        """This and nothing else, in any order."""
        pushes = [self.connections[name].push(_TOLD_SECONDS) for _ in expected]
        with contextlib.suppress(TimeoutError):
            pushes.append(self.connections[name].push(_SILENCE_SECONDS))
        told = [(kind, push[kind]["info"]["user"]) for push in pushes for kind in ("join", "leave") if kind in push]
        assert sorted((kind, self._ids[who]) for kind, who in expected) == sorted(told)


def _present(site: Server, path: str) -> object:
    answer = site.http("GET", f"/{path}/{_CHANNEL}")
    # While there is no master, nobody knows.
    assert 200 == answer.status_code
    return answer.json()["present"]


def test_who_is_present_is_known_again_when_another_master_has_taken_over(
    redis: Watched, tmp_path: pathlib.Path
) -> None:
    with served(tmp_path / "data", redis.url, redis.url) as (first, second), contextlib.ExitStack() as stack:
        people = People([first, second], stack)
        for name, site in (("ann", first), ("bea", second), ("cat", second)):
            people.come(name, site)
        people.are_known()
        people.told_to("ann", ("join", "ann"), ("join", "bea"), ("join", "cat"))

        redis.master.stop()
        people.go("cat")
        people.come("dan", first)
        people.are_known(seconds=_FAILOVER_SECONDS)
        assert "master" in redis.replica.ask("ROLE")
        for name in people.connections:
            assert {"ann", "bea", "dan"} == people.in_answer_to(name)
        # Nobody who stayed was ever said to have gone.
        people.told_to("ann", ("leave", "cat"), ("join", "dan"))
        people.told_to("bea", ("join", "bea"), ("join", "cat"), ("leave", "cat"), ("join", "dan"))

        people.go("ann")
        people.come("eve", second)
        people.are_known()
        people.told_to("bea", ("leave", "ann"), ("join", "eve"))
        assert "Traceback" not in first.log + second.log
