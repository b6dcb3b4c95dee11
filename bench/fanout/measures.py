"""
What is measured of a peer. Measures that share connections are a group: one start of the server, one load generator.
Each group gives raw figures, of which each measure takes one number.
"""

import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from bench.fanout import machine
from bench.fanout.generator import Generator, generating
from bench.fanout.peers.base import Target

Figures = dict[str, Any]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Effort:
    """How long and how often."""

    rounds: int = 3
    seconds: float = 3
    warm_seconds: float = 0.5
    latency_seconds: float = 10
    to_all_times: int = 5
    connect_seconds: float = 120


QUICK = Effort(rounds=1, seconds=1, warm_seconds=0.3, latency_seconds=2, to_all_times=2, connect_seconds=60)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Measure:
    name: str
    unit: str
    about: str
    # Of a group's figures.
    value: Callable[[Figures], float]
    group: str
    less_is_better: bool = False


class Behind(Exception):
    """A peer is so far behind that what follows on the same connections would measure its backlog."""


@dataclasses.dataclass(frozen=True)
class Run:
    """One group on one running peer. What is found is put into `figures` as it comes, so a failure keeps it."""

    target: Target
    heartbeats: Literal["client", "server"]
    cores: machine.Cores
    effort: Effort
    figures: Figures

    def connect(self, generator: Generator) -> None:
        self.figures["connect"] = self._with_cost(lambda: generator.connected(self.effort.connect_seconds))

    def ask(self, name: str, generator: Generator, command: str, *, seconds: float) -> None:
        answer = self._with_cost(lambda: generator.ask(command, seconds=seconds + 100))
        self.figures[name] = answer
        if answer.get("drained") is False:
            raise Behind(f"{name}: not everything had arrived half a minute after the last message was sent")

    def generating(self, connections: int) -> Any:
        seconds = self.effort.connect_seconds
        return generating(self.target, connections=connections, connect_seconds=seconds, core=self.cores.load)

    def memory_kib(self) -> float:
        return machine.memory_kib(self.target.pids)

    def _with_cost(self, work: Callable[[], Figures]) -> Figures:
        start, before = time.monotonic(), machine.cost(self.target.pids, self.cores.server)
        answer = work()
        took, after = time.monotonic() - start, machine.cost(self.target.pids, self.cores.server)
        return {
            **answer,
            "server_busy": round((after.cpu_seconds - before.cpu_seconds) / took, 4),
            "core_busy": round((after.core_seconds - before.core_seconds) / took, 4),
        }


def _thousand(run: Run) -> None:
    effort = run.effort
    with run.generating(1_000) as generator:
        run.connect(generator)
        run.ask("latency", generator, f"latency 2 {effort.latency_seconds}", seconds=effort.latency_seconds)
        for window in (1, 8, 64):
            _fanout(run, generator, window)


def _five_thousand(run: Run) -> None:
    # Code is loaded and buffers are made by the first few, which are not what a connection costs.
    with run.generating(50) as generator:
        generator.connected(run.effort.connect_seconds)
    time.sleep(1)
    before = run.memory_kib()
    with run.generating(5_000) as generator:
        run.connect(generator)
        run.ask("hold", generator, "hold 1.5", seconds=2)
        after = run.memory_kib()
        each = (after - before) / 5_000
        run.figures["memory"] = {"before_kib": round(before), "after_kib": round(after), "each_kib": round(each, 2)}
        _fanout(run, generator, 8)


def _heartbeats(run: Run) -> None:
    with run.generating(5_000) as generator:
        run.connect(generator)
        run.ask("hold", generator, "hold 2", seconds=3)
        who = "send" if run.heartbeats == "client" else "answer"
        seconds = max(run.effort.seconds, 2)
        run.ask("heartbeats", generator, f"heartbeats {who} {seconds}", seconds=seconds)


def _fifteen_thousand(run: Run) -> None:
    with run.generating(15_000) as generator:
        run.connect(generator)
        run.ask("toall", generator, f"toall {run.effort.to_all_times}", seconds=61 * run.effort.to_all_times)


def _fanout(run: Run, generator: Generator, window: int) -> None:
    effort = run.effort
    command = f"fanout {window} {effort.seconds} {effort.warm_seconds}"
    run.ask(f"w{window}", generator, command, seconds=effort.seconds + effort.warm_seconds)


GROUPS: Mapping[str, Callable[[Run], None]] = {
    "1000": _thousand,
    "5000": _five_thousand,
    "heartbeats": _heartbeats,
    "15000": _fifteen_thousand,
}


def measure_group(group: str, run: Run) -> None:
    """Figures up to where the peer falls behind; they count, and say so."""
    try:
        GROUPS[group](run)
    except Behind as error:
        run.figures["behind"] = str(error)


def _median_to_all(figures: Figures) -> float:
    times = sorted(figures["toall"]["ms"])
    return float(times[len(times) // 2])


def _windows() -> Iterator[Measure]:
    for window, connections in ((8, 1_000), (8, 5_000), (1, 1_000), (64, 1_000)):
        yield Measure(
            name=f"w{window}-{connections}",
            unit="deliveries/s",
            about=f"one sender, {window} messages outstanding, {connections:,} connections",
            value=lambda figures, window=window: figures[f"w{window}"]["deliveries_per_second"],
            group=str(connections),
        )


def _percent_of_heartbeats(figures: Figures) -> float:
    """For 5,000 a second. Servers that ask are not as exact as clients: what they do is scaled."""
    raw = figures["heartbeats"]
    scale = 5_000 / max(raw["per_second"], 1) if raw["sent_by"] == "server" else 1
    return float(raw["server_busy"] * 100 * scale)


MEASURES: list[Measure] = [
    *_windows(),
    Measure(
        name="memory",
        unit="KiB",
        about="per idle connection, token verified, three channels; PSS of all server processes, 5,000 connections",
        value=lambda figures: figures["memory"]["each_kib"],
        group="5000",
        less_is_better=True,
    ),
    Measure(
        name="connects",
        unit="connects/s",
        about="token verified and subscribed; 5,000 connections, 64 at a time",
        value=lambda figures: figures["connect"]["per_second"],
        group="5000",
    ),
    Measure(
        name="heartbeats",
        unit="% of the core",
        about="5,000 connections, one heartbeat each a second: the server's time",
        value=_percent_of_heartbeats,
        group="heartbeats",
        less_is_better=True,
    ),
    Measure(
        name="latency",
        unit="ms p99",
        about="2 messages a second to 1,000 connections, from before the sending to after the reading",
        value=lambda figures: figures["latency"]["latency_ms"]["p99"],
        group="1000",
        less_is_better=True,
    ),
    Measure(
        name="to-all-15000",
        unit="ms",
        about="one message until the last of 15,000 connections of one process has it",
        value=_median_to_all,
        group="15000",
        less_is_better=True,
    ),
]
