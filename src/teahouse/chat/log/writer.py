"""
The one way into the log. Entries that arrive while the last commit is on its way go with the next one: batches form by
themselves, and cost a lone sender nothing.
"""

import concurrent.futures
import enum
import functools
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar, cast

from django.db import InterfaceError, OperationalError, close_old_connections, connection, transaction

from teahouse.chat import errors
from teahouse.chat.log import batches
from teahouse.chat.log.entries import Entry, Outcome
from teahouse.realtime.api import Publication, announce_all

logger = logging.getLogger(__name__)

A = TypeVar("A")

_WAIT_SECONDS = 8.0
_MOST_AT_ONCE = 256
_MOST_WAITING = 10_000
# What came through no fault of the entries is tried again, as long as somebody may wait for it.
_RETRY_SECONDS = 0.25

Then = Callable[[Outcome | None], None]


def append(entry: Entry[Any], then: Then) -> None:
    """
    Hand an entry over; it is stored soon. From any thread; it never waits and never raises.

    `then` is called once, with the outcome, or with None when it is not known whether it is stored: the same entry
    again, with the same client key, is answered as if it were the first. It is called on the engine's loop, or where
    there is none in the writer's thread, and must not wait.
    """
    _writer().append(entry, then)


def write(entry: Entry[A]) -> A:
    """
    Store an entry and wait for it, at most 8 s; within a transaction, as a part of it.

    Raises:
        errors.ChatError: refused for good.
        errors.TryAgain: it is not known whether it is stored.
    """
    if connection.in_atomic_block:
        stored = batches.store([entry])
        _tell_after_commit(stored.batch.publications, stored.batch.afterwards)
        return _answer_in(entry, stored.outcomes[0])
    future: concurrent.futures.Future[Outcome | None] = concurrent.futures.Future()
    _writer().append(entry, future.set_result, is_waiting=True)
    try:
        return _answer_in(entry, future.result(timeout=_WAIT_SECONDS))
    except concurrent.futures.TimeoutError:
        raise errors.TryAgain from None


def _answer_in(entry: Entry[A], outcome: Outcome | None) -> A:
    if outcome is None:
        raise errors.TryAgain
    if outcome.refusal is not None:
        raise outcome.refusal
    return cast(A, outcome.answer)


def _tell_after_commit(publications: Sequence[Publication], afterwards: Sequence[Callable[[], None]]) -> None:
    transaction.on_commit(functools.partial(announce_all, list(publications)))
    transaction.on_commit(functools.partial(_tell_followers, list(publications)))
    for act in afterwards:
        transaction.on_commit(act)


def follow(act: Callable[[Collection[str]], None]) -> None:
    """Have `act` called with the names of channels in which this process has published: quick, never raising."""
    _followers.append(act)


_followers: list[Callable[[Collection[str]], None]] = []


class _Item:
    __slots__ = ("entry", "give_up", "is_waiting", "then")

    def __init__(self, entry: Entry[Any], then: Then, *, is_waiting: bool) -> None:
        self.entry = entry
        self.then = then
        # A thread waits for it: the loop need not be asked to wake it.
        self.is_waiting = is_waiting
        self.give_up = time.monotonic() + _WAIT_SECONDS


class Writer:
    """A thread with a database connection of its own. `stop` has it finish what it has."""

    def __init__(self) -> None:
        self._items: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="teahouse-log", daemon=True)
        self._thread.start()

    def append(self, entry: Entry[Any], then: Then, *, is_waiting: bool = False) -> None:
        item = _Item(entry, then, is_waiting=is_waiting)
        if self._is_stopping or self._items.qsize() >= _MOST_WAITING:
            _tell([(item, None)], [])
        else:
            self._items.put(item)

    def stop(self, seconds: float) -> None:
        """Store what has come so far, at most for so long."""
        self._is_stopping = True
        self._items.put(None)
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            while (items := self._next_items()) is not None:
                close_old_connections()
                _store_in_parts(items)
        finally:
            connection.close()

    def _next_items(self) -> list[_Item] | None:
        """At least one, and what else has come; None at the end."""
        items: list[_Item] = []
        while len(items) < _MOST_AT_ONCE:
            try:
                item = self._items.get(block=not items)
            except queue.Empty:
                break
            if item is None:
                if items:
                    self._items.put(None)
                    break
                return None
            items.append(item)
        return items


class _Storing(enum.Enum):
    DONE = enum.auto()
    # The database did not take these together: a deadlock, a lock that was waited for too long, or no connection.
    AGAIN = enum.auto()
    # One of them is at fault, and would be again.
    FAILED = enum.auto()


def _store_in_parts(items: Sequence[_Item]) -> None:
    """All at once; if the database does not take that, channel by channel; then one by one."""
    if _store(items) is _Storing.DONE:
        return
    by_channels: dict[tuple[str, ...], list[_Item]] = {}
    for item in items:
        by_channels.setdefault(tuple(item.entry.channels), []).append(item)
    for part in by_channels.values():
        if 1 < len(part) < len(items) and _store(part) is _Storing.DONE:
            continue
        for item in part:
            _store_alone(item)


def _store_alone(item: _Item) -> None:
    """Again and again while somebody may still wait for it."""
    while (storing := _store([item])) is _Storing.AGAIN and time.monotonic() + _RETRY_SECONDS < item.give_up:
        time.sleep(_RETRY_SECONDS)
        close_old_connections()
    if storing is not _Storing.DONE:
        _tell([(item, None)], [])


def _store(items: Sequence[_Item]) -> _Storing:
    """When it is done, all are answered; otherwise nobody is, and nothing is stored."""
    try:
        with transaction.atomic(durable=True):
            stored = batches.store([item.entry for item in items])
    except (OperationalError, InterfaceError) as error:
        logger.warning("A batch of %d entries was not stored: %s", len(items), error)
        return _Storing.AGAIN
    except Exception:
        logger.exception("A batch of %d entries could not be stored.", len(items))
        return _Storing.FAILED
    for act in stored.batch.afterwards:
        act()
    _tell(list(zip(items, stored.outcomes, strict=True)), stored.batch.publications)
    _tell_followers(stored.batch.publications)
    return _Storing.DONE


def _tell_followers(publications: Sequence[Publication]) -> None:
    if publications and _followers:
        names = {publication.channel for publication in publications}
        for act in _followers:
            act(names)


def _tell(outcomes: Sequence[tuple[_Item, Outcome | None]], publications: Sequence[Publication]) -> None:
    """Those who wait in threads at once; the loop in one call, with what is published."""
    on_loop: list[Callable[[], None]] = []
    for item, outcome in outcomes:
        if item.is_waiting:
            item.then(outcome)
        else:
            on_loop.append(functools.partial(item.then, outcome))
    announce_all(publications, on_loop)


_lock = threading.Lock()
_current: Writer | None = None


def _writer() -> Writer:
    """This process's."""
    global _current
    # Asking for the process id each time would be a system call for each message.
    if (writer := _current) is not None:
        return writer
    with _lock:
        if _current is None:
            _current = Writer()
        return _current


def finish(seconds: float) -> None:
    """Store what has come so far, at most for so long; nobody follows any more. Another writer may begin."""
    global _current
    writer, _current = _current, None
    if writer is not None:
        writer.stop(seconds)
    _followers.clear()


def _forget_parents() -> None:
    """A child of a fork has no thread of its parent's, and gets one of its own."""
    global _current, _lock
    _current, _lock = None, threading.Lock()


os.register_at_fork(after_in_child=_forget_parents)
