"""
What this process hears from Redis: one connection that listens, or with sharded pub/sub one a node, each brought again
and again to what is wanted there. Knows Redis names and bytes, not hints.
"""

import asyncio
import collections
from collections.abc import Callable

import redis.exceptions

from teahouse.realtime.broker.redis_connection import ANSWER_SECONDS, Connection, Finder, connected, for_ever
from teahouse.realtime.broker.redis_topology import Answer, Place

# After so long a silence Redis is asked whether it is there.
_HEALTH_SECONDS = 5.0
_REARRANGE_SECONDS = 0.05
_KEYS_AT_ONCE = 1_000


class Subscriptions:
    """Used on the loop. `receive` gets what was published, `regained` says that something may have been missed."""

    def __init__(self, finder: Finder, *, receive: Callable[[bytes], None], regained: Callable[[], None]) -> None:
        self._finder = finder
        self._topology = finder.topology
        self._receive = receive
        self._regained = regained
        # What should be heard, each with what is set once Redis has confirmed it.
        self._confirmed: dict[str, asyncio.Event] = {}
        self._unconfirmed: set[str] = set()
        self._listeners: dict[Place, _Listener] = {}
        self._listener_of: dict[str, _Listener] = {}
        self._rearranging: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self._finder.tell.append(self._rearrange)

    async def stop(self) -> None:
        if self._rearranging is not None:
            self._rearranging.cancel()
        tasks = [listener.task for listener in self._listeners.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def add(self, key: str, *, is_missed: bool = False) -> None:
        """With `is_missed`, `regained` is called once it is heard. Repeating is harmless."""
        if key not in self._confirmed:
            self._confirmed[key] = asyncio.Event()
            self._unconfirmed.add(key)
            self._assign(key, is_missed=is_missed)

    def drop(self, key: str) -> None:
        if self._confirmed.pop(key, None) is not None:
            self._unconfirmed.discard(key)
            self._release(key)

    def is_confirmed(self, key: str) -> bool:
        """Also what is not wanted."""
        event = self._confirmed.get(key)
        return event is None or event.is_set()

    async def confirmed(self, key: str) -> None:
        """Returns at once for what is not wanted."""
        if event := self._confirmed.get(key):
            await event.wait()

    def note_missed(self, key: str) -> None:
        """Somebody went on without a confirmation."""
        if key in self._unconfirmed and (listener := self._listener_of.get(key)):
            listener.missed.add(key)

    def is_up(self) -> bool:
        return not self._unconfirmed

    def _assign(self, key: str, *, is_missed: bool) -> None:
        place = self._topology.listening_place_of(key)
        if place is None:
            return
        listener = self._listeners.get(place)
        if listener is None:
            listener = self._listeners[place] = _Listener(self._finder, place, self)
            listener.task = asyncio.get_running_loop().create_task(for_ever(listener.live, what="listening"))
        self._listener_of[key] = listener
        listener.want(key, is_missed=is_missed)

    def _release(self, key: str) -> bool:
        """Whether its listener owes us what was missed there."""
        listener = self._listener_of.pop(key, None)
        if listener is None:
            return False
        is_missed = listener.release(key)
        if not listener.wanted:
            listener.task.cancel()
            self._listeners.pop(listener.place, None)
        return is_missed

    def rearrange_soon(self) -> None:
        if self._rearranging is None:
            self._rearranging = asyncio.get_running_loop().call_later(_REARRANGE_SECONDS, self._rearrange)

    def _rearrange(self) -> None:
        """Each key to where it is heard now; those that are and are not confirmed are asked for again."""
        self._rearranging = None
        for key in list(self._confirmed):
            listener = self._listener_of.get(key)
            if listener is not None and listener.place == self._topology.listening_place_of(key):
                if key in self._unconfirmed:
                    listener.want(key, is_missed=False)
                continue
            was_heard = key not in self._unconfirmed
            self._confirmed[key].clear()
            self._unconfirmed.add(key)
            # Without a listener so far its channel had no place, and whatever was published is missed.
            is_missed = listener is None or self._release(key) or was_heard
            self._assign(key, is_missed=is_missed)

    # What the listeners tell.

    def note_heard(self, key: str) -> None:
        if event := self._confirmed.get(key):
            event.set()
            self._unconfirmed.discard(key)

    def note_silence(self, key: str) -> None:
        self._confirmed[key].clear()
        self._unconfirmed.add(key)

    def note_regained(self) -> None:
        self._regained()

    def note_message(self, data: bytes) -> None:
        self._receive(data)


class _Listener:
    """One connection that listens. Only `_keep` changes its subscriptions, so the last wish wins."""

    def __init__(self, finder: Finder, place: Place, subscriptions: Subscriptions) -> None:
        self.place = place
        self.wanted: set[str] = set()
        # Those of the wanted of which something may have been missed.
        self.missed: set[str] = set()
        self.task: asyncio.Task[None]
        self._finder = finder
        self._subscriptions = subscriptions
        self._loop = asyncio.get_running_loop()
        self._changed: set[str] = set()
        self._has_changed = asyncio.Event()
        # How often it was left, without Redis having said so yet.
        self._leaving: collections.Counter[str] = collections.Counter()
        self._sent: set[str] = set()
        self._heard = asyncio.Event()
        self._heard_at = 0.0
        self._has_failed = False
        mark = "S" if finder.topology.is_sharded else ""
        self._subscribe, self._unsubscribe = f"{mark}SUBSCRIBE", f"{mark}UNSUBSCRIBE"

    def want(self, key: str, *, is_missed: bool) -> None:
        self.wanted.add(key)
        if is_missed:
            self.missed.add(key)
        self._touch(key)

    def release(self, key: str) -> bool:
        is_missed = key in self.missed
        self.wanted.discard(key)
        self.missed.discard(key)
        self._touch(key)
        return is_missed

    async def live(self) -> None:
        if self._has_failed:
            await self._finder.look()
            self._subscriptions.rearrange_soon()
        try:
            async with connected(self._finder.topology, self.place) as connection, asyncio.TaskGroup() as group:
                self._heard_at = self._loop.time()
                self._changed = set(self.wanted)
                self._has_changed.set()
                group.create_task(self._read(connection))
                group.create_task(self._keep(connection))
                group.create_task(self._watch(connection))
        finally:
            self._note_end()

    def _note_end(self) -> None:
        self._has_failed = True
        self._leaving.clear()
        self._sent.clear()
        self._finder.topology.avoid(self.place)
        for key in self.wanted:
            self._subscriptions.note_silence(key)
            self.missed.add(key)

    def _touch(self, key: str) -> None:
        self._changed.add(key)
        self._has_changed.set()

    async def _keep(self, connection: Connection) -> None:
        while True:
            await self._has_changed.wait()
            self._has_changed.clear()
            changed, self._changed = self._changed, set()
            # Asking twice is harmless.
            added = [key for key in changed if key in self.wanted]
            dropped = [key for key in changed if key not in self.wanted and key in self._sent]
            self._sent.update(added)
            self._sent.difference_update(dropped)
            self._leaving.update(dropped)
            commands = [*self._commands(self._subscribe, added), *self._commands(self._unsubscribe, dropped)]
            await connection.send_packed_command(connection.pack_commands(commands), check_health=False)

    def _commands(self, word: str, keys: list[str]) -> list[tuple[str, ...]]:
        # The keys of a sharded command have to be of one slot.
        step = 1 if self._finder.topology.is_sharded else _KEYS_AT_ONCE
        return [(word, *keys[start : start + step]) for start in range(0, len(keys), step)]

    async def _read(self, connection: Connection) -> None:
        while True:
            try:
                answer = await connection.read_response()
            except redis.exceptions.MovedError as error:
                place = Place(error.host or self.place.host, error.port)
                self._finder.topology.note_move(error.slot_id, place)
                self._subscriptions.rearrange_soon()
                continue
            self._heard_at = self._loop.time()
            self._heard.set()
            if isinstance(answer, list):
                self._note(answer)

    def _note(self, answer: list[Answer]) -> None:
        kind, key, *rest = answer
        if kind in (b"message", b"smessage"):
            self._subscriptions.note_message(rest[0])
        elif kind in (b"subscribe", b"ssubscribe"):
            self._note_subscribed(key.decode())
        elif kind in (b"unsubscribe", b"sunsubscribe") and key is not None:
            self._note_unsubscribed(key.decode())

    def _note_subscribed(self, key: str) -> None:
        # Who came back while it was being left is not there before Redis has said both.
        if key not in self.wanted or self._leaving[key]:
            return
        self._subscriptions.note_heard(key)
        if key in self.missed:
            self.missed.discard(key)
            if not self.missed:
                self._subscriptions.note_regained()

    def _note_unsubscribed(self, key: str) -> None:
        if self._leaving[key] > 1:
            self._leaving[key] -= 1
        elif not self._leaving.pop(key, 0) and key in self.wanted:
            # Nobody asked: the slot has another owner. Asking again here is answered with its address.
            self._subscriptions.note_silence(key)
            self.want(key, is_missed=True)

    async def _watch(self, connection: Connection) -> None:
        while True:
            await asyncio.sleep(max(0.0, self._heard_at + _HEALTH_SECONDS - self._loop.time()))
            if self._loop.time() - self._heard_at < _HEALTH_SECONDS:
                continue
            self._heard.clear()
            async with asyncio.timeout(ANSWER_SECONDS):
                await connection.send_command("PING", check_health=False)
                await self._heard.wait()
