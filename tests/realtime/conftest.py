"""An application in memory, and engines that do nothing behind a test's back."""

import pytest

from teahouse.realtime import channels as channels_module
from teahouse.realtime import clock as clock_module
from tests.realtime.fakes import MemoryApplication


@pytest.fixture
def application() -> MemoryApplication:
    return MemoryApplication()


@pytest.fixture
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is compared unless a test says when."""
    monkeypatch.setattr(clock_module, "_COMPARE_SECONDS", 3_600)
    monkeypatch.setattr(clock_module, "_COMPARE_ALONE_SECONDS", 3_600)
    monkeypatch.setattr(channels_module, "_FILL_RETRY_SECONDS", 0.01)
