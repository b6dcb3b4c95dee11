"""
What presence looks like in Redis: keys, fields and signed values. Pure.

    <prefix>:presence:{<channel>}     hash: <node>:<life>:<client> -> signature, msgpack of [user, conn_info, chan_info]
    <prefix>:{node-lease}:<node>      signature, msgpack of the life that is whole

A *life* is a number that counts up whenever a process writes all of its connections again. Its lease says which one
is whole, 0 while that is none: fields of older lives, and fields of processes without a lease, are nobody.
"""

import hmac
from typing import NamedTuple

import msgspec

from teahouse.realtime.application import ClientInfo
from teahouse.realtime.broker.base import Seal

_SIGNATURE_BYTES = 16


class Field(NamedTuple):
    node: str
    life: int
    client: str

    def encoded(self) -> bytes:
        return f"{self.node}:{self.life}:{self.client}".encode()


def field_from(field: bytes) -> Field | None:
    """None for what no process of ours has written."""
    try:
        node, life, client = field.decode().split(":", 2)
        return Field(node, int(life), client)
    except ValueError:
        return None


class Records:
    """The signature covers where a value stands, so nothing can be made of it elsewhere, as a hint least of all."""

    def __init__(self, *, prefix: str, seal: Seal) -> None:
        self._prefix = prefix
        self._seal = seal
        self._encoder = msgspec.msgpack.Encoder()
        self._infos = msgspec.msgpack.Decoder(tuple[str, bytes, bytes])
        self._numbers = msgspec.msgpack.Decoder(int)

    def channel_key(self, channel: str) -> str:
        return f"{self._prefix}:presence:{{{channel}}}"

    def lease_key(self, node: str) -> str:
        """All of them in one slot of a Cluster, so that one command reads many."""
        return f"{self._prefix}:{{node-lease}}:{node}"

    def close_info(self, channel: str, field: bytes, info: ClientInfo) -> bytes:
        return self._close(channel, field, self._encoder.encode((info.user, info.conn_info, info.chan_info)))

    def open_info(self, channel: str, field: bytes, client: str, value: bytes) -> ClientInfo | None:
        """None for anything that this site did not sign."""
        body = self._open(channel, field, value)
        if body is None:
            return None
        try:
            user, conn_info, chan_info = self._infos.decode(body)
        except msgspec.DecodeError:
            return None
        return ClientInfo(user, client, conn_info, chan_info)

    def close_lease(self, node: str, whole: int) -> bytes:
        return self._close("", node.encode(), self._encoder.encode(whole))

    def open_lease(self, node: str, value: bytes | None) -> int | None:
        """The whole life; None without a lease of ours."""
        body = None if value is None else self._open("", node.encode(), value)
        try:
            return None if body is None else self._numbers.decode(body)
        except msgspec.DecodeError:
            return None

    def _close(self, channel: str, field: bytes, body: bytes) -> bytes:
        return self._sign(channel, field, body) + body

    def _open(self, channel: str, field: bytes, value: bytes) -> bytes | None:
        signature, body = value[:_SIGNATURE_BYTES], value[_SIGNATURE_BYTES:]
        return body if hmac.compare_digest(signature, self._sign(channel, field, body)) else None

    def _sign(self, channel: str, field: bytes, body: bytes) -> bytes:
        # No hint begins with a "p": the body of one is a map.
        where = channel.encode()
        return self._seal.sign(b"presence %d %d " % (len(where), len(field)) + where + field + body)
