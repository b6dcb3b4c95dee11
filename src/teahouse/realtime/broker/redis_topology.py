"""
Where Redis is: one server, the master that Sentinels name, or the nodes of a Cluster. Read from a URL.

Nothing here connects. `asking` yields what to ask whom and takes the answers, so that the loop (`redis_connection`)
and a process without one (`redis_once`) look for Redis in the same way.
"""

import random
import urllib.parse
from collections.abc import Generator, Sequence
from typing import Any, NamedTuple, TypeAlias

import redis.asyncio.connection
from redis.crc import key_slot

from teahouse.realtime.broker.base import BrokerAway

_DEFAULT_PORT = 6379
_DEFAULT_SENTINEL_PORT = 26379


class Place(NamedTuple):
    """One Redis: an address, or the path of a unix socket (then `port` is 0)."""

    host: str
    port: int


# What Redis answers; None stands for a place that did not answer.
Answer: TypeAlias = Any
Asking: TypeAlias = Generator[tuple[Place, tuple[str, ...]], Answer, None]
# What redis-py's connection classes take.
Options: TypeAlias = dict[str, Any]


class Topology:
    """One server. `options` are for every connection; `is_sharded` chooses SSUBSCRIBE and SPUBLISH (Redis 7)."""

    # Whether a place has to say that it is the master before it is used.
    has_to_be_master = False
    # Whether the place of a key can change.
    is_moving = False

    def __init__(self, options: Options, *, is_sharded: bool, place: Place | None = None) -> None:
        self.options = options
        self.is_sharded = is_sharded
        self._place = place

    def asking(self) -> Asking:
        """Find out where things are. Raises BrokerAway when nobody knows."""
        yield from ()

    def place_of(self, key: str) -> Place | None:
        """Where commands about `key` go; None while that is not known."""
        return self._place

    def listening_place_of(self, key: str) -> Place | None:
        """Where `key` is heard."""
        return self._place

    def places(self) -> frozenset[Place]:
        return frozenset(() if self._place is None else (self._place,))

    def note_move(self, slot: int, place: Place) -> None:
        """A node said that a slot is somewhere else."""

    def avoid(self, place: Place) -> None:
        """It did not answer."""

    def options_of(self, place: Place) -> Options:
        where: Options = {} if "path" in self.options else {"host": place.host, "port": place.port}
        return {**self.options, **where}

    def asking_options_of(self, place: Place) -> Options:
        """For connections to those whom `asking` asks."""
        return self.options_of(place)


class SentinelTopology(Topology):
    """
    One Sentinel after the other is asked for the master, which then says its ROLE:
    https://redis.io/docs/latest/develop/reference/sentinel-clients/.
    """

    has_to_be_master = True
    is_moving = True

    def __init__(
        self, sentinels: Sequence[Place], name: str, options: Options, asking_options: Options, *, is_sharded: bool
    ) -> None:
        super().__init__(options, is_sharded=is_sharded)
        self._sentinels = list(sentinels)
        self._name = name
        self._asking_options = asking_options

    def asking(self) -> Asking:
        for sentinel in list(self._sentinels):
            answer = yield sentinel, ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._name)
            if answer:
                # Who answered is asked first next time.
                self._sentinels.remove(sentinel)
                self._sentinels.insert(0, sentinel)
                self._place = Place(_text(answer[0]), int(answer[1]))
                return
        raise BrokerAway(f"no Sentinel knows the master {self._name!r}")

    def asking_options_of(self, place: Place) -> Options:
        return {**self._asking_options, "host": place.host, "port": place.port}


