"""One server with demo people for the tests that leave it as it was, and one of its own for each that does not."""

import pathlib
import shutil
from collections.abc import Iterator

import pytest

from tests.live.server import Server, running


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`teahouse up --demo`, shared: do not stop it, and expect other tests' people to have been here."""
    with running(tmp_path_factory.mktemp("house") / "data", TEAHOUSE_SENDS_PER_SECOND="1000") as server:
        yield server


@pytest.fixture(scope="session")
def _fresh_data(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("fresh") / "data"
    with running(folder) as server:
        server.stop()
    return folder


@pytest.fixture
def data(_fresh_data: pathlib.Path, tmp_path: pathlib.Path) -> pathlib.Path:
    """A data folder with the demo people in it, for one test."""
    return pathlib.Path(shutil.copytree(_fresh_data, tmp_path / "data"))


@pytest.fixture
def own_house(data: pathlib.Path) -> Iterator[Server]:
    """`teahouse up --demo` for one test, which may do anything to it."""
    with running(data) as server:
        yield server
