"""
Many people who come and go: each connects, asks for something, hears the answers and leaves, one half of them by a
close frame and the other by a TCP reset. For tests and `bench.churn`; it speaks WebSocket itself, which is cheaper.
"""

import asyncio
import itertools
import json
import re
import socket
import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

import psutil
from websockets.frames import Frame, Opcode

from tests.live.native import PATH, PEOPLE, connection_token
from tests.live.server import Server

_AT_ONCE = 50
_SECONDS = 30
_RESET = struct.pack("ii", 1, 0)
_CLOSE = Frame(Opcode.CLOSE, struct.pack("!H", 1000)).serialize(mask=True)
_NAMES = ("alice", "bob", "carol", "dave")


class Visit(NamedTuple):
    """What one of them does: `asking` is one frame, after which `answer` has to be heard so many times."""

    path: str
    asking: str
    answer: bytes
    answers: int


# `number` counts from 0.
Visits = Callable[[int], Visit]


def native_visits(house: Server) -> Visits:
    """Connect, and subscribe to three channels: one of everybody's, one that is kept, one of their own."""
    tokens = itertools.cycle([connection_token(house, user=str(PEOPLE[name]), seconds=86_400) for name in _NAMES])

    def visit(number: int) -> Visit:
        channels = ("plain:churn", "kept:churn", f"seen:churn-{number}")
        commands = [
            {"id": 1, "connect": {"token": next(tokens)}},
            *({"id": n, "subscribe": {"channel": channel}} for n, channel in enumerate(channels, 2)),
        ]
        return Visit(PATH, "\n".join(map(json.dumps, commands)), b'"subscribe":', 3)

    return visit


def classic_visits(house: Server) -> Visits:
    """Connect with the article's token, and ping."""
    paths = itertools.cycle([f"/infra/ws?token={house.tokens(name)['refresh']}" for name in _NAMES])
    return lambda _: Visit(next(paths), "ping", b"pong", 1)


def churn(house: Server, visits: Visits, numbers: range) -> None:
    """One visit for each number, 50 at a time; every second one leaves by a reset. Raises when one is not served."""
    asyncio.run(_churn(house.port, visits, numbers))


async def _churn(port: int, visits: Visits, numbers: range) -> None:
    waiting = iter(numbers)
    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_ONCE):
            group.create_task(_one_after_the_other(port, visits, waiting))


async def _one_after_the_other(port: int, visits: Visits, numbers: Iterator[int]) -> None:
    for number in numbers:
        async with asyncio.timeout(_SECONDS):
            await _come_and_go(port, visits(number), by_reset=bool(number % 2))


async def _come_and_go(port: int, visit: Visit, *, by_reset: bool) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(_handshake(port, visit.path))
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101"), head
        writer.write(Frame(Opcode.TEXT, visit.asking.encode()).serialize(mask=True))
        heard = b""
        while heard.count(visit.answer) < visit.answers:
            data = await reader.read(65_536)
            assert data, heard
            heard += data
        if by_reset:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        else:
            writer.write(_CLOSE)
            while await reader.read(65_536):
                pass
    finally:
        writer.transport.abort()


def _handshake(port: int, path: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()


# What is left of them.


def gauges(house: Server) -> dict[str, float]:
    """Of connections and of what they have not taken yet, by name and labels."""
    found = re.findall(
        r"(?m)^(teahouse_(?:connections|pending_bytes)(?:\{[^}]*\})?) (\S+)", house.http("GET", "/metrics").text
    )
    return {name: float(value) for name, value in found}


def resident_mib(house: Server) -> float:
    return psutil.Process(house.pid).memory_info().rss / 1_048_576
