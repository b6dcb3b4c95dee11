"""Several processes with a real Redis and a real PostgreSQL (row 13)."""

import contextlib
import os
import pathlib
import signal
import subprocess
from collections.abc import Iterator

import httpx
import psutil
import pytest
from websockets.exceptions import ConnectionClosed

from tests.live.client import Client
from tests.live.server import Server, running
from tests.services import own_redis, wait_until

_ROOT = pathlib.Path(__file__).parents[2]
_GUNICORN = str(_ROOT / "deploy" / "gunicorn" / "run.sh")
_SERVERS = {
    "gunicorn": (_GUNICORN, "--workers", "2", "--bind", "127.0.0.1:{port}"),
    "serve": ("teahouse", "serve", "--workers", "2"),
}


@contextlib.contextmanager
def _two_workers(data: pathlib.Path, kind: str, *more: str, **environment: str) -> Iterator[Server]:
    # The demo people are made first, by a lone process on the same database.
    with running(data, **environment) as alone:
        alone.stop()
    with running(data, *_SERVERS[kind], *more, **environment) as house:
        yield house


def _on_every_worker(house: Server, name: str) -> dict[int, Client]:
    """One connection of this person in each worker, by the worker's process id."""
    token = house.tokens(name)["refresh"]
    found: dict[int, Client] = {}

    def both() -> bool:
        client = house.connect(token)
        pid = _worker_of(house, client)
        if pid in found:
            # A person may have only so many, and a worker that starts may keep us waiting.
            client.close()
        else:
            found[pid] = client
        return len(found) == 2

    wait_until(both, seconds=40, what="a connection in each worker")
    return found


def _worker_of(house: Server, client: Client) -> int:
    ours = client.socket.socket.getsockname()[1]
    for worker in psutil.Process(house.pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if any(c.raddr and c.raddr.port == ours for c in worker.net_connections("tcp")):
                return int(worker.pid)
    raise AssertionError("no worker has this connection")


@pytest.fixture(params=["gunicorn", "serve"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_message_from_one_worker_reaches_the_other(
    tmp_path: pathlib.Path, kind: str, database_url: str, redis_url: str
) -> None:
    environment = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "TEAHOUSE_REDIS_PREFIX": f"test-{os.getpid()}"}
    with _two_workers(tmp_path / "data", kind, **environment) as house:
        alice, bob = _on_every_worker(house, "alice"), _on_every_worker(house, "bob")
        first, second = alice
        assert first != second
        alice[first].say("broadcast")
        for client in (*alice.values(), *bob.values()):
            assert "broadcast" == client.next()["text"]
        alice[first].say("single", 3)
        assert [True, True] == [bob[pid].next()["single"] for pid in (first, second)]

        # Many at once from both workers are heard in one order by all, without a gap.
        for number in range(25):
            alice[first].say(f"a{number}")
            bob[second].say(f"b{number}")
        heard = [[client.next(20)["number"] for _ in range(50)] for client in (*alice.values(), *bob.values())]
        assert all(numbers == heard[0] for numbers in heard)
        assert list(range(heard[0][0], heard[0][0] + 50)) == heard[0]

        # Notices and signing out cross workers too.
        house.http("POST", "/api/notices", json={"title": "to both"}, headers=house.bearer("admin"))
        for client in (*alice.values(), *bob.values()):
            assert "to both" == client.next()["title"]
        assert house.metric("teahouse_connections", protocol="classic") == 4
        for client in (*alice.values(), *bob.values()):
            client.close()
        wait_until(lambda: house.metric("teahouse_connections", protocol="classic") == 0)


def test_signing_out_at_one_worker_ends_connections_at_the_other(
    tmp_path: pathlib.Path, database_url: str, redis_url: str
) -> None:
    environment = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "TEAHOUSE_REDIS_PREFIX": f"test-{os.getpid()}"}
    with _two_workers(tmp_path / "data", "serve", **environment) as house:
        tokens = house.tokens("alice")
        clients = [house.connect(tokens["refresh"]) for _ in range(6)]
        house.http("POST", "/api/auth/logout", headers={"Authorization": f"Bearer {tokens['access']}"})

        assert [4003] * 6 == [client.closed(2) for client in clients]


def test_a_restart_of_redis_costs_no_connection_and_no_message(tmp_path: pathlib.Path, database_url: str) -> None:
    with own_redis() as redis:
        environment = {"DATABASE_URL": database_url, "REDIS_URL": redis.url}
        with _two_workers(tmp_path / "data", "serve", **environment) as house:
            alice, bob = _on_every_worker(house, "alice"), _on_every_worker(house, "bob")
            first = next(iter(alice))
            texts = [f"while away {number}" for number in range(10)]
            redis.stop()
            wait_until(lambda: house.http("GET", "/readyz").status_code == 503)
            for text in texts:
                alice[first].say(text)
            alice[first].ping()
            redis.start()
            alice[first].say("back")

            for client in (*bob.values(), *alice.values()):
                assert [*texts, "back"] == [client.next(15)["text"] for _ in range(11)]
            wait_until(lambda: house.http("GET", "/readyz").status_code == 200)
            for client in (*alice.values(), *bob.values()):
                client.ping()


def test_recycling_a_worker_drains_it_first(tmp_path: pathlib.Path, database_url: str, redis_url: str) -> None:
    environment = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "TEAHOUSE_REDIS_PREFIX": f"test-{os.getpid()}",
        "TEAHOUSE_DRAIN_SECONDS": "1",
    }
    with _two_workers(tmp_path / "data", "gunicorn", "--max-requests", "25", **environment) as house:
        clients = [house.connect(house.tokens("alice")["refresh"])]
        clients += [house.connect_as(name) for name in ("bob", "carol", "dave") for _ in range(3)]
        before = {_worker_of(house, client) for client in clients}
        for _ in range(120):
            # A request that comes as a worker ends, to a connection which that has accepted, is reset.
            with contextlib.suppress(httpx.TransportError):
                house.http("GET", "/healthz")
        ended = [code for client in clients if (code := _close_code(client)) is not None]

        # Every connection that had to go was told to come back, and nobody was cut off.
        assert ended
        assert {1012} == set(ended)
        # Signing in counts too, so the next worker may be about to go: then people come back once more.
        wait_until(lambda: _can_chat(house), seconds=30)
        assert before != {worker.pid for worker in psutil.Process(house.pid).children()}


