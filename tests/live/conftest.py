"""One server with demo people for the tests that leave it as it was, and one of its own for each that does not."""

import contextlib
import json
import os
import pathlib
import shutil
from collections.abc import Iterator

import pytest

from tests.live.native import NAMESPACES
from tests.live.server import Server, running


@pytest.fixture(scope="session")
def _fresh_data(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("fresh") / "data"
    with running(folder) as server:
        server.stop()
    return folder


# Each server with each broker. By default every server and every broker has its turn; `--all-houses` runs all four.
_UVICORN = ("uvicorn", "teahouse.site.asgi:application", "--host", "127.0.0.1", "--port", "{port}")
_KINDS = {
    "fast": ((), "memory"),
    "consumer": (_UVICORN, "redis"),
    "fast-redis": ((), "redis"),
    "consumer-memory": (_UVICORN, "memory"),
}
_DEFAULT_KINDS = ("fast", "consumer")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    kinds = list(_KINDS) if metafunc.config.getoption("--all-houses") else list(_DEFAULT_KINDS)
    for name in ("house", "native_house"):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, kinds, indirect=True)


class _Houses:
    """Started when the first test asks for them, and there until the last one."""

    def __init__(self, fresh: pathlib.Path, request: pytest.FixtureRequest, factory: pytest.TempPathFactory) -> None:
        self._fresh = fresh
        self._request = request
        self._factory = factory
        self._stack = contextlib.ExitStack()
        self._by_name: dict[str, Server] = {}

    def get(self, kind: str, **environment: str) -> Server:
        name = kind + "".join(environment)
        if name not in self._by_name:
            data = self._factory.mktemp(f"house-{kind}") / "data"
            shutil.copytree(self._fresh, data)
            command, broker = _KINDS[kind]
            if broker == "redis":
                environment["REDIS_URL"] = self._request.getfixturevalue("redis_url")
                environment["TEAHOUSE_REDIS_PREFIX"] = f"house:{os.getpid()}:{data.parent.name}"
            self._by_name[name] = self._stack.enter_context(running(data, *command, **environment))
        return self._by_name[name]

    def close(self) -> None:
        self._stack.close()


@pytest.fixture(scope="session")
def _houses(
    _fresh_data: pathlib.Path, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[_Houses]:
    houses = _Houses(_fresh_data, request, tmp_path_factory)
    yield houses
    houses.close()


@pytest.fixture
def house(request: pytest.FixtureRequest, _houses: _Houses) -> Server:
    """Each of the servers: do not stop it, and expect other tests' people to have been here."""
    return _houses.get(request.param, TEAHOUSE_SENDS_PER_SECOND="1000")


@pytest.fixture
def fast_house(_houses: _Houses) -> Server:
    """`teahouse up --demo`, and so the fast server; shared as `house` is."""
    return _houses.get("fast", TEAHOUSE_SENDS_PER_SECOND="1000")


@pytest.fixture
def consumer_house(_houses: _Houses) -> Server:
    """Plain uvicorn, and so the consumer; shared as `house` is."""
    return _houses.get("consumer", TEAHOUSE_SENDS_PER_SECOND="1000")


@pytest.fixture
def native_house(request: pytest.FixtureRequest, _houses: _Houses) -> Server:
    """
    Each of the servers, with the channels of `tests.live.native.NAMESPACES`; channels of other tests' names may have
    been used.
    """
    return _houses.get(request.param, **_NATIVE)


@pytest.fixture
def fast_native_house(_houses: _Houses) -> Server:
    return _houses.get("fast", **_NATIVE)


@pytest.fixture
def consumer_native_house(_houses: _Houses) -> Server:
    return _houses.get("consumer", **_NATIVE)


_NATIVE = {
    "TEAHOUSE_NAMESPACES": json.dumps(NAMESPACES),
    "TEAHOUSE_SENDS_PER_SECOND": "1000",
    "TEAHOUSE_SEND_BURST": "1000",
    "TEAHOUSE_MAX_CONNECTIONS_PER_USER": "1000",
}


@pytest.fixture
def data(_fresh_data: pathlib.Path, tmp_path: pathlib.Path) -> pathlib.Path:
    """A data folder with the demo people in it, for one test."""
    return pathlib.Path(shutil.copytree(_fresh_data, tmp_path / "data"))


@pytest.fixture
def own_house(data: pathlib.Path) -> Iterator[Server]:
    """`teahouse up --demo` for one test, which may do anything to it."""
    with running(data) as server:
        yield server
