"""What a peer is, and a server process of one."""

import contextlib
import dataclasses
import os
import pathlib
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Literal

from bench.fanout import machine

_START_SECONDS = 60


@dataclasses.dataclass(frozen=True, kw_only=True)
class Target:
    """A peer that runs."""

    port: int
    dialect: str
    path: str
    tokens: Sequence[str]
    # Whose time and memory, with their children's, are the server's.
    pids: Sequence[int]
    # For dialects that name them: subscribed to in this order, published to the first. {n} is the person's number.
    channels: Sequence[str] = ()
    # For peers that are published to by HTTP.
    publish_path: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Start:
    """How a peer is to be started. `folder` is its own for this start and goes away after it."""

    folder: pathlib.Path
    # For the measure of heartbeats, where the server is the one that asks: how often.
    ping_seconds: float = 25


@dataclasses.dataclass(frozen=True, kw_only=True)
class Peer:
    name: str
    about: str
    # Raises build.Missing where it cannot be had.
    install: Callable[[], None]
    running: Callable[[Start], AbstractContextManager[Target]]
    # Who asks in the measure of heartbeats: pages of most peers, the server in others.
    heartbeats: Literal["client", "server"] = "client"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextlib.contextmanager
def process(
    command: Sequence[str | pathlib.Path],
    *,
    port: int,
    folder: pathlib.Path,
    environment: Mapping[str, str] | None = None,
) -> Iterator[int]:
    """A server on the server's core from when it listens on its port; its process id. It ends with all it started."""
    log = folder / f"{port}.log"
    with machine.on_core(machine.cores().server), log.open("ab") as out:
        child = subprocess.Popen(
            list(map(str, command)),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
    try:
        _wait_until_it_listens(child, port, log)
        yield child.pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _wait_until_it_listens(child: subprocess.Popen[bytes], port: int, log: pathlib.Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        if child.poll() is not None:
            raise RuntimeError(f"ended with {child.returncode}: {log.read_text(errors='replace')[-1000:]}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"does not listen after {_START_SECONDS} s: {log.read_text(errors='replace')[-1000:]}")