def _can_chat(house: Server) -> bool:
    try:
        with house.connect_as("alice") as alice, house.connect_as("bob") as bob:
            alice.say("after")
            return bool(bob.next(10)["text"] == "after")
    except (ConnectionClosed, httpx.TransportError):
        return False


def _close_code(client: Client, seconds: float = 1) -> int | None:
    try:
        return client.closed(seconds)
    except TimeoutError:
        return None


def test_idle_connections_outlive_the_time_limits_of_redis(
    tmp_path: pathlib.Path, database_url: str, redis_url: str
) -> None:
    # redis-py gives up on a silent socket after five seconds unless it is told otherwise.
    environment = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "TEAHOUSE_REDIS_PREFIX": f"test-{os.getpid()}"}
    with _two_workers(tmp_path / "data", "serve", **environment) as house:
        bob = _on_every_worker(house, "bob")
        for client in bob.values():
            assert _close_code(client, 4) is None
        with house.connect_as("alice") as alice:
            alice.say("after a silence")
            assert ["after a silence"] * 2 == [client.next()["text"] for client in bob.values()]
    assert "Redis" not in house.log


def test_a_rolling_restart_sends_everyone_to_new_processes(
    tmp_path: pathlib.Path, database_url: str, redis_url: str
) -> None:
    environment = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "TEAHOUSE_REDIS_PREFIX": f"test-{os.getpid()}",
        "TEAHOUSE_DRAIN_SECONDS": "1",
    }
    with _two_workers(tmp_path / "data", "serve", **environment) as house:
        clients = _on_every_worker(house, "bob")
        os.kill(house.pid, signal.SIGHUP)

        assert [1012, 1012] == [client.closed(40) for client in clients.values()]
        again = _on_every_worker(house, "bob")
        assert not set(again) & set(clients)
        with house.connect_as("alice") as alice:
            alice.say("new processes")
            assert ["new processes"] * 2 == [client.next()["text"] for client in again.values()]


def test_a_worker_that_is_killed_is_replaced_and_its_people_come_back(
    tmp_path: pathlib.Path, kind: str, database_url: str, redis_url: str
) -> None:
    environment = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "TEAHOUSE_REDIS_PREFIX": f"test-{os.getpid()}"}
    with _two_workers(tmp_path / "data", kind, **environment) as house:
        alice = _on_every_worker(house, "alice")
        first, second = alice
        os.kill(first, signal.SIGKILL)
        assert 1006 == alice[first].closed(10)
        alice[second].ping()
        again = _on_every_worker(house, "bob")

        assert first not in again
        alice[second].say("everyone here?")
        for client in again.values():
            assert "everyone here?" == client.next(10)["text"]
        wait_until(lambda: house.metric("teahouse_connections", protocol="classic") == 3)


