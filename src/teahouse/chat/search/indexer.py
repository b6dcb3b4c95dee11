"""
Follows the log: what was published in a room since the room's `SearchPosition` is indexed, and the position moved, in
one transaction. Whoever finds a position moved meanwhile leaves that room alone, so any number of processes may do it.

In a process that serves it is a thread, which `note` begins; `catch_up` and `rebuild` work where they are called.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from django.db import Error, close_old_connections, connection, transaction

from teahouse.chat.log import rows
from teahouse.chat.models import SearchPosition
from teahouse.chat.search import engines
from teahouse.chat.search.documents import documents_of

logger = logging.getLogger(__name__)

# Publications in one transaction: a sender waits for it no longer than for a batch of the log.
_MOST_AT_ONCE = 200
# What is published meanwhile is indexed together.
_PAUSE_SECONDS = 0.25
# Between two comparisons of all rooms, which find what this process was not told of.
_COMPARE_SECONDS = 10.0
# Between two transactions: as a multiple of the time that the last one has had of a core, and within these bounds.
# Senders have the interpreter and the database for themselves meanwhile.
_REST_TIMES = 4
_LEAST_REST_SECONDS = 0.01
_MOST_REST_SECONDS = 0.1
_RETRY_SECONDS = 1.0


class _Step(NamedTuple):
    """In the channel of a room, the publications after one offset and up to another."""

    channel_id: int
    after: int
    last: int


class _Publication(NamedTuple):
    channel_id: int
    message_id: int
    is_deletion: bool


def catch_up(names: Collection[str] | None = None, told: Callable[[int], None] | None = None) -> int:
    """
    Index all that was committed before in these channels, or in all; gives how many publications that were. In as many
    transactions as it takes; `told` is called after each, with how many so far. What another process is at, it leaves.
    """
    done = 0
    for steps in _transactions(_behind(names)):
        done += _index(steps)
        if told is not None:
            told(done)
    return done


def rebuild(told: Callable[[int], None] | None = None) -> int:
    """
    Empty the index and make it anew, while others use it: they find less until it is done. Gives how many publications
    were gone through. What ends it early loses nothing: whoever catches up next goes on.
    """
    with connection.unlimited(), transaction.atomic():  # type: ignore[attr-defined]
        engines.current().clear()
        SearchPosition.objects.all().delete()

    def rested(done: int) -> None:
        # Nobody's turn comes while another process takes the next one at once.
        time.sleep(0.02)
        if told is not None:
            told(done)

    return catch_up(told=rested)


def forget(message_ids: Collection[int]) -> None:
    """Take messages out at once, in the caller's transaction. Without it they leave with their publication."""
    if message_ids:
        with transaction.atomic():
            engines.current().write([], list(message_ids))


def _behind(names: Collection[str] | None) -> list[_Step]:
    """What is not indexed yet."""
    sql = (
        'SELECT "c"."id", COALESCE("p"."offset", 0), "c"."last_offset" FROM "chat_channel" AS "c" '
        'LEFT JOIN "chat_searchposition" AS "p" ON "p"."channel_id" = "c"."id" '
        'WHERE "c"."last_offset" > COALESCE("p"."offset", 0) AND "c"."name" '
    )
    if names is not None:
        return [_Step(*row) for row in rows.select(sql + "IN {keys}", names)]
    with connection.cursor() as cursor:
        cursor.execute(sql + "LIKE 'room:%%'", [])
        return [_Step(*row) for row in cursor.fetchall()]


def _transactions(behind: Iterable[_Step]) -> Iterator[list[_Step]]:
    """The same in parts, each for one transaction."""
    steps: list[_Step] = []
    left = _MOST_AT_ONCE
    for channel, start, head in sorted(behind):
        after = start
        while after < head:
            last = min(head, after + left)
            steps.append(_Step(channel, after, last))
            left -= last - after
            after = last
            if left == 0:
                yield steps
                steps, left = [], _MOST_AT_ONCE
    if steps:
        yield steps


def _index(steps: Sequence[_Step]) -> int:
    """In one transaction; gives how many publications. 0 when others were at all of these."""
    publications = _publications(steps)
    # Read after the publications that name them: what else happens to them has a publication yet to come.
    documents = documents_of({message for _, message in publications})
    alive = {document.message_id for document in documents}
    channels = {message: channel for channel, message in publications}
    with transaction.atomic():
        claimed = _claimed({step.channel_id: step.after for step in steps})
        if not claimed:
            return 0
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                # What a crash takes, it takes together with the position.
                cursor.execute("SET LOCAL synchronous_commit = off")
        engines.current().write(
            [document for document in documents if channels[document.message_id] in claimed],
            sorted(pk for pk, channel in channels.items() if channel in claimed and pk not in alive),
        )
        taken = [step for step in steps if step.channel_id in claimed]
        rows.update(SearchPosition, ("channel_id",), ("offset",), [(step.channel_id, step.last) for step in taken])
    return sum(step.last - step.after for step in taken)


