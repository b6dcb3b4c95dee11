"""The cable: what it does to those at its ends, with a server that says back what it hears."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from tests.faults.proxy import Proxy


@contextlib.asynccontextmanager
async def _cable() -> AsyncIterator[Proxy]:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(1000):
                writer.write(data)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    proxy = Proxy(server.sockets[0].getsockname()[1])
    await proxy.open()
    try:
        yield proxy
    finally:
        await proxy.close()
        server.close()


async def _said_back(proxy: Proxy, seconds: float = 0.1) -> bytes | None:
    """What comes back of a question; None when nothing does in time."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(b"hello")
    try:
        return await asyncio.wait_for(reader.read(100), seconds)
    except TimeoutError:
        return None
    finally:
        writer.transport.abort()


def test_it_passes_what_is_said() -> None:
    async def scene() -> None:
        async with _cable() as proxy:
            assert b"hello" == await _said_back(proxy)

    asyncio.run(scene())


def test_whoever_is_on_a_cable_that_is_cut_is_reset_and_so_is_whoever_comes() -> None:
    async def scene() -> None:
        async with _cable() as proxy:
            reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
            writer.write(b"hello")
            assert b"hello" == await reader.read(100)
            proxy.cut()
            with pytest.raises(ConnectionResetError):
                await reader.read(100)
            with pytest.raises(ConnectionResetError):
                await _said_back(proxy)
            proxy.heal()
            assert b"hello" == await _said_back(proxy)

    asyncio.run(scene())


@pytest.mark.parametrize("direction", ["there", "back"])
def test_what_is_said_into_silence_arrives_when_it_is_over(direction: str) -> None:
    async def scene() -> None:
        async with _cable() as proxy:
            reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
            writer.write(b"one")
            assert b"one" == await reader.read(100)
            proxy.silence("there" if direction == "there" else "back")
            writer.write(b"two")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(100), 0.05)
            proxy.heal()
            assert b"two" == await reader.read(100)
            writer.close()

    asyncio.run(scene())


def test_a_delay_is_there_and_back_and_does_not_add_up() -> None:
    async def scene() -> None:
        async with _cable() as proxy:
            reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
            proxy.delay(0.05)
            clock = asyncio.get_running_loop().time
            began = clock()
            for _ in range(10):
                writer.write(b"x")
                await asyncio.sleep(0)
            heard = b""
            while len(heard) < 10:
                heard += await reader.read(100)
            assert 0.1 <= clock() - began < 0.5
            writer.close()

    asyncio.run(scene())


def test_a_narrow_cable_passes_only_so_much_a_second() -> None:
    async def scene() -> None:
        async with _cable() as proxy:
            proxy.throttle(100)
            assert await _said_back(proxy, 0.05) is None
            proxy.throttle(1_000_000)
            assert b"hello" == await _said_back(proxy)

    asyncio.run(scene())
