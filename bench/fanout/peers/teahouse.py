"""
Teahouse: its own site with the demo people. The native door with a plain namespace of the bench's, whose publications
nobody keeps, as the peers keep none; and the classic door, where every message is stored before it is sent.

Changed from the defaults: pace and connections are counted per person, and here few people have many of both.
"""

import contextlib
import json
from collections.abc import Callable, Iterator

import psutil

from bench.fanout import build, machine
from bench.fanout.peers.base import Peer, Start, Target
from bench.fanout.peers.redis import own_redis
from tests.live.server import Server
from tests.services import new_database, postgres_server

# In the order of their ids, from 1.
_PEOPLE = ("admin", "alice", "bob", "carol", "dave")
_LIMITS = {
    "TEAHOUSE_SENDS_PER_SECOND": "1000000",
    "TEAHOUSE_SEND_BURST": "1000000",
    "TEAHOUSE_MAX_CONNECTIONS_PER_USER": "100000",
    "TEAHOUSE_LOG_LEVEL": "WARNING",
}
_NAMESPACES = {"bench": {"kind": "plain", "may_subscribe": "signed_in", "may_publish": "subscribers"}}
_NATIVE = {"TEAHOUSE_NAMESPACES": json.dumps(_NAMESPACES)}


def _classic(house: Server, pids: list[int]) -> Target:
    tokens = [house.tokens(name)["refresh"] for name in _PEOPLE]
    return Target(port=house.port, dialect="classic", path="/infra/ws?token={token}", tokens=tokens, pids=pids)


def _native(house: Server, pids: list[int]) -> Target:
    tokens = []
    for name in _PEOPLE:
        access = {"Authorization": f"Bearer {house.tokens(name)['access']}"}
        answer = house.http("POST", "/api/auth/connection-token", headers=access)
        answer.raise_for_status()
        tokens.append(answer.json()["token"])
    return Target(
        port=house.port,
        dialect="centrifuge",
        path="/connection/websocket",
        tokens=tokens,
        pids=pids,
        channels=["bench:lobby", "bench:site", "bench:user-{n}"],
    )


@contextlib.contextmanager
def _one(start: Start, door: Callable[[Server, list[int]], Target]) -> Iterator[Target]:
    with _running(Server(start.folder / "data", **_environment(start, door))) as house:
        yield door(house, [house.pid])


@contextlib.contextmanager
def _two(start: Start, door: Callable[[Server, list[int]], Target]) -> Iterator[Target]:
    with contextlib.ExitStack() as stack:
        redis = stack.enter_context(own_redis(start.folder))
        before = _children()
        with machine.on_core(machine.cores().server):
            database = stack.enter_context(new_database(stack.enter_context(postgres_server())))
        pids = [redis.pid, *(_children() - before)]
        environment = {**_environment(start, door), "DATABASE_URL": database, "REDIS_URL": redis.url}
        data = start.folder / "data"
        # The demo people are made by a lone process.
        with _running(Server(data, **environment)) as alone:
            alone.stop()
        workers = Server(data, "teahouse", "serve", "--workers", "2", **environment)
        house = stack.enter_context(_running(workers))
        yield door(house, [*pids, house.pid])


def _environment(start: Start, door: Callable[[Server, list[int]], Target]) -> dict[str, str]:
    timeout = min(10.0, start.ping_seconds * 0.9)
    pings = {
        "TEAHOUSE_PING_INTERVAL_SECONDS": f"{start.ping_seconds:g}",
        "TEAHOUSE_PING_TIMEOUT_SECONDS": f"{timeout:g}",
    }
    return {**_LIMITS, **pings, **(_NATIVE if door is _native else {})}


@contextlib.contextmanager
def _running(house: Server) -> Iterator[Server]:
    try:
        with machine.on_core(machine.cores().server):
            house.start()
        yield house
    finally:
        house.kill()


def _children() -> set[int]:
    return {child.pid for child in psutil.Process().children()}


def _install() -> None:
    """It is what is here."""


def _install_two() -> None:
    build.need("redis-server")


PEERS = [
    Peer(
        name="teahouse",
        about="native door, plain channels; the server asks for heartbeats; coalesces",
        install=_install,
        running=lambda start: _one(start, _native),
        heartbeats="server",
    ),
    Peer(
        name="teahouse-2-workers",
        about="native door, two workers, Redis and PostgreSQL, all on the one core",
        install=_install_two,
        running=lambda start: _two(start, _native),
        heartbeats="server",
    ),
    Peer(
        name="teahouse-classic",
        about="classic door; every message is committed to SQLite before it is sent; coalesces",
        install=_install,
        running=lambda start: _one(start, _classic),
    ),
    Peer(
        name="teahouse-classic-2-workers",
        about="classic door, two workers, Redis and PostgreSQL, all on the one core; every message is committed first",
        install=_install_two,
        running=lambda start: _two(start, _classic),
    ),
]
