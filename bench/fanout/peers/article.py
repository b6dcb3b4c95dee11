"""The article's Channels consumer (`servers/article_site`) on each of its layers, under uvicorn."""

import contextlib
from collections.abc import Iterator

from bench.fanout import build, tokens
from bench.fanout.peers import python
from bench.fanout.peers.base import Peer, Start, Target, free_port, process
from bench.fanout.peers.redis import own_redis


def _install() -> None:
    build.need("redis-server")
    python.install()


@contextlib.contextmanager
def _running(start: Start, layer: str) -> Iterator[Target]:
    port = free_port()
    with contextlib.ExitStack() as stack:
        environment = {"BENCH_SECRET": tokens.SECRET, "BENCH_LAYER": layer}
        pids = []
        if layer != "memory":
            redis = stack.enter_context(own_redis(start.folder))
            environment["BENCH_REDIS_URL"] = redis.url
            pids.append(redis.pid)
        command = python.uvicorn("article_site.asgi:application", port)
        pids.append(stack.enter_context(process(command, port=port, folder=start.folder, environment=environment)))
        yield Target(port=port, dialect="classic", path="/infra/ws?token={token}", tokens=tokens.mint(), pids=pids)


def _peer(layer: str, about: str) -> Peer:
    return Peer(
        name=f"article-{layer}",
        about=f"a Channels consumer in the article's way, uvicorn, uvloop; {about}",
        install=_install,
        running=lambda start: _running(start, layer),
    )


PEERS = [
    _peer("memory", "in-memory layer"),
    _peer("core", "channels_redis core layer, Redis on the same core"),
    _peer("pubsub", "channels_redis pub/sub layer, Redis on the same core"),
]
