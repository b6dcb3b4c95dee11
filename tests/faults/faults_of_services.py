"""Faults of Redis and PostgreSQL: killed, stopped, emptied, restarted."""

import asyncio
import signal

from tests.faults.fault import MANY, Fault, Scene, send


class KillRedis(Fault):
    houses = MANY

    async def begin(self, scene: Scene) -> None:
        await asyncio.to_thread(scene.house.redis.stop)


class StopRedis(Fault):
    houses = MANY
    seconds = (1.0, 6.0)

    async def begin(self, scene: Scene) -> None:
        if (pid := scene.house.redis_pid()) is not None:
            send(pid, signal.SIGSTOP)

    async def end(self, scene: Scene) -> None:
        scene.house.resume_redis()
        await super().end(scene)


class FlushRedis(Fault):
    houses = MANY
    seconds = (0.5, 1.0)

    async def begin(self, scene: Scene) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", scene.house.redis.port)
        writer.write(b"FLUSHALL\r\n")
        await reader.readline()
        writer.close()


class RestartRedis(Fault):
    houses = MANY
    seconds = (0.0, 0.5)

    async def begin(self, scene: Scene) -> None:
        await asyncio.to_thread(scene.house.redis.stop)
        await asyncio.to_thread(scene.house.redis.start)


class KillPostgres(Fault):
    houses = MANY

    async def begin(self, scene: Scene) -> None:
        await asyncio.to_thread(scene.house.postgres.kill)


class StopPostgres(Fault):
    houses = MANY
    seconds = (1.0, 7.0)

    async def begin(self, scene: Scene) -> None:
        scene.house.postgres.signal(signal.SIGSTOP)

    async def end(self, scene: Scene) -> None:
        scene.house.postgres.signal(signal.SIGCONT)
        await super().end(scene)


class RestartPostgres(Fault):
    houses = MANY
    seconds = (0.0, 0.5)

    async def begin(self, scene: Scene) -> None:
        await asyncio.to_thread(scene.house.postgres.stop)
        await asyncio.to_thread(scene.house.postgres.start)


class KillBackend(Fault):
    """One of its processes crashes, and it throws out everybody and recovers."""

    houses = MANY
    seconds = (0.5, 1.0)

    async def begin(self, scene: Scene) -> None:
        if processes := scene.house.postgres.processes()[1:]:
            send(scene.random.choice(processes).pid, signal.SIGKILL)
