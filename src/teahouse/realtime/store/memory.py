"""
The history of kept channels in the memory of one process: gone when it ends, bounded in all. Only for the engine, on
the loop.

A channel in which nothing was ever published is not stored: its epoch follows from its name (`_Epochs`).
"""

import asyncio
import base64
import collections
import contextlib
import hashlib
import secrets
import sys
import time
from collections.abc import Callable, Sequence

import msgspec

from teahouse.realtime.application import Head, Publication
from teahouse.realtime.store.base import EPOCH_BYTES, FORGET_SECONDS, IDEMPOTENCY_SECONDS, Kept, Page, Terms

_MOST_BYTES = 256 * 1_048_576
_MOST_IDEMPOTENCY_KEYS = 100_000
_SWEEP_SECONDS = 1.0
_SWEPT_AT_ONCE = 1_000
# How many counts of forgotten channels there are, each for many names.
_EPOCH_SLOTS = 4_096
# About what the objects around the text cost.
_CHANNEL_BYTES = 1_000
_PUBLICATION_BYTES = 400


class _Channel(msgspec.Struct, kw_only=True):
    epoch: str
    offset: int = 0
    publications: collections.deque[Publication] = msgspec.field(default_factory=collections.deque)
    # When its publications end, and when it is forgotten with its epoch.
    empty_at: float = 0
    forget_at: float = 0
    version: int = 0
    version_epoch: str = ""
    size_bytes: int = _CHANNEL_BYTES


