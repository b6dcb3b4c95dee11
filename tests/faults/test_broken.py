"""Servers that are broken on purpose are rejected, each for its own reason."""

import pathlib
from typing import NamedTuple

import pytest

from tests.faults.houses import HouseKind
from tests.faults.index import Promise
from tests.faults.nemesis import kinds_named
from tests.faults.run import play_round


class Broken(NamedTuple):
    promise: Promise
    faults: tuple[str, ...]
    house: HouseKind = "sqlite"


BROKEN = {
    "payload_without_order": Broken("P7", ("reset_people",)),
    "ack_before_commit": Broken("P5", ("kill_all", "kill_all")),
    "sequence": Broken("P1", ("reset_people",)),
    "cursor_by_time": Broken("P9", ("reset_people", "slow_people")),
    "no_key_check": Broken("P3", ("reset_people", "server_says_nothing")),
    "key_cache_with_ttl": Broken("P3", ("server_says_nothing", "reset_people")),
    "recovery_skips_one": Broken("P9", ("cut_people", "cut_people")),
    "push_before_commit": Broken("P8", ("reset_people",)),
    "refused_but_stored": Broken("P4", ("reset_people",)),
    "ex_members_hear": Broken("P10", ("slow_people",)),
    "doubled": Broken("P7", ("reset_people",)),
    "open_doors": Broken("P10", ("slow_people",)),
    "truncated": Broken("P2", ("reset_people",)),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_server_is_rejected_for_its_own_reason(name: str, tmp_path: pathlib.Path) -> None:
    broken = BROKEN[name]

    verdict = play_round(broken.house, kinds_named(broken.faults), seed=4, folder=tmp_path, broken=name)

    assert broken.promise in {violation.promise for violation in verdict.violations}, verdict.log[-2000:]
