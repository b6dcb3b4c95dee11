"""
Who comes and goes in the channels that this process listens to: hints, snapshots and leases put together.

A hint may be lost, doubled or late. Of this process's own connections it says nothing that is not known better here, so
it is only the moment to look. Of others it is believed, and the snapshots that are read again from time to time say
what is true. Used by the engine, on the loop.
"""

import asyncio
import contextlib
import heapq
import itertools
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import NamedTuple

from teahouse.realtime.application import ClientInfo
from teahouse.realtime.broker.base import BrokerAway, PresenceChanged
from teahouse.realtime.presence.base import Presence
from teahouse.realtime.presence.people import People
from teahouse.realtime.presence.state import Absences, Changes, PresenceState

logger = logging.getLogger(__name__)

# Parts of the expiry. A lease is 0.6 of it: 0.6 + 0.07 until the first look + 0.28 (four looks) is less than 1. What
# is patience for: a process writes its lease again within 0.15 after Redis has lost it.
_LOOK_PART = 0.07
_PATIENCE_PART = 0.25
# Others may find Redis again after this process: 0.15 until they notice, 0.15 until they try again, and the writing.
_SETTLING_PART = 0.4
_COMPARE_SECONDS = 30.0
_CONNECTIONS_A_COMPARISON = 1_000
_RETRY_SECONDS = 2.0
_PEOPLE_TICK_SECONDS = 0.5


class _Watched:
    """`held` are the hints that came while a snapshot was being read, None while none is."""

    def __init__(self) -> None:
        self.is_loaded = False
        self.read_at = 0.0
        self.held: list[PresenceChanged] | None = None


class _Due(NamedTuple):
    at: float
    number: int
    channel: str
    watched: _Watched

    @property
    def is_so(self) -> bool:
        """Whether nothing else was planned since."""
        return self.watched.read_at == self.at


