"""
Connections to Redis on the loop, and how long they may take. Only for the modules beside it and the store.

They are redis-py's single connections, without its pools, retries and timers: who uses one has a time limit of its
own, and throws it away after the first failure, so no answer is ever taken for that of another command.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import redis
import redis.asyncio.connection

from teahouse.realtime.broker.base import BrokerAway
from teahouse.realtime.broker.redis_topology import Answer, Options, Place, Topology

logger = logging.getLogger(__name__)

# Making a connection, and any answer on one.
ANSWER_SECONDS = 1.5
# Asking one Sentinel or node where things are; several may have to be asked.
_ASK_SECONDS = 0.5
_LOOK_SECONDS = 5.0
_LOOK_AGAIN_SECONDS = 0.1
_RETRY_SECONDS = 0.2
_RETRY_MOST_SECONDS = 2.0
_CLOSE_SECONDS = 1.0

# What a socket, redis-py and a server that is about to go may raise.
FAILURES = (OSError, redis.RedisError, TimeoutError, BrokerAway)

Connection = redis.asyncio.connection.AbstractConnection


@contextlib.asynccontextmanager
async def connected(topology: Topology, place: Place) -> AsyncIterator[Connection]:
    """A connection to `place`, ready for commands. Raises one of FAILURES."""
    async with _opened(topology.options_of(place)) as connection:
        async with asyncio.timeout(ANSWER_SECONDS):
            # A former master that is a replica now takes publications, and nobody hears them.
            if topology.has_to_be_master and (await call(connection, "ROLE"))[0] != b"master":
                raise BrokerAway(f"{place.host}:{place.port} is no master")
            # Without a password nothing was said so far.
            await call(connection, "PING")
        yield connection


class Finder:
    """Keeps a topology true: looks every few seconds and when somebody finds it wrong; `tell` hears of changes."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.tell: list[Callable[[], None]] = []
        self._one_at_a_time = asyncio.Lock()
        self._looked_at = -_LOOK_AGAIN_SECONDS

    async def run(self) -> None:
        while self.topology.is_moving:
            await self.look()
            await asyncio.sleep(_LOOK_SECONDS)

    async def look(self) -> None:
        """Raises BrokerAway when nobody says where things are."""
        if not self.topology.is_moving:
            return
        loop = asyncio.get_running_loop()
        async with self._one_at_a_time:
            if loop.time() - self._looked_at < _LOOK_AGAIN_SECONDS:
                return
            before = self.topology.places()
            await _look(self.topology)
            self._looked_at = loop.time()
        if before != self.topology.places():
            for tell in self.tell:
                tell()


async def call(connection: Connection, *command: str) -> Answer:
    await connection.send_command(*command, check_health=False)
    return await connection.read_response()


async def for_ever(work: Callable[[], Awaitable[None]], *, what: str) -> None:
    """
    Do `work` again whenever it fails, soon at first and then every two seconds; says so once. Ends when `work` does.
    """
    loop = asyncio.get_running_loop()
    wait = _RETRY_SECONDS
    while True:
        began = loop.time()
        try:
            return await work()
        except Exception as error:  # redis-py raises more than its own errors when a socket goes in mid-word.
            if loop.time() - began > _RETRY_MOST_SECONDS:
                wait = _RETRY_SECONDS
            if wait == _RETRY_SECONDS:
                logger.warning("Redis is away (%s): %s", what, _reason_of(error))
        await asyncio.sleep(wait)
        wait = min(wait * 2, _RETRY_MOST_SECONDS)


@contextlib.asynccontextmanager
async def _opened(options: Options) -> AsyncIterator[Connection]:
    connection_class = options.pop("connection_class", redis.asyncio.connection.Connection)
    # No socket timeout: silence is normal on a subscription. RESP2: no pushes in between answers. No driver_info: a
    # user who may do little is not to be noted as one who tried more.
    connection: Connection = connection_class(
        **options, socket_timeout=None, socket_connect_timeout=ANSWER_SECONDS, protocol=2, driver_info=None
    )
    try:
        # The handshake beyond TCP too: a Redis that hangs still accepts.
        async with asyncio.timeout(ANSWER_SECONDS):
            await connection.connect()  # type: ignore[no-untyped-call]
        yield connection
    finally:
        with contextlib.suppress(Exception):
            await asyncio.wait_for(connection.disconnect(nowait=True), _CLOSE_SECONDS)


async def _look(topology: Topology) -> None:
    asking = topology.asking()
    with contextlib.suppress(StopIteration):
        place, command = next(asking)
        while True:
            place, command = asking.send(await _ask(topology.asking_options_of(place), command))


async def _ask(options: Options, command: tuple[str, ...]) -> Answer:
    with contextlib.suppress(*FAILURES):
        async with asyncio.timeout(_ASK_SECONDS), _opened(options) as connection:
            return await call(connection, *command)
    return None


def _reason_of(error: BaseException) -> str:
    """Of the first within the group that a TaskGroup raises; a time limit has no text of its own."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error) or type(error).__name__
