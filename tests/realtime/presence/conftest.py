"""A Redis for tests of presence."""

import os
from collections.abc import Iterator

import pytest

from tests.services import Redis, own_redis


@pytest.fixture
def prefix(request: pytest.FixtureRequest) -> str:
    """Names of this test's own in a Redis that others use too."""
    return f"test:{os.getpid()}:{request.node.name}"


@pytest.fixture
def own() -> Iterator[Redis]:
    """A Redis that the test may stop."""
    with own_redis() as server:
        yield server
