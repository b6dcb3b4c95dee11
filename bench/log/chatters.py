"""
Connections that send messages and note when each is acknowledged and seen. Written for the load generator's own speed:
frames are found in the bytes, and only what is needed of them is decoded.
"""

import asyncio
import base64
import json
import os
import struct
import time
from collections.abc import Callable
from typing import Any

_PONG = b"{}"


class Tally:
    """What all chatters of a measure have seen. `acked_after` and `seen_after` are seconds."""

    def __init__(self) -> None:
        self.acked = 0
        self.pushed = 0
        self.refused: dict[str, int] = {}
        self.acked_after: list[float] = []
        self.seen_after: list[float] = []

    def begin(self) -> None:
        self.acked = self.pushed = 0
        self.refused = {}
        self.acked_after, self.seen_after = [], []


class Chatter(asyncio.Protocol):
    """
    One native connection. With `window` it sends as soon as fewer than so many are unanswered; `say` sends one more.
    Bodies begin with the time of sending, so whoever sees one knows how old it is.
    """

    path = "/connection/websocket"

    def __init__(self, tally: Tally, *, token: str, room: int, name: str, window: int = 0, sees: bool = False) -> None:
        self.tally = tally
        self.token = token
        self.room = room
        self.name = name
        self.window = window
        self.sees = sees
        # Where it was in each channel, when it comes back.
        self.positions: dict[str, tuple[int, str]] = {}
        self.ready: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.lost = asyncio.get_running_loop().create_future()
        self._buffer = b""
        self._is_open = False
        self._next = 1
        self._sent_at: dict[int, float] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.WriteTransport = transport  # type: ignore[assignment]
        key = base64.b64encode(os.urandom(16)).decode()
        self.transport.write(
            f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ready.done():
            self.ready.set_exception(ConnectionError("closed before it was connected"))
            # Nobody may be waiting any more.
            self.ready.exception()
        if not self.lost.done():
            self.lost.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._is_open:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head[:40]:
                raise ConnectionError(head[:200])
            self._is_open = True
            self._buffer = rest
            self.hello()
        self._read()

    def _read(self) -> None:
        buffer, place, size = self._buffer, 0, len(self._buffer)
        while size - place >= 2:
            length, head = buffer[place + 1], 2
            if length == 126:
                head = 4
                if size - place < head:
                    break
                length = int.from_bytes(buffer[place + 2 : place + 4], "big")
            elif length == 127:
                head = 10
                if size - place < head:
                    break
                length = int.from_bytes(buffer[place + 2 : place + 10], "big")
            if size - place < head + length:
                break
            if buffer[place] & 15 != 8:
                for line in buffer[place + head : place + head + length].split(b"\n"):
                    self.line(line)
            place += head + length
        self._buffer = buffer[place:]

    # What is said. A peer with another protocol has these in its own words.

    def hello(self) -> None:
        connect: dict[str, object] = {"token": self.token}
        if self.positions:
            connect["subs"] = {
                channel: {"recover": True, "offset": offset, "epoch": epoch}
                for channel, (offset, epoch) in self.positions.items()
            }
        self.write(json.dumps({"id": 1, "connect": connect}).encode())

    def message(self, number: int) -> bytes:
        return (
            b'{"id":%d,"rpc":{"method":"message.send","data":{"room":%d,"client_key":"%s-%d",'
            b'"body":"%.6f is when this message of a sender was sent, which is a line of text"}}}'
        ) % (number, self.room, self.name.encode(), number, time.time())

    def line(self, line: bytes) -> None:
        if line.startswith(b'{"push"'):
            self.tally.pushed += 1
            if self.sees and (begin := line.find(b'"body":"')) > 0:
                sent_at = float(line[begin + 8 : line.index(b" ", begin)])
                self.tally.seen_after.append(time.time() - sent_at)
        elif line.startswith(b'{"id":'):
            number = int(line[6 : line.index(b",")])
            if number == 1:
                self.ready.set_result(line)
            else:
                error = json.loads(line)["error"]["message"] if b'"error"' in line else None
                self.answered(number, error)
        elif line == b"{}":
            self.write(_PONG)

    # For both.

    def start(self) -> None:
        for _ in range(self.window):
            self.say()

    def stop(self) -> None:
        self.window = 0

    def say(self) -> None:
        self._next += 1
        self._sent_at[self._next] = time.perf_counter()
        self.write(self.message(self._next))

    def answered(self, number: int, error: str | None) -> None:
        sent_at = self._sent_at.pop(number)
        if error is None:
            self.tally.acked += 1
            self.tally.acked_after.append(time.perf_counter() - sent_at)
        else:
            self.tally.refused[error] = self.tally.refused.get(error, 0) + 1
        if len(self._sent_at) < self.window:
            self.say()

    def write(self, payload: bytes) -> None:
        size = len(payload)
        head = bytes((0x81, 0x80 | size)) if size < 126 else b"\x81\xfe" + struct.pack(">H", size)
        self.transport.write(head + b"\0\0\0\0" + payload)


class SavingChatter(Chatter):
    """Of the consumer that saves each message by itself."""

    path = "/ws"

    def hello(self) -> None:
        self.ready.set_result(b"{}")

    def message(self, number: int) -> bytes:
        body = b"%.6f is when this message of a sender was sent, which is a line of text" % time.time()
        return b'{"id":%d,"room":%d,"author":%d,"client_key":"%s-%d","body":"%s"}' % (
            number, self.room, 1, self.name.encode(), number, body,
        )  # fmt: skip

    def line(self, line: bytes) -> None:
        if line.startswith(b'{"id":'):
            self.answered(int(line[6 : line.index(b",")]), None)
        elif line.startswith(b'{"push"'):
            self.tally.pushed += 1


class SavingAndTellingChatter(SavingChatter):
    """Of the one that tells the others in the room as well."""

    def __init__(self, tally: Tally, *, room: int, **options: Any) -> None:
        super().__init__(tally, room=room, **options)
        self.path = f"/ws/{room}"


class PostingChatter(SavingChatter):
    """
    Of the view: HTTP/1.1, one request after the other, kept alive. Requests are not sent before the last one was
    answered, so there is one message at a time, whatever `window` says.
    """

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.WriteTransport = transport  # type: ignore[assignment]
        self.ready.set_result(b"{}")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        at = head.lower().find(b"content-length:")
        if at < 0 or b" 200 " not in head[:40]:
            raise ConnectionError(head[:200])
        if len(body) >= int(head[at + 15 :].split(b"\r\n", 1)[0]):
            self._buffer = b""
            self.answered(json.loads(body)["id"], None)

    def start(self) -> None:
        self.window = min(self.window, 1)
        super().start()

    def write(self, payload: bytes) -> None:
        head = "POST /messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: "
        self.transport.write(f"{head}{len(payload)}\r\n\r\n".encode() + payload)


async def connected(port: int, make: Callable[[], Chatter]) -> Chatter:
    _, chatter = await asyncio.get_running_loop().create_connection(make, "127.0.0.1", port)
    await asyncio.wait_for(chatter.ready, 60)
    return chatter
