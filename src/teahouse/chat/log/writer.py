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
# While the database does not answer, who has waited for so long is told before it is asked again: that may take as long
# once more.
_AWAY_SECONDS = 3.5
_MOST_AT_ONCE = 256
_MOST_WAITING = 10_000
# A batch waits for a lock at most so long, and for one that was held before hardly at all: others wait behind it.
_LOCK_MILLISECONDS = 1_000
_ASIDE_LOCK_MILLISECONDS = 100
_RETRY_SECONDS = 0.5
_STALE_SECONDS = 1.0

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
    __slots__ = ("entry", "is_told", "is_waiting", "put_at", "then")

    def __init__(self, entry: Entry[Any], then: Then, *, is_waiting: bool) -> None:
        self.entry = entry
        self.then = then
        # A thread waits for it: the loop need not be asked to wake it.
        self.is_waiting = is_waiting
        self.put_at = time.monotonic()
        self.is_told = False


class Writer:
    """A thread with a database connection of its own. `stop` has it finish what it has."""

    def __init__(self) -> None:
        self._items: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        # What the database did not take for now, because somebody else holds its channels.
        self._set_aside: list[_Item] = []
        self._try_aside_at = 0.0
        # Whether the database did not answer the last time.
        self._is_away = False
        self._lock = threading.Lock()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="teahouse-log", daemon=True)
        self._thread.start()

    def append(self, entry: Entry[Any], then: Then, *, is_waiting: bool = False) -> None:
        item = _Item(entry, then, is_waiting=is_waiting)
        with self._lock:
            is_taken = not self._is_stopping and self._items.qsize() < _MOST_WAITING
            if is_taken:
                self._items.put(item)
        if not is_taken:
            _tell([(item, None)], [])

    def stop(self, seconds: float) -> None:
        """Store what has come so far, at most for so long."""
        with self._lock:
            self._is_stopping = True
            self._items.put(None)
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            while (items := self._next_items()) is not None:
                aside = self._due_aside()
                try:
                    close_old_connections()
                    # Before the others, which go behind what is still held, and apart from them.
                    self._store_in_parts([item for item in aside if not self._is_too_old(item)])
                    self._store_or_tell(items)
                except Exception:
                    # This thread must not end: nobody else stores anything.
                    logger.exception("The log could not go on with %d entries.", len(aside) + len(items))
                    _tell_unknown([*aside, *items])
        finally:
            connection.close()

    def _next_items(self) -> list[_Item] | None:
        """What has come, nothing when it is time for what was set aside; None at the end."""
        items: list[_Item] = []
        while len(items) < _MOST_AT_ONCE:
            try:
                item = self._items.get(block=not items, timeout=self._rest_seconds())
            except queue.Empty:
                break
            if item is None:
                if not items and not self._set_aside:
                    return None
                self._items.put(None)
                if not items:
                    # The end, but for what somebody else still holds.
                    time.sleep(_ASIDE_LOCK_MILLISECONDS / 1_000)
                break
            items.append(item)
        return items

    def _due_aside(self) -> list[_Item]:
        """What was set aside and may be tried again."""
        if time.monotonic() < self._try_aside_at:
            return []
        aside, self._set_aside = self._set_aside, []
        return aside

    def _rest_seconds(self) -> float | None:
        return max(0.0, self._try_aside_at - time.monotonic()) if self._set_aside else None

    def _is_too_old(self, item: _Item) -> bool:
        """Whether nobody waits for it any more; then it is told so."""
        if time.monotonic() - item.put_at < (_AWAY_SECONDS if self._is_away else _WAIT_SECONDS - 1):
            return False
        _tell_unknown([item])
        return True

    def _store_or_tell(self, items: Sequence[_Item]) -> None:
        items = [item for item in items if not self._is_too_old(item)]
        busy = {name for item in self._set_aside for name in item.entry.channels}
        if busy:
            # In their order: what belongs to a channel that is held goes behind what was set aside.
            self._set_aside += [item for item in items if not busy.isdisjoint(item.entry.channels)]
            items = [item for item in items if busy.isdisjoint(item.entry.channels)]
        if not items:
            return
        began = time.monotonic()
        storing = _store(items)
        if storing is _Storing.AWAY and not self._is_away and time.monotonic() - began < _STALE_SECONDS:
            # A connection that had gone stale, which is noticed at once, is another one now.
            close_old_connections()
            storing = _store(items)
        self._is_away = storing is _Storing.AWAY
        if storing in (_Storing.AWAY, _Storing.IN_DOUBT):
            _tell_unknown(items)
        elif storing is not _Storing.DONE:
            self._store_in_parts(items)

    def _store_in_parts(self, items: Sequence[_Item]) -> None:
        """Those apart that have no channel in common; then one by one, so that one at fault takes nobody with it."""
        for part in _unconnected(items):
            if self._is_away:
                # The others would wait as long for the same.
                _tell_unknown(part)
                continue
            storing = _store(part, lock_milliseconds=_ASIDE_LOCK_MILLISECONDS)
            self._is_away = storing is _Storing.AWAY
            if storing is _Storing.HELD:
                self._put_aside(part)
            elif storing is _Storing.FAILED:
                for item in part:
                    if len(part) == 1 or _store([item]) is not _Storing.DONE:
                        _tell_unknown([item])
            elif storing is not _Storing.DONE:
                _tell_unknown(part)

    def _put_aside(self, items: Sequence[_Item]) -> None:
        self._set_aside += items
        self._try_aside_at = time.monotonic() + _RETRY_SECONDS