class _Epochs:
    """
    The epoch that a channel has from its first publication until it is forgotten. Who listens before that has to be
    told it already, and no name is remembered for that. Once it is forgotten it is another one; so is that of the few
    channels without a publication that are counted together with it, which to those who listen there looks as if a
    history was lost.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(16)
        self._ended = [0] * _EPOCH_SLOTS

    def of(self, name: str) -> str:
        text = f"{self._ended[self._slot_of(name)]} {name}".encode()
        return base64.urlsafe_b64encode(hashlib.blake2b(text, digest_size=EPOCH_BYTES, key=self._key).digest()).decode()

    def end(self, name: str) -> None:
        self._ended[self._slot_of(name)] += 1

    def _slot_of(self, name: str) -> int:
        return hash(name) % _EPOCH_SLOTS


class MemoryStore:
    """Beyond `max_bytes` channels are forgotten whole, those first where nothing was published for longest."""

    def __init__(self, *, max_bytes: int = _MOST_BYTES, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_bytes = max_bytes
        self._clock = clock
        # Those in which something was published, in the order of the last publication.
        self._channels: collections.OrderedDict[str, _Channel] = collections.OrderedDict()
        # The same names, in the order of sweeping.
        self._to_sweep: collections.OrderedDict[str, None] = collections.OrderedDict()
        # By channel and key, oldest first: until when, and the first answer.
        self._answered: collections.OrderedDict[tuple[str, str], tuple[float, Head]] = collections.OrderedDict()
        self._epochs = _Epochs()
        self._size_bytes = 0
        self._sweeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._sweeping = asyncio.get_running_loop().create_task(self._sweep_for_ever())

    async def stop(self) -> None:
        if self._sweeping is not None:
            self._sweeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sweeping

    async def append(self, publication: Publication, terms: Terms) -> Kept:
        now = self._clock()
        once = (publication.channel, terms.idempotency_key)
        if terms.idempotency_key:
            ends_at, first = self._answered.get(once, (now, None))
            if first is not None and ends_at > now:
                return Kept(head=first, publication=None)
        channel = self._found(publication.channel) or self._begun(publication.channel)
        kept = self._append(channel, publication, terms)
        channel.forget_at = now + max(FORGET_SECONDS, 2 * terms.seconds)
        if terms.idempotency_key:
            self._note_answer(once, now, kept.head)
        self._forget_some()
        return kept

    async def heads(self, channels: Sequence[str]) -> dict[str, Head]:
        return {name: self._head(name, self._found(name)) for name in channels}

    async def page(self, channel: str, *, after: int | None, limit: int, reverse: bool = False) -> Page:
        found = self._found(channel)
        publications = () if found is None else found.publications
        page: list[Publication] = []
        if publications and limit > 0:
            first = publications[0].offset
            # Offsets are dense, so where to begin is arithmetic.
            if reverse:
                end = len(publications) if after is None else min(max(after - first, 0), len(publications))
                page = [publications[index] for index in range(end - 1, max(end - limit, 0) - 1, -1)]
            else:
                begin = 0 if after is None else max(after + 1 - first, 0)
                page = [publications[index] for index in range(begin, min(begin + limit, len(publications)))]
        return Page(publications=page, head=self._head(channel, found))

    async def remove(self, channel: str) -> None:
        if found := self._found(channel):
            self._empty(found)

    def sweep(self) -> None:
        """Free what has ended, of a thousand channels at a time; what is asked for is looked at anyway."""
        now = self._clock()
        for _ in range(min(len(self._to_sweep), _SWEPT_AT_ONCE)):
            name = next(iter(self._to_sweep))
            self._to_sweep.move_to_end(name)
            channel = self._channels[name]
            if channel.forget_at <= now:
                self._forget(name)
            elif channel.empty_at <= now:
                self._empty(channel)
        self._forget_answers(now)

    @property
    def size_bytes(self) -> int:
        """About what it takes."""
        return self._size_bytes

    async def _sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            self.sweep()

    def _head(self, name: str, channel: _Channel | None) -> Head:
        return Head(0, self._epochs.of(name)) if channel is None else _head_of(channel)

    def _found(self, name: str) -> _Channel | None:
        now = self._clock()
        channel = self._channels.get(name)
        if channel is None:
            return None
        if channel.forget_at <= now:
            self._forget(name)
            return None
        if channel.empty_at <= now:
            self._empty(channel)
        return channel

    def _begun(self, name: str) -> _Channel:
        channel = self._channels[name] = _Channel(epoch=self._epochs.of(name))
        self._to_sweep[name] = None
        self._size_bytes += channel.size_bytes
        return channel

    def _append(self, channel: _Channel, publication: Publication, terms: Terms) -> Kept:
        if terms.version:
            if terms.version_epoch == channel.version_epoch and terms.version <= channel.version:
                return Kept(head=_head_of(channel), publication=None)
            channel.version, channel.version_epoch = terms.version, terms.version_epoch
        channel.offset += 1
        publication = msgspec.structs.replace(publication, offset=channel.offset, epoch=channel.epoch)
        channel.publications.append(publication)
        self._resize(channel, _size_of(publication))
        while len(channel.publications) > terms.size:
            self._resize(channel, -_size_of(channel.publications.popleft()))
        channel.empty_at = self._clock() + terms.seconds
        self._channels.move_to_end(publication.channel)
        return Kept(head=_head_of(channel), publication=publication)

    def _empty(self, channel: _Channel) -> None:
        channel.publications.clear()
        self._resize(channel, _CHANNEL_BYTES - channel.size_bytes)

    def _resize(self, channel: _Channel, more_bytes: int) -> None:
        channel.size_bytes += more_bytes
        self._size_bytes += more_bytes

    def _forget_some(self) -> None:
        # The last one stays: what was published just now has been promised.
        while self._size_bytes > self._max_bytes and len(self._channels) > 1:
            self._forget(next(iter(self._channels)))

    def _forget(self, name: str) -> None:
        self._size_bytes -= self._channels.pop(name).size_bytes
        del self._to_sweep[name]
        self._epochs.end(name)

    def _note_answer(self, once: tuple[str, str], now: float, head: Head) -> None:
        self._answered.pop(once, None)
        self._answered[once] = (now + IDEMPOTENCY_SECONDS, head)
        self._forget_answers(now)

    def _forget_answers(self, now: float) -> None:
        while self._answered:
            once, (ends_at, _) = next(iter(self._answered.items()))
            if ends_at > now and len(self._answered) <= _MOST_IDEMPOTENCY_KEYS:
                return
            del self._answered[once]


def _head_of(channel: _Channel) -> Head:
    return Head(channel.offset, channel.epoch)


def _size_of(publication: Publication) -> int:
    size = _PUBLICATION_BYTES + len(publication.data)
    if publication.tags:
        size += sum(map(sys.getsizeof, (*publication.tags, *publication.tags.values())))
    if publication.publisher:
        size += len(publication.publisher.conn_info) + len(publication.publisher.chan_info)
    return size
