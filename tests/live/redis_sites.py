"""Processes of `plain_site` that share a database and a Redis of any shape."""

import contextlib
import json
import pathlib
from collections.abc import Iterator
from typing import Any

from tests.live.listener import Listener
from tests.live.server import Server
from tests.live.sites import environment_of, python, servers_of

_NAMESPACES = {
    "plain": {"may_subscribe": "signed_in"},
    "kept": {"kind": "kept", "may_subscribe": "signed_in"},
    "board": {"kind": "logged", "may_subscribe": "application"},
    "seen": {"may_subscribe": "signed_in", "presence": True, "join_leave": True, "may_read_presence": "subscribers"},
}
# The clients of some tests answer no ping.
_REALTIME = {"namespaces": _NAMESPACES, "ping_interval_seconds": 300}


@contextlib.contextmanager
def served(data: pathlib.Path, *redis_urls: str) -> Iterator[list[Server]]:
    """A process for each URL; their database is an SQLite in `data`."""
    data.mkdir(exist_ok=True)
    environment = environment_of("plain_site", PLAIN_SITE_DATA=str(data), PLAIN_SITE_REALTIME=json.dumps(_REALTIME))
    assert 0 == python(environment, "-m", "django", "migrate", "-v", "0").returncode
    command = servers_of("plain_site")["fast"]
    sites = [Server(data, *command, **environment, PLAIN_SITE_REDIS_URL=url) for url in redis_urls]
    with contextlib.ExitStack() as stack:
        for site in sites:
            stack.callback(site.kill)
            site.start(wait=False)
        for site in sites:
            site.wait_until_served()
        yield sites


def listener(site: Server, name: str, *channels: str) -> Listener:
    return Listener(site.port, site.http("GET", f"/token/{name}").json()["token"], *channels)


def publish(site: Server, channel: str, data: Any) -> dict[str, Any]:
    """`{"head": ...}`, or `{"error": ...}`."""
    answer: dict[str, Any] = site.http("POST", "/publish/plainly", json={"channel": channel, "data": data}).json()
    return answer


def elsewhere(site: Server, code: str) -> str:
    """What `code` prints in a process without an engine; `api` is imported."""
    setup = "import django; django.setup()\nfrom teahouse.realtime import api\n"
    ran = python(site.environment, "-c", setup + code)
    assert 0 == ran.returncode, ran.stderr
    return ran.stdout
