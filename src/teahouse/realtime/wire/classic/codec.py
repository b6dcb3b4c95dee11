"""The double JSON envelope `{"type": ..., "content": "<JSON>"}`, in and out. No other module reads or writes it."""

import msgspec


class BadFrame(ValueError):
    """The text is not an envelope."""


class Envelope(msgspec.Struct, frozen=True):
    """`content` is JSON text; it is not looked into here."""

    type: str
    content: str = "{}"


_decoder = msgspec.json.Decoder(Envelope)
_encoder = msgspec.json.Encoder()


def decode(text: str) -> Envelope:
    """
    The envelope in `text`; unknown fields are passed over, a missing `content` reads as `{}`.

    Raises:
        BadFrame: not JSON, no object, no `type`, a field of another type, too deep, or a lone surrogate.
    """
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise BadFrame(str(error)) from None


def encode(kind: str, content: msgspec.Struct) -> str:
    """The frame for `content`. Characters beyond ASCII are sent as they are, not as escapes: a third of the bytes."""
    inner = _encoder.encode(content).decode()
    return _encoder.encode({"type": kind, "content": inner}).decode()
