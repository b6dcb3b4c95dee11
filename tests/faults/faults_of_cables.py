"""Faults of the network: between the server and its people, its Redis, its PostgreSQL. And people who do not read."""

import asyncio
from typing import ClassVar

from tests.faults.fault import BOTH, MANY, Fault, Scene
from tests.faults.houses import House
from tests.faults.proxy import Direction, Proxy


class _OnCable(Fault):
    """Something is wrong with a cable until it ends."""

    houses = MANY
    directions: ClassVar[tuple[Direction, ...]] = ("there", "back")

    def cable(self, house: House) -> Proxy:
        raise NotImplementedError


class _Cut(_OnCable):
    async def begin(self, scene: Scene) -> None:
        self.cable(scene.house).cut()


class _Silent(_OnCable):
    seconds = (2.0, 8.0)

    async def begin(self, scene: Scene) -> None:
        self.cable(scene.house).silence(*self.directions)


class _Slow(_OnCable):
    delay_seconds: ClassVar[float] = 0.3

    async def begin(self, scene: Scene) -> None:
        self.cable(scene.house).delay(self.delay_seconds)


class _ToRedis(_OnCable):
    def cable(self, house: House) -> Proxy:
        return house.redis_cable


class _ToPostgres(_OnCable):
    def cable(self, house: House) -> Proxy:
        return house.database_cable


class _ToPeople(_OnCable):
    """ "There" is from the people to the server."""

    houses = BOTH

    def cable(self, house: House) -> Proxy:
        return house.doors


class CutRedis(_ToRedis, _Cut):
    pass


class SilentRedis(_ToRedis, _Silent):
    pass


class SlowRedis(_ToRedis, _Slow):
    pass


class CutPostgres(_ToPostgres, _Cut):
    pass


class SilentPostgres(_ToPostgres, _Silent):
    pass


class PostgresHearsNothing(_ToPostgres, _Silent):
    directions = ("there",)


class PostgresSaysNothing(_ToPostgres, _Silent):
    """It does what it is told, and nobody learns of it: commits whose answer is lost."""

    directions = ("back",)


class SlowPostgres(_ToPostgres, _Slow):
    delay_seconds = 0.05


class CutPeople(_ToPeople, _Cut):
    pass


class ResetPeople(_ToPeople):
    """All connections at once; whoever comes back is welcome."""

    seconds = (0.0, 0.5)

    async def begin(self, scene: Scene) -> None:
        scene.house.doors.reset()


class SilentPeople(_ToPeople, _Silent):
    pass


class ServerHearsNothing(_ToPeople, _Silent):
    directions = ("there",)


class ServerSaysNothing(_ToPeople, _Silent):
    directions = ("back",)


class SlowPeople(_ToPeople, _Slow):
    pass


class NarrowPeople(_ToPeople):
    """64 KiB a second for each connection."""

    async def begin(self, scene: Scene) -> None:
        scene.house.doors.throttle(65_536)


class StalledReaders(Fault):
    """A third of the devices read nothing."""

    seconds = (3.0, 8.0)

    async def begin(self, scene: Scene) -> None:
        some = scene.random.sample(scene.devices, max(1, len(scene.devices) // 3))
        self._stalls = [asyncio.create_task(device.stall(60)) for device in some]

    async def end(self, scene: Scene) -> None:
        for stall in self._stalls:
            stall.cancel()
        await super().end(scene)
