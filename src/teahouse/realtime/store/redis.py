"""
The history of kept channels in Redis, for many processes. What is kept is signed: whoever writes to this Redis can
drop or repeat publications of a channel, and cannot invent any.
"""

import asyncio
import contextlib
import hashlib
import secrets
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import TypeAlias

import msgspec
import redis
import redis.exceptions

from teahouse.realtime.application import ClientInfo, Head, Publication
from teahouse.realtime.broker.base import BrokerAway, Seal
from teahouse.realtime.broker.redis_commands import ASK_SECONDS, Commands
from teahouse.realtime.broker.redis_connection import Finder, for_ever, logger
from teahouse.realtime.broker.redis_once import ask_once
from teahouse.realtime.broker.redis_pipe import Words
from teahouse.realtime.broker.redis_topology import Answer, topology_from
from teahouse.realtime.store import redis_scripts as scripts
from teahouse.realtime.store.base import EPOCH_BYTES, FORGET_SECONDS, IDEMPOTENCY_SECONDS, Kept, Page, Terms

# A channel where nothing was ever published, after somebody has listened for the last time (every process asks for the
# heads of what it listens to much more often), and after its history was read. Names that are made up stay no longer.
_LISTENED_SECONDS = 300
_READ_SECONDS = 60
_MOST_OFFSET = 2**62
_HEADS_AT_ONCE = 1_000
_SIGNATURE_BYTES = 16
# So that a signed entry is no signed hint, whatever it says.
_KIND = b"kept:"

# Of a script: its keys and its arguments.
_Run: TypeAlias = tuple[Sequence[str], Sequence[str | bytes]]


