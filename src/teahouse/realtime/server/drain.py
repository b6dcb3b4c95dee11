"""Sending connections elsewhere when a process ends: at once, or spread where others are there to take them."""

import asyncio

from teahouse.realtime.engine import running_engine
from teahouse.realtime.wire.codes import Ending

_STEPS_PER_SECOND = 20


async def drain(*, seconds: float) -> None:
    """Close every connection with "come back", evenly over `seconds`. New ones are turned away meanwhile."""
    engine = running_engine()
    if engine is None:
        return
    engine.is_draining = True
    connections = list(engine.hub.connections)
    steps = max(1, min(int(seconds * _STEPS_PER_SECOND), len(connections)))
    for step in range(steps):
        for connection in connections[step::steps]:
            connection.close(Ending.DRAIN)
        if step + 1 < steps:
            await asyncio.sleep(seconds / steps)
