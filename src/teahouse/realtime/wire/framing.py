"""
WebSocket frames (RFC 6455 §5) of a server: strict reading, and writing without masks or extensions. Sans-I/O.

A length over the limit is refused when it is declared, before anything of it is kept.
"""

import codecs
import enum
import struct
import sys
from typing import NamedTuple

from websockets.speedups import apply_mask

_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
_OPCODES = frozenset((_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG))
# Codes a peer may send (§7.4 and the IANA registry): the others are reserved or never on the wire.
_CLOSE_CODES = frozenset((*range(1000, 1004), *range(1007, 1015)))
_MOST_CONTROL_BYTES = 125

PROTOCOL_ERROR, BAD_UTF8, TOO_BIG, POLICY = 1002, 1007, 1009, 1008


class Kind(enum.Enum):
    TEXT = "text"
    BINARY = "binary"
    PING = "ping"
    PONG = "pong"
    CLOSE = "close"


class Frame(NamedTuple):
    """A whole message or a control frame. `text` is set for TEXT, `data` for the others; `code` for CLOSE."""

    kind: Kind
    text: str = ""
    data: bytes = b""
    code: int = 0


class BadFraming(Exception):
    """The peer broke the protocol: close with `code` and read no more."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class FrameReader:
    """Bytes in, frames out. After a `failure` or a CLOSE frame it must not be fed again."""

    __slots__ = ("_buffer", "_fragments", "_message", "_message_bytes", "_message_text", "_utf8", "failure",
                 "is_behind", "max_bytes", "max_fragments")  # fmt: skip

    def __init__(self, *, max_bytes: int, max_fragments: int) -> None:
        self.max_bytes = max_bytes
        self.max_fragments = max_fragments
        # What the peer broke; the frames before it are good.
        self.failure: BadFraming | None = None
        # Whether there may be whole frames left: `receive(b"")` goes on.
        self.is_behind = False
        # What is not a whole frame yet.
        self._buffer: bytearray | None = None
        # The message that has begun, when it comes in fragments; all None or 0 between messages.
        self._message: list[bytes] | None = None
        self._message_text: list[str] | None = None
        self._utf8: codecs.IncrementalDecoder | None = None
        self._message_bytes = 0
        self._fragments = 0

    def receive(self, data: bytes, *, most: int = sys.maxsize) -> list[Frame]:
        """The frames that `data` completes, in order, up to a `failure`, and not more than `most` with fragments."""
        if self._buffer is not None:
            self._buffer += data
            source: bytes | bytearray = self._buffer
        else:
            source = data
        frames: list[Frame] = []
        try:
            self._read(source, frames, most)
        except BadFraming as failure:
            self.failure = failure
            self._buffer = None
        return frames

    def _read(self, source: bytes | bytearray, frames: list[Frame], left: int) -> None:
        start, size = 0, len(source)
        self.is_behind = False
        while size - start >= 2:
            if not left:
                self.is_behind = True
                break
            left -= 1
            header, length = self._header(source, start, size)
            if length < 0 or size - start < header + length:
                break
            mask = source[start + header - 4 : start + header]
            payload = apply_mask(source[start + header : start + header + length], mask) if length else b""
            frame = self._frame(source[start], payload)
            start += header + length
            if frame is not None:
                frames.append(frame)
                if frame.kind is Kind.CLOSE:
                    self._buffer = None
                    return
        if start == size:
            self._buffer = None
        elif self._buffer is None:
            self._buffer = bytearray(source[start:])
        elif start:
            del self._buffer[:start]

    def _header(self, source: bytes | bytearray, start: int, size: int) -> tuple[int, int]:
        """The length of the header with its mask, and of the payload; -1 when that is not there yet."""
        first, second = source[start], source[start + 1]
        opcode = first & 0x0F
        if first & 0x70:
            raise BadFraming(PROTOCOL_ERROR, "reserved bits are set")
        if opcode not in _OPCODES:
            raise BadFraming(PROTOCOL_ERROR, "unknown opcode")
        if not second & 0x80:
            raise BadFraming(PROTOCOL_ERROR, "not masked")
        length, header = second & 0x7F, 6
        if opcode >= _CLOSE:
            if length > _MOST_CONTROL_BYTES or not first & 0x80:
                raise BadFraming(PROTOCOL_ERROR, "a control frame that is long or fragmented")
            return header, length
        if (opcode == _CONTINUATION) != (self._fragments > 0):
            raise BadFraming(PROTOCOL_ERROR, "a continuation of nothing, or a message within a message")
        if length == 126:
            if size - start < 4:
                return 0, -1
            length, header = int.from_bytes(source[start + 2 : start + 4], "big"), 8
            if length < 126:
                raise BadFraming(PROTOCOL_ERROR, "a length that is not written in the shortest way")
        elif length == 127:
            if size - start < 10:
                return 0, -1
            length, header = int.from_bytes(source[start + 2 : start + 10], "big"), 14
            if length < 65_536 or length >= 1 << 63:
                raise BadFraming(PROTOCOL_ERROR, "a length that is not written in the shortest way")
        if self._message_bytes + length > self.max_bytes:
            raise BadFraming(TOO_BIG, "a message larger than allowed")
        return header, length

    def _frame(self, first: int, payload: bytes) -> Frame | None:
        opcode, final = first & 0x0F, bool(first & 0x80)
        if opcode == _TEXT and final:
            try:
                return Frame(Kind.TEXT, text=payload.decode("utf-8"))
            except UnicodeDecodeError:
                raise BadFraming(BAD_UTF8, "not UTF-8") from None
        if opcode == _BINARY and final:
            return Frame(Kind.BINARY, data=payload)
        if opcode == _PING:
            return Frame(Kind.PING, data=payload)
        if opcode == _PONG:
            return Frame(Kind.PONG, data=payload)
        if opcode == _CLOSE:
            return _close_frame(payload)
        return self._fragment(opcode, payload, final=final)

    def _fragment(self, opcode: int, payload: bytes, *, final: bool) -> Frame | None:
        self._fragments += 1
        if self._fragments > self.max_fragments:
            raise BadFraming(POLICY, "too many fragments")
        if opcode == _TEXT:
            self._utf8, self._message_text = codecs.getincrementaldecoder("utf-8")(), []
        elif opcode == _BINARY:
            self._message = []
        self._message_bytes += len(payload)
        frame = None
        if self._utf8 is not None and self._message_text is not None:
            try:
                # Each fragment is judged as it comes, and a character may be cut in two by their border.
                self._message_text.append(self._utf8.decode(payload, final))
            except UnicodeDecodeError:
                raise BadFraming(BAD_UTF8, "not UTF-8") from None
            if final:
                frame = Frame(Kind.TEXT, text="".join(self._message_text))
        elif self._message is not None:
            self._message.append(payload)
            if final:
                frame = Frame(Kind.BINARY, data=b"".join(self._message))
        if final:
            self._message = self._message_text = self._utf8 = None
            self._message_bytes = self._fragments = 0
        return frame


def text_frame(text: bytes) -> bytes:
    """`text` is UTF-8."""
    return _framed(0x80 | _TEXT, text)


def binary_frame(data: bytes) -> bytes:
    return _framed(0x80 | _BINARY, data)


def ping_frame(data: bytes = b"") -> bytes:
    return _framed(0x80 | _PING, data)


def pong_frame(data: bytes) -> bytes:
    return _framed(0x80 | _PONG, data)


def close_frame(code: int, reason: str = "") -> bytes:
    """`reason` is cut to what fits a control frame, at the border of a character. Without a code: an empty frame."""
    if not code:
        return _framed(0x80 | _CLOSE, b"")
    text = reason.encode("utf-8")[: _MOST_CONTROL_BYTES - 2].decode("utf-8", errors="ignore")
    return _framed(0x80 | _CLOSE, struct.pack("!H", code) + text.encode("utf-8"))


def _framed(first: int, payload: bytes) -> bytes:
    length = len(payload)
    if length < 126:
        return bytes((first, length)) + payload
    if length < 65_536:
        return struct.pack("!BBH", first, 126, length) + payload
    return struct.pack("!BBQ", first, 127, length) + payload


def _close_frame(payload: bytes) -> Frame:
    if not payload:
        return Frame(Kind.CLOSE)
    if len(payload) == 1:
        raise BadFraming(PROTOCOL_ERROR, "half a close code")
    code = int.from_bytes(payload[:2], "big")
    if code not in _CLOSE_CODES and not 3000 <= code < 5000:
        raise BadFraming(PROTOCOL_ERROR, "a close code that may not be sent")
    try:
        payload[2:].decode("utf-8")
    except UnicodeDecodeError:
        raise BadFraming(BAD_UTF8, "not UTF-8") from None
    return Frame(Kind.CLOSE, data=payload[2:], code=code)
