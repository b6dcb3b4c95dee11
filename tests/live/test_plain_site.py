"""
The engine in a Django site of somebody else's (`plain_site`), on each server it may be run with: what a developer's
views, tasks and rules do, seen by real clients.
"""

import contextlib
import os
import pathlib
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.live.native import Native, door
from tests.live.server import Server, running
from tests.live.sites import ROOT, environment_of, python, servers_of
from tests.services import wait_until

_ROOT = ROOT
_SERVERS = servers_of("plain_site")


def _environment(data: pathlib.Path, **more: str) -> dict[str, str]:
    return environment_of("plain_site", PLAIN_SITE_DATA=str(data), **more)


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return python(environment, "-m", "django", *arguments)


@pytest.fixture(scope="session")
def _sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    sites: dict[str, Server] = {}
    yield sites
    for site in sites.values():
        site.kill()


@pytest.fixture(params=list(_SERVERS))
def site(request: pytest.FixtureRequest, _sites: dict[str, Server], tmp_path_factory: pytest.TempPathFactory) -> Server:
    """Each of the servers; shared, so use names of your own."""
    name: str = request.param
    if name not in _sites:
        data = tmp_path_factory.mktemp(f"plain-{name}")
        environment = _environment(data)
        migrated = manage(environment, "migrate", "-v", "0")
        assert 0 == migrated.returncode, migrated.stderr
        _sites[name] = Server(data, *_SERVERS[name], **environment).start()
    return _sites[name]


def person(site: Server, name: str) -> dict[str, str]:
    """`{token, id}`"""
    answer: dict[str, str] = site.http("GET", f"/token/{name}").json()
    return answer


def connected(site: Server, name: str, *channels: str) -> Native:
    native = door(site)
    native.connect(person(site, name)["token"])
    for channel in channels:
        assert "error" not in native.ask("subscribe", channel=channel)
    return native


def told(site: Server, path: str, **body: Any) -> dict[str, Any]:
    answer: dict[str, Any] = site.http("POST", path, json=body).json()
    return answer


# Publishing.


def test_what_a_view_publishes_is_heard(site: Server) -> None:
    with connected(site, "ann", "a1", "kept:a1") as ann:
        assert {"head": [0, False]} == told(site, "/publish/plainly", channel="a1", data={"x": "茶"})
        assert {"x": "茶"} == ann.published()["data"]
        assert {"head": [1, True]} == told(site, "/publish/plainly", channel="kept:a1", data=[1])
        assert {"channel": "kept:a1", "data": [1], "offset": 1} == ann.published()


def test_within_a_transaction_it_is_told_after_the_commit_and_a_rollback_tells_nobody(site: Server) -> None:
    with connected(site, "ann", "a2") as ann:
        assert {"head": None} == told(site, "/publish/rolled-back", channel="a2", data="rolled back")
        assert {"head": [0, False]} == told(site, "/publish/at-once", channel="a2", data="at once")
        assert {"head": None} == told(site, "/publish/committed", channel="a2", data="committed")

        assert ["at once", "committed"] == [ann.published()["data"] for _ in range(2)]


def test_coroutines_have_functions_of_their_own(site: Server) -> None:
    with connected(site, "ann", "kept:a3") as ann:
        answer = told(site, "/apublish", channel="kept:a3", data=3)

        assert {"head": [1, True], "heads": [2]} == answer
        # The third is a signal, which leaves nothing behind.
        assert [1, 2, 0] == [ann.published().get("offset", 0) for _ in range(3)]
        assert 2 == ann.ask("history", channel="kept:a3")["offset"]


def test_who_waits_on_the_loop_is_told_to_use_the_other_one(site: Server) -> None:
    assert "twin" in told(site, "/publish-on-the-loop")["error"]


def test_a_broadcast_reaches_several_channels(site: Server) -> None:
    with connected(site, "ann", "a4", "kept:b") as ann:
        (plain, kept) = told(site, "/publish/broadcast", channel="a4", data="all")["heads"]

        assert [0, False] == plain
        assert kept[0] >= 1
        assert {"a4", "kept:b"} == {ann.published()["channel"] for _ in range(2)}


def test_a_signal_is_shown_in_any_channel_and_leaves_nothing(site: Server) -> None:
    with connected(site, "ann", "board:main") as ann:
        assert {"head": None} == told(site, "/publish/signal", channel="board:main", data="typing")
        assert {"channel": "board:main", "data": "typing"} == ann.published()


