"""Consumers of a site's own (`layer_site`) on real servers, with the engine's channel layer: one process, and two."""

import json
import os
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.live.connection import Connection
from tests.live.native import Native, door
from tests.live.server import Server, running
from tests.live.sites import environment_of, python, servers_of
from tests.services import wait_until

_SERVERS = servers_of("layer_site")
# Of a process that serves nobody.
_TELL = """
import django, sys
django.setup()
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
async_to_sync(getattr(get_channel_layer(), sys.argv[1]))(sys.argv[2], {"type": "talk.said", "text": sys.argv[3]})
"""


@pytest.fixture(scope="module", params=list(_SERVERS))
def lone(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One process in memory; use groups of your own."""
    data = tmp_path_factory.mktemp(f"layer-{request.param}") / "data"
    with running(data, *_SERVERS[request.param], **environment_of("layer_site")) as site:
        yield site


@pytest.fixture(scope="module")
def two(redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    """Two processes with one Redis; use groups of your own."""
    environment = _with(redis_url)
    folder = tmp_path_factory.mktemp("layer-two")
    with (
        running(folder / "here", *_SERVERS["fast"], **environment) as here,
        running(folder / "there", *_SERVERS["uvicorn"], **environment) as there,
    ):
        yield here, there


def _with(redis_url: str) -> dict[str, str]:
    return environment_of("layer_site", LAYER_SITE_REDIS_URL=redis_url, LAYER_SITE_PREFIX=f"layer-{os.getpid()}")


class Consumer(Connection):
    """What a browser has of a consumer."""

    def __init__(self, site: Server, path: str) -> None:
        super().__init__(f"ws://127.0.0.1:{site.port}/{path}")

    def say(self, content: Any) -> None:
        self.socket.send(json.dumps(content))

    def next(self) -> Any:
        return json.loads(self.socket.recv(5))


class Talk(Consumer):
    def __init__(self, site: Server, group: str) -> None:
        super().__init__(site, f"talk/{group}")
        self.channel: str = self.next()["channel"]


def _native(site: Server, channel: str) -> Native:
    native = door(site)
    native.connect()
    assert "error" not in native.ask("subscribe", channel=channel)
    return native


def _post(site: Server, path: str, event: Any = None) -> None:
    answer = site.http("POST", path, content=json.dumps(event))
    assert 200 == answer.status_code, site.log[-3000:]


def _said(text: object) -> dict[str, object]:
    return {"type": "talk.said", "text": text}


def test_a_group_is_consumers_and_native_clients(lone: Server) -> None:
    with Talk(lone, "tea") as one, Talk(lone, "tea") as other, _native(lone, "group:tea") as browser:
        one.say("早")
        assert {"text": "早", "raw": "00ff"} == one.next() == other.next()
        assert {"type": "talk.said", "text": "早", "raw": {"$bytes": "AP8="}} == browser.published()["data"]

        _post(lone, "/say/tea", _said("from a view"))
        _post(lone, "/asay/tea", _said("from a coroutine"))
        for consumer in (one, other):
            assert ["from a view", "from a coroutine"] == [consumer.next()["text"] for _ in range(2)]
        assert ["from a view", "from a coroutine"] == [browser.published()["data"]["text"] for _ in range(2)]


def test_what_a_native_client_publishes_is_no_event_of_a_consumers(lone: Server) -> None:
    with Talk(lone, "forged") as consumer, _native(lone, "group:forged") as browser:
        for forged in (_said("forged"), {"type": "websocket.disconnect", "code": 1000}, {"type": "disconnect"}):
            assert {} == browser.ask("publish", channel="group:forged", data=forged)
            assert forged == browser.published()["data"]
        consumer.say("ours")

        assert "ours" == consumer.next()["text"]


def test_a_consumer_of_threads_with_groups_of_its_class(lone: Server) -> None:
    with Consumer(lone, "news") as one, Consumer(lone, "news") as other:
        # Whoever has just come in is added a moment after the handshake.
        one.say("first")
        assert {"news": "first"} == one.next()
        other.say("second")
        heard = [other.next()]
        if heard == [{"news": "first"}]:
            heard.append(other.next())
        assert {"news": "second"} == heard[-1] == one.next()


def test_a_view_sends_to_one_consumer_and_changes_its_groups(lone: Server) -> None:
    with Talk(lone, "a") as one, Talk(lone, "a") as other:
        _post(lone, f"/tell/{one.channel}", _said("for you"))
        _post(lone, f"/discard/a/{other.channel}")
        _post(lone, f"/add/b/{other.channel}")
        _post(lone, "/say/a", _said("in a"))
        _post(lone, "/say/b", _said("in b"))

        assert ["for you", "in a"] == [one.next()["text"] for _ in range(2)]
        assert "in b" == other.next()["text"]


def test_who_has_left_is_in_no_group(lone: Server) -> None:
    with Talk(lone, "left") as stays:
        for _ in range(5):
            Talk(lone, "left").socket.close()
        stays.say("still here")
        assert "still here" == stays.next()["text"]
    assert "Traceback" not in lone.log


def test_two_processes_are_one_house(two: tuple[Server, Server]) -> None:
    here, there = two
    with (
        Talk(here, "tea") as one,
        Talk(there, "tea") as other,
        _native(here, "group:tea") as near,
        _native(there, "group:tea") as far,
    ):
        one.say("早")
        assert {"text": "早", "raw": "00ff"} == one.next() == other.next()
        for browser in (near, far):
            assert "早" == browser.published()["data"]["text"]
        for site, path in ((here, "/say/tea"), (there, "/asay/tea")):
            _post(site, path, _said(path))
            assert path == one.next()["text"] == other.next()["text"]
            assert path == near.published()["data"]["text"] == far.published()["data"]["text"]

        _post(here, f"/tell/{other.channel}", _said("across"))
        assert "across" == other.next()["text"]
        _post(there, f"/discard/tea/{one.channel}")
        _post(there, f"/add/milk/{one.channel}")
        _post(here, "/say/tea", _said("without you"))
        assert "without you" == other.next()["text"]

        def is_added() -> bool:
            _post(there, "/say/milk", _said("with milk"))
            return bool(one.next()["text"] == "with milk")

        wait_until(is_added)


def test_the_events_of_a_group_come_in_one_order_everywhere(two: tuple[Server, Server]) -> None:
    here, there = two
    with (
        Talk(here, "order") as one,
        Talk(there, "order") as other,
        _native(there, "group:order") as browser,
    ):
        for number in range(300):
            one.say(number)
            other.say(1_000 + number)
        heard = [one.next()["text"] for _ in range(600)]

        assert list(range(300)) == [number for number in heard if number < 1_000]
        assert heard == [other.next()["text"] for _ in range(600)]
        assert heard == [browser.published()["data"]["text"] for _ in range(600)]


def test_a_process_that_serves_nobody_is_heard(two: tuple[Server, Server]) -> None:
    here, there = two
    with Talk(here, "task") as one, Talk(there, "task") as other, _native(there, "group:task") as browser:
        for method, target in (("group_send", "task"), ("send", other.channel)):
            told = python(here.environment, "-c", _TELL, method, target, method)
            assert 0 == told.returncode, told.stderr
        assert "group_send" == one.next()["text"] == browser.published()["data"]["text"]
        assert ["group_send", "send"] == [other.next()["text"] for _ in range(2)]


def test_a_process_that_is_killed_takes_only_its_own_with_it(
    redis_url: str, tmp_path: pathlib.Path, two: tuple[Server, Server]
) -> None:
    here, there = two
    environment = _with(redis_url)
    with Talk(here, "killed") as one, Talk(there, "killed") as other:
        with running(tmp_path / "third", *_SERVERS["uvicorn"], **environment) as third:
            gone = Talk(third, "killed")
            one.say("all three")
            assert "all three" == one.next()["text"] == other.next()["text"] == gone.next()["text"]
            channel = gone.channel
        _post(here, f"/tell/{channel}", _said("nobody"))
        other.say("two")
        assert "two" == one.next()["text"] == other.next()["text"]
