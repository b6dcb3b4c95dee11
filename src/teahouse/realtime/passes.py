"""
Passes: what is pending is joined per channel and given to each of its connections at once.

A pass begins on the turn of the loop after something became pending, so under load it grows by itself: batching needs
no timer. It yields to the loop every few milliseconds. Used on the loop only; the loop is handed in.
"""

import collections
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from teahouse.realtime.wire import framing

_HOLD_SECONDS = 0.008
_GIVEN_AT_ONCE = 128


class Batch:
    """Frames of one channel in their order, encoded for the wire at most once, whoever asks first."""

    __slots__ = ("_wire", "frames")

    def __init__(self, frames: list[str]) -> None:
        self.frames = frames
        self._wire: bytes | None = None

    @property
    def wire(self) -> bytes:
        """WebSocket frames, one behind the other."""
        if self._wire is None:
            self._wire = b"".join([framing.text_frame(frame) for frame in self.frames])
        return self._wire


class Hearer(Protocol):
    def deliver(self, batch: Batch) -> None:
        """Queue or write it. Never waits, never raises; a connection that has ended passes over it."""


class Passes:
    """`listeners_of` gives a channel's connections as they are now, `call_soon` is the loop's."""

    def __init__(
        self,
        listeners_of: Callable[[str], Iterable[Hearer]],
        *,
        call_soon: Callable[[Callable[[], None]], object],
        given: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._listeners_of = listeners_of
        self._call_soon = call_soon
        # Told how many frames were given to connections.
        self._given = given
        self._pending: dict[str, list[str]] = collections.defaultdict(list)
        self._is_running = False

    def add(self, channel: str, frame: str) -> None:
        self._pending[channel].append(frame)
        if not self._is_running:
            self._is_running = True
            walk = self._give_all()
            self._call_soon(lambda: self._go_on(walk))

    def _go_on(self, walk: Iterator[None]) -> None:
        end = time.perf_counter() + _HOLD_SECONDS
        for _ in walk:
            if time.perf_counter() > end:
                self._call_soon(lambda: self._go_on(walk))
                return
        self._is_running = False

    def _give_all(self) -> Iterator[None]:
        # One channel is finished before its next frames are looked at, which keeps its order.
        while self._pending:
            channel = next(iter(self._pending))
            batch = Batch(self._pending.pop(channel))
            # A copy: connections leave while they are written to, and whoever joins now starts behind this batch.
            listeners = tuple(self._listeners_of(channel))
            for start in range(0, len(listeners), _GIVEN_AT_ONCE):
                for listener in listeners[start : start + _GIVEN_AT_ONCE]:
                    listener.deliver(batch)
                yield
            self._given(len(listeners) * len(batch.frames))