def test_one_worker_a_core_or_the_articles_number_by_option(tmp_path: pathlib.Path) -> None:
    cores = len(os.sched_getaffinity(0))
    for options, workers in ((), cores), (("--article-workers",), min(2 * cores + 1, 8)), (("--workers", "3"), 3):
        printed = subprocess.run(
            [_GUNICORN, *options, "--print-config"],
            env={**os.environ, "TEAHOUSE_DATA": str(tmp_path / "data")},
            capture_output=True,
            text=True,
            check=True,
        )
        settings = dict(line.split("=", 1) for line in printed.stdout.splitlines() if "=" in line)

        assert str(workers) == next(value.strip() for name, value in settings.items() if name.strip() == "workers")


def test_no_comment_stands_behind_a_backslash() -> None:
    script = pathlib.Path(_GUNICORN).read_text()

    # A comment behind a backslash ends the command, which `sh -n` does not notice.
    assert not [line for line in script.splitlines() if "\\" in line.split("#")[0] and not line.endswith("\\")]


def test_gunicorns_lone_worker_on_sqlite_is_replaced_on_sighup(data: pathlib.Path) -> None:
    command = (_GUNICORN, "--workers", "1", "--bind", "127.0.0.1:{port}")
    with running(data, *command) as house:
        tokens = {name: house.tokens(name)["refresh"] for name in ("alice", "bob")}
        workers = set()
        for text in ("before", "once", "twice"):
            with house.connect(tokens["alice"]) as alice, house.connect(tokens["bob"]) as bob:
                workers.add(_worker_of(house, bob))
                alice.say(text)
                assert [text, text] == [client.next()["text"] for client in (alice, bob)]
                os.kill(house.pid, signal.SIGHUP)
                assert [1012, 1012] == [client.closed(20) for client in (alice, bob)]
        assert 3 == len(workers)
        # One stays one, also for those who want more; and the data stay this server's.
        os.kill(house.pid, signal.SIGTTIN)
        wait_until(lambda: "More than one process needs" in house.log)
        for second in (
            Server(data, "teahouse", "up", "--demo"),
            Server(data, *command),
        ):
            assert 3 == second.start(wait=False).wait()
            assert "another process serves the data in" in second.log
            assert "this code" not in second.log
        with house.connect(tokens["alice"]) as alice, house.connect(tokens["bob"]) as bob:
            alice.say("after")
            assert "after" == bob.next()["text"]
            assert 0 == house.stop()
    assert "Traceback" not in house.log


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [("TEAHOUSE_SEND_BURST", "many", "send_burst"), ("TEAHOUSE_DATA", "/dev/null/data", "Not a directory")],
)
def test_gunicorn_says_what_is_wrong_in_one_line(tmp_path: pathlib.Path, variable: str, value: str, said: str) -> None:
    house = Server(tmp_path / "data", *_SERVERS["gunicorn"], **{variable: value}).start(wait=False)
    try:
        assert 2 == house.wait(30)
    finally:
        house.kill()

    assert said in house.log
    assert "Traceback" not in house.log


def test_the_figures_of_a_site_outlive_a_start_that_fails(
    tmp_path: pathlib.Path, kind: str, database_url: str, redis_url: str
) -> None:
    environment = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "TEAHOUSE_REDIS_PREFIX": f"test-{os.getpid()}"}
    with _two_workers(tmp_path / "data", kind, **environment) as house, house.connect_as("alice") as alice:
        alice.ping()
        folder = house.data / "metrics"
        files = {path: path.stat().st_ino for path in folder.iterdir()}
        again = Server(house.data, *_SERVERS[kind], port=house.port, **environment).start(wait=False)
        try:
            assert 0 != again.wait(30), again.log
        finally:
            again.kill()

        assert files.items() <= {path: path.stat().st_ino for path in folder.iterdir()}.items()
        assert 1 == house.metric("teahouse_connections", protocol="classic")
        # No parent, which carries nothing, is among those that are added up.
        wait_until(lambda: house.metric("teahouse_broker_up") == 1)


def test_gunicorn_with_two_workers_and_without_redis_says_what_is_missing(tmp_path: pathlib.Path) -> None:
    house = Server(tmp_path / "data", *_SERVERS["gunicorn"]).start(wait=False)
    try:
        assert 0 != house.wait(30)
    finally:
        house.kill()

    assert 1 == house.log.count("More than one process needs PostgreSQL and Redis")
    assert "Traceback" not in house.log
