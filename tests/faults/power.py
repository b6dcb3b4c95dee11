"""
`python -m tests.faults power`: the power fails at a random moment, again and again, and what was acknowledged must be
there afterwards. The database is on a disk in memory; the processes are stopped, what has reached the disk is copied,
and the database recovers from the copy. A control without fsync loses something, or the test proves nothing.
"""

import argparse
import asyncio
import pathlib
import random
import secrets
import shutil
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Sequence

import msgspec
import psutil
import psycopg

from tests.faults import history, results
from tests.faults.accounts import Account
from tests.faults.checker import judge
from tests.faults.crowd import lobby_of
from tests.faults.disks import Disk
from tests.faults.houses import ENVIRONMENT, STARTUP_PATH
from tests.faults.index import Violation
from tests.faults.notebook import Notebook
from tests.faults.postgres import Postgres
from tests.faults.record import Acked, Answered, History, Sent, Unknown
from tests.faults.wire import CommandFailed, Frame, Gone, Wire
from tests.live.server import Server

_DISK_MIB = 512
_WRITERS = 8
_SECONDS = (0.5, 4.0)
_MEMORY = pathlib.Path("/dev/shm")


class Mode(msgspec.Struct, frozen=True):
    """`is_control` has to lose something."""

    name: str
    database: str
    broken: str | None = None
    postgres: dict[str, str] = {}
    is_control: bool = False


MODES = (
    Mode("SQLite, WAL, synchronous=FULL", "sqlite"),
    Mode("PostgreSQL, fsync=on, synchronous_commit=on", "postgres"),
    Mode("control: SQLite, synchronous=OFF", "sqlite", broken="no_fsync", is_control=True),
    Mode("control: PostgreSQL, fsync=off", "postgres", broken="no_fsync", postgres={"fsync": "off"}, is_control=True),
)


class Tally(msgspec.Struct):
    """`lost` are messages that were acknowledged and are not there, or not as they were."""

    mode: str
    is_control: bool
    cuts: int = 0
    acknowledged: int = 0
    lost: int = 0
    other: list[str] = []

    @property
    def is_good(self) -> bool:
        return self.lost > 0 if self.is_control else self.lost == 0 and not self.other


class Machine:
    """A server whose data are on a disk that loses its power."""

    def __init__(self, mode: Mode, folder: pathlib.Path) -> None:
        self._mode = mode
        self._folder = folder
        self._disk = Disk(folder / "disk.img", folder / "disk")
        self._postgres: Postgres | None = None
        environment = {**ENVIRONMENT, "PYTHONPATH": STARTUP_PATH}
        if mode.broken:
            environment["FAULTS_BROKEN"] = mode.broken
        # Keys and tokens stay: only the database is on the disk.
        self.server = Server(folder / "data", port=None, **environment)

    def install(self) -> None:
        """The database is made, with the people in it, and is all on the disk."""
        self._disk.format(_DISK_MIB)
        self._disk.plug_in()
        if self._mode.database == "postgres":
            self._postgres = Postgres(self._disk.path / "postgres", **self._mode.postgres)
            self._postgres.create()
            self._postgres.start()
            self.server.environment["DATABASE_URL"] = self._postgres.new_database("teahouse")
        else:
            self.server.environment["DATABASE_URL"] = f"sqlite://{self._database_path(self._disk)}"
        self.server.start()
        self.server.stop()
        if self._postgres is not None:
            self._postgres.stop()
        self._disk.pull_out()
        self._disk.copy_to(self._folder / "installed.img")

    def begin_anew(self) -> None:
        shutil.copyfile(self._folder / "installed.img", self._disk.image)
        self._disk.plug_in()
        if self._postgres is not None:
            self._postgres.start()
        self.server.start()

    def lose_power(self) -> None:
        """From here on there is only what the disk has."""
        stopped = [psutil.Process(self.server.pid)]
        if self._postgres is not None:
            stopped += self._postgres.processes()
        for process in stopped:
            process.send_signal(signal.SIGSTOP)
        self._disk.copy_to(self._folder / "after.img")
        self.server.kill()
        if self._postgres is not None:
            self._postgres.kill()
        self._disk.pull_out()

    def recover(self) -> list[History]:
        """What is there when the power is back."""
        shutil.move(self._folder / "after.img", self._disk.image)
        self._disk.plug_in()
        try:
            if self._postgres is None:
                return history.of_sqlite(self._database_path(self._disk), is_readonly=False)
            self._postgres.start()
            return history.of_postgres(self._postgres.url_of("teahouse"))
        finally:
            if self._postgres is not None:
                self._postgres.kill()
            self._disk.pull_out()

    def close(self) -> None:
        self.server.kill()
        if self._postgres is not None:
            self._postgres.kill()
        self._disk.pull_out()

    @staticmethod
    def _database_path(disk: Disk) -> pathlib.Path:
        return disk.path / "teahouse.sqlite3"


