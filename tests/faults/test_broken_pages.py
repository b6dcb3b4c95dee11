"""Clients that are broken on purpose are rejected by what their pages show, each for its own reason."""

import pathlib
from typing import NamedTuple

import pytest

from tests.faults.index import Promise
from tests.faults.nemesis import kinds_named
from tests.faults.pages.broken_clients import CHANGES, build
from tests.faults.run import play_round


class Broken(NamedTuple):
    promise: Promise
    faults: tuple[str, ...]


BROKEN = {
    "a_row_is_dropped": Broken("P13", ("reset_people",)),
    "two_rows_of_one": Broken("P12", ("reset_people",)),
    "another_key_each_time": Broken("P2", ("reset_people",)),
    "a_gap_after_recovery": Broken("P13", ("cut_people", "cut_people")),
    "saved_is_said_too_early": Broken("P6", ("server_hears_nothing", "server_hears_nothing")),
    "the_outbox_keeps_nothing": Broken("P16", ("close_tab",)),
    "a_lost_connection_forgets": Broken("P16", ("cut_people", "kill_all")),
    "edits_are_not_shown": Broken("P17", ("slow_people", "narrow_people", "slow_people")),
    "deleted_ones_stay": Broken("P17", ("slow_people", "narrow_people", "slow_people")),
    "caught_up_too_early": Broken("P15", ("cut_people", "cut_people")),
}


def test_each_broken_client_is_tried() -> None:
    assert CHANGES.keys() == BROKEN.keys()


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_page_is_rejected_for_its_own_reason(name: str, tmp_path: pathlib.Path) -> None:
    broken = BROKEN[name]
    client = build(name, tmp_path)

    verdict = play_round("sqlite", kinds_named(broken.faults), seed=4, folder=tmp_path, client=client, with_pages=True)

    assert broken.promise in {violation.promise for violation in verdict.violations}, verdict.log[-2000:]
