"""
The threads in which the engine calls the application: bounded, and not asgiref's one thread for everything.

Each call leaves its database connection usable for the next one, or returned.
"""

import asyncio
import concurrent.futures
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

P = ParamSpec("P")
R = TypeVar("R")


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


def _call(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    close_old_connections()
    try:
        return function(*args, **kwargs)
    finally:
        close_old_connections()
