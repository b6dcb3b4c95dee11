"""The queue of one connection, with a `send` that the test blocks and lets go."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest

from teahouse.realtime.server.outlet import Outlet
from tests.realtime.fakes import until


class Wire:
    """A socket that takes a frame only while `is_open` is set."""

    def __init__(self) -> None:
        self.is_open = asyncio.Event()
        self.sent: list[str] = []
        self.error: Exception | None = None

    async def send(self, frame: str) -> None:
        await self.is_open.wait()
        if self.error is not None:
            raise self.error
        self.sent.append(frame)


@contextlib.asynccontextmanager
async def running(wire: Wire, *, max_bytes: int = 100, max_seconds: float = 10) -> AsyncIterator[Outlet]:
    outlet = Outlet(wire.send, max_bytes=max_bytes, max_seconds=max_seconds)
    task = asyncio.create_task(outlet.run())
    try:
        yield outlet
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 10))


def test_frames_are_sent_in_their_order() -> None:
    async def test() -> None:
        wire = Wire()
        async with running(wire) as outlet:
            outlet.put("1")
            outlet.put("2")
            wire.is_open.set()
            await outlet.flush()
            outlet.put("3")
            await outlet.flush()

            assert ["1", "2", "3"] == wire.sent

    run(test())


def test_flush_waits_until_everything_is_sent() -> None:
    async def test() -> None:
        wire = Wire()
        async with running(wire) as outlet:
            outlet.put("1")
            outlet.put("2")
            flushing = asyncio.create_task(outlet.flush())
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asyncio.shield(flushing), 0.05)
            wire.is_open.set()
            await flushing

            assert ["1", "2"] == wire.sent

    run(test())


def test_flush_of_an_outlet_that_owes_nothing_returns_at_once() -> None:
    async def test() -> None:
        async with running(Wire()) as outlet:
            await outlet.flush()

    run(test())


@pytest.mark.parametrize(
    ("frames", "is_stuck"),
    [
        pytest.param(["a" * 100], False, id="just the limit"),
        pytest.param(["a" * 101], True, id="one more"),
        pytest.param(["a" * 60, "a" * 41], True, id="one more in two frames"),
        pytest.param(["茶" * 33], False, id="Chinese counts three times: below"),
        pytest.param(["茶" * 34], True, id="Chinese counts three times: above"),
    ],
)
def test_it_is_stuck_with_more_unsent_than_allowed(frames: list[str], is_stuck: bool) -> None:
    async def test() -> None:
        wire = Wire()
        async with running(wire) as outlet:
            for frame in frames:
                outlet.put(frame)

            assert is_stuck == outlet.is_stuck(time.monotonic())
            wire.is_open.set()
            await outlet.flush()
            assert not outlet.is_stuck(time.monotonic())

    run(test())


def test_what_was_sent_does_not_count_any_more() -> None:
    async def test() -> None:
        wire = Wire()
        wire.is_open.set()
        async with running(wire) as outlet:
            for _ in range(5):
                outlet.put("茶" * 30)
                assert not outlet.is_stuck(time.monotonic())
                await outlet.flush()

    run(test())


def test_it_is_stuck_when_one_frame_takes_too_long() -> None:
    async def test() -> None:
        wire = Wire()
        async with running(wire, max_seconds=10) as outlet:
            outlet.put("1")
            await until(lambda: outlet._sending_since is not None)
            now = time.monotonic()

            assert not outlet.is_stuck(now + 9)
            assert outlet.is_stuck(now + 11)
            wire.is_open.set()
            await outlet.flush()
            assert not outlet.is_stuck(now + 1_000)

    run(test())


def test_an_outlet_that_has_nothing_to_send_is_never_stuck() -> None:
    async def test() -> None:
        async with running(Wire()) as outlet:
            assert not outlet.is_stuck(time.monotonic() + 1_000_000)

    run(test())


def test_it_ends_by_what_send_raises() -> None:
    async def test() -> None:
        wire = Wire()
        wire.error = ConnectionResetError("gone")
        wire.is_open.set()
        outlet = Outlet(wire.send, max_bytes=100, max_seconds=10)
        outlet.put("1")

        with pytest.raises(ConnectionResetError):
            await outlet.run()

    run(test())
