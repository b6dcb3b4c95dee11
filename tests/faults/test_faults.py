"""A minute of faults, three kinds on each house, drawn by a seed that is printed: FAULTS_SEED=N plays them again."""

import os
import pathlib
import random
import secrets

import pytest

from tests.faults.houses import HouseKind
from tests.faults.nemesis import kinds_for
from tests.faults.run import play_round


@pytest.mark.parametrize("house", ["sqlite", "postgres"])
def test_nothing_is_lost_whatever_breaks(house: HouseKind, tmp_path: pathlib.Path) -> None:
    seed = int(os.environ.get("FAULTS_SEED", secrets.randbelow(10**6)))
    kinds = random.Random(seed).sample(kinds_for(house), 3)

    verdict = play_round(house, kinds, seed=seed, folder=tmp_path)

    said = f"FAULTS_SEED={seed}; {verdict.figures}"
    assert [] == [str(violation) for violation in verdict.violations], said
    assert [] == verdict.trouble, said
    # Nothing can be wrong with what was never said.
    assert verdict.figures.acknowledged > 50, said
    assert verdict.figures.never_known == 0, said