def test_a_key_makes_publishing_twice_harmless(site: Server) -> None:
    first = told(site, "/publish/once", channel="kept:a5", data=1, key="k")

    assert {"head": [1, True]} == first == told(site, "/publish/once", channel="kept:a5", data=1, key="k")


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        pytest.param("board:main", "NotPublishable", id="an application's own"),
        pytest.param("nothing:here", "UnknownChannel", id="of no namespace"),
        pytest.param("茶", "UnknownChannel", id="no name at all"),
    ],
)
def test_where_nobody_may_publish_it_raises(site: Server, channel: str, error: str) -> None:
    assert {"error": error} == told(site, "/publish/plainly", channel=channel, data=1)


# Who may.


def test_a_function_of_the_site_says_who_may_subscribe(site: Server) -> None:
    with connected(site, "ann", "owner:ann") as ann:
        assert 103 == ann.refused("subscribe", channel="owner:bea")


def test_the_application_says_who_may_subscribe(site: Server) -> None:
    with connected(site, "ann", "board:open") as ann:
        assert 103 == ann.refused("subscribe", channel="board:closed")


def test_a_token_opens_what_nothing_else_opens(site: Server) -> None:
    with connected(site, "ann") as ann:
        assert 103 == ann.refused("subscribe", channel="alone:x")
        token = site.http("GET", f"/subscription/{person(site, 'ann')['id']}/alone:x").json()["token"]
        assert "error" not in ann.ask("subscribe", channel="alone:x", token=token)


def test_who_is_not_active_any_more_is_sent_away_and_stays_away(site: Server) -> None:
    with connected(site, "gone") as gone:
        who = person(site, "gone")
        told(site, f"/deactivate/{who['id']}")
        assert 3503 == gone.closed(10)
    with door(site) as again:
        again.say("connect", token=who["token"])
        assert 3503 == again.closed()


def test_a_view_ends_connections_and_says_whether_they_come_back(site: Server) -> None:
    who = person(site, "cut")
    with connected(site, "cut") as first, connected(site, "cut") as second:
        told(site, f"/disconnect/{who['id']}")
        assert [3503, 3503] == [first.closed(), second.closed()]
    with connected(site, "cut") as third:
        told(site, f"/disconnect/{who['id']}?code=4100")
        assert 4100 == third.closed()


def test_a_page_that_is_to_stay_away_is_told_in_a_way_that_it_obeys(site: Server) -> None:
    """The JavaScript SDK comes back after a close without a reason, and daphne gives none."""
    who = person(site, "page")
    with door(site, additional_headers={"Origin": site.address}) as page:
        page.connect(who["token"])
        told(site, f"/disconnect/{who['id']}")
        pushes = []
        with contextlib.suppress(ConnectionClosed):
            while True:
                pushes.append(page.push())
    assert 3503 == page.socket.close_code
    reasons = [push["disconnect"]["reason"] for push in pushes] or [page.socket.close_reason]
    assert ["force disconnect"] == reasons


def test_a_view_subscribes_people_and_takes_it_back(site: Server) -> None:
    who = person(site, "sub")
    with connected(site, "sub") as native:
        told(site, f"/subscribe/{who['id']}/alone:sub")
        assert "subscribe" in native.push()
        told(site, "/publish/plainly", channel="alone:sub", data=1)
        assert 1 == native.published()["data"]
        told(site, f"/subscribe/{who['id']}/alone:sub?undo=1")
        assert 2000 == native.push()["unsubscribe"]["code"]


@pytest.mark.parametrize("path", ["present", "apresent"])
def test_who_is_present_by_people(site: Server, path: str) -> None:
    channel = f"watched:{path}"
    ann, bea = person(site, "ann")["id"], person(site, "bea")["id"]
    with connected(site, "ann", channel), connected(site, "ann", channel), connected(site, "bea", channel):
        assert {ann: 2, bea: 1} == site.http("GET", f"/{path}/{channel}").json()["present"]
    wait_until(lambda: site.http("GET", f"/{path}/{channel}").json()["present"] == {}, what="all are gone")


@pytest.mark.parametrize("path", ["position", "aposition"])
@pytest.mark.parametrize("channel", ["kept:from", "board:from"])
def test_a_page_subscribes_from_where_it_was_rendered(site: Server, path: str, channel: str) -> None:
    channel += path

    def happen(text: str) -> None:
        if channel.startswith("board:"):
            told(site, "/note", board=channel.removeprefix("board:"), text=text)
        else:
            told(site, "/publish/plainly", channel=channel, data={"text": text})

    happen("on the page")
    rendered = site.http("GET", f"/{path}/{channel}").json()
    happen("since")
    with connected(site, "ann") as ann:
        result = ann.ask("subscribe", channel=channel, recover=True, **rendered)

        assert result["recovered"]
        assert [{"text": "since"}] == [pub["data"] for pub in result["publications"]]


