"""A Redis of a peer's own, on the server's core; its time and memory are the peer's."""

import contextlib
import pathlib
from collections.abc import Iterator
from typing import NamedTuple

from bench.fanout.peers.base import free_port, process


class Redis(NamedTuple):
    pid: int
    url: str


@contextlib.contextmanager
def own_redis(folder: pathlib.Path) -> Iterator[Redis]:
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with process(command, port=port, folder=folder) as pid:
        yield Redis(pid, f"redis://127.0.0.1:{port}/0")
