"""nchan, a module of nginx, with njs for the tokens; both are Debian's, unpacked and not installed."""

import contextlib
import pathlib
import shutil
from collections.abc import Iterator

from bench.fanout import build, tokens
from bench.fanout.peers.base import Peer, Start, Target, free_port, process

_PACKAGES = ("libnginx-mod-nchan", "libnginx-mod-http-js")


def _install() -> None:
    build.need("nginx")
    build.debian_files(*_PACKAGES)


def _nginx() -> str:
    return shutil.which("nginx") or "/usr/sbin/nginx"


def _configuration(folder: pathlib.Path, port: int) -> pathlib.Path:
    text = (build.SERVERS / "nchan.conf").read_text()
    modules = build.debian_files(*_PACKAGES) / "usr/lib/nginx/modules"
    for name, value in {"FOLDER": folder, "MODULES": modules, "SERVERS": build.SERVERS, "PORT": port}.items():
        text = text.replace(name, str(value))
    path = folder / "nginx.conf"
    path.write_text(text)
    return path


@contextlib.contextmanager
def _running(start: Start) -> Iterator[Target]:
    port = free_port()
    # Its worker is another user's.
    start.folder.chmod(0o755)
    command = [_nginx(), "-p", start.folder, "-c", _configuration(start.folder, port)]
    environment = {"BENCH_SECRET": tokens.SECRET}
    with process(command, port=port, folder=start.folder, environment=environment) as pid:
        yield Target(
            port=port,
            dialect="quiet",
            path="/subscribe?token={token}",
            # The user is named beside the token and has to be the token's.
            tokens=[f"{token}&user={number}" for number, token in enumerate(tokens.mint(), 1)],
            pids=[pid],
            publish_path="/publish",
        )


PEERS = [
    Peer(
        name="nchan",
        about="nchan (C, in nginx), multiplexed channels, published to by HTTP; passes bytes on and parses no message",
        install=_install,
        running=_running,
    )
]
