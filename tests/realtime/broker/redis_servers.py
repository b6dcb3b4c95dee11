"""Redis in every shape that it has: with options, stopped and continued, as a Cluster, behind a Sentinel, with TLS."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from typing import Any, NamedTuple

import redis
from redis.crc import key_slot

from tests.services import free_port, missing, redis_binary, wait_until


class Identity(NamedTuple):
    """What servers show who speak nothing but TLS; the certificate is its own CA."""

    key: pathlib.Path
    certificate: pathlib.Path

    def options(self, port: int) -> list[str]:
        key, cert = map(str, self)
        return [
            *("--port", "0", "--tls-port", str(port), "--tls-auth-clients", "no"),
            *("--tls-replication", "yes", "--tls-cluster", "yes"),
            *("--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert),
        ]


class Server:
    """A redis-server of our own, with its files in `folder`, on a port that stays the same through restarts."""

    def __init__(self, folder: pathlib.Path, *options: str, identity: Identity | None = None) -> None:
        self.folder = folder
        self.port = free_port()
        self.identity = identity
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        tls = [] if self.identity is None else self.identity.options(self.port)
        return ["--port", str(self.port), "--save", "", "--appendonly", "no", *tls, *self._options]

    def start(self) -> "Server":
        self.folder.mkdir(exist_ok=True)
        self._process = subprocess.Popen(
            [redis_binary(), *self.command(), "--bind", "127.0.0.1", "--dir", str(self.folder)],
            stdout=subprocess.DEVNULL,
        )
        wait_until(self._is_listening, what="Redis")
        return self

    def _is_listening(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), 1):
            return True

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """It takes connections and bytes, and does nothing."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._process.pid, signal.SIGCONT)

    def ask(self, *words: str | int) -> Any:
        tls = {} if self.identity is None else {"ssl": True, "ssl_ca_certs": str(self.identity.certificate)}
        with redis.Redis(host="127.0.0.1", port=self.port, decode_responses=True, protocol=2, **tls) as client:
            return client.execute_command(*words)


class Sentinel(Server):
    """Watches one master and gives it up after half a second."""

    def __init__(self, folder: pathlib.Path, master: Server) -> None:
        super().__init__(folder, identity=master.identity)
        self._master = master

    def command(self) -> list[str]:
        self.folder.mkdir(exist_ok=True)
        file = self.folder / "sentinel.conf"
        file.write_text(
            f"port {self.port}\n"
            f"sentinel monitor tea 127.0.0.1 {self._master.port} 1\n"
            "sentinel down-after-milliseconds tea 500\n"
            "sentinel failover-timeout tea 2000\n"
        )
        return [str(file), "--sentinel", *([] if self.identity is None else self.identity.options(self.port))]


class Cluster:
    """Three masters without replicas."""

    def __init__(self, folder: pathlib.Path, *, identity: Identity | None = None) -> None:
        self._identity = identity
        self.nodes = [
            Server(
                folder / f"node-{number}",
                *("--cluster-enabled", "yes", "--cluster-port", str(free_port()), "--cluster-node-timeout", "2000"),
                *("--cluster-require-full-coverage", "no"),
                identity=identity,
            )
            for number in range(3)
        ]

    def url(self, *, sharded: bool) -> str:
        addresses = ",".join(node.address for node in self.nodes)
        scheme = "redis" if self._identity is None else "rediss"
        return f"{scheme}+cluster://{addresses}{'?sharded=1' if sharded else ''}"

    def start(self) -> None:
        cli = shutil.which("redis-cli") or missing("redis-cli")
        tls = [] if self._identity is None else ["--tls", "--cacert", str(self._identity.certificate)]
        for node in self.nodes:
            node.start()
        subprocess.run(
            [cli, *tls, "--cluster", "create", *(node.address for node in self.nodes), "--cluster-yes"],
            stdout=subprocess.DEVNULL,
            check=True,
        )
        self.wait()

    def wait(self) -> None:
        wait_until(self.is_whole, what="the cluster")

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()

    def is_whole(self) -> bool:
        with contextlib.suppress(redis.RedisError):
            return all(
                "cluster_state:ok" in str(node.ask("CLUSTER", "INFO"))
                and "cluster_slots_ok:16384" in str(node.ask("CLUSTER", "INFO"))
                for node in self.nodes
            )
        return False

    def owner_of(self, key: str) -> Server:
        slot = key_slot(key.encode())
        for first, last, (_, port, *_), *_ in self.nodes[0].ask("CLUSTER", "SLOTS"):
            if first <= slot <= last:
                return next(node for node in self.nodes if node.port == port)
        raise LookupError(slot)

    def begin_moving(self, key: str) -> tuple[int, Server, Server]:
        slot, source = key_slot(key.encode()), self.owner_of(key)
        target = next(node for node in self.nodes if node is not source)
        target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", source.ask("CLUSTER", "MYID"))
        source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", target.ask("CLUSTER", "MYID"))
        return slot, source, target

    def end_moving(self, slot: int, source: Server, target: Server) -> None:
        for name in source.ask("CLUSTER", "GETKEYSINSLOT", slot, 1000):
            source.ask("MIGRATE", "127.0.0.1", target.port, name, 0, 1000)
        new = target.ask("CLUSTER", "MYID")
        for node in (target, source, *self.nodes):
            node.ask("CLUSTER", "SETSLOT", slot, "NODE", new)

    def move(self, key: str) -> None:
        """Its slot to another node."""
        self.end_moving(*self.begin_moving(key))


def certificate(folder: pathlib.Path, name: str) -> Identity:
    """A key and a certificate for 127.0.0.1 that signs itself, so it is its own CA."""
    openssl = shutil.which("openssl") or missing("openssl")
    key, cert = folder / f"{name}.key", folder / f"{name}.crt"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", "2", "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(cert)),
        ],
        check=True,
        capture_output=True,
    )
    return Identity(key, cert)
