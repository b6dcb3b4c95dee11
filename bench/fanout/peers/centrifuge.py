"""Centrifuge, the Go library under Centrifugo, as old as Debian's package of it; compiled here."""

import contextlib
import os
from collections.abc import Iterator

from bench.fanout import build, tokens
from bench.fanout.peers.base import Peer, Start, Target, free_port, process

_SOURCE = build.SERVERS / "centrifuge.go"
# The package of Centrifuge does not ask for those that follow, which it does not compile without.
_PACKAGES = (
    "golang-go",
    "golang-github-centrifugal-centrifuge-dev",
    "golang-github-centrifugal-protocol-dev",
    "golang-github-fzambia-eagle-dev",
    "golang-github-igm-sockjs-go-dev",
    "golang-github-mna-redisc-dev",
    "golang-github-golang-jwt-jwt-dev",
)


def _install() -> None:
    program = build.FOLDER / "centrifuge"
    if program.exists() and program.stat().st_mtime > _SOURCE.stat().st_mtime:
        return
    build.debian_installed(*_PACKAGES)
    environment = {
        **os.environ,
        "GO111MODULE": "off",
        "GOPATH": "/usr/share/gocode",
        "GOCACHE": str(build.FOLDER / "go"),
        "GOFLAGS": "",
    }
    build.run("go", "build", "-o", str(program), str(_SOURCE), env=environment)


@contextlib.contextmanager
def _running(start: Start) -> Iterator[Target]:
    port = free_port()
    environment = {"BENCH_SECRET": tokens.SECRET, "GOMAXPROCS": "1"}
    command = [build.FOLDER / "centrifuge", str(port)]
    with process(command, port=port, folder=start.folder, environment=environment) as pid:
        yield Target(
            port=port,
            dialect="centrifuge1",
            path="/connection/websocket",
            tokens=tokens.mint(),
            pids=[pid],
            channels=["lobby", "site", "user-{n}"],
        )


PEERS = [
    Peer(
        name="centrifuge",
        about="Centrifuge 0.15 (Go), Debian's, with its protocol of that time, in which the client pings; coalesces",
        install=_install,
        running=_running,
    )
]
