"""The bare C broadcaster, `bare.c`: what a fan-out costs when nothing else is done."""

import contextlib
from collections.abc import Iterator

from bench.fanout import build
from bench.fanout.peers.base import Peer, Start, Target, free_port, process

_SOURCE = build.SERVERS / "bare.c"


def _install() -> None:
    build.compiled("bare", [_SOURCE], also=[build.SERVERS / "sha1.h"])


def _peer(name: str, about: str, *arguments: str) -> Peer:
    @contextlib.contextmanager
    def running(start: Start) -> Iterator[Target]:
        port = free_port()
        with process([build.FOLDER / "bare", str(port), *arguments], port=port, folder=start.folder) as pid:
            yield Target(port=port, dialect="raw", path="/", tokens=[""], pids=[pid])

    return Peer(name=name, about=about, install=_install, running=running)


PEERS = [
    _peer("bare-c", "C, epoll, one send a frame; verifies no token"),
    _peer("bare-c-coalescing", "C, epoll, what is pending leaves in one send; verifies no token", "coalesce"),
]
