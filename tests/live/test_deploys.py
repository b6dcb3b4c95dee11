"""
Deploys with people connected: workers are replaced, recycled and killed, the whole is stopped. Who listens is told to
come back, comes back, and has heard every message once and in order.
"""

import concurrent.futures
import contextlib
import itertools
import json
import os
import pathlib
import signal
import threading
import time
from collections.abc import Iterator

import httpx
import psutil
import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.live.client import Client
from tests.live.listener import Listener
from tests.live.native import NAMESPACES, PEOPLE, Native, connection_token, native_as
from tests.live.server import Server, running
from tests.services import new_database, wait_until

_GUNICORN = str(pathlib.Path(__file__).parents[2] / "deploy" / "gunicorn" / "run.sh")
_SERVERS = {
    "serve": ("teahouse", "serve", "--workers", "2"),
    "gunicorn": (_GUNICORN, "--workers", "2", "--bind", "127.0.0.1:{port}"),
}
_DRAIN_SECONDS = 1
_PRESENCE_EXPIRY_SECONDS = 15
_API_KEY = "a-key-of-the-site"
_LOBBY = "room:1"


@pytest.fixture(scope="module")
def environment(postgres_server: str, redis_url: str) -> Iterator[dict[str, str]]:
    with new_database(postgres_server) as database_url:
        yield {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "TEAHOUSE_REDIS_PREFIX": f"deploys-{os.getpid()}",
            "TEAHOUSE_DRAIN_SECONDS": str(_DRAIN_SECONDS),
            "TEAHOUSE_API_KEY": _API_KEY,
            "TEAHOUSE_NAMESPACES": json.dumps(NAMESPACES),
            "TEAHOUSE_SENDS_PER_SECOND": "1000",
        }


@pytest.fixture(scope="module")
def peopled(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The data folder of the demo people, who have a lobby already."""
    data = tmp_path_factory.mktemp("deploys") / "data"
    with running(data, **environment) as alone:
        with alone.connect_as("bob") as bob:
            bob.say("hello")
            bob.next()
        alone.stop()
    return data


@pytest.fixture(scope="module")
def served(request: pytest.FixtureRequest, peopled: pathlib.Path, environment: dict[str, str]) -> Iterator[Server]:
    """Two workers; shared, so leave two workers behind."""
    with running(peopled, *_SERVERS[request.param], **environment) as server:
        yield server


EACH = pytest.mark.parametrize("served", list(_SERVERS), indirect=True, scope="module")


def workers_of(served: Server) -> set[int]:
    """Those that serve: the process ids of whoever has the listening socket, without the parent."""
    children = psutil.Process(served.pid).children(recursive=True)
    return {child.pid for child in children if _listens(child)}


def _listens(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return any(found.status == psutil.CONN_LISTEN for found in process.net_connections("tcp"))
    return False


def ports_at(worker: int) -> set[int]:
    """The clients' ports of the connections that a worker has."""
    return {found.raddr.port for found in psutil.Process(worker).net_connections("tcp") if found.raddr}


def listener(served: Server, name: str, channel: str = _LOBBY) -> Listener:
    return Listener(served.port, connection_token(served, user=str(PEOPLE[name])), channel)


class Speaker:
    """Bob, on the article's page: says one number after the other, again when it is uncertain whether it was said."""

    def __init__(self, served: Server) -> None:
        self.said: list[str] = []
        self._url = f"ws://127.0.0.1:{served.port}/infra/ws?token={served.tokens('bob')['refresh']}"
        self._has_stopped = threading.Event()
        self._thread = threading.Thread(target=self._speak, daemon=True)
        self._thread.start()
        wait_until(lambda: self.said, what="a first word")

    def stop(self) -> None:
        """Once what he is about to say has been said."""
        self._has_stopped.set()
        self._thread.join(30)
        assert not self._thread.is_alive()

    def _speak(self) -> None:
        while True:
            with contextlib.suppress(ConnectionClosed, InvalidHandshake, OSError), Client(self._url) as client:
                return self._say_until_stopped(client)

    def _say_until_stopped(self, client: Client) -> None:
        while True:
            text = str(len(self.said))
            client.say(text)
            while client.next(10)["text"] != text:
                pass
            self.said.append(text)
            # So that there are not more than a client may recover.
            if self._has_stopped.wait(0.02):
                return


@contextlib.contextmanager
def speaking(served: Server, listeners: list[Listener]) -> Iterator[None]:
    """Behind it, all have heard all that was said, in order and once."""
    speaker = Speaker(served)
    try:
        yield
    finally:
        speaker.stop()
    for each in listeners:
        wait_until(lambda each=each: each.data(_LOBBY)[-1]["message"]["body"] == speaker.said[-1], seconds=15)  # type: ignore[misc]
        offsets = each.offsets(_LOBBY)
        assert list(range(offsets[0], offsets[0] + len(offsets))) == offsets
        # What was said twice follows itself.
        heard = [body for body, _ in itertools.groupby(each.data(_LOBBY), key=lambda frame: frame["message"]["body"])]
        assert speaker.said == heard
        assert all(answer["recovered"] for answer in each.answers[_LOBBY][1:])


# One after the other.


@EACH
def test_a_rolling_restart_costs_nobody_a_message(served: Server) -> None:
    before = workers_of(served)
    with contextlib.ExitStack() as stack:
        listeners = [stack.enter_context(listener(served, name)) for name in ("alice", "carol", "dave") for _ in "12"]
        with speaking(served, listeners):
            os.kill(served.pid, signal.SIGHUP)
            wait_until(lambda: len(new := workers_of(served)) == 2 and not new & before, seconds=40, what="new workers")
            wait_until(lambda: all(each.endings and each.is_listening() for each in listeners), seconds=20)
        assert {3001} == {code for each in listeners for code in each.endings}


@EACH
def test_who_is_at_a_worker_that_is_recycled_goes_on_at_the_other_one(served: Server) -> None:
    worker, _ = sorted(workers_of(served))
    with contextlib.ExitStack() as stack:
        listeners = [stack.enter_context(listener(served, name)) for name in ("alice", "carol", "dave") for _ in "123"]
        ports = ports_at(worker)
        with speaking(served, listeners):
            there = [each.local_port in ports for each in listeners]
            os.kill(worker, signal.SIGTERM)
            wait_until(lambda: not psutil.pid_exists(worker), seconds=_DRAIN_SECONDS + 5, what="it has ended")
            wait_until(lambda: len(workers_of(served)) == 2, seconds=20, what="another one in its place")
        assert [[3001] if was_there else [] for was_there in there] == [each.endings for each in listeners]


@EACH
def test_a_worker_sends_its_people_away_over_seconds_and_ends(served: Server) -> None:
    worker, _ = sorted(workers_of(served))
    with crowd(served, 100) as people:
        ports = ports_at(worker)
        there = [native for native in people if native.socket.local_address[1] in ports]
        assert len(there) > 20
        with concurrent.futures.ThreadPoolExecutor(len(there)) as pool:
            ends = [pool.submit(_ends, native) for native in there]
            os.kill(worker, signal.SIGTERM)
        codes, times = zip(*(end.result() for end in ends), strict=True)

        assert {3001} == set(codes)
        assert max(times) - min(times) > _DRAIN_SECONDS / 3
        assert max(times) - min(times) < _DRAIN_SECONDS + 2
        # The others have not noticed.
        for native in people:
            if native not in there:
                assert "error" not in native.ask("subscribe", channel="plain:still-here")
        wait_until(lambda: not psutil.pid_exists(worker), seconds=5, what="it has ended")
    wait_until(lambda: len(workers_of(served)) == 2, seconds=20, what="another one in its place")


@contextlib.contextmanager
def crowd(served: Server, size: int) -> Iterator[list[Native]]:
    names = ("alice", "bob", "carol", "dave")
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(native_as(served, names[number % 4])) for number in range(size)]


