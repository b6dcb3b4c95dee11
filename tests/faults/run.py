"""`python -m tests.faults`: faults for so many minutes, a table, and with `--results` a file of what came out."""

import argparse
import asyncio
import collections
import pathlib
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Sequence

import msgspec

from tests.faults import record, results
from tests.faults.fault import Fault, name_of
from tests.faults.figures import table
from tests.faults.houses import HouseKind
from tests.faults.nemesis import kinds_for, kinds_named
from tests.faults.rounds import Verdict, play

_IN_A_ROUND = 8
_SHOWN = 10
_HOUSES: tuple[HouseKind, ...] = ("sqlite", "postgres")


class Deck:
    """Kinds in an order that the seed gives; each comes once before any comes again."""

    def __init__(self, kinds: Sequence[type[Fault]], choice: random.Random) -> None:
        self._kinds = list(kinds)
        self._random = choice
        self._left: list[type[Fault]] = []

    def draw(self, count: int) -> list[type[Fault]]:
        drawn = []
        for _ in range(count):
            if not self._left:
                self._left = self._random.sample(self._kinds, len(self._kinds))
            drawn.append(self._left.pop())
        return drawn


def play_round(
    house: HouseKind,
    faults: Sequence[type[Fault]],
    *,
    seed: int,
    folder: pathlib.Path,
    broken: str | None = None,
    client: pathlib.Path | None = None,
    with_pages: bool = False,
) -> Verdict:
    """Play, print what happens, and keep the record in `folder` if it is not good."""
    print(f"{house}, seed {seed}: {', '.join(map(name_of, faults))}", flush=True)
    verdict, events = asyncio.run(
        play(
            house,
            faults,
            seed=seed,
            say=_say,
            broken=broken,
            client=client,
            with_pages=with_pages,
            # A person has said little in a second.
            calm_seconds=3.0 if with_pages else 1.0,
        )
    )
    figures = verdict.figures
    print(
        f"  {figures.acknowledged} acknowledged, {figures.refused} refused, {figures.unknown} unknown and sent again, "
        f"{figures.deliveries} heard, {figures.recovered} times recovered, {figures.not_recovered} times not; "
        f"{len(verdict.violations)} violations"
    )
    if with_pages:
        print(f"  {figures.typed} typed into pages, {figures.corrected} corrected, {figures.drawn} times drawn")
    if not verdict.is_good:
        path = folder / f"faults-{house}-{seed}.jsonl"
        record.write(path, events)
        path.with_suffix(".log").write_text(verdict.log)
        print(f"  the record is {path}")
        for line in [*map(str, verdict.violations[:_SHOWN]), *verdict.trouble[:_SHOWN]]:
            print(f"  {line}")
    return verdict


def _say(line: str) -> None:
    print(line, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    houses: tuple[HouseKind, ...] = (options.house,) if options.house else _HOUSES
    seed = options.seed if options.seed is not None else secrets.randbelow(10**6)
    print(f"seed {seed}", flush=True)
    choice = random.Random(seed)
    chosen = kinds_named(options.kinds.split(",")) if options.kinds else None
    decks = {
        house: Deck(
            [kind for kind in kinds_for(house, with_pages=options.page) if chosen is None or kind in chosen], choice
        )
        for house in houses
    }
    end = time.monotonic() + options.minutes * 60
    verdicts: list[Verdict] = []
    folder = pathlib.Path(options.records or tempfile.gettempdir())
    while not verdicts or time.monotonic() < end:
        house = houses[len(verdicts) % len(houses)]
        count = min(_IN_A_ROUND, len(chosen)) if chosen else _IN_A_ROUND
        drawn, round_seed = decks[house].draw(count), choice.randrange(10**6)
        verdicts.append(play_round(house, drawn, seed=round_seed, folder=folder, with_pages=options.page))
    return _conclude(verdicts, options, seed)


def _conclude(verdicts: list[Verdict], options: argparse.Namespace, seed: int) -> int:
    recoveries = [recovery for verdict in verdicts for recovery in verdict.recoveries]
    print(table(recoveries))
    kinds = collections.Counter(recovery.kind for recovery in recoveries)
    bad = sum(not verdict.is_good for verdict in verdicts)
    acknowledged = sum(verdict.figures.acknowledged for verdict in verdicts)
    deliveries = sum(verdict.figures.deliveries for verdict in verdicts)
    summary = (
        f"{len(recoveries)} faults of {len(kinds)} kinds, {acknowledged} acknowledged, {deliveries} deliveries; "
        f"{bad} of {len(verdicts)} rounds are not good"
    )
    if options.page:
        typed, corrected, drawn = (
            sum(getattr(verdict.figures, name) for verdict in verdicts) for name in ("typed", "corrected", "drawn")
        )
        summary = f"{typed} typed into pages, {corrected} corrected, {drawn} times drawn; {summary}"
    print(summary)
    if options.results:
        name = "faults-of-pages" if options.page else "faults"
        page = f"{summary}\n\n{table(recoveries)}"
        print(results.write(pathlib.Path(options.results), name, _figures(verdicts, seed), page))
    return 1 if bad else 0


def _figures(verdicts: list[Verdict], seed: int) -> dict[str, object]:
    """For the file."""
    return {
        "seed": seed,
        "rounds": [
            {
                "house": verdict.house,
                "violations": list(map(str, verdict.violations)),
                "trouble": verdict.trouble,
                "recoveries": msgspec.to_builtins(verdict.recoveries),
                "figures": msgspec.to_builtins(verdict.figures, str_keys=True),
            }
            for verdict in verdicts
        ],
    }


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1, help="at least one round is played, and the last one ends")
    parser.add_argument("--page", action="store_true", help="with people at real pages, and faults of browsers too")
    parser.add_argument("--seed", type=int, help="the same faults in the same order")
    parser.add_argument("--kinds", help="only these, by name, with commas between")
    parser.add_argument("--house", choices=_HOUSES, help="only this one; by default they take turns")
    parser.add_argument("--results", help="a folder for a file of what came out: bench/results")
    parser.add_argument("--records", help="a folder for the records of rounds that are not good")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
