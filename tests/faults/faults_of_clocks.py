"""The server's clock is wrong; that of the people is right."""

import asyncio
from typing import ClassVar

from tests.faults.fault import Fault, Scene


class _ClockMoved(Fault):
    by_seconds: ClassVar[float]

    async def begin(self, scene: Scene) -> None:
        scene.house.move_clock(self.by_seconds)

    async def end(self, scene: Scene) -> None:
        scene.house.move_clock(0)
        await super().end(scene)


class ClockForward(_ClockMoved):
    by_seconds = 3_600


class ClockBack(_ClockMoved):
    by_seconds = -3_600


class ClockJumps(Fault):
    """To and fro, ten times a second."""

    async def begin(self, scene: Scene) -> None:
        self._jumping = asyncio.create_task(self._jump(scene))

    async def _jump(self, scene: Scene) -> None:
        while True:
            scene.house.move_clock(scene.random.uniform(-60, 60))
            await asyncio.sleep(0.1)

    async def end(self, scene: Scene) -> None:
        self._jumping.cancel()
        scene.house.move_clock(0)
        await super().end(scene)
