"""What a connection has still to be sent, in order, within limits. Asyncio, but no socket: `send` is handed in."""

import asyncio
import collections
import time
from collections.abc import Awaitable, Callable
from typing import TypeAlias

Frame: TypeAlias = str | bytes


class Outlet:
    """
    A bounded queue with one writer. `put` never waits.

    Over `max_bytes`, or with a frame on its way for longer than `max_seconds`, it says so by `is_stuck`.
    """

    def __init__(self, send: Callable[[Frame], Awaitable[None]], *, max_bytes: int, max_seconds: float) -> None:
        self._send = send
        self._max_bytes = max_bytes
        self._max_seconds = max_seconds
        self._frames: collections.deque[Frame] = collections.deque()
        self.unsent_bytes = 0
        self._sending_since: float | None = None
        self._added = asyncio.Event()
        self._emptied = asyncio.Event()
        self._emptied.set()

    def put(self, frame: Frame) -> None:
        self._frames.append(frame)
        self.unsent_bytes += _bytes_at_most(frame)
        self._emptied.clear()
        self._added.set()

    def is_stuck(self, now: float) -> bool:
        if self.unsent_bytes > self._max_bytes:
            return True
        return self._sending_since is not None and now - self._sending_since > self._max_seconds

    async def run(self) -> None:
        """Send for ever; ends by being cancelled or by what `send` raises."""
        while True:
            await self._added.wait()
            self._added.clear()
            while self._frames:
                frame = self._frames[0]
                self._sending_since = time.monotonic()
                await self._send(frame)
                self._sending_since = None
                self._frames.popleft()
                self.unsent_bytes -= _bytes_at_most(frame)
            self._emptied.set()

    async def flush(self) -> None:
        """Returns when everything put so far is sent."""
        await self._emptied.wait()


def _bytes_at_most(frame: Frame) -> int:
    # Strings know whether they are ASCII; the others are counted as if all of them were Chinese.
    return len(frame) if isinstance(frame, bytes) or frame.isascii() else len(frame) * 3
