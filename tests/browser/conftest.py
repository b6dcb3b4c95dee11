"""One Chromium and one house for the folder, and visitors who each bring an empty browser context."""

import contextlib
import pathlib
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, StorageState, expect, sync_playwright

from tests import services
from tests.browser.visitor import TOKEN, Visitors
from tests.live.server import Server, running

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
_PATIENCE_MS = 15_000


# For the folder, not for the session: while Playwright is there, its event loop counts as running in this thread, and
# Django refuses to use a database beside it.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    binary = services.chromium_binary()
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=binary, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`teahouse up --demo`, shared: do not stop it, and expect notices of other tests."""
    with _well_served(tmp_path_factory.mktemp("house") / "data") as server:
        yield server


@pytest.fixture(scope="package")
def mortal_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """As `house`, for tests that kill it; each leaves it running."""
    with _well_served(tmp_path_factory.mktemp("mortal-house") / "data") as server:
        yield server


@pytest.fixture(scope="package")
def quiet_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """As `house`, for tests that look at everything there: nobody else puts anything in."""
    with _well_served(tmp_path_factory.mktemp("quiet-house") / "data") as server:
        yield server


@pytest.fixture
def new_house(tmp_path: pathlib.Path) -> Iterator[Server]:
    """`teahouse up` for one test: nobody is there yet."""
    with _well_served(tmp_path / "data", "teahouse", "up") as server:
        yield server


@pytest.fixture(scope="package")
def known(house: Server) -> dict[str, StorageState]:
    """The cookies of those who have signed in to the shared house."""
    return {}


@pytest.fixture
def people(browser: Browser, house: Server, known: dict[str, StorageState]) -> Iterator[Visitors]:
    """Visitors of the shared house. What their browsers complain about unexpectedly fails the test; so for the next."""
    visitors = Visitors(browser, house, known)
    yield visitors
    visitors.leave()


@pytest.fixture
def people_of_mortal_house(browser: Browser, mortal_house: Server) -> Iterator[Visitors]:
    visitors = Visitors(browser, mortal_house)
    yield visitors
    visitors.leave()


@pytest.fixture
def first_people(browser: Browser, new_house: Server) -> Iterator[Visitors]:
    visitors = Visitors(browser, new_house)
    yield visitors
    visitors.leave()


@contextlib.contextmanager
def _well_served(data: pathlib.Path, *command: str) -> Iterator[Server]:
    """As `running`. Raises AssertionError when the server's log has a traceback or a token."""
    with running(data, *command) as server:
        yield server
        log = server.log
    assert "Traceback" not in log, log[-4000:]
    assert not TOKEN.search(log), log[-4000:]