class ClusterTopology(Topology):
    """
    A key lives where its slot lives, and commands go there. So do classic publications, which any node takes: all of a
    channel pass one node, so everybody hears them in one order. Classic subscriptions may be anywhere.
    """

    is_moving = True

    def __init__(self, seeds: Sequence[Place], options: Options, *, is_sharded: bool) -> None:
        super().__init__(options, is_sharded=is_sharded)
        self._seeds = list(seeds)
        self._owners: dict[int, Place] = {}
        self._ear: Place | None = None

    def asking(self) -> Asking:
        known = list(dict.fromkeys([*self.places(), *self._seeds]))
        random.shuffle(known)
        for place in known:
            answer = yield place, ("CLUSTER", "SLOTS")
            if owners := _owners_of(answer or (), place):
                self._owners = owners
                if self._ear not in self.places():
                    self._ear = random.choice(sorted(self.places()))  # noqa: S311
                return
        raise BrokerAway("no node of the Redis Cluster knows its slots")

    def place_of(self, key: str) -> Place | None:
        return self._owners.get(key_slot(key.encode()))

    def listening_place_of(self, key: str) -> Place | None:
        return self.place_of(key) if self.is_sharded else self._ear

    def places(self) -> frozenset[Place]:
        return frozenset(self._owners.values())

    def note_move(self, slot: int, place: Place) -> None:
        self._owners[slot] = place

    def avoid(self, place: Place) -> None:
        others = sorted(self.places() - {place})
        if self._ear == place and others:
            self._ear = random.choice(others)  # noqa: S311


def topology_from(url: str) -> Topology:
    """
    `redis://`, `rediss://`, `unix://` as redis-py reads them; `redis+sentinel://HOST:PORT,HOST:PORT/MASTER[/DB]`,
    `redis+cluster://HOST:PORT,HOST:PORT` and both with `rediss+` for TLS.

    Raises ValueError.
    """
    parts = urllib.parse.urlsplit(url)
    scheme, plus, kind = parts.scheme.partition("+")
    query = dict(urllib.parse.parse_qsl(parts.query))
    is_sharded = query.pop("sharded", "0").lower() in ("1", "true", "yes")
    sentinel = {name: query.pop(f"sentinel_{name}") for name in ("username", "password") if f"sentinel_{name}" in query}
    if not plus:
        options = _options_from(parts, scheme, query)
        host, port = options.pop("host", "localhost"), options.pop("port", _DEFAULT_PORT)
        place = Place(options["path"], 0) if "path" in options else Place(host, port)
        return Topology(options, is_sharded=is_sharded, place=place)
    credentials, _, hosts = parts.netloc.rpartition("@")
    if kind == "cluster":
        seeds = [_place_from(host, _DEFAULT_PORT) for host in hosts.split(",")]
        options = _options_from(parts._replace(netloc=f"{credentials}@" if credentials else "", path=""), scheme, query)
        return ClusterTopology(seeds, options, is_sharded=is_sharded)
    if kind != "sentinel":
        raise ValueError(f"{parts.scheme}:// is no way to reach Redis")
    name, _, db = parts.path.strip("/").partition("/")
    if not name:
        raise ValueError("the URL of Redis by Sentinel names no master: redis+sentinel://HOST:PORT/MASTER")
    options = _options_from(
        parts._replace(netloc=f"{credentials}@" if credentials else "", path=f"/{db}"), scheme, query
    )
    strangers = {key: value for key, value in options.items() if key not in ("username", "password", "db")}
    places = [_place_from(host, _DEFAULT_SENTINEL_PORT) for host in hosts.split(",")]
    return SentinelTopology(places, name, options, {**strangers, **sentinel}, is_sharded=is_sharded)


def _options_from(parts: urllib.parse.SplitResult, scheme: str, query: dict[str, str]) -> Options:
    url = parts._replace(scheme=scheme, query=urllib.parse.urlencode(query)).geturl()
    options: Options = dict(redis.asyncio.connection.parse_url(url))
    # Time limits are ours; a pool is not used.
    for name in ("socket_timeout", "socket_connect_timeout", "max_connections", "protocol", "retry_on_timeout"):
        options.pop(name, None)
    return options


def _place_from(text: str, default_port: int) -> Place:
    parts = urllib.parse.urlsplit(f"//{text}")
    if not parts.hostname:
        raise ValueError(f"{text!r} is no HOST:PORT")
    return Place(parts.hostname, parts.port or default_port)


def _owners_of(answer: Answer, asked: Place) -> dict[int, Place]:
    """From `CLUSTER SLOTS`: [first, last, [host, port, ...], replicas...]. Without a host, it is the one asked."""
    owners = {}
    for first, last, master, *_ in answer:
        place = Place(_text(master[0]) or asked.host, int(master[1]))
        owners.update(dict.fromkeys(range(first, last + 1), place))
    return owners


def _text(value: bytes | str | None) -> str:
    text = value.decode() if isinstance(value, bytes) else value or ""
    return "" if text == "?" else text
