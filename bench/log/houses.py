"""The servers under measure, each on a database of its own that is filled before it starts."""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from bench.fanout.machine import cores, on_core
from bench.log.chatters import Chatter, PostingChatter, SavingAndTellingChatter, SavingChatter
from tests.services import free_port, new_database, wait_until

# What saves each message by itself: a view; a consumer that does all that a chat does; one that tells nobody.
SAVING: dict[str, type[Chatter]] = {
    "a view that saves each": PostingChatter,
    "saves each and tells": SavingAndTellingChatter,
    "saves each": SavingChatter,
}
_BINARIES = pathlib.Path(sys.executable).parent


class People(NamedTuple):
    """`tokens` of connections by person; `rooms` are the ids of the rooms that were asked for."""

    ids: list[int]
    tokens: list[str]
    rooms: list[int]
    # Of the first person, for the article's door.
    classic_token: str = ""


class House(NamedTuple):
    """A server that runs. `chatter` makes its clients."""

    name: str
    port: int
    pid: int
    people: People
    chatter: Callable[..., Chatter]
    environment: dict[str, str]
    # Stop it; then start it again.
    stop: Callable[[], None]
    start: Callable[[], int]


@contextlib.contextmanager
def teahouse(postgres: str | None, *, people: int, rooms: list[list[int]], messages: int = 0) -> Iterator[House]:
    """`rooms` are lists of places in the list of people. `messages` are in each room from the start."""
    with _environment(postgres) as environment:
        environment |= {"TEAHOUSE_SENDS_PER_SECOND": "1000000", "TEAHOUSE_SEND_BURST": "1000000"}
        environment["DJANGO_SETTINGS_MODULE"] = "teahouse.site.settings"
        made = _filled(environment, people=people, rooms=rooms, messages=messages)
        port = free_port()
        command = [str(_BINARIES / "teahouse"), "up", "--port", str(port), "--data", environment["TEAHOUSE_DATA"]]
        with _running("teahouse", port, command, environment, made, Chatter) as house:
            yield house


class Filled(NamedTuple):
    """A database without a server."""

    environment: dict[str, str]
    people: People

    def ask(self, module: str, asked: dict[str, Any]) -> Any:
        """What a module of ours prints, run in a process of its own on the server's core."""
        with on_core(cores().server):
            found = subprocess.run(
                [sys.executable, "-m", module, json.dumps(asked)],
                env=self.environment,
                capture_output=True,
                text=True,
                check=False,
            )
        if found.returncode:
            raise SystemExit(found.stderr)
        return json.loads(found.stdout.splitlines()[-1])

    def size_bytes(self) -> int:
        """On the disk: tables and indexes, the search's too."""
        if url := self.environment.get("DATABASE_URL"):
            import psycopg

            with psycopg.connect(url) as connection:
                row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
                assert row is not None
                return int(row[0])
        files = pathlib.Path(self.environment["TEAHOUSE_DATA"]).glob("teahouse.sqlite3*")
        return sum(file.stat().st_size for file in files)


@contextlib.contextmanager
def filled(postgres: str | None, *, people: int, rooms: list[list[int]], messages: int) -> Iterator[Filled]:
    with _environment(postgres) as environment:
        environment["DJANGO_SETTINGS_MODULE"] = "teahouse.site.settings"
        yield Filled(environment, _filled(environment, people=people, rooms=rooms, messages=messages))


@contextlib.contextmanager
def saving(postgres: str | None, how: str) -> Iterator[House]:
    """`how` is a key of SAVING."""
    with _environment(postgres) as environment:
        environment["DJANGO_SETTINGS_MODULE"] = "bench.log.servers.saving_site.settings"
        create = "from django.core.management import call_command; import django; django.setup(); "
        create += "call_command('migrate', run_syncdb=True, verbosity=0)"
        subprocess.run([sys.executable, "-c", create], env=environment, check=True)
        port = free_port()
        command = [str(_BINARIES / "uvicorn"), "bench.log.servers.saving_site.asgi:application"]
        command += ["--port", str(port), "--log-level", "warning", "--lifespan", "off"]
        made = People(ids=[1] * 64, tokens=[""] * 64, rooms=list(range(1, 17)))
        with _running(how, port, command, environment, made, SAVING[how]) as house:
            yield house


@contextlib.contextmanager
def _environment(postgres: str | None) -> Iterator[dict[str, str]]:
    with contextlib.ExitStack() as stack:
        data = stack.enter_context(tempfile.TemporaryDirectory(prefix="teahouse-bench-"))
        environment = {**os.environ, "TEAHOUSE_DATA": data, "PYTHONPATH": os.getcwd()}
        environment.pop("DATABASE_URL", None)
        environment.pop("REDIS_URL", None)
        if postgres is not None:
            environment["DATABASE_URL"] = stack.enter_context(new_database(postgres))
        yield environment


def talk(house: House, rooms: list[int], messages: int) -> None:
    """So many more messages in each of these rooms, while the server is away."""
    asked = json.dumps({"talk": rooms, "messages": messages})
    subprocess.run([sys.executable, "-m", "bench.log.filling", asked], env=house.environment, check=True)


def _filled(environment: dict[str, str], *, people: int, rooms: list[list[int]], messages: int) -> People:
    asked = json.dumps({"people": people, "rooms": rooms, "messages": messages})
    found = subprocess.run(
        [sys.executable, "-m", "bench.log.filling", asked], env=environment, capture_output=True, text=True, check=False
    )
    if found.returncode:
        raise SystemExit(found.stderr)
    return People(**json.loads(found.stdout.splitlines()[-1]))


@contextlib.contextmanager
def _running(
    name: str,
    port: int,
    command: list[str],
    environment: dict[str, str],
    people: People,
    chatter: Callable[..., Chatter],
) -> Iterator[House]:
    process: subprocess.Popen[bytes] | None = None

    def stop() -> None:
        nonlocal process
        if process is not None:
            process.terminate()
            process.wait(30)
            process = None

    def start() -> int:
        nonlocal process
        with on_core(cores().server):
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: _answers(port), seconds=60, what=name)
        return process.pid

    try:
        yield House(name, port, start(), people, chatter, environment, stop, start)
    finally:
        stop()


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2)
    except urllib.error.HTTPError:
        return True
    except OSError:
        time.sleep(0.1)
        return False
    return True