class PresenceWatch:
    """
    `told(channel, joined, left)` is called on the loop with what listeners have to be told, connection by connection;
    `left` is to be told first. `told_people(channel, arrived, departed)` is the same for persons (`people.py`).
    """

    def __init__(
        self,
        *,
        presence: Presence,
        told: Callable[[str, Sequence[ClientInfo], Sequence[ClientInfo]], None],
        told_people: Callable[[str, Sequence[str], Sequence[str]], None] | None = None,
    ) -> None:
        self._presence = presence
        self._told = told
        self._told_people = told_people
        self._state = PresenceState()
        self._people = People()
        self._absences = Absences(presence.expiry_seconds * _PATIENCE_PART)
        self._watched: dict[str, _Watched] = {}
        # Which snapshots to read when: a heap.
        self._due: list[_Due] = []
        self._numbers = itertools.count()
        self._due_changed = asyncio.Event()
        # What is read before this is read again then.
        self._settled_at = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, *, node: str) -> None:
        """Before the first hint; `presence` has started as the same process."""
        self._node = node
        self._loop = asyncio.get_running_loop()
        works: list[Coroutine[None, None, None]] = [self._read_for_ever(), self._look_for_ever()]
        if self._told_people is not None:
            works.append(self._tick_for_ever())
        self._tasks = [self._loop.create_task(work) for work in works]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def begin(self, channel: str) -> None:
        """
        Its listeners are told from now on, and nobody is told of those who are there already. Repeating is harmless.

        After the broker's subscription, or what happens until the snapshot is read may be missed; before `arrive` of
        the first listener, who would otherwise be there already.
        """
        if channel in self._watched:
            return
        self._watched[channel] = watched = _Watched()
        self._state.replaced(channel, self._node, self._presence.told(channel))
        self._people.seed(channel, self._state.people(channel))
        self._plan(channel, watched, at=0)

    def end(self, channel: str) -> None:
        """Nobody listens any more. Repeating is harmless."""
        if self._watched.pop(channel, None) is not None:
            self._state.forget(channel)
            self._people.forget(channel)

    def receive(self, hint: PresenceChanged) -> None:
        watched = self._watched.get(hint.channel)
        if watched is None:
            return
        if hint.node == self._node:
            self._take_own(hint)
        elif watched.held is not None:
            watched.held.append(hint)
        else:
            self._take(hint)

    def reconnected(self) -> None:
        """
        Hints may have been missed: read everything again, and once more when all have had the time to write. What
        others could not write while Redis was away they write after this, and the hint that said so may be lost.

        It may come before the start, when Redis is there for the first time.
        """
        now = asyncio.get_running_loop().time()
        self._settled_at = now + self._presence.expiry_seconds * _SETTLING_PART
        for channel, watched in self._watched.items():
            if watched.is_loaded:
                self._plan(channel, watched, at=now)

    # Hints.

    def _take_own(self, hint: PresenceChanged) -> None:
        """It may come twice or late, so only what is still so is taken from it."""
        own = self._presence.told(hint.channel)
        joined = [info for info in hint.joined if own.get(info.client) == info]
        left = [info for info in hint.left if info.client not in own]
        self._tell(hint.channel, self._state.changed(hint.channel, self._node, joined, left))

    def _take(self, hint: PresenceChanged) -> None:
        self._tell(hint.channel, self._state.changed(hint.channel, hint.node, hint.joined, hint.left))

    # Snapshots.

    def _plan(self, channel: str, watched: _Watched, *, at: float) -> None:
        watched.read_at = at
        heapq.heappush(self._due, _Due(at, next(self._numbers), channel, watched))
        self._due_changed.set()

    async def _read_for_ever(self) -> None:
        while True:
            self._due_changed.clear()
            try:
                await self._read_due()
            except BrokerAway:
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(self._due[0].at if self._due else None):
                    await self._due_changed.wait()

    async def _read_due(self) -> None:
        """One after the other, those who wait for their first before all others."""
        while self._due and self._due[0].at <= self._loop.time():
            due = heapq.heappop(self._due)
            if not due.is_so or self._watched.get(due.channel) is not due.watched:
                continue
            began_at = self._loop.time()
            try:
                await self._read(due.channel, due.watched)
            except BrokerAway:
                heapq.heappush(self._due, due)
                raise
            except Exception:
                logger.exception("Who is present in %s could not be compared.", due.channel)
            if due.is_so:
                self._plan(due.channel, due.watched, at=self._next_comparison_of(due.channel, began_at))

    def _next_comparison_of(self, channel: str, read_at: float) -> float:
        if read_at < self._settled_at:
            return self._settled_at
        # A large channel costs no more than many small ones.
        size, _ = self._state.stats(channel)
        return self._loop.time() + _COMPARE_SECONDS * max(1, size / _CONNECTIONS_A_COMPARISON)

    async def _read(self, channel: str, watched: _Watched) -> None:
        watched.held = []
        others: dict[str, dict[str, ClientInfo]] | None = None
        try:
            others = await self._presence.others(channel, expected=self._state.nodes(channel))
        finally:
            held, watched.held = watched.held, None
            if self._watched.get(channel) is watched:
                if others is not None:
                    self._take_snapshot(channel, watched, others, held)
                # They may be newer than the snapshot.
                for hint in held:
                    self._take(hint)

    def _take_snapshot(
        self,
        channel: str,
        watched: _Watched,
        others: dict[str, dict[str, ClientInfo]],
        held: Sequence[PresenceChanged],
    ) -> None:
        for node, clients in others.items():
            if watched.is_loaded:
                self._tell(channel, self._state.replaced(channel, node, clients))
            else:
                self._take_first(channel, node, clients, held)
        if not watched.is_loaded:
            watched.is_loaded = True
            self._people.seed(channel, self._state.people(channel))

    def _take_first(
        self, channel: str, node: str, clients: dict[str, ClientInfo], held: Sequence[PresenceChanged]
    ) -> None:
        """Nobody is told of those who are there, but for those who came while this was read: their hints tell."""
        known = self._state.present(channel).keys()
        fresh = {info.client for hint in held for info in hint.joined} - known
        there = {client: info for client, info in clients.items() if client not in fresh}
        changes = self._state.replaced(channel, node, there)
        self._tell(channel, Changes([info for info in changes.joined if info.client in known], changes.left))

    # Leases.

    async def _look_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._presence.expiry_seconds * _LOOK_PART)
            try:
                missing = await self._presence.missing(self._state.nodes() - {self._node})
            except BrokerAway:
                self._absences.forget()
                continue
            except Exception:
                logger.exception("Which processes are there could not be asked.")
                continue
            for node in self._absences.judge(missing, self._loop.time()):
                for channel, changes in self._state.node_gone(node).items():
                    self._tell(channel, changes)

    # Telling.

    def _tell(self, channel: str, changes: Changes) -> None:
        if not changes:
            return
        arrived = self._people.changed(channel, changes.joined, changes.left, self._loop.time())
        try:
            self._told(channel, changes.joined, changes.left)
        except Exception:
            logger.exception("Who came and went in %s could not be told.", channel)
        self._tell_people(channel, arrived, [])

    def _tell_people(self, channel: str, arrived: Sequence[str], departed: Sequence[str]) -> None:
        if self._told_people is None or not (arrived or departed):
            return
        try:
            self._told_people(channel, arrived, departed)
        except Exception:
            logger.exception("Who arrived in %s and departed could not be told.", channel)

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(_PEOPLE_TICK_SECONDS)
            for channel, departed in self._people.tick(self._loop.time()).items():
                self._tell_people(channel, [], departed)
