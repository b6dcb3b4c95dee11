"""
Passes: what is pending is joined, and written to each connection at once.

A pass begins on the turn of the loop after something became pending, so under load it grows by itself; only behind a
long one does the next one wait a little. It yields to the loop every few milliseconds. Used on the loop only; the loop
is handed in.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence, Set
from typing import Generic, Protocol, TypeVar

logger = logging.getLogger(__name__)

_HOLD_SECONDS = 0.008
_GIVEN_AT_ONCE = 128
# Behind a pass that took long, the next one waits a little, for what those answer who have just heard something: one
# write then carries it too. Without this, publications settle in halves, each half pending during the other's pass.
_LONG_SECONDS = 0.004
_REST_SHARE = 1 / 2
_REST_SECONDS = 0.02

I = TypeVar("I")  # noqa: E741
I_contra = TypeVar("I_contra", contravariant=True)


class Encoding(Protocol[I_contra]):
    """How items read on one protocol."""

    def message(self, item: I_contra) -> bytes | None:
        """None when the protocol has no word for it. Never raises."""

    def websocket(self, messages: Sequence[bytes]) -> bytes:
        """Messages as WebSocket frames, one behind the other."""


class Batch(Generic[I]):
    """Items of one channel in their order, encoded at most once for each protocol, whoever asks first."""

    __slots__ = ("_last_encoding", "_last_wire", "_messages", "_wires", "channel", "items")

    def __init__(self, channel: str, items: list[I]) -> None:
        self.channel = channel
        self.items = items
        self._messages: dict[Encoding[I], list[bytes]] = {}
        self._wires: dict[Encoding[I], bytes] = {}
        # Nearly all who hear a channel speak the same protocol.
        self._last_encoding: Encoding[I] | None = None
        self._last_wire = b""

    def messages(self, encoding: Encoding[I]) -> list[bytes]:
        found = self._messages.get(encoding)
        if found is None:
            made = [encoding.message(item) for item in self.items]
            found = self._messages[encoding] = [message for message in made if message is not None]
        return found

    def wire(self, encoding: Encoding[I]) -> bytes:
        """WebSocket frames; b"" when there is nothing to be said."""
        if encoding is self._last_encoding:
            return self._last_wire
        found = self._wires.get(encoding)
        if found is None:
            messages = self.messages(encoding)
            found = self._wires[encoding] = encoding.websocket(messages) if messages else b""
        self._last_encoding, self._last_wire = encoding, found
        return found


class Hearer(Protocol[I]):
    def deliver(self, batches: Sequence[Batch[I]]) -> None:
        """Queue or write them, in their order. Never waits, never raises; one that has ended passes over it."""


class Listeners(Protocol[I]):
    """The hub."""

    def begin_pass(self) -> Set[tuple[Hearer[I], str]]: ...

    def end_pass(self) -> None: ...

    def listeners_of(self, channel: str) -> Sequence[Hearer[I]]: ...

    def take_fresh(self, channel: str) -> Sequence[tuple[Hearer[I], int]]: ...


class Passes(Generic[I]):
    """`call_soon` and `call_later` are the loop's; `given` is told how many items were given to connections."""

    def __init__(
        self,
        listeners: Listeners[I],
        *,
        call_soon: Callable[[Callable[[], None]], object],
        call_later: Callable[[float, Callable[[], None]], object],
        given: Callable[[int], None] = lambda _: None,
        held: Callable[[float], None] = lambda _: None,
    ) -> None:
        self._listeners = listeners
        self._call_soon = call_soon
        self._call_later = call_later
        self._given = given
        # Told for how long each stretch of a pass has held the loop.
        self._held = held
        self._pending: dict[str, list[I]] = {}
        self._is_running = False

    def add(self, channel: str, item: I) -> None:
        pending = self._pending.get(channel)
        if pending is None:
            self._pending[channel] = [item]
        else:
            pending.append(item)
        if not self._is_running:
            self._is_running = True
            self._call_soon(self._begin)

    def pending_in(self, channel: str) -> int:
        """How many items of the channel no pass has begun with: whoever joins now skips them."""
        return len(self._pending.get(channel, ()))

    def _begin(self) -> None:
        self._go_on(self._give_all(), time.perf_counter())

    def _go_on(self, walk: Iterator[None], began: float) -> None:
        begin = time.perf_counter()
        end = begin + _HOLD_SECONDS
        for _ in walk:
            if time.perf_counter() > end:
                self._call_soon(lambda: self._go_on(walk, began))
                break
        else:
            self._end(time.perf_counter() - began)
        self._held(time.perf_counter() - begin)

    def _end(self, seconds: float) -> None:
        # One pass is finished before the next begins, which keeps the order of each channel.
        if not self._pending:
            self._is_running = False
        elif seconds < _LONG_SECONDS:
            self._call_soon(self._begin)
        else:
            self._call_later(min(seconds * _REST_SHARE, _REST_SECONDS), self._begin)

    def _give_all(self) -> Iterator[None]:
        pending, self._pending = self._pending, {}
        leavers = self._listeners.begin_pass()
        try:
            if len(pending) == 1:
                for batches, hearers in self._shares(*pending.popitem()):
                    yield from self._give(batches, hearers, leavers)
            else:
                shares = [share for item in pending.items() for share in self._shares(*item)]
                yield from self._give_joined(shares, leavers)
        finally:
            self._listeners.end_pass()

    def _shares(self, channel: str, items: list[I]) -> list[tuple[tuple[Batch[I]], Sequence[Hearer[I]]]]:
        """Batches with those they are for: who joined while something was pending gets the rest."""
        shares: list[tuple[tuple[Batch[I]], Sequence[Hearer[I]]]] = []
        # A copy, and taken when the pass begins: whoever joins from here on starts behind it.
        hearers = self._listeners.listeners_of(channel)
        if hearers:
            shares.append(((Batch(channel, items),), hearers))
        for hearer, skip in self._listeners.take_fresh(channel):
            if skip < len(items):
                shares.append(((Batch(channel, items[skip:]),), (hearer,)))
        return shares

    def _give(
        self, batches: tuple[Batch[I]], hearers: Sequence[Hearer[I]], leavers: Set[tuple[Hearer[I], str]]
    ) -> Iterator[None]:
        (batch,) = batches
        for start in range(0, len(hearers), _GIVEN_AT_ONCE):
            some = hearers[start : start + _GIVEN_AT_ONCE]
            if leavers:
                some = [hearer for hearer in some if (hearer, batch.channel) not in leavers]
            for hearer in some:
                try:
                    hearer.deliver(batches)
                except Exception:
                    # One connection's fault: without this it would be the end of all passes.
                    logger.exception("A connection could not be written to.")
            yield
        self._given(len(hearers) * len(batch.items))

    def _give_joined(
        self,
        shares: list[tuple[tuple[Batch[I]], Sequence[Hearer[I]]]],
        leavers: Set[tuple[Hearer[I], str]],
    ) -> Iterator[None]:
        # Several channels at once: what one connection gets of all of them is one write.
        batches_of: dict[Hearer[I], list[Batch[I]]] = {}
        given = 0
        for (batch,), hearers in shares:
            for hearer in hearers:
                batches = batches_of.get(hearer)
                if batches is None:
                    batches_of[hearer] = [batch]
                else:
                    batches.append(batch)
            given += len(hearers) * len(batch.items)
            yield
        for number, (hearer, batches) in enumerate(batches_of.items()):
            if leavers:
                batches = [batch for batch in batches if (hearer, batch.channel) not in leavers]
            try:
                if batches:
                    hearer.deliver(batches)
            except Exception:
                logger.exception("A connection could not be written to.")
            if number % _GIVEN_AT_ONCE == 0:
                yield
        self._given(given)
