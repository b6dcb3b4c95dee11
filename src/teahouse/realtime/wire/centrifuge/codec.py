"""
Commands in, replies out: JSON here, protobuf in `protobuf.py`, behind one port.

JSON: a frame holds one object or several, joined by a newline, so nothing that is written here has a newline in it.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from teahouse.realtime.wire.centrifuge.frames import Command, Reply

# In one frame. A client that comes back subscribes to all its channels in one, and has no more than a few hundred.
MOST_COMMANDS = 2_000


class BadFrame(ValueError):
    """The frame holds no commands."""


class Codec(Protocol):
    """`is_text` says which kind of WebSocket frame carries it."""

    name: str
    is_text: bool

    def commands(self, frame: str | bytes) -> list[Command]:
        """The commands of a frame in their order. Raises BadFrame."""

    def encode(self, reply: Reply) -> bytes:
        """One message, without what separates it from the next."""

    def join(self, messages: Sequence[bytes]) -> bytes:
        """Messages to one frame."""


class JSONCodec:
    name = "json"
    is_text = True

    def __init__(self) -> None:
        self._decoder = msgspec.json.Decoder(Command)
        self._encoder = msgspec.json.Encoder()

    def commands(self, frame: str | bytes) -> list[Command]:
        decode = self._decoder.decode
        try:
            # msgspec does not look for UTF-8 in what it embeds.
            parts = (frame if isinstance(frame, str) else frame.decode()).split("\n", MOST_COMMANDS)
            if len(parts) > 1 and not parts[-1]:
                parts.pop()
            if len(parts) > MOST_COMMANDS:
                raise BadFrame("too many commands")
            return [decode(part) for part in parts]
        except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
            raise BadFrame(str(error)) from None

    def encode(self, reply: Reply) -> bytes:
        return self._encoder.encode(reply)

    def join(self, messages: Sequence[bytes]) -> bytes:
        return b"\n".join(messages)


def one_line(data: bytes) -> bytes:
    """
    JSON as it may be embedded: the same, without line breaks between its tokens. In strings they are escaped anyway.

    Raises:
        BadFrame: for what is no JSON.
    """
    try:
        msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise BadFrame(str(error)) from None
    if b"\n" in data or b"\r" in data:
        return data.replace(b"\n", b"").replace(b"\r", b"")
    return data


JSON = JSONCodec()
