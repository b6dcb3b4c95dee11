"""People who come and go leave nothing behind: no connection, no subscription, no memory."""

import json
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.live.churning import Visits, churn, classic_visits, gauges, native_visits, resident_mib
from tests.live.native import NAMESPACES
from tests.live.server import Server, running
from tests.services import wait_until

_API_KEY = "a-key-of-the-site"
_VISITS = 2_000
# What the allocator and the caches may still want; 2,000 connections that are not let go take far more.
_GROWTH_MIB = 10


@pytest.fixture
def churned(data: pathlib.Path) -> Iterator[Server]:
    """A server whose memory nobody else uses."""
    environment = {"TEAHOUSE_NAMESPACES": json.dumps(NAMESPACES), "TEAHOUSE_API_KEY": _API_KEY}
    with running(data, **environment) as house:
        yield house


def _info(house: Server) -> dict[str, Any]:
    answer = house.http("POST", "/api/info", json={}, headers={"X-API-Key": _API_KEY}).json()
    (node,) = answer["result"]["nodes"]
    return {name: node[name] for name in ("num_clients", "num_users", "num_subs", "num_channels")}


def _is_empty(house: Server) -> bool:
    return not any(gauges(house).values()) and not any(_info(house).values())


@pytest.mark.parametrize("visits_of", [native_visits, classic_visits])
def test_two_thousand_who_came_and_went_leave_nothing_behind(churned: Server, visits_of: Any) -> None:
    visits: Visits = visits_of(churned)
    churn(churned, visits, range(_VISITS // 2))
    wait_until(lambda: _is_empty(churned), what="all have left")
    before = resident_mib(churned)
    churn(churned, visits, range(_VISITS // 2, _VISITS // 2 + _VISITS))
    # The last figures are those of the last second.
    wait_until(lambda: _is_empty(churned), what="all have left")

    assert {"teahouse_pending_bytes", 'teahouse_connections{protocol="native"}'} < gauges(churned).keys()
    assert resident_mib(churned) - before < _GROWTH_MIB
    assert "Traceback" not in churned.log
