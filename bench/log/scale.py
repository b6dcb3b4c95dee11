"""
`python -m bench.log.scale '{"user": 1, "rooms": [1, 2], "calls": 50}'`: how long reads take in the database of the
environment, in a process of its own. What is asked is what clients ask, by the same commands, without the way there.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from typing import Any

import django

_SEARCHES = {
    "a rare word": "needle",
    "a common word": "tea",
    "two words": "kettle morning",
    "two Chinese characters": "开会",
    "one Chinese character": "茶",
    "a prefix": "relea",
}


def main() -> None:
    django.setup()
    asked: dict[str, Any] = json.loads(sys.argv[1])
    if asked.get("is_index_wanted"):
        from teahouse.chat.search import indexer

        began = time.perf_counter()
        done = indexer.catch_up()
        took = round(time.perf_counter() - began, 1)
        _settle()
        print(json.dumps({"indexed": done, "seconds": took}))
        return
    print(json.dumps(_measured(asked["user"], asked["rooms"], asked["calls"])))


def _settle() -> None:
    """What PostgreSQL does by itself in the minutes after so much was written, and would do while we measure."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.unlimited(), connection.cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute("VACUUM (ANALYZE)")
            cursor.execute("CHECKPOINT")


def _measured(user: int, rooms: list[int], calls: int) -> dict[str, Any]:
    from django.db import connection

    from bench.report import milliseconds
    from teahouse.chat.commands import table
    from teahouse.chat.commands.native import COMMANDS
    from teahouse.chat.models import Room
    from teahouse.chat.selectors import counts

    source = random.Random(7)
    last = dict(Room.objects.filter(pk__in=rooms).values_list("pk", "last_number"))

    def run(method: str, **asked: object) -> bytes:
        return table.run(COMMANDS, user, method, json.dumps(asked).encode())

    def newest() -> None:
        run("room.messages", room=source.choice(rooms), limit=50)

    def middle() -> None:
        room = source.choice(rooms)
        run("room.messages", room=room, before=source.randrange(60, last[room]), limit=50)

    reads: dict[str, Callable[[], object]] = {
        "history, newest page": newest,
        "history, a page in the middle": middle,
        "unread counts": lambda: counts.mentions_of(user),
        "sync": lambda: run("sync"),
    }
    for name, text in _SEARCHES.items():
        for order in ("newest", "best"):
            reads[f"search, {name}, {order}"] = lambda text=text, order=order: run("search", query=text, order=order)  # type: ignore[misc]
    figures: dict[str, Any] = {}
    for name, act in reads.items():
        took = []
        for _ in range(3):
            act()
        for _ in range(calls):
            began = time.perf_counter()
            act()
            took.append(time.perf_counter() - began)
        figures[name] = milliseconds(took) | {"p95": round(sorted(took)[int(len(took) * 0.95)] * 1000, 3)}
    connection.close()
    return figures


if __name__ == "__main__":
    main()
