"""Redis as presence uses it: some commands at once, each with one key, and an answer or BrokerAway in time."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any, TypeAlias

import redis
import redis.asyncio

from teahouse.realtime.broker.base import BrokerAway

ANSWER_SECONDS = 1.8
_CLOSE_SECONDS = 1.0

Argument: TypeAlias = str | bytes | int
Command: TypeAlias = Sequence[Argument]
# What a command answers is as different as the commands are.
Answer: TypeAlias = Any


class Calls:
    def __init__(self, client: "redis.asyncio.Redis") -> None:
        self._client = client

    async def __call__(self, *commands: Command) -> list[Answer]:
        """
        The answers, in order. Without MULTI, so each command may be for another node of a Cluster.

        Raises BrokerAway; some of the commands may then have been carried out.
        """
        # redis-py changes its types for this from release to release.
        pipeline: Any = self._client.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        # In a task of its own: redis-py may swallow a cancellation, with `asyncio.wait_for` before Python 3.12.
        task: asyncio.Task[list[Answer]] = asyncio.ensure_future(pipeline.execute())
        task.add_done_callback(lambda task: task.cancelled() or task.exception())
        try:
            await asyncio.wait((task,), timeout=ANSWER_SECONDS)
            if task.done():
                return task.result()
        except (redis.RedisError, OSError) as error:
            raise BrokerAway(str(error)) from error
        finally:
            task.cancel()
        raise BrokerAway("no answer in time")

    async def close(self) -> None:
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self._client.aclose(), _CLOSE_SECONDS)
