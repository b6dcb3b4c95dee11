"""
`.venv/bin/python -m bench.log [--quick] [--measures a,b] [--databases sqlite,postgresql] [--no-result]`: the log beside
a view and consumers that save each message by itself, on the same database, one core for the server.
"""

import argparse
import contextlib
import time
import urllib.request
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

import psutil
import uvloop

from bench.fanout.machine import allow_many_files, cores, description, memory_kib, on_core
from bench.log import houses, measures
from bench.report import write
from tests.services import postgres_server

T = TypeVar("T")

_ROOMS = [list(range(place * 4, place * 4 + 4)) for place in range(16)]
_HOT = list(range(64))
_WINDOW = 4
_LOW_PER_SECOND = 20


def _run(measure: Callable[[], Coroutine[Any, Any, T]]) -> T:
    with on_core(cores().load):
        return uvloop.run(measure())


def acks(postgres: str | None, seconds: float) -> dict[str, Any]:
    """Beside those that save a message at a time."""
    figures: dict[str, Any] = {}
    ours = houses.teahouse(postgres, people=64, rooms=[*_ROOMS, _HOT])
    for opened in (ours, *(houses.saving(postgres, how) for how in houses.SAVING)):
        with opened as house:
            for is_hot in (False, True):
                figures.setdefault(house.name, {})["one hot room" if is_hot else "16 rooms"] = _run(
                    lambda house=house, is_hot=is_hot: measures.acknowledged(  # type: ignore[misc]
                        house, is_hot=is_hot, seconds=seconds, window=_WINDOW
                    )
                )
    for kind, figure in figures["teahouse"].items():
        for peer in houses.SAVING:
            theirs = figures[peer][kind]["acknowledged_per_second"]
            ratio = round(figure["acknowledged_per_second"] / max(1, theirs), 2)
            figures.setdefault(f"ratio to {peer}", {})[kind] = ratio
    return figures


def latency(postgres: str | None, seconds: float) -> dict[str, Any]:
    with houses.teahouse(postgres, people=64, rooms=_ROOMS) as house:
        most = _run(lambda: measures.acknowledged(house, is_hot=False, seconds=seconds, window=_WINDOW))
        low = _run(lambda: measures.time_to_acknowledgement(house, per_second=_LOW_PER_SECOND, seconds=seconds))
        half_rate = most["acknowledged_per_second"] / 2
        half = _run(lambda: measures.time_to_acknowledgement(house, per_second=half_rate, seconds=seconds))
    return {
        "most_per_second": most["acknowledged_per_second"],
        "low": low,
        "half": half,
        "p99 at half to p50 at low": round(
            half["acknowledged_after_ms"]["p99"] / low["acknowledged_after_ms"]["p50"], 2
        ),
    }


def seen(postgres: str | None, seconds: float) -> dict[str, Any]:
    with houses.teahouse(postgres, people=200, rooms=[list(range(200))]) as house:
        return _run(lambda: measures.seen(house, per_second=100, seconds=seconds * 2))


def reconnect(postgres: str | None, seconds: float) -> dict[str, Any]:
    """5,000 people with 3 rooms each, of 50; 100 messages in each room while the server is away."""
    people, size = 5_000, 50
    count = people * 3 // size
    rooms = [[(place * size + step * 7) % people for step in range(size)] for place in range(count)]
    with houses.teahouse(postgres, people=people, rooms=[sorted(set(room)) for room in rooms], messages=1) as house:
        known = _run(lambda: measures.positions(house, house.people.tokens))
        house.stop()
        houses.talk(house, house.people.rooms, 100)
        house.start()
        return _run(lambda: measures.back_at_the_head(house, known))


def scale(postgres: str | None, seconds: float) -> dict[str, Any]:
    """Reads with 10,000 and 1,000,000 messages in 100 rooms of one person; and what a message takes on the disk."""
    sizes = {"10,000": 100, "1,000,000": 10_000}
    figures: dict[str, Any] = {}
    for name, each in sizes.items():
        with houses.filled(postgres, people=20, rooms=[list(range(20)) for _ in range(100)], messages=each) as filled:
            indexed = filled.ask("bench.log.scale", {"is_index_wanted": True})
            asked = {"user": filled.people.ids[0], "rooms": filled.people.rooms, "calls": 50}
            figures[name] = {
                "indexed": indexed,
                "bytes_per_message": round(filled.size_bytes() / (100 * each)),
                "reads": filled.ask("bench.log.scale", asked),
            }
    few, many = (figures[name]["reads"] for name in sizes)
    figures["ratio of p50"] = {name: round(many[name]["p50"] / few[name]["p50"], 2) for name in few}
    return figures


def memory(postgres: str | None, seconds: float) -> dict[str, Any]:
    """Of an idle `teahouse up`, some seconds after somebody has looked at its pages and API."""
    with houses.teahouse(postgres, people=5, rooms=[[0, 1]], messages=100) as house:
        for path in ("/", "/api/auth/session", "/readyz"):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{house.port}{path}", timeout=10).read()
        time.sleep(5)
        resident = psutil.Process(house.pid).memory_info().rss / 2**20
        return {"resident_mib": round(resident, 1), "proportional_mib": round(memory_kib([house.pid]) / 1024, 1)}


_MEASURES: dict[str, Callable[[str | None, float], dict[str, Any]]] = {
    "acks": acks,
    "latency": latency,
    "seen": seen,
    "reconnect": reconnect,
    "scale": scale,
    "memory": memory,
}


@contextlib.contextmanager
def _databases(names: list[str]) -> Iterator[dict[str, str | None]]:
    with contextlib.ExitStack() as stack:
        found: dict[str, str | None] = {}
        for name in names:
            # On the core of the load: a database on a machine of its own would take none of the server's.
            with on_core(cores().load):
                found[name] = stack.enter_context(postgres_server()) if name == "postgresql" else None
        yield found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--measures", default=",".join(_MEASURES))
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--no-result", action="store_true")
    options = parser.parse_args()
    allow_many_files()
    seconds = 3.0 if options.quick else 10.0
    figures: dict[str, Any] = {"machine": description()}
    with _databases(options.databases.split(",")) as databases:
        for name in options.measures.split(","):
            for database, url in databases.items():
                found = _MEASURES[name](url, seconds)
                figures.setdefault(name, {})[database] = found
                print(name, database, found, flush=True)
    if not options.no_result:
        print(write("log", figures))


if __name__ == "__main__":
    main()
