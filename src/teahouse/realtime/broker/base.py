"""The port of all brokers, and what travels between processes: signed, so that a forged hint changes nothing."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

import msgspec

from teahouse.realtime.application import ClientInfo, Publication

_SIGNATURE_BYTES = 16


class BrokerAway(Exception):
    """The broker has not taken it: nobody, or not everybody, will hear of it."""


class Published(msgspec.Struct, frozen=True, kw_only=True, tag="published"):
    """To the processes that listen to the channel."""

    publication: Publication


class PresenceChanged(msgspec.Struct, frozen=True, kw_only=True, tag="presence"):
    """To the processes that listen to the channel: connections of the process `node` have come or gone."""

    channel: str
    node: str
    joined: tuple[ClientInfo, ...] = ()
    left: tuple[ClientInfo, ...] = ()


class Removed(msgspec.Struct, frozen=True, kw_only=True, tag="removed"):
    """To the processes that listen to the channel: what they remember of its history is not to be given to anybody."""

    channel: str


class Ended(msgspec.Struct, frozen=True, kw_only=True, tag="ended"):
    """To all: a person or a login session may not be welcome any more; ask the application."""

    user: str | None = None
    sid: str | None = None


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Which connections an order means: all of a user, or one of them by its `client` id or its `session`."""

    user: str
    client: str = ""
    session: str = ""


class Order(msgspec.Struct, frozen=True, kw_only=True, tag="order"):
    """
    To all: do this to the connections of `target`. Obeyed once: `id` is another one each time, and `at` (seconds
    since 1970) says how old it is, so a broker that repeats it changes nothing.
    """

    id: str
    at: float
    target: Target
    do: "Do"


class DoDisconnect(msgspec.Struct, frozen=True, kw_only=True, tag="disconnect"):
    code: int
    reason: str
    # Clients that stay.
    spare: tuple[str, ...] = ()


class DoSubscribe(msgspec.Struct, frozen=True, kw_only=True, tag="subscribe"):
    channel: str
    info: bytes = b""
    data: bytes = b""
    expires_at: float | None = None
    # Bring the new subscription here from this position, if the history reaches back so far.
    since_offset: int = 0
    since_epoch: str = ""


class DoUnsubscribe(msgspec.Struct, frozen=True, kw_only=True, tag="unsubscribe"):
    channel: str
    code: int
    reason: str


class DoRefresh(msgspec.Struct, frozen=True, kw_only=True, tag="refresh"):
    """The connection expires at `expires_at` (None: never), or right away."""

    expires_at: float | None = None
    is_expired: bool = False


Do: TypeAlias = DoDisconnect | DoSubscribe | DoUnsubscribe | DoRefresh


class Emulated(msgspec.Struct, frozen=True, kw_only=True, tag="emulated"):
    """
    To the process `node`: what a client of http_stream or SSE has sent, which came in at the process `answer_to`. It is
    answered with an Answer of the same `id`, in which is a `server.emulation.Outcome`.
    """

    node: str
    session: str
    data: bytes
    id: str = ""
    answer_to: str = ""


class LayerMessage(msgspec.Struct, frozen=True, kw_only=True, tag="layer"):
    """
    To the process `node`, for a channel of a Channels layer there: an event, or a group that the channel `joins` or
    `leaves`.
    """

    node: str
    channel: str
    data: bytes = b""
    joins: str = ""
    leaves: str = ""


class Question(msgspec.Struct, frozen=True, kw_only=True, tag="question"):
    """To all: each answers to the process `node`. `about` is "channels" or "info", `pattern` for channels."""

    id: str
    node: str
    about: str
    pattern: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag="answer"):
    """To the process `to`; `data` is JSON."""

    id: str
    to: str
    node: str
    data: bytes


Hint: TypeAlias = Published | PresenceChanged | Removed | Ended | Order | Emulated | LayerMessage | Question | Answer


class Broker(Protocol):
    """Used on the loop, except `publish`, which any thread may call once the broker has started."""

    # Whether this process is the only one: then subscribing waits for nothing, and what is published has arrived.
    is_local: bool

    async def start(self, node: str, receive: Callable[[Hint], None], reconnected: Callable[[], None]) -> None:
        """
        Begin, as the process `node`. `receive` is called on the loop with each hint that is for this process, its own
        included; `reconnected` when hints may have been missed.
        """

    async def stop(self) -> None: ...

    def publish(self, hint: Hint) -> None:
        """
        Never waits and never raises for a broker that is away: what it cannot carry is found in the history. This
        process may receive it twice.
        """

    def publish_all(self, hints: Sequence[Published]) -> None:
        """As `publish`, of each in its order; on the loop."""

    async def carry(self, hint: Hint) -> None:
        """
        Returns once the broker has taken it; every process receives it once, in one order.

        Raises:
            BrokerAway: within two seconds, when it has not.
        """

    async def subscribe(self, channel: str) -> None:
        """Returns once hints of the channel arrive, or after a second without an answer. Repeating is harmless."""

    def unsubscribe(self, channel: str) -> None: ...

    def is_up(self) -> bool: ...

    @property
    def lag_seconds(self) -> float:
        """How long the broker took to take the last hint, or is taking now."""


def channel_of(hint: Hint) -> str | None:
    """The channel whose listeners it is for, None when it is for all or for one process."""
    if isinstance(hint, Published):
        return hint.publication.channel
    return hint.channel if isinstance(hint, PresenceChanged | Removed) else None


def node_of(hint: Hint) -> str | None:
    """The process it is for."""
    if isinstance(hint, Emulated | LayerMessage):
        return hint.node
    return hint.to if isinstance(hint, Answer) else None


class Seal:
    """Hints to signed bytes and back."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder: msgspec.msgpack.Decoder[Hint] = msgspec.msgpack.Decoder(Hint)

    def close(self, hint: Hint) -> bytes:
        body = self._encoder.encode(hint)
        return self.sign(body) + body

    def open(self, sealed: bytes) -> Hint | None:
        """None for anything that this site did not sign."""
        signature, body = sealed[:_SIGNATURE_BYTES], sealed[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self.sign(body)):
            return None
        try:
            return self._decoder.decode(body)
        except msgspec.DecodeError:
            return None

    def sign(self, body: bytes) -> bytes:
        return hashlib.blake2b(body, key=self._key, digest_size=_SIGNATURE_BYTES).digest()
