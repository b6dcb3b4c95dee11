"""
The time limits of the article's door: `.venv/bin/python -m bench.classic`, about two minutes.

* refusing a connection: under 5 ms of the server's time (measured as its CPU time, and as the client's waiting);
* `pong` while the database is blocked for 2 s, and among 1,000 pages that ping every second while people chat:
  p99.9 under 200 ms, and never 1 s, when VueUse's client leaves;
* 1,000 pages that come back on a one-second tick after a restart: all within 5 s of the server being back.
"""

import asyncio
import contextlib
import json
import pathlib
import sqlite3
import tempfile
import time
from typing import Any

import psutil
from websockets.asyncio.client import ClientConnection, connect

from bench.report import milliseconds, write
from tests.live.client import Client
from tests.live.server import Server, running

_PAGES = 1_000
_REFUSALS = 300


def _cpu_seconds(house: Server) -> float:
    times = psutil.Process(house.pid).cpu_times()
    return float(times.user + times.system)


def _refusing(house: Server) -> dict[str, Any]:
    blacklisted = house.tokens("dave")
    house.http("POST", "/api/auth/logout", headers={"Authorization": f"Bearer {blacklisted['access']}"})
    figures: dict[str, Any] = {}
    for name, query in {
        "no token": "",
        "garbage": "?token=garbage",
        "wrong signature": f"?token={blacklisted['refresh'][:-6]}AAAAAA",
        "signed out": f"?token={blacklisted['refresh']}",
    }.items():
        waited, cpu = [], _cpu_seconds(house)
        for _ in range(_REFUSALS):
            start = time.perf_counter()
            with Client(f"ws://127.0.0.1:{house.port}/infra/ws{query}") as nobody:
                assert nobody.closed() in (4001, 4003)
            waited.append(time.perf_counter() - start)
        figures[name] = {
            "server_cpu_ms_each": round((_cpu_seconds(house) - cpu) / _REFUSALS * 1000, 3),
            "client_waited_ms": milliseconds(waited),
        }
    return figures


def _pong_while_blocked(house: Server) -> dict[str, float]:
    waited = []
    with house.connect_as("alice") as alice:
        blocker = sqlite3.connect(house.data / "teahouse.sqlite3", isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        alice.say("blocked")
        end = time.monotonic() + 2
        while time.monotonic() < end:
            start = time.perf_counter()
            alice.ping()
            waited.append(time.perf_counter() - start)
        blocker.execute("ROLLBACK")
        assert alice.next()["text"] == "blocked"
    return milliseconds(waited)


class _Page:
    """As the article's page under VueUse: pings every second, comes back one second after every end."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.waited: list[float] = []
        self.opened_at = 0.0
        self.socket: ClientConnection | None = None

    async def live(self) -> None:
        while True:
            with contextlib.suppress(OSError, Exception):
                async with connect(
                    self._url, compression=None, proxy=None, open_timeout=30, ping_interval=None
                ) as self.socket:
                    await self._ping_for_ever(self.socket)
            self.opened_at = 0.0
            await asyncio.sleep(1)

    async def _ping_for_ever(self, socket: ClientConnection) -> None:
        self.opened_at = time.monotonic()
        while True:
            await asyncio.sleep(1)
            start = time.perf_counter()
            await socket.send("ping")
            while await socket.recv() != "pong":
                pass
            self.waited.append(time.perf_counter() - start)


async def _among_pages(house: Server) -> dict[str, Any]:
    token = house.tokens("bob")["refresh"]
    pages = [_Page(f"ws://127.0.0.1:{house.port}/infra/ws?token={token}") for _ in range(_PAGES)]
    tasks = []
    for page in pages:
        tasks.append(asyncio.create_task(page.live()))
        await asyncio.sleep(0.005)
    try:
        while not all(page.opened_at for page in pages):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        for page in pages:
            page.waited.clear()
        speaker = await asyncio.to_thread(house.connect_as, "alice")
        for number in range(100):
            speaker.say(str(number))
            await asyncio.sleep(0.1)
        speaker.close()
        pong = milliseconds([wait for page in pages for wait in page.waited])

        await asyncio.to_thread(house.stop)
        stopped = time.monotonic()
        await asyncio.to_thread(house.start)
        served = time.monotonic()
        while not all(page.opened_at > stopped for page in pages):
            assert time.monotonic() < served + 60
            await asyncio.sleep(0.01)
        return {
            "pong among 1,000 pages, 10 broadcasts a second": pong,
            "restart": {
                "server away_s": round(served - stopped, 2),
                "last page back after being served_s": round(max(page.opened_at for page in pages) - served, 2),
                "last page back after the stop_s": round(max(page.opened_at for page in pages) - stopped, 2),
            },
        }
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = pathlib.Path(folder) / "data"
        with running(data, TEAHOUSE_MAX_CONNECTIONS_PER_USER="5000", TEAHOUSE_LOG_LEVEL="WARNING") as house:
            figures: dict[str, Any] = {
                "refusing": _refusing(house),
                "pong while the database is blocked for 2 s": _pong_while_blocked(house),
            }
            figures.update(asyncio.run(_among_pages(house)))
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    print(write("classic", figures))


if __name__ == "__main__":
    main()