def _unconnected(items: Sequence[_Item]) -> list[list[_Item]]:
    """In parts without a channel in common, each in its order."""
    parts: list[tuple[set[str], list[int]]] = []
    for place, item in enumerate(items):
        names, places = set(item.entry.channels), [place]
        for part in [part for part in parts if not part[0].isdisjoint(names)]:
            parts.remove(part)
            names |= part[0]
            places += part[1]
        parts.append((names, places))
    return [[items[place] for place in sorted(places)] for _, places in sorted(parts, key=lambda part: min(part[1]))]


class _Storing(enum.Enum):
    DONE = enum.auto()
    # Somebody else holds a lock that these need: a deadlock, or a lock that was waited for too long.
    HELD = enum.auto()
    # The database does not answer. Nothing is stored.
    AWAY = enum.auto()
    # It went away during the commit: nobody knows.
    IN_DOUBT = enum.auto()
    # One of them is at fault, and would be again.
    FAILED = enum.auto()


def _store(items: Sequence[_Item], lock_milliseconds: int = 0) -> _Storing:
    """When it is done, all are answered; otherwise nobody is. A lock is waited for as long as usual, or so long."""
    stored: batches.Stored | None = None
    try:
        with transaction.atomic(durable=True):
            batches.wait_for_locks_at_most(lock_milliseconds or _LOCK_MILLISECONDS)
            stored = batches.store([item.entry for item in items])
    except (OperationalError, InterfaceError) as error:
        logger.warning("A batch of %d entries was not stored: %s", len(items), error)
        if batches.is_held(error):
            # Rolled back for certain, also where the commit found it out.
            return _Storing.HELD
        return _Storing.AWAY if stored is None else _Storing.IN_DOUBT
    except Exception:
        logger.exception("A batch of %d entries could not be stored.", len(items))
        return _Storing.FAILED
    for act in stored.batch.afterwards:
        _do(act)
    _tell(list(zip(items, stored.outcomes, strict=True)), stored.batch.publications)
    _tell_followers(stored.batch.publications)
    return _Storing.DONE


def _tell_unknown(items: Sequence[_Item]) -> None:
    _tell([(item, None) for item in items], [])


def _do(act: Callable[[], object]) -> None:
    """What comes after the commit is nobody's fault."""
    try:
        act()
    except Exception:
        logger.exception("What follows a batch of the log failed.")


def _tell_followers(publications: Sequence[Publication]) -> None:
    if publications and _followers:
        names = {publication.channel for publication in publications}
        for act in _followers:
            _do(functools.partial(act, names))


def _tell(outcomes: Sequence[tuple[_Item, Outcome | None]], publications: Sequence[Publication]) -> None:
    """Those who wait in threads at once; the loop in one call, with what is published."""
    on_loop: list[Callable[[], None]] = []
    for item, outcome in outcomes:
        if item.is_told:
            continue
        item.is_told = True
        if item.is_waiting:
            _do(functools.partial(item.then, outcome))
        else:
            on_loop.append(functools.partial(item.then, outcome))
    _do(functools.partial(announce_all, publications, on_loop))


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
