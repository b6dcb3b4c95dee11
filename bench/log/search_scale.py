"""
`python -m bench.log.search_scale [--database sqlite|postgresql] [--messages 1000000]`: how long searches take in many
messages, beside in 10,000. The messages and the index are written directly, by the index's own code; then the `search`
command is called as the native door does. Prints a line for each kind of search, and what the index takes of the disk.
"""

import argparse
import contextlib
import datetime as dt
import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any

PEOPLE = 200
ROOMS = 40
SMALL = 10_000
_AT_ONCE = 2_000
_SEARCHES = 30
# A million of them in a year.
_SECONDS_BETWEEN = 31.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--in-process", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.in_process:
        print(json.dumps(_measure(asked.in_process)))
        return
    measured = {count: _in_process(count, asked.database) for count in (SMALL, asked.messages)}
    _tell(measured[SMALL], measured[asked.messages], asked)


def _in_process(messages: int, database: str) -> dict[str, Any]:
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="teahouse-search-"))
        environment = {**os.environ, "TEAHOUSE_DATA": folder, "DJANGO_SETTINGS_MODULE": "teahouse.site.settings"}
        environment.pop("DATABASE_URL", None)
        if database == "postgresql":
            from tests.services import postgres_server

            environment["DATABASE_URL"] = stack.enter_context(postgres_server())
        command = [sys.executable, "-m", "bench.log.search_scale", "--in-process", str(messages)]
        told = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, timeout=580)
        answer: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
        return answer


