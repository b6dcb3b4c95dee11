"""
Commands to Redis, in their order for each key and as many in a round trip as are waiting: one connection a place.

`put` is for what may be lost, `ask` for what is answered. The broker publishes and the store reads and writes by this.
"""

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Iterable

import redis
import redis.exceptions

from teahouse.realtime.broker.base import BrokerAway
from teahouse.realtime.broker.redis_connection import Finder, for_ever, logger
from teahouse.realtime.broker.redis_pipe import Command, Pipe, Queue, Words
from teahouse.realtime.broker.redis_topology import Answer, Place

# The promise is two seconds; the rest is for a loop that is busy.
ASK_SECONDS = 1.8
_MOST_HOPS = 5
_TRY_AGAIN_SECONDS = 0.05
_REFUSALS_SECONDS = 60.0


class Commands:
    """Used on the loop. `what` is for the log."""

    def __init__(self, finder: Finder, *, what: str) -> None:
        self._finder = finder
        self._topology = finder.topology
        self._what = what
        self._pipes: dict[Place, Pipe] = {}
        # Those of keys whose place is not known yet.
        self._homeless = Queue()
        self._refused_at = -_REFUSALS_SECONDS
        self._is_refused = False
        self._has_stopped = False

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._finder.tell.append(self._rearrange)
        self._rearrange()

    async def stop(self) -> None:
        """What was put just before the end still goes out, if Redis takes it within a second."""
        with contextlib.suppress(TimeoutError, BrokerAway, redis.RedisError):
            async with asyncio.timeout(1):
                busy = [pipe for pipe in self._pipes.values() if pipe.is_busy()]
                await asyncio.gather(*(self._answer_of(("PING",), pipe.add) for pipe in busy))
        self._has_stopped = True
        pipes = list(self._pipes.values())
        for command in itertools.chain(self._homeless, *(self._close(pipe) for pipe in pipes)):
            command.fail(BrokerAway("the process is about to end"))
        await asyncio.gather(*(pipe.task for pipe in pipes), return_exceptions=True)

    def put(self, key: str, *words: str | bytes) -> None:
        """Of more than 10,000, or 64 MiB, that wait for one place the oldest are dropped."""
        self._assign(Command(key, words, self._loop.time()))

    async def ask(self, key: str, *words: str | bytes, give_up_at: float | None = None) -> Answer:
        """
        Raises BrokerAway within two seconds, or at `give_up_at` (of the loop's clock); redis.ResponseError when Redis
        refuses.
        """
        # One timer and one future: as one of `ask_all` it would cost three times as much, and publishing is this.
        answer: asyncio.Future[Answer] = self._loop.create_future()
        when = self._loop.time() + ASK_SECONDS if give_up_at is None else give_up_at
        timer = self._loop.call_at(when, _give_up, answer)
        try:
            self._assign(Command(key, words, self._loop.time(), answer))
            return await answer
        finally:
            timer.cancel()
            # What is not sent yet never is.
            answer.cancel()

    async def ask_all(self, commands: Iterable[tuple[str, Words]]) -> list[Answer]:
        """One round trip a place. Raises as `ask` does; others may have been done all the same."""
        answers: list[asyncio.Future[Answer]] = []
        try:
            async with asyncio.timeout(ASK_SECONDS):
                for key, words in commands:
                    answer = self._loop.create_future()
                    answers.append(answer)
                    self._assign(Command(key, words, self._loop.time(), answer))
                return await asyncio.gather(*answers)
        except TimeoutError:
            raise BrokerAway(f"no answer within {ASK_SECONDS} s") from None
        finally:
            for answer in answers:
                # Given up: what is not sent yet never is.
                answer.cancel()

    @property
    def lag_seconds(self) -> float:
        """From queueing to answer, of the last command or of the one that waits longest."""
        return max((pipe.lag_seconds() for pipe in self._pipes.values()), default=0.0)

    def is_up(self) -> bool:
        return (
            bool(self._pipes)
            and not self._homeless
            and not self._is_refused
            and all(pipe.is_up for pipe in self._pipes.values())
        )

    def waiting(self) -> int:
        return len(self._homeless) + sum(len(pipe.waiting) for pipe in self._pipes.values())

    def _assign(self, command: Command) -> None:
        if command.is_given_up():
            return
        if self._has_stopped:
            command.fail(BrokerAway("the process is about to end"))
            return
        place = self._topology.place_of(command.key)
        if place is None:
            self._homeless.append(command)
        else:
            self._pipe_at(place).add(command)

    def _pipe_at(self, place: Place) -> Pipe:
        pipe = self._pipes.get(place)
        if pipe is None:
            pipe = self._pipes[place] = Pipe(self._finder, place, self._settle, self._reassign)
            pipe.task = self._loop.create_task(for_ever(pipe.live, what=self._what))
        return pipe

    def _rearrange(self) -> None:
        """Places have changed: a pipe to each that is one, and none to others."""
        places = self._topology.places()
        for place in places:
            self._pipe_at(place)
        left = [self._close(pipe) for place, pipe in list(self._pipes.items()) if place not in places]
        homeless, self._homeless = self._homeless, Queue()
        for command in itertools.chain(homeless, *left):
            self._assign(command)

    def _reassign(self, pipe: Pipe) -> None:
        """After a failure: what waits may belong elsewhere by now."""
        for command in pipe.empty():
            self._assign(command)

    def _close(self, pipe: Pipe) -> Queue:
        pipe.task.cancel()
        pipe.take_back()
        self._pipes.pop(pipe.place, None)
        return pipe.empty()

    async def _answer_of(self, words: Words, add: Callable[[Command], None]) -> Answer:
        answer = self._loop.create_future()
        add(Command("", words, self._loop.time(), answer))
        return await answer

    def _settle(self, command: Command, answer: Answer, place: Place) -> None:
        if not isinstance(answer, redis.ResponseError):
            if command.answer is None:
                self._is_refused = False
            elif not command.answer.done():
                command.answer.set_result(answer)
        elif isinstance(answer, redis.exceptions.AskError) and command.hops < _MOST_HOPS:
            self._send_on(command, answer, place)
        elif isinstance(answer, redis.exceptions.TryAgainError | redis.exceptions.ClusterDownError) and command.answer:
            # Its slot is half way to another node. Whoever asked says when it has taken too long.
            command.hops = 0
            self._loop.call_later(_TRY_AGAIN_SECONDS, self._assign, command)
        elif command.answer is not None:
            command.fail(answer)
        else:
            self._note_refusal(answer)

    def _send_on(self, command: Command, error: redis.exceptions.AskError, asked: Place) -> None:
        command.hops += 1
        place = Place(error.host or asked.host, error.port)
        if isinstance(error, redis.exceptions.MovedError):
            self._topology.note_move(error.slot_id, place)
        else:
            command.is_asking = True
        self._pipe_at(place).add(command)

    def _note_refusal(self, error: redis.ResponseError) -> None:
        self._is_refused = True
        if self._loop.time() - self._refused_at >= _REFUSALS_SECONDS:
            self._refused_at = self._loop.time()
            logger.warning("Redis refuses (%s): %s", self._what, error)


def _give_up(answer: asyncio.Future[Answer]) -> None:
    if not answer.done():
        answer.set_exception(BrokerAway(f"no answer within {ASK_SECONDS} s"))
