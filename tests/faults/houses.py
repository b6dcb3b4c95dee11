"""
What a run happens to: a server with its database and its Redis, and damageable cables between them and to the people.
Started and stopped by hand; every process and folder of it is gone after `close`.
"""

import asyncio
import os
import pathlib
import shutil
import signal
import struct
import tempfile
from typing import Literal, TypeAlias

import psutil

from tests.faults import history
from tests.faults.postgres import Postgres
from tests.faults.proxy import Proxy
from tests.faults.record import History
from tests.live.server import Server
from tests.services import Redis, redis_binary

HouseKind: TypeAlias = Literal["sqlite", "postgres"]

_ROOT = pathlib.Path(__file__).parents[2]
# For PYTHONPATH of servers: `startup/sitecustomize.py`, and what that imports.
STARTUP_PATH = f"{pathlib.Path(__file__).parent / 'startup'}:{_ROOT}"
_MOST_STARTS = 20
_WATCH_SECONDS = 0.2
ENVIRONMENT = {
    "TEAHOUSE_SENDS_PER_SECOND": "1000",
    "TEAHOUSE_SEND_BURST": "1000",
    "TEAHOUSE_MAX_CONNECTIONS_PER_USER": "1000",
    # A minute has to be enough to notice what a day would show.
    "TEAHOUSE_PING_INTERVAL_SECONDS": "3",
    "TEAHOUSE_PING_TIMEOUT_SECONDS": "2",
    "TEAHOUSE_DRAIN_SECONDS": "1",
    "TEAHOUSE_ACCESS_TOKEN_MINUTES": "600",
}


