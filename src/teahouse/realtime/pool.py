"""
The threads in which the engine calls the application: bounded, and not asgiref's one thread for everything.

Each call leaves its database connection usable for the next one, or returned.
"""

import asyncio
import concurrent.futures
from collections.abc import Callable, Sequence
from typing import Generic, ParamSpec, TypeVar

from django.db import close_old_connections

P = ParamSpec("P")
R = TypeVar("R")
Q = TypeVar("Q")

_ASKED_AT_ONCE = 200
# While many come, the next question waits for so long after the last one: a call costs nearly the same for one as for
# twenty, and each takes the interpreter's lock from the loop.
_REST_SECONDS = 0.005


class Pool:
    def __init__(self, threads: int) -> None:
        self._executor = concurrent.futures.ThreadPoolExecutor(threads, thread_name_prefix="teahouse")

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call `function` in a thread. Cancelling the wait does not stop the call."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, lambda: _call(function, *args, **kwargs))

    def stop(self) -> None:
        """Waits for calls that run; those that have not begun are dropped."""
        self._executor.shutdown(wait=True, cancel_futures=True)


class Questions(Generic[Q, R]):
    """Questions that one call answers for many: what is asked while a call is on its way goes with the next one."""

    def __init__(self, pool: Pool, answer: Callable[[Sequence[Q]], Sequence[R]]) -> None:
        self._pool = pool
        self._answer = answer
        self._waiting: list[tuple[Q, asyncio.Future[R]]] = []
        self._asking: asyncio.Task[None] | None = None

    def ask(self, question: Q) -> asyncio.Future[R]:
        """The answer, or what the call raised."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, future))
        if self._asking is None:
            self._asking = asyncio.get_running_loop().create_task(self._ask_all())
        return future

    async def _ask_all(self) -> None:
        while self._waiting:
            some, self._waiting = self._waiting[:_ASKED_AT_ONCE], self._waiting[_ASKED_AT_ONCE:]
            try:
                answers = await self._pool.run(self._answer, [question for question, _ in some])
                answered = list(zip(some, answers, strict=True))
            except Exception as error:
                for _, future in some:
                    if not future.done():
                        future.set_exception(error)
                continue
            for (_, future), answer in answered:
                if not future.done():
                    future.set_result(answer)
            if len(some) > 1:
                await asyncio.sleep(_REST_SECONDS)
        self._asking = None


def _call(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    close_old_connections()
    try:
        return function(*args, **kwargs)
    finally:
        close_old_connections()
