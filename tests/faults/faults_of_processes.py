"""Faults of the server's own processes, of their disk, and of the machine under them."""

import asyncio
import resource
import signal

import psutil

from tests.faults.fault import Fault, Scene, send


class KillWorker(Fault):
    async def begin(self, scene: Scene) -> None:
        for pid in _one_worker(scene):
            send(pid, signal.SIGKILL)


class KillAll(Fault):
    async def begin(self, scene: Scene) -> None:
        await asyncio.to_thread(scene.house.server.kill)


class TerminateWorker(Fault):
    async def begin(self, scene: Scene) -> None:
        for pid in _one_worker(scene):
            send(pid, signal.SIGTERM)


class StopWorker(Fault):
    """As a machine that swaps, or a debugger."""

    seconds = (1.0, 6.0)

    async def begin(self, scene: Scene) -> None:
        self._pids = _one_worker(scene)
        for pid in self._pids:
            send(pid, signal.SIGSTOP)

    async def end(self, scene: Scene) -> None:
        for pid in self._pids:
            send(pid, signal.SIGCONT)
        await super().end(scene)


class PauseEverything(Fault):
    """All processes of the house at once, its database too: a virtual machine that is moved."""

    seconds = (1.0, 5.0)

    async def begin(self, scene: Scene) -> None:
        house = scene.house
        self._pids = house.all_pids()
        if house.kind == "postgres":
            self._pids += [process.pid for process in house.postgres.processes()]
            if (redis := house.redis_pid()) is not None:
                self._pids.append(redis)
        for pid in self._pids:
            send(pid, signal.SIGSTOP)

    async def end(self, scene: Scene) -> None:
        for pid in self._pids:
            send(pid, signal.SIGCONT)
        await super().end(scene)


class Deploy(Fault):
    """New processes take over: one after the other where there are several, else the old one ends first."""

    seconds = (2.0, 5.0)

    async def begin(self, scene: Scene) -> None:
        if scene.house.kind == "postgres":
            send(scene.house.server.pid, signal.SIGHUP)
        else:
            await asyncio.to_thread(scene.house.server.stop)
            await scene.house.see_that_it_runs()


class FullDisk(Fault):
    """
    Nothing can be written beyond the first 16 KiB of any file: what a full disk does to a database, without one. The
    limit is on the processes that run.
    """

    seconds = (1.0, 4.0)
    _BYTES = 16_384

    async def begin(self, scene: Scene) -> None:
        for process in self._writers(scene):
            _limit_files(process.pid, self._BYTES)

    async def end(self, scene: Scene) -> None:
        for process in self._writers(scene):
            _limit_files(process.pid, resource.RLIM_INFINITY)
        await super().end(scene)

    def _writers(self, scene: Scene) -> list[psutil.Process]:
        if scene.house.kind == "postgres":
            return scene.house.postgres.processes()
        return [psutil.Process(pid) for pid in scene.house.all_pids()]


def _one_worker(scene: Scene) -> list[int]:
    """None while there is none."""
    pids = scene.house.worker_pids()
    return [scene.random.choice(pids)] if pids else []


def _limit_files(pid: int, size: int) -> None:
    """The soft limit only: it can be lifted again."""
    try:
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
    except (ProcessLookupError, PermissionError):
        return