def _tell(small: dict[str, Any], large: dict[str, Any], asked: argparse.Namespace) -> None:
    print(f"{asked.database}, load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    for name in ("fill_seconds", "index_microseconds_a_message", "index_bytes_a_message", "message_bytes_a_message"):
        print(f"{name:32} {small[name]:10.1f} {large[name]:10.1f}")
    print(f"{'milliseconds':32} {'10,000':>7} p50 {'p95':>7} {asked.messages:>10,} p50 {'p95':>7}  ratio")
    for name, (p50, p95, cpu, _) in small["searches"].items():
        p50_large, p95_large, cpu_large, hits = large["searches"][name]
        print(
            f"{name:32} {p50:11.1f} {p95:7.1f} {p50_large:14.1f} {p95_large:7.1f} {p50_large / p50:5.1f}x"
            f"   cpu {cpu:5.1f} {cpu_large:5.1f} {cpu_large / cpu:5.1f}x  ({hits} hits)"
        )


# In a process of its own, since Django is set up once.


def _measure(messages: int) -> dict[str, Any]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    begun = time.monotonic()
    people, rooms = _site()
    with connection.unlimited():  # type: ignore[attr-defined]
        spent = _fill(0, _AT_ONCE * 5, people, rooms)
        with _without_gin():
            _fill(_AT_ONCE * 5, messages, people, rooms)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                # As autovacuum does.
                cursor.execute("ANALYZE")
        index, table = _bytes()
    filled = time.monotonic() - begun
    # The first person is in all rooms, the second in three small ones and in the lobby.
    searches = {name: _searched(people[who], asked) for name, (who, asked) in _kinds(rooms).items()}
    return {
        "fill_seconds": filled,
        "index_microseconds_a_message": spent / (_AT_ONCE * 5) * 1e6,
        "index_bytes_a_message": index / messages,
        "message_bytes_a_message": table / messages,
        "searches": searches,
    }


_LETTERS = "abcdefghijklmnoprstuvwz"
_chance = random.Random(7)
_VOCABULARY = ["".join(_chance.choice(_LETTERS) for _ in range(_chance.randint(3, 9))) for _ in range(20_000)]
_CUMULATED = list(itertools.accumulate(1 / (place + 5) for place in range(20_000)))
_HAN = [chr(0x4E00 + place) for place in range(2_000)]
_HAN_CUMULATED = list(itertools.accumulate(1 / (place + 20) for place in range(2_000)))


def _kinds(rooms: list[int]) -> dict[str, tuple[int, dict[str, object]]]:
    common, rare, han = "everywhere", _VOCABULARY[15_000], _HAN[3]
    words = {
        "rare word": rare,
        "word in 20 %": common,
        "beginning of it": common[:6],
        "two letters": common[:2],
        "one character in many": han,
        "two characters": _HAN[0] + _HAN[1],
        "phrase": f'"{_VOCABULARY[0]} {_VOCABULARY[1]}"',
        "two common words": f"{_VOCABULARY[0]} {common} ",
        "nothing": "zzzzzzzzzzzz",
        "from": "from:person7",
        "common word, from": f"{common} from:person7",
        "common word, in": f"{common} in:room5",
        "common word, has, before": f"{common} has:link before:2026-06-01",
        "rare word, after": f"{rare} after:2026-06-01",
        "before alone": "before:2026-03-01",
    }
    kinds: dict[str, tuple[int, dict[str, object]]] = {name: (0, {"query": text}) for name, text in words.items()}
    kinds["common word, best first"] = (0, {"query": common, "order": "best"})
    kinds["rare word, best first"] = (0, {"query": rare, "order": "best"})
    kinds["common word, of few rooms"] = (1, {"query": common})
    kinds["rare word, of few rooms"] = (1, {"query": rare})
    kinds["foreign word, of few rooms"] = (1, {"query": "foreign"})
    return kinds


def _site() -> tuple[list[int], list[int]]:
    from django.contrib.auth import get_user_model

    from teahouse.chat import access
    from teahouse.chat.models import Membership, Room

    User = get_user_model()
    User.objects.bulk_create(User(username=f"person{number}", password="!") for number in range(PEOPLE))
    people = list(User.objects.order_by("pk").values_list("pk", flat=True))
    access.lobby()
    rooms = [
        Room.objects.create(kind=Room.Kind.PRIVATE, name=f"room{place}", slug=f"room{place}").pk
        for place in range(ROOMS)
    ]
    Membership.objects.bulk_create(Membership(room_id=room, user_id=people[0]) for room in rooms)
    Membership.objects.bulk_create(Membership(room_id=room, user_id=people[1]) for room in rooms[-3:])
    return people, rooms


@contextlib.contextmanager
def _without_gin() -> Iterator[None]:
    """PostgreSQL makes the index of a million rows in a tenth of the time when they are all there."""
    from django.db import connection

    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'chat_search_words'")
        (definition,) = cursor.fetchone()
        cursor.execute('DROP INDEX "chat_search_words"')
        yield
        cursor.execute(definition)


_numbers: dict[int, int] = {}


def _fill(after: int, last: int, people: list[int], rooms: list[int]) -> float:
    """Messages with the ids after one and up to another. Gives how many seconds the index took of it, on the clock."""
    from django.db import transaction

    from teahouse.chat.log.rows import insert
    from teahouse.chat.models import Message, Room
    from teahouse.chat.search import engines
    from teahouse.chat.search.engines import Document
    from teahouse.chat.text.terms import index_text

    begin, engine = dt.datetime(2026, 1, 1, tzinfo=dt.UTC), engines.current()
    columns = [field.column for field in Message._meta.concrete_fields]
    spent = 0.0
    for start in range(after + 1, last + 1, _AT_ONCE):
        some, documents = [], []
        for pk in range(start, min(start + _AT_ONCE, last + 1)):
            place = min(int(_chance.expovariate(0.15)), ROOMS - 1)
            room, author = rooms[place], people[_chance.randrange(PEOPLE)]
            _numbers[room] = _numbers.get(room, 0) + 1
            body, html = _text(pk, place)
            at = begin + dt.timedelta(seconds=pk * _SECONDS_BETWEEN)
            values = {
                "id": pk,
                "room_id": room,
                "number": _numbers[room],
                "offset": _numbers[room],
                "author_id": author,
            }
            values |= {"client_key": f"key-{pk}", "digest": b"0123456789abcdef", "body": body, "html": html}
            values |= {"everyone": 0, "has_files": False, "created_at": str(at)}
            some.append(tuple(values.get(column) for column in columns))
            marks = f"r{room} u{author}" + " haslink" * bool(html)
            documents.append(Document(pk, room, _numbers[room], marks, body, index_text(body)))
        with transaction.atomic():
            insert("chat_message", columns, some)
            before = time.perf_counter()
            for first in range(0, len(documents), 200):
                engine.write(documents[first : first + 200], [])
            spent += time.perf_counter() - before
    for room, number in _numbers.items():
        Room.objects.filter(pk=room).update(last_number=number)
    return spent


def _text(pk: int, place: int) -> tuple[str, str]:
    words = _chance.choices(_VOCABULARY, cum_weights=_CUMULATED, k=8)
    if pk % 5 == 0:
        words.append("everywhere")
    if pk % 3 == 0:
        words.append("".join(_chance.choices(_HAN, cum_weights=_HAN_CUMULATED, k=12)))
    if place < 10 and pk % 2:
        words.append("foreign")
    body = " ".join(words)
    return body, f'<p>{body} <a href="http://a.example">a</a></p>' if pk % 50 == 0 else ""


def _bytes() -> tuple[int, int]:
    """Of the index, and of the table of messages with its indexes."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_total_relation_size('chat_search'), pg_total_relation_size('chat_message')")
            index, table = cursor.fetchone()
            return index, table
        cursor.execute(
            "SELECT SUM(CASE WHEN name LIKE 'chat_search%%' THEN pgsize ELSE 0 END), "
            "SUM(CASE WHEN name LIKE '%%chat_message%%' OR name LIKE 'message_%%' THEN pgsize ELSE 0 END) FROM dbstat"
        )
        index, table = cursor.fetchone()
        return index, table


def _searched(user: int, asked: dict[str, object]) -> tuple[float, float, float, int]:
    """Milliseconds: median and 95th percentile on the clock, median on this process's processor; and how many hits."""
    from teahouse.chat.commands import search, table

    clock, processor, count = [], [], 0
    for _ in _times():
        before, before_processor = time.perf_counter(), time.process_time()
        answer = table.run(search.COMMANDS, user, "search", json.dumps(asked).encode())
        processor.append((time.process_time() - before_processor) * 1_000)
        clock.append((time.perf_counter() - before) * 1_000)
        count = json.loads(answer)["count"]
    return statistics.median(clock), sorted(clock)[int(len(clock) * 0.95)], statistics.median(processor), count


def _times() -> Iterator[int]:
    """The first one counts: whoever searches first waits for it, too."""
    return iter(range(_SEARCHES))


if __name__ == "__main__":
    main()