class House:
    """
    `sqlite`: one process, its database in a file, nothing between processes. `postgres`: two workers, PostgreSQL and
    Redis. `broken` names a module of `tests.faults.broken` that breaks the server on purpose; `client` is a folder with
    another build of the client.
    """

    def __init__(self, kind: HouseKind, *, broken: str | None = None, client: pathlib.Path | None = None) -> None:
        self.kind = kind
        # Debian's PostgreSQL user has to get through to its part of it.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="teahouse-faults-"))
        self.folder.chmod(0o755)
        self._clock = self.folder / "clock"
        self.move_clock(0)
        environment = {
            **ENVIRONMENT,
            "PYTHONPATH": ":".join(filter(None, [STARTUP_PATH, os.environ.get("PYTHONPATH")])),
            "FAULTS_CLOCK": str(self._clock),
            **({"FAULTS_BROKEN": broken} if broken else {}),
            **({"FAULTS_CLIENT": str(client)} if client else {}),
        }
        self.server = Server(self.folder / "data", port=None, **environment)
        self.doors = Proxy(self.server.port)
        self.is_left_alone = False
        self._starting = asyncio.Lock()
        self._redis: Redis | None = None
        self._postgres: Postgres | None = None
        self._redis_cable: Proxy | None = None
        self._database_cable: Proxy | None = None

    # What is in it; asking for what is not there is a fault of the asker.

    @property
    def postgres(self) -> Postgres:
        assert self._postgres is not None
        return self._postgres

    @property
    def redis(self) -> Redis:
        assert self._redis is not None
        return self._redis

    @property
    def redis_cable(self) -> Proxy:
        assert self._redis_cable is not None
        return self._redis_cable

    @property
    def database_cable(self) -> Proxy:
        assert self._database_cable is not None
        return self._database_cable

    @property
    def address(self) -> str:
        """Through the cable."""
        return f"http://127.0.0.1:{self.doors.port}"

    # Its life.

    async def open(self) -> None:
        await self.doors.open()
        if self.kind == "postgres":
            await self._open_services()
        # The demo people are made by a lone process.
        await asyncio.to_thread(self.server.start)
        if self.kind == "postgres":
            await asyncio.to_thread(self.server.stop)
            environment = self.server.environment
            self.server = Server(
                self.server.data, "teahouse", "serve", "--workers", "2", port=self.server.port, **environment
            )
            await asyncio.to_thread(self.server.start)

    async def _open_services(self) -> None:
        self._postgres = Postgres(self.folder / "postgres")
        await asyncio.to_thread(self.postgres.create)
        await asyncio.to_thread(self.postgres.start)
        await asyncio.to_thread(self.postgres.new_database, "teahouse")
        self._redis = Redis(redis_binary())
        await asyncio.to_thread(self.redis.start)
        self._redis_cable, self._database_cable = Proxy(self.redis.port), Proxy(self.postgres.port)
        await self.redis_cable.open()
        await self.database_cable.open()
        self.server.environment["DATABASE_URL"] = self.postgres.url_of("teahouse", port=self.database_cable.port)
        self.server.environment["REDIS_URL"] = f"redis://127.0.0.1:{self.redis_cable.port}/0"

    async def close(self) -> None:
        for pid in self.all_pids():
            _signal(pid, signal.SIGCONT)
        self.server.kill()
        if self._redis is not None:
            self.resume_redis()
            self._redis.stop()
        if self._postgres is not None:
            self._postgres.signal(signal.SIGCONT)
            self._postgres.kill()
        for cable in (self.doors, self._redis_cable, self._database_cable):
            if cable is not None:
                await cable.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def see_that_it_runs(self) -> None:
        """As whoever watches over it does: what has ended is started again, however often that takes."""
        async with self._starting:
            if self._postgres is not None and not self._postgres.is_running:
                await asyncio.to_thread(self._postgres.start)
            if self._redis is not None and self.redis_pid() is None:
                await asyncio.to_thread(self._redis.start)
            for _ in range(_MOST_STARTS):
                if self.is_serving():
                    return
                try:
                    await asyncio.to_thread(self.server.start)
                except (RuntimeError, AssertionError):
                    # It may well end while its database is away.
                    await asyncio.sleep(0.5)

    async def watch(self) -> None:
        """Until it is cancelled: see that it runs, unless it is left alone because a fault is on."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            if not self.is_left_alone:
                await self.see_that_it_runs()

    # What can be done to it.

    def is_serving(self) -> bool:
        """Whether the first process of the server is there."""
        try:
            return bool(psutil.Process(self.server.pid).status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False

    def worker_pids(self) -> list[int]:
        """The processes that serve people."""
        if self.kind == "sqlite":
            return [self.server.pid]
        return [pid for pid in self.all_pids() if pid != self.server.pid and _is_worker(pid)]

    def all_pids(self) -> list[int]:
        try:
            parent = psutil.Process(self.server.pid)
            return [parent.pid, *(child.pid for child in parent.children(recursive=True))]
        except (psutil.NoSuchProcess, AssertionError):
            return []

    def redis_pid(self) -> int | None:
        """None while it does not run."""
        for child in psutil.Process().children():
            try:
                if "redis-server" in child.name() and str(self.redis.port) in " ".join(child.cmdline()):
                    return int(child.pid)
            except psutil.NoSuchProcess:
                continue
        return None

    def resume_redis(self) -> None:
        if (pid := self.redis_pid()) is not None:
            _signal(pid, signal.SIGCONT)

    def move_clock(self, seconds: float) -> None:
        """The server's, from what it is here; at once."""
        if self._clock.exists():
            with self._clock.open("r+b") as file:
                file.write(struct.pack("d", seconds))
        else:
            self._clock.write_bytes(struct.pack("d", seconds))

    def heal(self) -> None:
        for cable in (self.doors, self._redis_cable, self._database_cable):
            if cable is not None:
                cable.heal()

    # What it has.

    def histories(self) -> list[History]:
        if self.kind == "sqlite":
            return history.of_sqlite(self.server.data / "teahouse.sqlite3")
        return history.of_postgres(self.postgres.url_of("teahouse"))


def _is_worker(pid: int) -> bool:
    try:
        return any("spawn_main" in part for part in psutil.Process(pid).cmdline())
    except psutil.Error:
        return False


def _signal(pid: int, sign: int) -> None:
    try:
        psutil.Process(pid).send_signal(sign)
    except psutil.NoSuchProcess:
        return
