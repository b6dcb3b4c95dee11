"""A server of ours whose PostgreSQL stops: it lives, says that it is not ready, and recovers by itself."""

import pathlib
import time
from collections.abc import Callable

import httpx
import psutil
import pytest

from tests import services
from tests.live.server import Server, running
from tests.postgresql.conftest import Postgres
from tests.services import wait_until

pytestmark = pytest.mark.live


def _timed(ask: Callable[[], httpx.Response]) -> tuple[float, httpx.Response]:
    began_at = time.monotonic()
    answer = ask()
    return time.monotonic() - began_at, answer


def _threads(server: Server) -> int:
    return psutil.Process(server.pid).num_threads()


def test_a_database_that_hangs_is_told_in_2_seconds_by_one_thread_and_found_again_in_5(
    postgres: Postgres, tmp_path: pathlib.Path
) -> None:
    with (
        services.new_database(postgres.url) as url,
        running(tmp_path / "data", "teahouse", "up", DATABASE_URL=url) as server,
    ):
        wait_until(lambda: server.http("GET", "/readyz").status_code == 200)
        threads = _threads(server)
        with postgres.stopped():
            for _ in range(5):
                seconds, answer = _timed(lambda: server.http("GET", "/readyz"))
                assert (503, ["the database does not answer"]) == (answer.status_code, answer.json()["reasons"])
                assert seconds < 3
                assert 200 == server.http("GET", "/healthz").status_code
            # The one that asks, and what Django's own requests and the pool may have opened.
            assert _threads(server) <= threads + 4
        began_at = time.monotonic()
        wait_until(lambda: server.http("GET", "/readyz").status_code == 200)
        assert time.monotonic() - began_at < 5
