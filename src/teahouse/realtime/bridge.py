"""
From Django code to this process's engine: from any thread and any loop, at once or after the commit, and in a process
that has no engine, past it. `api.py` uses it; what is done on either way is in `errands.py`.
"""

import asyncio
import concurrent.futures
from collections.abc import Callable, Coroutine
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import close_old_connections, transaction

from teahouse.realtime.broker.base import BrokerAway
from teahouse.realtime.engine import Engine, running_engine

_WAIT_SECONDS = 5.0

T = TypeVar("T")


class Errand(NamedTuple, Generic[T]):
    """`here` is done on the engine's loop, `there` in a process that has no engine; it waits, so never on a loop."""

    here: Callable[[Engine], Coroutine[Any, Any, T]]
    there: Callable[[], T]


def now_or_later(errand: Errand[T], *, on_commit: bool) -> T | None:
    """As `run`; with `on_commit` and inside a transaction of the default database, once it has committed, and None."""
    if on_commit and transaction.get_connection().in_atomic_block:
        transaction.on_commit(lambda: _ignore(run(errand)))
        return None
    return run(errand)


def run(errand: Errand[T]) -> T:
    """
    Raises BrokerAway after five seconds, when it may happen all the same; RuntimeError in a thread with a loop, which
    would stand still.
    """
    engine = running_engine()
    if engine is None:
        return errand.there()
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _answer_of(asyncio.run_coroutine_threadsafe(errand.here(engine), engine.loop))
    raise RuntimeError("This waits, and there is an event loop in this thread: use the twin with an `a` in front.")


async def arun(errand: Errand[T]) -> T:
    engine = running_engine()
    if engine is None:
        return await asyncio.to_thread(_leaving_no_connection, errand.there)
    if asyncio.get_running_loop() is engine.loop:
        return await errand.here(engine)
    # As in an async view under a WSGI server, or `async_to_sync` in a thread.
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(errand.here(engine), engine.loop))


def _answer_of(future: concurrent.futures.Future[T]) -> T:
    try:
        return future.result(_WAIT_SECONDS)
    except concurrent.futures.TimeoutError:
        raise BrokerAway(f"no answer within {_WAIT_SECONDS:g} s; it may happen all the same") from None


def _leaving_no_connection(act: Callable[[], T]) -> T:
    """A thread of the loop's own lives on, and nobody else closes its connection to the database."""
    close_old_connections()
    try:
        return act()
    finally:
        close_old_connections()


def _ignore(_: object) -> None:
    """What comes after a commit has nobody to return anything to."""
