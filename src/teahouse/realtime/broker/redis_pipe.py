"""
One connection to one Redis, and the commands that wait for it, are on their way or come back unanswered. Only for
`redis_commands`, which knows to which of them a command belongs.
"""

import asyncio
import collections
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import msgspec
import redis
import redis.exceptions

from teahouse.realtime.broker.base import BrokerAway
from teahouse.realtime.broker.redis_connection import ANSWER_SECONDS, Connection, Finder, connected
from teahouse.realtime.broker.redis_topology import Answer, Place

_MOST_WAITING = 10_000
_MOST_WAITING_BYTES = 64 * 1_048_576
_COMMANDS_AT_ONCE = 256
_BYTES_AT_ONCE = 262_144

Words: TypeAlias = Sequence[str | bytes]


class Command(msgspec.Struct, eq=False):
    key: str
    words: Words
    queued_at: float
    # None for what may be lost.
    answer: asyncio.Future[Answer] | None = None
    sent_at: float = 0
    hops: int = 0
    # Its slot is on its way here (ASK): the word ASKING goes in front.
    is_asking: bool = False

    def is_given_up(self) -> bool:
        return self.answer is not None and self.answer.done()

    def size_bytes(self) -> int:
        return sum(map(len, self.words))

    def fail(self, error: Exception) -> None:
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(error)


class Queue:
    """Commands that wait, in their order; the oldest are dropped when they are too many or too large together."""

    def __init__(self) -> None:
        self._commands: collections.deque[Command] = collections.deque()
        self._size_bytes = 0

    def __len__(self) -> int:
        return len(self._commands)

    def __iter__(self) -> Iterator[Command]:
        return iter(self._commands)

    def append(self, command: Command) -> None:
        self._commands.append(command)
        self._size_bytes += command.size_bytes()
        self._drop_oldest()

    def put_back(self, command: Command) -> None:
        """To the front, but never at the cost of newer ones."""
        self._commands.appendleft(command)
        self._size_bytes += command.size_bytes()
        self._drop_oldest()

    def popleft(self) -> Command:
        command = self._commands.popleft()
        self._size_bytes -= command.size_bytes()
        return command

    def _drop_oldest(self) -> None:
        while len(self._commands) > _MOST_WAITING or (self._size_bytes > _MOST_WAITING_BYTES and len(self) > 1):
            self.popleft().fail(BrokerAway("too much waits for Redis"))


class Pipe:
    """One connection: a coroutine that writes what waits, one that reads the answers, one that looks at the clock."""

    def __init__(
        self,
        finder: Finder,
        place: Place,
        settle: Callable[[Command, Answer, Place], None],
        reassign: Callable[["Pipe"], None],
    ) -> None:
        self.place = place
        self.waiting = Queue()
        self.is_up = False
        self.task: asyncio.Task[None]
        self._finder = finder
        self._settle = settle
        self._reassign = reassign
        self._loop = asyncio.get_running_loop()
        self._added = asyncio.Event()
        self._sent: collections.deque[Command] = collections.deque()
        self._answered_at = 0.0
        self._lag_seconds = 0.0
        self._has_failed = False

    def add(self, command: Command) -> None:
        self.waiting.append(command)
        self._added.set()

    def is_busy(self) -> bool:
        return bool(self.waiting or self._sent)

    def lag_seconds(self) -> float:
        oldest = next(itertools.chain(self._sent, self.waiting), None)
        return self._lag_seconds if oldest is None else max(self._lag_seconds, self._loop.time() - oldest.queued_at)

    async def live(self) -> None:
        if self._has_failed:
            await self._finder.look()
            self._reassign(self)
        try:
            async with connected(self._finder.topology, self.place) as connection, asyncio.TaskGroup() as group:
                self.is_up = True
                group.create_task(self._write(connection))
                group.create_task(self._read(connection))
                group.create_task(self._watch())
        finally:
            self._has_failed = True
            self.is_up = False
            self.take_back()

    def empty(self) -> Queue:
        """What waited, for another one."""
        waiting, self.waiting = self.waiting, Queue()
        return waiting

    def take_back(self) -> None:
        """What was sent and not answered: published again where that is harmless, never at the cost of newer ones."""
        while self._sent:
            command = self._sent.pop()
            if command.answer is None:
                self.waiting.put_back(command)
            command.fail(BrokerAway("the connection broke before the answer"))
        self._added.set()

    async def _write(self, connection: Connection) -> None:
        while True:
            await self._added.wait()
            self._added.clear()
            while batch := self._next_batch():
                self._sent.extend(batch)
                await connection.send_packed_command(
                    connection.pack_commands(command.words for command in batch), check_health=False
                )
                # Whoever queues in the meantime joins the next round.
                await asyncio.sleep(0)

    def _next_batch(self) -> list[Command]:
        batch: list[Command] = []
        now, size = self._loop.time(), 0
        while self.waiting and len(batch) < _COMMANDS_AT_ONCE and size < _BYTES_AT_ONCE:
            command = self.waiting.popleft()
            if command.is_given_up():
                continue
            if command.is_asking:
                command.is_asking = False
                batch.append(self._asking(now))
            command.sent_at = now
            size += command.size_bytes()
            batch.append(command)
        return batch

    def _asking(self, now: float) -> Command:
        """Its answer is for nobody."""
        nobody = self._loop.create_future()
        nobody.cancel()
        return Command("", ("ASKING",), now, nobody, sent_at=now)

    async def _read(self, connection: Connection) -> None:
        while True:
            answer: Answer
            try:
                answer = await connection.read_response()
            except redis.exceptions.ReadOnlyError:
                # The master has become a replica. It has not done it, so it is sent again elsewhere.
                self.waiting.put_back(self._sent.popleft())
                raise
            except redis.ResponseError as error:
                answer = error
            command = self._sent.popleft()
            self._answered_at = self._loop.time()
            self._lag_seconds = self._answered_at - command.queued_at
            self._settle(command, answer, self.place)

    async def _watch(self) -> None:
        is_late = False
        while True:
            await asyncio.sleep(0.1 if is_late else ANSWER_SECONDS / 3)
            silence = self._loop.time() - max(self._sent[0].sent_at, self._answered_at) if self._sent else 0.0
            # Twice, for a loop that was busy itself: the answer may be here, and not read yet.
            if is_late and silence > ANSWER_SECONDS:
                raise TimeoutError(f"no answer within {ANSWER_SECONDS} s")
            is_late = silence > ANSWER_SECONDS
