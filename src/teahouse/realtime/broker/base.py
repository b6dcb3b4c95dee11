"""The port of all brokers, and what travels between processes: signed, so that a forged hint changes nothing."""

import hashlib
import hmac
from collections.abc import Callable
from typing import Protocol

import msgspec

from teahouse.realtime.application import Publication

_SIGNATURE_BYTES = 16


class Disconnect(msgspec.Struct, frozen=True, kw_only=True, tag="disconnect"):
    """Close the connections of a person, or of one login session."""

    user_id: int | None = None
    sid: str | None = None


class Published(msgspec.Struct, frozen=True, kw_only=True, tag="published"):
    publication: Publication


Hint = Published | Disconnect


class Broker(Protocol):
    """Used on the loop, except `publish`, which any thread may call once the broker has started."""

    async def start(self, receive: Callable[[Hint], None], reconnected: Callable[[], None]) -> None:
        """
        Begin. `receive` is called on the loop with each hint of any process, this one's own included;
        `reconnected` when hints may have been missed.
        """

    async def stop(self) -> None: ...

    def publish(self, hint: Hint) -> None:
        """Never waits and never raises for a broker that is away: what it cannot carry is found in the history."""

    async def subscribe(self, channel: str) -> None:
        """Returns once hints of the channel arrive, or after a second without an answer. Repeating is harmless."""

    def unsubscribe(self, channel: str) -> None: ...

    def is_up(self) -> bool: ...


class Seal:
    """Hints to signed bytes and back."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder: msgspec.msgpack.Decoder[Hint] = msgspec.msgpack.Decoder(Hint)

    def close(self, hint: Hint) -> bytes:
        body = self._encoder.encode(hint)
        return self._sign(body) + body

    def open(self, sealed: bytes) -> Hint | None:
        """None for anything that this site did not sign."""
        signature, body = sealed[:_SIGNATURE_BYTES], sealed[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._sign(body)):
            return None
        try:
            return self._decoder.decode(body)
        except msgspec.DecodeError:
            return None

    def _sign(self, body: bytes) -> bytes:
        return hashlib.blake2b(body, key=self._key, digest_size=_SIGNATURE_BYTES).digest()
