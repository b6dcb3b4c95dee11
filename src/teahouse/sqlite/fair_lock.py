"""
Who may write next in this process: first come, first served. SQLite itself has no queue; who finds the file locked
sleeps and asks again, and a writer that begins anew right after each commit leaves the others no moment to ask in.

Knows nothing of SQLite: an owner is whoever can `abandon` what it does.
"""

import collections
import contextlib
import os
import threading
import time
import weakref
from typing import Protocol

# How often somebody who waits looks whether the one before is still there.
_LOOK_SECONDS = 0.25


class Owner(Protocol):
    def abandon(self) -> None:
        """Called in another thread, after the owner's thread has ended: give up what is begun, and release the lock."""


class Ticket:
    """With what one owner takes the lock, again and again. Does not keep its owner alive."""

    __slots__ = ("__weakref__", "owner", "thread")

    def __init__(self, owner: Owner) -> None:
        self.owner = weakref.ref(owner)
        self.thread: threading.Thread | None = None


class _Place:
    __slots__ = ("bell", "is_granted", "ticket")

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket
        self.is_granted = False
        self.bell = threading.Lock()
        self.bell.acquire()


class FairLock:
    """
    Held by a ticket, not by a thread; taking it twice is taking it once. It comes back also from an owner that was
    collected or whose thread has ended, as soon as somebody waits for it.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Nobody holds it and nobody waits: for a child after `fork`, whose other threads are not there."""
        self._mutex = threading.Lock()
        self._holder: Ticket | None = None
        self._waiting: collections.deque[_Place] = collections.deque()

    def acquire(self, ticket: Ticket, timeout_seconds: float) -> float:
        """
        The seconds waited.

        Raises:
            TimeoutError: it did not come within `timeout_seconds`; nothing is held, and the place is given up.
        """
        with self._mutex:
            if self._holder is ticket:
                return 0.0
            if self._holder is None:
                self._give_to(ticket)
                return 0.0
            place = _Place(ticket)
            self._waiting.append(place)
        return self._wait(place, timeout_seconds)

    def release(self, ticket: Ticket) -> None:
        """Pass it to whoever has waited longest. Does nothing for a ticket that does not hold it."""
        with self._mutex:
            if self._holder is ticket:
                self._pass_on()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def _give_to(self, ticket: Ticket) -> None:
        self._holder = ticket
        ticket.thread = threading.current_thread()

    def _wait(self, place: _Place, timeout_seconds: float) -> float:
        began_at = time.monotonic()
        ends_at = began_at + timeout_seconds
        try:
            self._look_after_holder()
            while not place.bell.acquire(timeout=max(0.0, min(_LOOK_SECONDS, ends_at - time.monotonic()))):
                if time.monotonic() >= ends_at:
                    raise TimeoutError
                self._look_after_holder()
        except BaseException:
            with self._mutex:
                if place.is_granted:
                    self._pass_on()
                else:
                    self._waiting.remove(place)
            raise
        # Until now it was whoever passed it on.
        place.ticket.thread = threading.current_thread()
        return time.monotonic() - began_at

    def _pass_on(self) -> None:
        if not self._waiting:
            self._holder = None
            return
        place = self._waiting.popleft()
        self._give_to(place.ticket)
        place.is_granted = True
        place.bell.release()

    def _look_after_holder(self) -> None:
        with self._mutex:
            holder = self._holder
        if holder is None:
            return
        owner = holder.owner()
        if owner is None:
            self.release(holder)
        elif holder.thread is not None and not holder.thread.is_alive():
            owner.abandon()


_locks: weakref.WeakValueDictionary[str, FairLock] = weakref.WeakValueDictionary()
_locks_mutex = threading.Lock()


def lock_of(name: str) -> FairLock:
    """One lock for each name in a process, for as long as somebody keeps it."""
    with _locks_mutex:
        lock = _locks.get(name)
        if lock is None:
            lock = _locks[name] = FairLock()
        return lock


def _forget_all() -> None:
    global _locks_mutex
    _locks_mutex = threading.Lock()
    for lock in list(_locks.values()):
        lock.forget()


with contextlib.suppress(AttributeError):  # Windows has no fork.
    os.register_at_fork(after_in_child=_forget_all)