async def _write_until_dark(machine: Machine, notebook: Notebook, seconds: float) -> None:
    """Everybody writes as fast as answers come, into the lobby, until the power fails."""
    account = Account("alice", 2, machine.server.address)
    await account.sign_in()
    lobby = await lobby_of(account)
    wires = []
    tasks = []
    for number in range(_WRITERS):
        wire = await Wire.open(f"{account.sockets}/connection/websocket", _ignore, seconds=10)
        await wire.connect(await account.connection_token(), {}, _ignore, seconds=10)
        wires.append(wire)
        tasks.append(asyncio.create_task(_swallow(wire)))
        tasks += [asyncio.create_task(_write(wire, notebook, lobby, f"{number}-{part}")) for part in range(4)]
    await asyncio.sleep(seconds)
    await asyncio.to_thread(machine.lose_power)
    # Answers that had left in time count as given.
    await asyncio.sleep(0.1)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for wire in wires:
        await wire.close()
    await account.close()


def _ignore(_: Frame) -> None:
    pass


async def _swallow(wire: Wire) -> None:
    try:
        await wire.read()
    except Gone:
        return


async def _write(wire: Wire, notebook: Notebook, room: int, name: str) -> None:
    number = 0
    while True:
        number += 1
        key = f"power-{name}-{number}"
        attempt = notebook.sent(name, 2, room, key, f"{key} is written")
        request = {
            "method": "message.send",
            "data": {"room": room, "client_key": key, "body": f"{key} is written"},
        }
        try:
            answer = (await wire.ask("rpc", request, seconds=30))["data"]
        except (Gone, CommandFailed, TimeoutError, OSError) as error:
            notebook.answered(attempt, Unknown(reason=str(error)))
            return
        notebook.answered(attempt, Acked(number=answer["number"], offset=answer["offset"], id=answer["id"]))


def cut(machine: Machine, seconds: float) -> tuple[int, list[Violation]]:
    """One loss of power after so many seconds of writing: how many were acknowledged, and what was broken."""
    notebook = Notebook()
    machine.begin_anew()
    asyncio.run(_write_until_dark(machine, notebook, seconds))
    acknowledged = sum(isinstance(event, Answered) and isinstance(event.outcome, Acked) for event in notebook.events)
    try:
        histories = machine.recover()
    except (sqlite3.Error, psycopg.Error, RuntimeError) as error:
        # A database that cannot be opened any more has lost everything.
        return acknowledged, [Violation("P5", f"it does not recover: {error}")] * acknowledged
    there = {history.channel for history in histories}
    rooms = {f"room:{event.room}" for event in notebook.events if isinstance(event, Sent)}
    # A channel that has never reached the disk has lost all that was in it.
    lost = [History(at=0, channel=room, epoch="", head=0, publications=[]) for room in sorted(rooms - there)]
    return acknowledged, judge([*notebook.events, *histories, *lost])


def play(mode: Mode, cuts: int, choice: random.Random) -> Tally:
    tally = Tally(mode.name, mode.is_control)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="teahouse-power-", dir=_MEMORY))
    folder.chmod(0o755)
    machine = Machine(mode, folder)
    try:
        machine.install()
        for _ in range(cuts):
            acknowledged, violations = cut(machine, choice.uniform(*_SECONDS))
            lost = sum(violation.promise == "P5" for violation in violations)
            tally.cuts += 1
            tally.acknowledged += acknowledged
            tally.lost += lost
            tally.other += [str(violation) for violation in violations if violation.promise != "P5"]
            print(f"  {mode.name}: {acknowledged} acknowledged, {lost} lost", flush=True)
    finally:
        machine.close()
        shutil.rmtree(folder, ignore_errors=True)
    return tally


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults power", description=__doc__)
    parser.add_argument("--cuts", type=int, default=8, help="of each mode; a control has half as many")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--results", help="a folder for a file of what came out: bench/results")
    options = parser.parse_args(arguments)
    if not Disk.is_possible():
        print("This needs root and loop devices.")
        return 0
    seed = options.seed if options.seed is not None else secrets.randbelow(10**6)
    print(f"seed {seed}")
    choice = random.Random(seed)
    tallies = [play(mode, max(1, options.cuts // (2 if mode.is_control else 1)), choice) for mode in MODES]
    page = table(tallies)
    print(page)
    if options.results:
        figures = {"seed": seed, "modes": msgspec.to_builtins(tallies)}
        print(results.write(pathlib.Path(options.results), "power", figures, page))
    return 0 if all(tally.is_good for tally in tallies) else 1


def table(tallies: Sequence[Tally]) -> str:
    lines = ["| mode | cuts | acknowledged | lost |", "|---|---|---|---|"]
    lines += [f"| {tally.mode} | {tally.cuts} | {tally.acknowledged} | {tally.lost} |" for tally in tallies]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
