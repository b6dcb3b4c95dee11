"""
`.venv/bin/python -m bench.fanout`: Teahouse and its peers in one run, see docs/reference/benchmarks.md.

Each group of measures is run for all peers one after the other, then again; medians of three rounds. Noise between runs
of a shared machine is about 1.4 times, so only ratios of one run count.
"""

import argparse
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import Any

from bench.fanout import build, machine, table
from bench.fanout.measures import GROUPS, MEASURES, QUICK, Effort, Figures, Measure, Run, measure_group
from bench.fanout.peers import ALL
from bench.fanout.peers.base import Peer, Start
from bench.report import write

_VERSIONS = {
    "cc": ("cc", "--version"),
    "node": ("node", "--version"),
    "nginx": ("nginx", "-v"),
    "go": ("go", "version"),
    "redis": ("redis-server", "--version"),
}


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options = _options()
    peers = _chosen(options.peers, ALL)
    measures: list[Measure] = _chosen(options.measures, MEASURES)
    effort = QUICK if options.quick else Effort(rounds=options.rounds)
    cores, files = machine.cores(), machine.allow_many_files()
    build.FOLDER.mkdir(parents=True, exist_ok=True)
    build.load_program()
    missing = _install(peers)
    present = [peer for peer in peers if peer.name not in missing]
    started = machine.description()
    rounds = _measure(present, measures, effort, cores)
    found = table.summary(rounds, measures, against=options.against)
    print(table.text(found, measures, against=options.against))
    for name, why in missing.items():
        print(f"\n{name} cannot be had here: {why}")
    figures = {
        "machine": {**started, "server_core": cores.server, "load_core": cores.load, "open_files": files},
        "versions": _versions(),
        "peers": {peer.name: peer.about for peer in peers},
        "measures": {measure.name: f"{measure.about} ({measure.unit})" for measure in measures},
        "against": options.against,
        "not installable here": missing,
        "summary": found,
        "raw": rounds,
    }
    if options.no_result:
        return
    print(f"\n{write('fanout', figures)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.fanout", description=__doc__.splitlines()[1])
    parser.add_argument("--peers", help="comma-separated: " + ", ".join(peer.name for peer in ALL))
    parser.add_argument("--measures", help="comma-separated: " + ", ".join(each.name for each in MEASURES))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="one short round: whether it works, not what it gives")
    parser.add_argument("--against", default="bare-c", help="the peer whose figures are 1.00")
    parser.add_argument("--no-result", action="store_true", help="write nothing to bench/results")
    return parser.parse_args()


def _chosen(names: str | None, among: Sequence[Any]) -> list[Any]:
    if names is None:
        return list(among)
    by_name = {each.name: each for each in among}
    if unknown := [name for name in names.split(",") if name not in by_name]:
        raise SystemExit(f"There is no {', '.join(unknown)}. There are {', '.join(by_name)}.")
    return [by_name[name] for name in names.split(",")]


def _install(peers: Sequence[Peer]) -> dict[str, str]:
    """Those that cannot be had, with the reason."""
    missing = {}
    for peer in peers:
        try:
            peer.install()
        except build.Missing as error:
            missing[peer.name] = _without_paths(str(error))
    return missing


def _measure(peers: Sequence[Peer], measures: Sequence[Measure], effort: Effort, cores: machine.Cores) -> table.Rounds:
    rounds: table.Rounds = {peer.name: {} for peer in peers}
    groups = [group for group in GROUPS if any(measure.group == group for measure in measures)]
    for number in range(1, effort.rounds + 1):
        for group in groups:
            for peer in peers:
                earlier = rounds[peer.name].setdefault(group, [])
                if any("error" in figures for figures in earlier):
                    continue
                began = time.monotonic()
                figures = _one(peer, group, effort, cores)
                earlier.append(figures)
                _say(f"round {number}, {group}, {peer.name}: {_in_short(figures)} ({time.monotonic() - began:.0f} s)")
    return rounds


def _one(peer: Peer, group: str, effort: Effort, cores: machine.Cores) -> Figures:
    """A peer that fails has its error in its figures; the run goes on."""
    figures: Figures = {}
    asks_itself = group == "heartbeats" and peer.heartbeats == "server"
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-fanout-"))
    try:
        with peer.running(Start(folder=folder, ping_seconds=1 if asks_itself else 25)) as target:
            measure_group(group, Run(target, peer.heartbeats, cores, effort, figures))
    except Exception as error:
        figures["error"] = _without_paths(f"{type(error).__name__}: {error}"[-1500:])
    finally:
        # Processes of the server may still be writing their last.
        shutil.rmtree(folder, ignore_errors=True)
    return figures


def _in_short(figures: Figures) -> str:
    if "error" in figures:
        return figures["error"].strip().splitlines()[-1][:200]
    words = [f"{figures['connect']['per_second']:,.0f} connects/s"]
    windows = [name for name in ("w1", "w8", "w64") if name in figures]
    words += [f"{name} {figures[name]['deliveries_per_second']:,.0f}/s" for name in windows]
    return ", ".join(words)


def _without_paths(text: str) -> str:
    """Results are kept, and where somebody's clone lies is nobody's business."""
    return text.replace(str(build.FOLDER), "BUILD").replace(str(build.SERVERS.parents[2]), "CLONE")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _versions() -> dict[str, str]:
    found = {}
    for name, command in _VERSIONS.items():
        path = shutil.which(command[0]) or shutil.which(command[0], path="/usr/sbin")
        if path:
            done = subprocess.run([path, *command[1:]], capture_output=True, text=True, check=False)
            found[name] = (done.stdout or done.stderr).strip().splitlines()[0]
    for name in ("requirements.txt", "package.json"):
        found[name] = (build.SERVERS / name).read_text()
    return found


if __name__ == "__main__":
    main()
