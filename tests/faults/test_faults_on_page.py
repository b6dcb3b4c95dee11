"""A short run with real pages: a kill, a cut, a reload. FAULTS_SEED=N plays it again; ./test faults --page plays on."""

import os
import pathlib
import secrets

from tests.faults.nemesis import kinds_named
from tests.faults.run import play_round


def test_pages_show_what_is_stored_whatever_breaks(tmp_path: pathlib.Path) -> None:
    seed = int(os.environ.get("FAULTS_SEED", secrets.randbelow(10**6)))
    kinds = kinds_named(("kill_all", "cut_people", "reload_tab"))

    verdict = play_round("sqlite", kinds, seed=seed, folder=tmp_path, with_pages=True)

    said = f"FAULTS_SEED={seed}; {verdict.figures}"
    assert [] == [str(violation) for violation in verdict.violations], said
    assert [] == verdict.trouble, said
    # Nothing can be wrong with what was never typed or never drawn.
    assert verdict.figures.typed > 10, said
    assert verdict.figures.drawn > 100, said