# A log of the site's own.


def test_a_log_of_the_sites_own_is_recovered_from(site: Server) -> None:
    with connected(site, "ann") as ann:
        ann.ask("rpc", method="note.add", data={"text": "zero"})
        position = ann.ask("subscribe", channel="board:main")
        assert position["recoverable"]
        begin = position["offset"]
        assert {"data": {"offset": begin + 1}} == ann.ask("rpc", method="note.add", data={"text": "one"})
        assert {"text": "one"} == ann.published()["data"]
        assert {"code": 400, "message": "a note has a text"} == ann.ask("rpc", method="note.add", data={"text": ""})[
            "error"
        ]
        assert 104 == ann.refused("rpc", method="note.burn")
    told(site, "/note", board="main", text="two")
    with connected(site, "ann") as ann:
        result = ann.ask("subscribe", channel="board:main", recover=True, offset=begin, epoch=position["epoch"])
        assert result["recovered"]
        assert [{"text": "one"}, {"text": "two"}] == [pub["data"] for pub in result["publications"]]


def test_a_note_whose_hint_was_lost_arrives_all_the_same(site: Server) -> None:
    """As after a process that died between the commit and the hint."""
    with connected(site, "ann", "board:lost") as ann:
        told(site, "/note", board="lost", text="heard")
        assert {"text": "heard"} == ann.published()["data"]
        told(site, "/note", board="lost", text="lost", announced=False)
        assert {"text": "lost"} == ann.published(15)["data"]
        told(site, "/note", board="lost", text="next")
        assert {"text": "next"} == ann.published()["data"]


def test_nobody_of_the_sites_own_log_saw_a_fault(site: Server) -> None:
    assert "Traceback" not in site.log


# Without an engine.


_FROM_A_COMMAND = """
import os

import django; django.setup()
from teahouse.realtime import api
for channel in ("c1", "kept:c1", "board:main"):
    try:
        head = api.publish(channel, "from a command")
        print(channel, head.offset, bool(head.epoch))
    except Exception as error:
        print(channel, type(error).__name__)
for channel in ("kept:c1", "board:main"):
    try:
        print(channel, api.channel_position(channel).offset)
    except Exception as error:
        print(channel, type(error).__name__)
if "PLAIN_SITE_REDIS_URL" in os.environ:
    print(api.who_is_present("watched:c1"))
    api.disconnect("1", code=4100)
"""


def test_a_command_without_redis_reaches_nobody_and_says_so(tmp_path: pathlib.Path) -> None:
    environment = _environment(tmp_path)
    assert 0 == manage(environment, "migrate", "-v", "0").returncode
    ran = python(environment, "-c", _FROM_A_COMMAND)

    published = ["c1 BrokerAway", "kept:c1 BrokerAway", "board:main NotPublishable"]
    # What is in its own database it knows.
    assert [*published, "kept:c1 BrokerAway", "board:main 0"] == ran.stdout.splitlines(), ran.stderr


def test_a_command_with_redis_reaches_those_who_listen(tmp_path: pathlib.Path, redis_url: str) -> None:
    environment = _environment(
        tmp_path, PLAIN_SITE_REDIS_URL=redis_url, PLAIN_SITE_PREFIX=f"plain:{os.getpid()}:{tmp_path.name}"
    )
    assert 0 == manage(environment, "migrate", "-v", "0").returncode
    with (
        running(tmp_path, *_SERVERS["fast"], **environment) as site,
        connected(site, "ann", "c1", "kept:c1", "watched:c1") as ann,
    ):
        ran = python(environment, "-c", _FROM_A_COMMAND)

        published = ["c1 0 False", "kept:c1 1 True", "board:main NotPublishable"]
        expected = [*published, "kept:c1 1", "board:main 0", "{'1': 1}"]
        assert expected == ran.stdout.splitlines(), ran.stderr
        assert ["from a command"] * 2 == [ann.published()["data"] for _ in range(2)]
        assert 4100 == ann.closed()


# Several processes.


def test_gunicorn_is_told_that_workers_without_redis_do_not_know_of_each_other(tmp_path: pathlib.Path) -> None:
    command = ("gunicorn", "tests.live.plain_site.asgi:application", "--bind", "127.0.0.1:{port}", "--workers")
    worker = ("-k", "teahouse.realtime.server.worker.TeahouseWorker")
    for number in ("1", "2"):
        with running(tmp_path / number, *command, number, *worker, **_environment(tmp_path)) as site:
            assert (number == "2") == ("redis_url" in site.log)
