"""Peers on Node: ws and Socket.IO."""

import contextlib
from collections.abc import Iterator

from bench.fanout import build, tokens
from bench.fanout.peers.base import Peer, Start, Target, free_port, process


def _install() -> None:
    build.node_modules()


@contextlib.contextmanager
def _running(script: str, start: Start, *, dialect: str, path: str) -> Iterator[Target]:
    port = free_port()
    environment = {
        "NODE_ENV": "production",
        "BENCH_SECRET": tokens.SECRET,
        "BENCH_PING_MS": str(int(start.ping_seconds * 1000)),
    }
    command = ["node", build.node_modules() / script, str(port)]
    with process(command, port=port, folder=start.folder, environment=environment) as pid:
        yield Target(port=port, dialect=dialect, path=path, tokens=tokens.mint(), pids=[pid])


PEERS = [
    Peer(
        name="ws",
        about="ws on Node, sets of connections, one send a connection",
        install=_install,
        running=lambda start: _running("ws.mjs", start, dialect="raw", path="/?token={token}"),
    ),
    Peer(
        name="socket.io",
        about="Socket.IO on Node, WebSocket transport only, rooms; the server asks for heartbeats",
        install=_install,
        running=lambda start: _running(
            "socketio.mjs", start, dialect="socketio", path="/socket.io/?EIO=4&transport=websocket"
        ),
        heartbeats="server",
    ),
]