class _Entry(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    channel: str
    data: bytes
    publisher: ClientInfo | None
    tags: dict[str, str] | None


class RedisStore:
    """`url` as `topology_from` reads it; raises ValueError. `prefix` is in front of every key."""

    def __init__(self, url: str, *, prefix: str, seal: Seal) -> None:
        self._prefix = prefix
        self._entries = _Entries(seal)
        self._finder = Finder(topology_from(url))
        self._commands = Commands(self._finder, what="history")

    async def start(self) -> None:
        self._commands.start()
        self._finding = asyncio.get_running_loop().create_task(for_ever(self._finder.run, what="looking for it"))

    async def stop(self) -> None:
        await self._commands.stop()
        self._finding.cancel()
        await asyncio.gather(self._finding, return_exceptions=True)

    async def append(self, publication: Publication, terms: Terms) -> Kept:
        keys = _Keys(self._prefix, publication.channel).for_append(terms)
        arguments = _append_arguments(self._entries.close(publication), terms)
        # All of the script, not its digest: Redis may forget it at any moment and get it back from another process in
        # the next. Of many that are on their way some would be refused then, and done again behind later ones.
        (answer,) = await self._ask("EVAL", scripts.APPEND.source, [(keys, arguments)])
        with _sense():
            return _kept_from(answer, publication)

    async def heads(self, channels: Sequence[str]) -> dict[str, Head]:
        heads: dict[str, Head] = {}
        async with _deadline():
            for start in range(0, len(channels), _HEADS_AT_ONCE):
                names = channels[start : start + _HEADS_AT_ONCE]
                runs = [(_Keys(self._prefix, name).both, _opening(_LISTENED_SECONDS)) for name in names]
                answers = await self._run(scripts.HEAD, runs)
                with _sense():
                    heads.update(zip(names, map(_head_from, answers), strict=True))
        return heads

    async def page(self, channel: str, *, after: int | None, limit: int, reverse: bool = False) -> Page:
        if reverse and after is not None and after <= 0:
            limit = 0
        arguments = [*_opening(_READ_SECONDS), *_range(after, reverse=reverse), str(max(limit, 0))]
        (answer,) = await self._run(scripts.PAGE, [(_Keys(self._prefix, channel).both, arguments)])
        with _sense():
            head = _head_from(answer)
            opened = (self._entries.open(channel, head.epoch, *_entry_from(entry)) for entry in answer[2])
            return Page(publications=[publication for publication in opened if publication is not None], head=head)

    async def remove(self, channel: str) -> None:
        keys = _Keys(self._prefix, channel)
        try:
            await self._commands.ask(keys.meta, "DEL", keys.stream)
        except redis.ResponseError as error:
            raise BrokerAway(f"Redis refuses: {error}") from error

    def is_up(self) -> bool:
        return self._commands.is_up()

    @property
    def lag_seconds(self) -> float:
        return self._commands.lag_seconds

    async def _run(self, script: scripts.Script, runs: Sequence[_Run]) -> list[Answer]:
        """One that may be run again."""
        async with _deadline():
            try:
                return await self._ask("EVALSHA", script.digest, runs)
            except redis.exceptions.NoScriptError:
                return await self._ask("EVAL", script.source, runs)

    async def _ask(self, word: str, script: str, runs: Sequence[_Run]) -> list[Answer]:
        """One round trip a place."""
        try:
            return await self._commands.ask_all(_calls(word, script, runs))
        except redis.exceptions.NoScriptError:
            raise
        except redis.ResponseError as error:
            raise BrokerAway(f"Redis refuses: {error}") from error


def append_once(url: str, *, prefix: str, seal: Seal, publication: Publication, terms: Terms) -> Kept:
    """For processes without an engine: `RedisStore.append`. Raises BrokerAway within two seconds, as the next one."""
    keys = _Keys(prefix, publication.channel).for_append(terms)
    answer = _run_once(url, scripts.APPEND, keys, _append_arguments(_Entries(seal).close(publication), terms))
    with _sense():
        return _kept_from(answer, publication)


def head_once(url: str, *, prefix: str, channel: str) -> Head:
    """`RedisStore.heads` of one channel."""
    answer = _run_once(url, scripts.HEAD, _Keys(prefix, channel).both, _opening(_LISTENED_SECONDS))
    with _sense():
        return _head_from(answer)


def _run_once(url: str, script: scripts.Script, keys: Sequence[str], arguments: Sequence[str | bytes]) -> Answer:
    ((key, words),) = _calls("EVAL", script.source, [(keys, arguments)])
    try:
        return ask_once(topology_from(url), key, *words)
    except redis.ResponseError as error:
        raise BrokerAway(f"Redis refuses: {error}") from error


class _Keys:
    """Of one channel. The braces put them into one slot of a Cluster, so none may be in the name itself."""

    def __init__(self, prefix: str, channel: str) -> None:
        name = channel.replace("%", "%25").replace("{", "%7B").replace("}", "%7D")
        self._base = f"{prefix}:kept:{{{name}}}"
        self.meta = f"{self._base}:head"
        self.stream = f"{self._base}:stream"

    @property
    def both(self) -> tuple[str, str]:
        return self.meta, self.stream

    def for_append(self, terms: Terms) -> tuple[str, ...]:
        if not terms.idempotency_key:
            return self.both
        digest = hashlib.blake2b(terms.idempotency_key.encode(), digest_size=16).hexdigest()
        return *self.both, f"{self._base}:once:{digest}"


class _Entries:
    """Publications to signed bytes and back."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(_Entry)
        self._has_complained = False

    def close(self, publication: Publication) -> bytes:
        body = self._encoder.encode(
            _Entry(publication.channel, publication.data, publication.publisher, publication.tags)
        )
        return self._seal.sign(_KIND + body) + body

    def open(self, channel: str, epoch: str, offset: int, sealed: bytes) -> Publication | None:
        entry = self._open(sealed)
        if entry is None or entry.channel != channel:
            if not self._has_complained:
                self._has_complained = True
                logger.warning("Redis keeps entries that this site did not sign; they are left out.")
            return None
        return Publication(
            channel=channel,
            offset=offset,
            epoch=epoch,
            data=entry.data,
            publisher=entry.publisher,
            tags=entry.tags,
        )

    def _open(self, sealed: bytes) -> _Entry | None:
        signature, body = sealed[:_SIGNATURE_BYTES], sealed[_SIGNATURE_BYTES:]
        if not secrets.compare_digest(signature, self._seal.sign(_KIND + body)):
            return None
        try:
            return self._decoder.decode(body)
        except msgspec.DecodeError:
            return None


@contextlib.asynccontextmanager
async def _deadline() -> AsyncIterator[None]:
    """Nested ones end with the outermost."""
    try:
        async with asyncio.timeout(ASK_SECONDS):
            yield
    except TimeoutError:
        raise BrokerAway(f"no answer within {ASK_SECONDS} s") from None


@contextlib.contextmanager
def _sense() -> Iterator[None]:
    """Who may write to this Redis may have written anything."""
    try:
        yield
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise BrokerAway(f"what Redis keeps makes no sense: {error}") from error


def _calls(word: str, script: str, runs: Iterable[_Run]) -> list[tuple[str, Words]]:
    return [(keys[0], (word, script, str(len(keys)), *keys, *arguments)) for keys, arguments in runs]


def _opening(seconds: float) -> list[str | bytes]:
    """A new epoch, should one be needed, and how long the head lives."""
    return [secrets.token_urlsafe(EPOCH_BYTES), _milliseconds(seconds)]


def _append_arguments(entry: bytes, terms: Terms) -> list[str | bytes]:
    return [
        *_opening(max(FORGET_SECONDS, 2 * terms.seconds)),
        entry,
        str(terms.size),
        _milliseconds(terms.seconds),
        str(terms.version),
        terms.version_epoch,
        _milliseconds(IDEMPOTENCY_SECONDS),
    ]


def _range(after: int | None, *, reverse: bool) -> tuple[str, str, str]:
    """A command and its two ends; "(" leaves out the end itself."""
    beyond = None if after is None else f"({min(max(after, 0), _MOST_OFFSET)}-0"
    return ("XREVRANGE", beyond or "+", "-") if reverse else ("XRANGE", beyond or "-", "+")


def _milliseconds(seconds: float) -> str:
    return str(max(1, round(seconds * 1000)))


def _head_from(answer: Answer) -> Head:
    return Head(int(answer[1]), answer[0].decode())


def _kept_from(answer: Answer, publication: Publication) -> Kept:
    head = _head_from(answer)
    if not int(answer[2]):
        return Kept(head=head, publication=None)
    return Kept(head=head, publication=msgspec.structs.replace(publication, offset=head.offset, epoch=head.epoch))


def _entry_from(answer: Answer) -> tuple[int, bytes]:
    """[id, [name, value]], where somebody else may have written anything into the fields."""
    offset, _, _ = answer[0].partition(b"-")
    return int(offset), answer[1][1]
