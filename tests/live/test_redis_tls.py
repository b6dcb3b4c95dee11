"""Two processes of a site whose Redis is a Cluster, or behind a Sentinel, and speaks nothing but TLS."""

import contextlib
import pathlib
from collections.abc import Callable, Iterator

import pytest

from tests.live.redis_sites import elsewhere, listener, publish, served
from tests.live.redis_tls import clustered_redis, watched_redis
from tests.live.server import Server
from tests.realtime.broker.redis_servers import certificate
from tests.services import wait_until

_FROM_ELSEWHERE = """
for channel in ("plain:tls", "kept:tls"):
    print(api.publish(channel, "elsewhere").offset)
print(api.who_is_present("seen:tls"))
"""


@contextlib.contextmanager
def _watched_url(folder: pathlib.Path) -> Iterator[str]:
    with watched_redis(folder) as redis:
        yield redis.url


@pytest.fixture(scope="module", params=[_watched_url, clustered_redis], ids=["sentinel", "cluster"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    redis: Callable[[pathlib.Path], contextlib.AbstractContextManager[str]] = request.param
    with redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


def test_what_any_process_does_is_known_to_all(url: str, tmp_path: pathlib.Path) -> None:
    channels = ("plain:tls", "kept:tls", "seen:tls")
    with (
        served(tmp_path, url, url) as both,
        listener(both[0], "ann", *channels) as ann,
        listener(both[1], "bea", *channels) as bea,
    ):
        for number, site in enumerate(both, 1):
            assert {"head": [0, False]} == publish(site, "plain:tls", number)
            assert {"head": [number, True]} == publish(site, "kept:tls", number)
        for site in both:
            wait_until(lambda site=site: _present(site) == {"1": 1, "2": 1})  # type: ignore[misc]
        assert ["0", "3", "{'1': 1, '2': 1}"] == elsewhere(both[0], _FROM_ELSEWHERE).splitlines()
        for each in (ann, bea):
            for channel in ("plain:tls", "kept:tls"):
                each.hears(channel, [1, 2, "elsewhere"])
            assert [1, 2, 3] == each.offsets("kept:tls")
            assert [] == each.endings
        for site in both:
            assert "Redis" not in site.log
            assert "Traceback" not in site.log


def _present(site: Server) -> object:
    return site.http("GET", "/present/seen:tls").json()["present"]


def test_a_redis_with_the_certificate_of_somebody_else_is_told_nothing(url: str, tmp_path: pathlib.Path) -> None:
    where, _, _ = url.partition("ssl_ca_certs=")
    with served(tmp_path, f"{where}ssl_ca_certs={certificate(tmp_path, 'others').certificate}") as [site]:
        assert {"error": "BrokerAway"} == publish(site, "plain:tls", 1)
