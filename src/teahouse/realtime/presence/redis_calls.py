"""Redis as presence uses it: some commands at once, each with one key in second place, and answers or BrokerAway."""

import asyncio
from collections.abc import Sequence
from typing import TypeAlias

import redis

from teahouse.realtime.broker.base import BrokerAway
from teahouse.realtime.broker.redis_commands import ASK_SECONDS, Commands
from teahouse.realtime.broker.redis_connection import Finder, for_ever
from teahouse.realtime.broker.redis_topology import Answer, topology_from

__all__ = ["ASK_SECONDS", "Answer", "Calls", "Command"]

Command: TypeAlias = Sequence[str | bytes]


class Calls:
    """A connection of its own, so what takes long holds up nobody else. `url` as `topology_from` reads it."""

    def __init__(self, url: str) -> None:
        self._finder = Finder(topology_from(url))
        self._commands = Commands(self._finder, what="presence")

    def start(self) -> None:
        self._commands.start()
        self._finding = asyncio.create_task(for_ever(self._finder.run, what="looking for it"))

    async def stop(self) -> None:
        await self._commands.stop()
        self._finding.cancel()
        await asyncio.gather(self._finding, return_exceptions=True)

    async def __call__(self, *commands: Command) -> list[Answer]:
        """
        The answers in order, as they are on the wire. Without MULTI: each may be for another node of a Cluster.

        Raises BrokerAway, also where Redis refuses; some of the commands may then have been carried out.
        """
        try:
            return await self._commands.ask_all((str(key), (name, key, *rest)) for name, key, *rest in commands)
        except redis.RedisError as error:
            raise BrokerAway(str(error)) from error
