"""Redis for the tests of the broker: one that others use too, and those that a test may stop."""

import os
import pathlib
from collections.abc import Iterator

import pytest

from teahouse.realtime.broker import redis_connection
from tests.realtime.broker.redis_servers import Cluster, Sentinel, Server


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for Redis to come back looks often."""
    monkeypatch.setattr(redis_connection, "_RETRY_MOST_SECONDS", 0.4)


@pytest.fixture
def prefix(request: pytest.FixtureRequest) -> str:
    """Names of this test's own in a Redis that others use too."""
    return f"test:{os.getpid()}:{request.node.name}"


@pytest.fixture
def own(tmp_path: pathlib.Path) -> Iterator[Server]:
    """A Redis that the test may stop."""
    server = Server(tmp_path / "redis").start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Every test leaves it whole."""
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
def sentinel(tmp_path: pathlib.Path) -> Iterator[tuple[Sentinel, Server, Server]]:
    """A Sentinel, the master "tea" and its replica."""
    master = Server(tmp_path / "master", "--repl-diskless-sync-delay", "0").start()
    replica = Server(
        tmp_path / "replica", "--replicaof", "127.0.0.1", str(master.port), "--repl-diskless-sync-delay", "0"
    )
    sentinel = Sentinel(tmp_path / "sentinel", master)
    try:
        replica.start()
        yield sentinel, master, replica
    finally:
        for server in (sentinel, replica, master):
            server.stop()
