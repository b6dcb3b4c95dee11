"""Tasks that are ended together, by whoever has begun them. Used on the loop only."""

import asyncio
from collections.abc import Coroutine


class Tasks:
    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, coroutine: Coroutine[None, None, None]) -> None:
        """The loop itself would not keep it from being collected as garbage."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def cancel(self) -> None:
        """Does not wait for their ends."""
        for task in tuple(self._tasks):
            task.cancel()