def _publications(steps: Sequence[_Step]) -> list[tuple[int, int]]:
    """Of those that say something of a text: channel and message."""
    return rows.select(
        'WITH "wanted" ("channel", "after", "last") AS {keys} '
        'SELECT "p"."channel_id", "p"."message_id" FROM "wanted" CROSS JOIN "chat_publicationrecord" AS "p" '
        'WHERE "p"."channel_id" = "wanted"."channel" AND "p"."offset" > "wanted"."after" '
        'AND "p"."offset" <= "wanted"."last" AND "p"."message_id" IS NOT NULL '
        "AND \"p\".\"kind\" IN ('message.posted', 'message.edited', 'message.deleted')",
        [tuple(step) for step in steps],
    )


def _claimed(offsets: dict[int, int]) -> set[int]:
    """Those of the channels that are still at these offsets, and whose positions nobody else may move now."""
    SearchPosition.objects.bulk_create(
        (SearchPosition(channel_id=channel) for channel in sorted(offsets) if offsets[channel] == 0),
        ignore_conflicts=True,
    )
    for_update = "FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    found = rows.select(
        f'SELECT "channel_id", "offset" FROM "chat_searchposition" WHERE "channel_id" IN {{keys}} {for_update}',  # noqa: S608
        sorted(offsets),
    )
    return {channel for channel, offset in found if offset == offsets[channel]}


class Indexer:
    """A thread with a database connection of its own. What it does not come to, the next one does."""

    def __init__(self) -> None:
        self._noted: set[str] = set()
        self._lock = threading.Lock()
        self._is_noted = threading.Event()
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="teahouse-search", daemon=True)
        self._thread.start()

    def note(self, names: Iterable[str]) -> None:
        with self._lock:
            self._noted.update(names)
        self._is_noted.set()

    def stop(self, seconds: float) -> None:
        """Leave off after the transaction that is under way."""
        self._is_stopping.set()
        self._is_noted.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            compare_at = time.monotonic()
            while not self._is_stopping.is_set():
                names = self._take_noted()
                is_comparing = time.monotonic() >= compare_at
                if is_comparing:
                    compare_at = time.monotonic() + _COMPARE_SECONDS
                if (is_comparing or names) and not self._catch_up(None if is_comparing else names):
                    compare_at = time.monotonic() + _RETRY_SECONDS
                self._is_stopping.wait(_PAUSE_SECONDS)
                self._is_noted.wait(max(0.0, compare_at - time.monotonic()))
        finally:
            connection.close()

    def _take_noted(self) -> set[str]:
        self._is_noted.clear()
        with self._lock:
            names, self._noted = self._noted, set()
        return names

    def _catch_up(self, names: set[str] | None) -> bool:
        """Whether the database took it."""
        try:
            close_old_connections()
            _need_not_wait_for_the_disk()
            for steps in _transactions(_behind(names)):
                began = time.thread_time()
                _index(steps)
                rest = _REST_TIMES * (time.thread_time() - began)
                if self._is_stopping.wait(min(_MOST_REST_SECONDS, max(_LEAST_REST_SECONDS, rest))):
                    break
        except Error as error:
            logger.warning("The search index could not follow: %s", error)
            return False
        except Exception:
            logger.exception("The search index could not follow.")
            return False
        finally:
            if connection.vendor == "postgresql":
                # Back into the pool, which is small.
                connection.close()
        return True


def _need_not_wait_for_the_disk() -> None:
    """A lost index transaction takes its positions with it; the log's next commit has the disk wait for both."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=NORMAL")


_lock = threading.Lock()
_current: Indexer | None = None


def note(channel_names: Iterable[str]) -> None:
    """
    Something was published in these channels, and is committed. From any thread; never waits for the database, never
    raises. The first call in a process begins its thread, which compares all rooms first.
    """
    rooms = [name for name in channel_names if name.startswith("room:")]
    indexer = _current
    if rooms or indexer is None:
        (indexer or start()).note(rooms)


def start() -> Indexer:
    """Begin the thread of this process if there is none, so that it takes up what was left."""
    global _current
    with _lock:
        if _current is None:
            _current = Indexer()
        return _current


def finish(seconds: float) -> None:
    """End the thread of this process, at most so late; afterwards another may begin."""
    global _current
    indexer, _current = _current, None
    if indexer is not None:
        indexer.stop(seconds)


def _forget_parents() -> None:
    """A child of a fork has no thread of its parent's, and gets one of its own."""
    global _current, _lock
    _current, _lock = None, threading.Lock()


os.register_at_fork(after_in_child=_forget_parents)
