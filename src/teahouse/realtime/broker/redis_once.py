"""One command to Redis from a process without an engine: no loop, no pool, a connection for this once."""

import contextlib
import time
from collections.abc import Iterator

import redis
import redis.connection
import redis.exceptions

from teahouse.realtime.broker.base import BrokerAway
from teahouse.realtime.broker.redis_connection import FAILURES
from teahouse.realtime.broker.redis_topology import Answer, Options, Place, Topology

_TOTAL_SECONDS = 1.9
_ASK_SECONDS = 0.5
_MOST_HOPS = 5
# redis-py's connection classes for the loop, and those that wait.
_CLASSES = {
    "Connection": redis.connection.Connection,
    "SSLConnection": redis.connection.SSLConnection,
    "UnixDomainSocketConnection": redis.connection.UnixDomainSocketConnection,
}


def ask_once(topology: Topology, key: str, *words: str | bytes) -> Answer:
    """The answer to one command about `key`. Raises BrokerAway within two seconds, redis.ResponseError."""
    end = time.monotonic() + _TOTAL_SECONDS
    try:
        _look(topology, end)
        place, is_asking = topology.place_of(key), False
        for _ in range(_MOST_HOPS):
            if place is None:
                break
            try:
                return _ask(topology, place, words, end, is_asking=is_asking)
            except redis.exceptions.AskError as error:
                place = Place(error.host or place.host, error.port)
                is_asking = not isinstance(error, redis.exceptions.MovedError)
    except redis.ResponseError:
        raise
    except FAILURES as error:
        raise BrokerAway(str(error) or type(error).__name__) from error
    raise BrokerAway("no node of Redis takes it")


def _look(topology: Topology, end: float) -> None:
    asking = topology.asking()
    with contextlib.suppress(StopIteration):
        place, command = next(asking)
        while True:
            answer: Answer = None
            with contextlib.suppress(*FAILURES):
                limit = min(end, time.monotonic() + _ASK_SECONDS)
                with _connected(topology.asking_options_of(place), limit) as connection:
                    answer = _call(connection, *command)
            place, command = asking.send(answer)


def _ask(topology: Topology, place: Place, words: tuple[str | bytes, ...], end: float, *, is_asking: bool) -> Answer:
    with _connected(topology.options_of(place), end) as connection:
        if topology.has_to_be_master and _call(connection, "ROLE")[0] != b"master":
            raise BrokerAway(f"{place.host}:{place.port} is no master")
        if is_asking:
            _call(connection, "ASKING")
        return _call(connection, *words)


@contextlib.contextmanager
def _connected(options: Options, end: float) -> Iterator[redis.connection.Connection]:
    """Each step may take a third of what is left: TCP, the handshake and the answer."""
    seconds = max(0.05, (end - time.monotonic()) / 3)
    name = getattr(options.pop("connection_class", None), "__name__", "Connection")
    limits = {"socket_timeout": seconds, "socket_connect_timeout": seconds}
    connection = _CLASSES[name](**options, **limits, protocol=2, driver_info=None)
    try:
        connection.connect()
        yield connection
    finally:
        connection.disconnect()


def _call(connection: redis.connection.Connection, *words: str | bytes) -> Answer:
    connection.send_command(*words, check_health=False)  # type: ignore[no-untyped-call]
    return connection.read_response()
