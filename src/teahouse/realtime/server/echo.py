"""
An echo over `wire/framing.py`, for the Autobahn|Testsuite and nothing else: `teahouse bench echo --port 9001`.

It says back what it hears, to anybody on this machine and on any path, so it has no place beside a real server. What
the suite asks (RFC 6455) is what `fast.py` does with the same frames, but with messages up to 16 MiB.
"""

import asyncio
import base64
import contextlib
import enum
import hashlib
import re
import signal
import socket
from typing import cast

import uvicorn

from teahouse.realtime.wire import framing

# Group 9 sends so much in one message, and cuts it into frames down to 64 bytes (4 MiB of them) or 128 (16 MiB).
_MOST_BYTES = 16 * 1_048_576
_MOST_FRAGMENTS = 131_072
_MOST_HEAD_BYTES = 16_384
_END_SECONDS = 5.0
_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_KEY = re.compile(rb"\r\nsec-websocket-key:[ \t]*([A-Za-z0-9+/]{22}==)[ \t]*\r\n", re.IGNORECASE)


class _State(enum.Enum):
    HANDSHAKE = enum.auto()
    OPEN = enum.auto()
    # Our last byte is on its way; what still comes is passed over.
    ENDED = enum.auto()


class Echo(asyncio.Protocol):
    """One connection: each message comes back as it came, as text or binary, in one frame."""

    def __init__(self) -> None:
        self._state = _State.HANDSHAKE
        self._head = b""
        self._reader = framing.FrameReader(max_bytes=_MOST_BYTES, max_fragments=_MOST_FRAGMENTS)
        self._transport = cast(asyncio.Transport, None)
        self._end_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=_MOST_BYTES)

    def connection_lost(self, exc: Exception | None) -> None:
        self._state = _State.ENDED
        if self._end_timer is not None:
            self._end_timer.cancel()

    def pause_writing(self) -> None:
        # Who does not listen is not listened to.
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        if self._state is _State.HANDSHAKE:
            data = self._shake_hands(data)
        if data and self._state is _State.OPEN:
            self._echo(data)

    def _shake_hands(self, data: bytes) -> bytes:
        """What comes behind the head (RFC 6455 §4.2); empty while there is more of the head to come."""
        self._head += data
        head, end, rest = self._head.partition(b"\r\n\r\n")
        if not end:
            if len(self._head) > _MOST_HEAD_BYTES:
                self._end(b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n\r\n")
            return b""
        self._head = b""
        key = _KEY.search(head + b"\r\n")
        if not head.startswith(b"GET ") or key is None:
            self._end(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            return b""
        accept = base64.b64encode(hashlib.sha1(key[1] + _MAGIC, usedforsecurity=False).digest())
        self._transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        self._state = _State.OPEN
        return rest

    def _echo(self, data: bytes) -> None:
        answers: list[bytes] = []
        for frame in self._reader.receive(data):
            if frame.kind is framing.Kind.CLOSE:
                # §5.5.1: the same code, and nothing after it; §7.1.1: the server ends the connection first.
                self._end(b"".join((*answers, framing.close_frame(frame.code))))
                return
            answers.append(_answer_to(frame))
        if self._reader.failure is not None:
            failure = self._reader.failure
            answers.append(framing.close_frame(failure.code, str(failure)))
            self._end(b"".join(answers))
        else:
            self._transport.writelines(answers)

    def _end(self, last: bytes) -> None:
        """Close our side and wait for the peer's: a connection closed with bytes unread is reset, and `last` lost."""
        self._state = _State.ENDED
        self._transport.write(last)
        self._transport.write_eof()
        self._end_timer = asyncio.get_running_loop().call_later(_END_SECONDS, self._transport.abort)


def listen(port: int) -> socket.socket:
    """On loopback. Raises OSError, for instance when the port is taken."""
    return socket.create_server(("127.0.0.1", port), backlog=128)


def run(listener: socket.socket) -> None:
    """Echo until SIGINT or SIGTERM."""
    with asyncio.Runner(loop_factory=uvicorn.Config("", log_config=None).get_loop_factory()) as runner:
        runner.run(_serve(listener))


async def _serve(listener: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    told_to_end = asyncio.Event()
    with contextlib.suppress(NotImplementedError):  # Windows; Ctrl+C ends it there as it ends any program.
        for sign in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(sign, told_to_end.set)
    server = await loop.create_server(Echo, sock=listener)
    await told_to_end.wait()
    server.close()


def _answer_to(frame: framing.Frame) -> bytes:
    if frame.kind is framing.Kind.TEXT:
        return framing.text_frame(frame.text.encode())
    if frame.kind is framing.Kind.BINARY:
        return framing.binary_frame(frame.data)
    if frame.kind is framing.Kind.PING:
        return framing.pong_frame(frame.data)
    # A pong is not answered (§5.5.3).
    return b""
