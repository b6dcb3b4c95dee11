"""Streams at one of several workers, whose clients send to any of them."""

import contextlib
import json
import os
import pathlib
import signal
import time
from collections.abc import Iterator

import httpx
import psutil
import pytest

from tests.live.native import NAMESPACES, protobuf_of
from tests.live.server import Server, running
from tests.live.streams import Stream, stream_as
from tests.services import wait_until


class _Workers:
    """Two workers, with a stream and a kept HTTP connection at each, by the worker's process id."""

    def __init__(self, house: Server, kind: str, stack: contextlib.ExitStack) -> None:
        self.house = house
        self.streams: dict[int, Stream] = {}
        self.http: dict[int, httpx.Client] = {}
        wait_until(lambda: self._has_streams(kind, stack), seconds=40, what="a stream in each worker")
        wait_until(lambda: self._has_http(stack), seconds=40, what="an HTTP connection in each worker")

    def _has_streams(self, kind: str, stack: contextlib.ExitStack) -> bool:
        stream = stack.enter_context(stream_as(self.house, kind=kind))
        self.streams.setdefault(self._worker_of(stream.port()), stream)
        return len(self.streams) == 2

    def _has_http(self, stack: contextlib.ExitStack) -> bool:
        http = stack.enter_context(httpx.Client(base_url=self.house.address, timeout=10))
        with http.stream("OPTIONS", "/emulation") as answer:
            port = answer.extensions["network_stream"].get_extra_info("socket").getsockname()[1]
            # Or else it would not be kept.
            answer.read()
            self.http.setdefault(self._worker_of(port), http)
        return len(self.http) == 2

    def _worker_of(self, port: int) -> int:
        for worker in psutil.Process(self.house.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if any(c.raddr and c.raddr.port == port for c in worker.net_connections("tcp")):
                    return int(worker.pid)
        raise AssertionError("no worker has this connection")


@contextlib.contextmanager
def _two_workers(data: pathlib.Path, database_url: str, redis_url: str, *command: str) -> Iterator[Server]:
    environment = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "TEAHOUSE_REDIS_PREFIX": f"test-{os.getpid()}-{time.monotonic_ns()}",
        "TEAHOUSE_NAMESPACES": json.dumps(NAMESPACES),
    }
    with running(data, **environment) as alone:
        alone.stop()
    with running(data, *command, **environment) as house:
        yield house


_GUNICORN = str(pathlib.Path(__file__).parents[2] / "deploy" / "gunicorn" / "run.sh")


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        pytest.param("http_stream", ("teahouse", "serve", "--workers", "2"), id="serve"),
        pytest.param("protobuf", ("teahouse", "serve", "--workers", "2"), id="serve, protobuf"),
        pytest.param("sse", (_GUNICORN, "--workers", "2", "--bind", "127.0.0.1:{port}"), id="gunicorn, SSE"),
    ],
)
def test_what_a_client_sends_may_come_in_at_any_worker(
    tmp_path: pathlib.Path, kind: str, command: tuple[str, ...], database_url: str, redis_url: str
) -> None:
    with _two_workers(tmp_path / "data", database_url, redis_url, *command) as house, contextlib.ExitStack() as stack:
        workers = _Workers(house, kind, stack)
        first, second = workers.streams
        for here, there in ((first, second), (second, first)):
            stream, http = workers.streams[here], workers.http[there]
            assert {} == stream.ask("subscribe", channel="plain:1")
            # From both workers in turn: each is taken before it is answered, so they are in order.
            for number in range(20):
                command_ = {"id": 100 + number, "publish": {"channel": "plain:1", "data": number}}
                frame = protobuf_of(command_) if kind == "protobuf" else json.dumps(command_)
                assert 204 == stream.emulate(frame, over=workers.http[here] if number % 2 else http)
            assert list(range(20)) == [stream.published()["data"] for _ in range(20)]
            # Of the site, and of a process that is there; but no session there has this name.
            assert 404 == workers.streams[there].emulate("{}", over=http, node=stream.node)
            stream.ask("unsubscribe", channel="plain:1")


def test_a_session_that_has_ended_elsewhere_is_not_found_and_one_of_a_dead_process_is_not_answered(
    tmp_path: pathlib.Path, database_url: str, redis_url: str
) -> None:
    command = ("teahouse", "serve", "--workers", "2")
    with _two_workers(tmp_path / "data", database_url, redis_url, *command) as house, contextlib.ExitStack() as stack:
        workers = _Workers(house, "http_stream", stack)
        first, second = workers.streams
        ended, other = workers.streams[first], workers.http[second]
        ended.response.close()
        wait_until(lambda: ended.emulate("{}", over=other) == 404)
        os.kill(first, signal.SIGKILL)

        assert 504 == ended.emulate("{}", over=other)
        assert 204 == workers.streams[second].emulate('{"id":7,"rpc":{"method":"x"}}', over=other)
