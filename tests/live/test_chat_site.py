"""The chat in a Django site of somebody else's, on Django's own users."""

import contextlib
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.live.native import Native, door
from tests.live.server import Server
from tests.live.sites import environment_of, python, servers_of


@pytest.fixture(scope="module", params=["fast", "daphne"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data: pathlib.Path = tmp_path_factory.mktemp("chat-site")
    environment = environment_of("chat_site", CHAT_SITE_DATA=str(data))
    migrated = python(environment, "-m", "django", "migrate", "-v", "0")
    assert 0 == migrated.returncode, migrated.stderr
    site = Server(data, *servers_of("chat_site")[request.param], **environment)
    try:
        yield site.start()
    finally:
        site.kill()


def connected(site: Server, name: str) -> tuple[Native, dict[str, Any]]:
    native = door(site)
    return native, native.connect(site.http("GET", f"/token/{name}").json()["token"])


def rpc(native: Native, method: str, **data: Any) -> dict[str, Any]:
    answer = native.ask("rpc", method=method, data=data)
    assert "error" not in answer, answer
    found: dict[str, Any] = answer["data"]
    return found


def posted(native: Native) -> dict[str, Any]:
    while (heard := native.published())["data"]["kind"] != "message.posted":
        pass
    message: dict[str, Any] = heard["data"]["message"]
    return message


def test_its_people_talk_and_the_site_talks_to_them(site: Server) -> None:
    site.http("GET", "/shipped/nobody?key=0")
    with contextlib.ExitStack() as stack:
        bob, _ = connected(site, "bob")
        stack.enter_context(bob)
        alice, _ = connected(site, "alice")
        stack.enter_context(alice)
        lobby = rpc(alice, "sync")["rooms"][0]["room"]["id"]
        sent = rpc(alice, "message.send", room=lobby, client_key="1", body="**hi** @bob")
        heard = posted(bob)
        assert (sent["number"], sent["id"], "**hi** @bob") == (heard["number"], heard["id"], heard["body"])
        assert 1 == len(heard["mentions"])

        assert 200 == site.http("GET", "/shipped/alice?key=order-42").status_code
        assert "<strong>42</strong>" in posted(bob)["html"]
        # The same again is the same, and what is rolled back was never said.
        site.http("GET", "/shipped/alice?key=order-42")
        site.http("GET", "/shipped/alice?key=order-43&then=rollback")
        rpc(alice, "message.send", room=lobby, client_key="2", body="the end")
        assert (sent["number"] + 2, "the end") == ((end := posted(bob))["number"], end["body"])


def test_its_authentication_opens_the_http_api(site: Server) -> None:
    site.http("GET", "/token/carol")

    assert 401 == site.http("GET", "/api/sync").status_code
    answer = site.http("GET", "/api/sync", auth=("carol", "carol"))
    assert 200 == answer.status_code
    assert ["Lobby"] == [entry["room"]["name"] for entry in answer.json()["rooms"]]
