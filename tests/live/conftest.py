"""One server with demo people for the tests that leave it as it was, and one of its own for each that does not."""

import json
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


@pytest.fixture(scope="session")
def fast_house(_fresh_data: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`teahouse up --demo`, and so the fast server; shared as `house` is."""
    data = tmp_path_factory.mktemp("house") / "data"
    shutil.copytree(_fresh_data, data)
    with running(data, TEAHOUSE_SENDS_PER_SECOND="1000") as server:
        yield server


@pytest.fixture(scope="session")
def consumer_house(_fresh_data: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Plain uvicorn, and so the consumer; shared as `house` is."""
    data = tmp_path_factory.mktemp("consumer-house") / "data"
    shutil.copytree(_fresh_data, data)
    command = ("uvicorn", "teahouse.site.asgi:application", "--host", "127.0.0.1", "--port", "{port}")
    with running(data, *command, TEAHOUSE_SENDS_PER_SECOND="1000") as server:
        yield server


@pytest.fixture(params=["fast", "consumer"])
def house(request: pytest.FixtureRequest) -> Server:
    """Each of the two servers: do not stop it, and expect other tests' people to have been here."""
    server: Server = request.getfixturevalue(f"{request.param}_house")
    return server


@pytest.fixture(scope="session")
def fast_native_house(_fresh_data: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With the channels of `tests.live.native.NAMESPACES`; shared as `native_house` is."""
    data = tmp_path_factory.mktemp("native-house") / "data"
    shutil.copytree(_fresh_data, data)
    with running(data, **_NATIVE) as server:
        yield server


@pytest.fixture(scope="session")
def consumer_native_house(_fresh_data: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("consumer-native-house") / "data"
    shutil.copytree(_fresh_data, data)
    command = ("uvicorn", "teahouse.site.asgi:application", "--host", "127.0.0.1", "--port", "{port}")
    with running(data, *command, **_NATIVE) as server:
        yield server


@pytest.fixture(params=["fast", "consumer"])
def native_house(request: pytest.FixtureRequest) -> Server:
    """Each of the two servers, as `house`; channels of other tests' names may have been used."""
    server: Server = request.getfixturevalue(f"{request.param}_native_house")
    return server


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