def _ends(native: Native) -> tuple[int, float]:
    return native.closed(20), time.monotonic()


# Without a word.


@pytest.mark.parametrize("served", ["serve"], indirect=True, scope="module")
def test_who_was_at_a_killed_worker_is_not_present_any_more(served: Server) -> None:
    channel = "seen:killed"
    with listener(served, "alice", channel) as alice, contextlib.ExitStack() as stack:
        worker = next(pid for pid in workers_of(served) if alice.local_port not in ports_at(pid))
        carol = next(
            each for each in _listeners(served, "carol", channel, stack) if each.local_port in ports_at(worker)
        )
        gone, there = carol.client, alice.client
        wait_until(lambda: {gone, there} <= _present(served, channel), what="both are present")
        os.kill(worker, signal.SIGKILL)
        wait_until(lambda: gone not in _present(served, channel), seconds=_PRESENCE_EXPIRY_SECONDS + 1)
        # She herself is back, as another client; whoever was elsewhere has stayed.
        wait_until(lambda: {carol.client, there} <= _present(served, channel), seconds=5)
        assert [] == alice.endings
    wait_until(lambda: len(workers_of(served)) == 2, seconds=20, what="another one in its place")


def _listeners(served: Server, name: str, channel: str, stack: contextlib.ExitStack) -> Iterator[Listener]:
    while True:
        yield stack.enter_context(listener(served, name, channel))


def _present(served: Server, channel: str) -> set[str]:
    answer = served.http("POST", "/api/presence", json={"channel": channel}, headers={"X-API-Key": _API_KEY})
    return set(answer.json()["result"]["presence"])


# All of it.


@EACH
def test_stopping_all_tells_everybody_and_ends_well_in_time(served: Server) -> None:
    with crowd(served, 200) as people:
        with concurrent.futures.ThreadPoolExecutor(len(people)) as pool:
            ends = [pool.submit(_ends, native) for native in people]
            assert 0 == served.stop(seconds=20)
        assert {3001} == {end.result()[0] for end in ends}
    assert "Traceback" not in served.log
    with pytest.raises(httpx.ConnectError):
        served.http("GET", "/healthz")
