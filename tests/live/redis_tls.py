"""Redis with a Sentinel, and a Cluster, that speak nothing but TLS with anybody and among themselves."""

import contextlib
import pathlib
from collections.abc import Iterator
from typing import NamedTuple

from tests.realtime.broker.redis_servers import Cluster, Sentinel, Server, certificate
from tests.services import wait_until


class Watched(NamedTuple):
    """`url` goes by the Sentinel."""

    master: Server
    replica: Server
    url: str


@contextlib.contextmanager
def watched_redis(folder: pathlib.Path) -> Iterator[Watched]:
    """A master, a replica that is its copy, and a Sentinel that knows both."""
    identity = certificate(folder, "ours")
    master, replica = (
        Server(folder / name, "--repl-diskless-sync-delay", "0", identity=identity) for name in ("master", "replica")
    )
    watch = Sentinel(folder / "sentinel", master)
    with contextlib.ExitStack() as stack:
        for server in (master, replica):
            stack.callback(server.stop)
            server.start()
        replica.ask("REPLICAOF", "127.0.0.1", master.port)
        wait_until(lambda: "connected" in replica.ask("ROLE"), what="the replica")
        stack.callback(watch.stop)
        watch.start()
        wait_until(lambda: str(replica.port) in str(watch.ask("SENTINEL", "REPLICAS", "tea")), what="the Sentinel")
        yield Watched(master, replica, f"rediss+sentinel://{watch.address}/tea?ssl_ca_certs={identity.certificate}")


@contextlib.contextmanager
def clustered_redis(folder: pathlib.Path) -> Iterator[str]:
    """Its URL, of sharded pub/sub."""
    identity = certificate(folder, "ours")
    cluster = Cluster(folder, identity=identity)
    try:
        cluster.start()
        yield f"{cluster.url(sharded=True)}&ssl_ca_certs={identity.certificate}"
    finally:
        cluster.stop()
