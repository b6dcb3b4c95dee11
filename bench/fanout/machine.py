"""The machine: which core is whose, how many files, and what processes cost in time and memory."""

import contextlib
import functools
import os
import pathlib
import resource
import subprocess
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import psutil

_FILES = 40_000


class Cores(NamedTuple):
    server: int
    load: int


@functools.lru_cache(maxsize=1)
def cores() -> Cores:
    """The first for the server, the last for the load. Of the process as it was when this was first asked."""
    ours = sorted(os.sched_getaffinity(0))
    if len(ours) < 2:
        raise SystemExit("The bench needs two cores: one for the server, one for the load.")
    return Cores(server=ours[0], load=ours[-1])


@contextlib.contextmanager
def on_core(core: int) -> Iterator[None]:
    """What is started inside runs on this core for all its life, and whatever it starts too, as with taskset."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def allow_many_files() -> int:
    """How many files a process may have open from now on."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for soft, limit in ((_FILES, max(hard, _FILES)), (hard, hard)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, limit))
            break
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


class Cost(NamedTuple):
    """What processes have used, and what the whole core has been busy, both in seconds since some start."""

    cpu_seconds: float
    core_seconds: float


def cost(pids: Iterable[int], core: int) -> Cost:
    used = 0.0
    for process in _tree(pids):
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            used += times.user + times.system
    busy = psutil.cpu_times(percpu=True)[core]
    return Cost(used, sum(busy) - busy.idle - busy.iowait)


def memory_kib(pids: Iterable[int]) -> float:
    """The proportional set size of these processes and their children."""
    total = 0.0
    for process in _tree(pids):
        with contextlib.suppress(psutil.Error):
            total += process.memory_full_info().pss / 1024
    return total


def _tree(pids: Iterable[int]) -> list[psutil.Process]:
    found: dict[int, psutil.Process] = {}
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            for each in (process, *process.children(recursive=True)):
                found[each.pid] = each
    return list(found.values())


def description() -> dict[str, object]:
    """Beside what `bench.report` says of the machine."""
    names = ("net.core.somaxconn", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem")
    settings = {name: pathlib.Path("/proc/sys", name.replace(".", "/")).read_text().split() for name in names}
    kernel = subprocess.run(["uname", "-r"], capture_output=True, text=True, check=True).stdout.strip()
    memory = psutil.virtual_memory().total // 2**20
    return {"kernel": kernel, "memory_mib": memory, "settings": settings, "load_average": os.getloadavg()}
