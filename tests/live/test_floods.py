"""
Floods over open sockets: what breaks the rules is cut, what only is too much is slowed, and nobody else waits for it.
Those who do not read are in `test_leaving.py`, those who do not finish a request in `test_http_door.py`.
"""

import contextlib
import pathlib
import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from websockets.frames import Frame, Opcode

from tests.live.server import Server, running
from tests.services import wait_until

_FLOODERS = 5


def _sent(opcode: Opcode, data: bytes = b"", *, fin: bool = True) -> bytes:
    return Frame(opcode, data, fin).serialize(mask=True)


@pytest.fixture(scope="module")
def own_fast_house(_fresh_data: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose memory nobody else uses."""
    data = tmp_path_factory.mktemp("flooded") / "data"
    shutil.copytree(_fresh_data, data)
    with running(data, TEAHOUSE_SENDS_PER_SECOND="1000") as server:
        yield server


class _Flooder:
    """A connection of alice's that sends `first` once and then `more` for as long as it is let."""

    def __init__(self, house: Server, token: str, first: bytes, more: bytes) -> None:
        self._raw = socket.create_connection(("127.0.0.1", house.port), 5)
        self._raw.sendall(
            f"GET /infra/ws?token={token} HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            "\r\n".encode()
        )
        assert self._raw.recv(12) == b"HTTP/1.1 101"
        self.sent_bytes = 0
        self.is_cut = False
        self._thread = threading.Thread(target=self._flood, args=(first, more), daemon=True)
        self._thread.start()

    def _flood(self, first: bytes, more: bytes) -> None:
        try:
            self._raw.sendall(first)
            while True:
                self.sent_bytes += self._raw.send(more)
        except OSError:
            self.is_cut = True

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._raw.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._raw.close()


@contextlib.contextmanager
def _flooded(house: Server, first: bytes, more: bytes) -> Iterator[list[_Flooder]]:
    token = house.tokens("alice")["refresh"]
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(contextlib.closing(_Flooder(house, token, first, more * 8000)))
            for _ in range(_FLOODERS)
        ]


def _resident_mib(house: Server) -> float:
    status = pathlib.Path(f"/proc/{house.pid}/status")
    found = re.search(r"VmRSS:\s+(\d+)", status.read_text()) if status.exists() else None
    return int(found[1]) / 1024 if found else 0.0


class _Others:
    """Somebody who is there already, and somebody who comes, for as long as a flood lasts."""

    def __init__(self, house: Server) -> None:
        self._house = house
        self._resident_before = _resident_mib(house)

    def are_served(self) -> bool:
        self._one.ping(1)
        started = time.monotonic()
        with self._house.connect_as("carol", open_timeout=2) as new:
            new.ping(2)
        assert time.monotonic() < started + 2
        assert _resident_mib(self._house) < self._resident_before + 20
        return True

    def __enter__(self) -> "_Others":
        self._one = self._house.connect_as("bob")
        self.are_served()
        return self

    def __exit__(self, *_: object) -> None:
        self._one.close()


@pytest.mark.parametrize(
    ("first", "more", "reason"),
    [
        pytest.param(b"", _sent(Opcode.PING), "control_flood", id="pings"),
        pytest.param(b"", _sent(Opcode.PONG, b"x" * 125), "control_flood", id="pongs"),
        pytest.param(_sent(Opcode.TEXT, fin=False), _sent(Opcode.CONT, fin=False), "bad_framing", id="empty fragments"),
        pytest.param(
            _sent(Opcode.BINARY, fin=False), _sent(Opcode.CONT, b"x", fin=False), "bad_framing", id="tiny fragments"
        ),
        pytest.param(b"\x81\x00", _sent(Opcode.TEXT), "bad_framing", id="whatever, after a frame without a mask"),
    ],
)
def test_a_flood_that_is_no_conversation_is_cut_and_nobody_else_waits(
    own_fast_house: Server, first: bytes, more: bytes, reason: str
) -> None:
    before = own_fast_house.metric("teahouse_ended_total", reason=reason)
    with _Others(own_fast_house) as others, _flooded(own_fast_house, first, more) as flooders:
        started = time.monotonic()
        while not all(flooder.is_cut for flooder in flooders):
            assert time.monotonic() < started + 15
            assert others.are_served()

    assert before + _FLOODERS == own_fast_house.metric("teahouse_ended_total", reason=reason)
    assert "Traceback" not in own_fast_house.log


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(_sent(Opcode.TEXT), id="empty messages"),
        pytest.param(_sent(Opcode.TEXT, b"x"), id="messages of one letter"),
        pytest.param(_sent(Opcode.TEXT, b"ping"), id="heartbeats whose answers nobody reads"),
        pytest.param(_sent(Opcode.TEXT, fin=False) + _sent(Opcode.CONT), id="empty messages in two fragments"),
    ],
)
def test_a_flood_of_tiny_messages_keeps_nobody_else_waiting(own_fast_house: Server, more: bytes) -> None:
    with _Others(own_fast_house) as others, _flooded(own_fast_house, b"", more) as flooders:
        # More than the buffers between us hold, and a while after that.
        wait_until(lambda: all(flooder.sent_bytes > 200_000 for flooder in flooders), seconds=20)
        started = time.monotonic()
        while time.monotonic() < started + 3:
            assert others.are_served()

    assert "Traceback" not in own_fast_house.log
