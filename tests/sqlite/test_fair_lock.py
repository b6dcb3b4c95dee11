"""First come, first served; and it never stays with somebody who is gone."""

import gc
import os
import threading

import pytest

from teahouse.sqlite.fair_lock import FairLock, Ticket, lock_of
from tests.services import wait_until


class Writer:
    def __init__(self, lock: FairLock) -> None:
        self.ticket = Ticket(self)
        self._lock = lock
        self.is_abandoned = False

    def abandon(self) -> None:
        self.is_abandoned = True
        self._lock.release(self.ticket)


@pytest.fixture
def lock() -> FairLock:
    return FairLock()


def queue(lock: FairLock, served: list[str], name: str, *, seconds: float = 20) -> threading.Thread:
    """A thread that waits for its turn; it is in the queue when this returns."""
    waiting = lock.waiting

    def wait() -> None:
        writer = Writer(lock)
        try:
            lock.acquire(writer.ticket, seconds)
        except TimeoutError:
            served.append(f"{name} gave up")
            return
        served.append(name)
        lock.release(writer.ticket)

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    wait_until(lambda: lock.waiting == waiting + 1)
    return thread


def test_who_came_first_is_served_first(lock: FairLock) -> None:
    holder, served = Writer(lock), list[str]()
    lock.acquire(holder.ticket, 1)
    threads = [queue(lock, served, name) for name in "abcdefgh"]

    lock.release(holder.ticket)
    # Comes again at once, as a busy writer does, and is the last one.
    assert lock.acquire(holder.ticket, 20) >= 0

    assert list("abcdefgh") == served
    for thread in threads:
        thread.join(10)


def test_taking_it_twice_is_taking_it_once(lock: FairLock) -> None:
    first, second = Writer(lock), Writer(lock)
    lock.acquire(first.ticket, 1)
    lock.acquire(first.ticket, 1)
    lock.release(first.ticket)

    assert 0.0 == lock.acquire(second.ticket, 0)


def test_who_does_not_hold_it_cannot_release_it(lock: FairLock) -> None:
    first, second = Writer(lock), Writer(lock)
    lock.acquire(first.ticket, 1)
    lock.release(second.ticket)

    with pytest.raises(TimeoutError):
        lock.acquire(second.ticket, 0.01)


def test_who_gives_up_loses_only_their_own_place(lock: FairLock) -> None:
    holder, served = Writer(lock), list[str]()
    lock.acquire(holder.ticket, 1)
    queue(lock, served, "a", seconds=0.05).join(10)
    assert 0 == lock.waiting
    last = queue(lock, served, "b")

    lock.release(holder.ticket)
    last.join(10)

    assert ["a gave up", "b"] == served


def test_it_comes_back_from_an_owner_that_was_collected(lock: FairLock) -> None:
    gone, next_one = Writer(lock), Writer(lock)
    lock.acquire(gone.ticket, 1)
    del gone
    gc.collect()

    lock.acquire(next_one.ticket, 5)


def test_who_holds_it_in_a_thread_that_has_ended_is_told_to_abandon(lock: FairLock) -> None:
    gone, next_one = Writer(lock), Writer(lock)
    thread = threading.Thread(target=lock.acquire, args=[gone.ticket, 1])
    thread.start()
    thread.join()

    lock.acquire(next_one.ticket, 5)

    assert gone.is_abandoned


def test_it_is_not_taken_from_a_thread_that_lives(lock: FairLock) -> None:
    holder, other = Writer(lock), Writer(lock)
    lock.acquire(holder.ticket, 1)

    with pytest.raises(TimeoutError):
        lock.acquire(other.ticket, 0.6)
    assert not holder.is_abandoned


def test_one_file_has_one_lock_and_two_files_have_two() -> None:
    first = lock_of("/tea/one")

    assert first is lock_of("/tea/one")
    assert first is not lock_of("/tea/two")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_has_a_lock_that_nobody_holds() -> None:
    lock = lock_of("/tea/forked")
    holder, child_writer = Writer(lock), Writer(lock)
    lock.acquire(holder.ticket, 1)
    pid = os.fork()
    if pid == 0:
        try:
            lock.acquire(child_writer.ticket, 0.5)
        except BaseException:
            os._exit(1)
        os._exit(0)

    assert 0 == os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with pytest.raises(TimeoutError):
        lock.acquire(child_writer.ticket, 0.01)
