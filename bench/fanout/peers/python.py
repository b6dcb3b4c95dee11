"""Peers in Python beside Channels: uWebSockets through socketify, and python-socketio."""

import contextlib
import pathlib
from collections.abc import Iterator, Mapping, Sequence

from bench.fanout import build, tokens
from bench.fanout.peers.base import Peer, Start, Target, free_port, process


def install() -> None:
    build.python()


def uvicorn(application: str, port: int, *, folder: pathlib.Path = build.SERVERS) -> Sequence[str | pathlib.Path]:
    """As a sensible operator runs it: uvloop, httptools, no compression, no access log."""
    command: list[str | pathlib.Path] = [build.python(), "-m", "uvicorn", application, "--app-dir", folder]
    command += ["--port", str(port), "--loop", "uvloop", "--http", "httptools", "--backlog", "4096"]
    return [*command, "--ws-per-message-deflate", "false", "--no-access-log", "--log-level", "warning"]


@contextlib.contextmanager
def _running(
    command: Sequence[str | pathlib.Path], port: int, start: Start, target: Mapping[str, str]
) -> Iterator[Target]:
    environment = {"BENCH_SECRET": tokens.SECRET, "BENCH_PING_SECONDS": str(start.ping_seconds)}
    with process(command, port=port, folder=start.folder, environment=environment) as pid:
        yield Target(port=port, tokens=tokens.mint(), pids=[pid], **target)


def _socketify(start: Start) -> contextlib.AbstractContextManager[Target]:
    port = free_port()
    command = [build.python(), build.SERVERS / "uwebsockets.py", str(port)]
    return _running(command, port, start, {"dialect": "raw", "path": "/?token={token}"})


def _python_socketio(start: Start) -> contextlib.AbstractContextManager[Target]:
    port = free_port()
    command = uvicorn("python_socketio:app", port)
    target = {"dialect": "socketio", "path": "/socket.io/?EIO=4&transport=websocket"}
    return _running(command, port, start, target)


PEERS = [
    Peer(
        name="uwebsockets",
        about="uWebSockets (C++) through socketify (Python), topics; coalesces",
        install=install,
        running=_socketify,
    ),
    Peer(
        name="python-socketio",
        about="python-socketio under uvicorn, uvloop; the server asks for heartbeats",
        install=install,
        running=_python_socketio,
        heartbeats="server",
    ),
]
