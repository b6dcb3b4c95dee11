"""From a token in an address to a connection that hears its channels, or the reason why not. For every server."""

import asyncio
import logging
from collections.abc import Callable
from typing import TypeVar

from teahouse.realtime import metrics
from teahouse.realtime.application import Admission, Refused
from teahouse.realtime.engine import Engine
from teahouse.realtime.hub import Connection
from teahouse.realtime.server.handshake import token_in
from teahouse.realtime.wire.codes import Ending

logger = logging.getLogger(__name__)

_ADMIT_SECONDS = 10.0

C = TypeVar("C", bound=Connection)


async def admit(engine: Engine, query_string: bytes, connection_for: Callable[[Admission], C]) -> C:
    """
    The connection that `connection_for` makes, joined: from here on it hears what its channels publish.

    Raises:
        Refused: also for faults of ours, which are logged here.
    """
    try:
        async with asyncio.timeout(_ADMIT_SECONDS):
            admission = await engine.pool.run(engine.application.admit_classic, token_in(query_string))
            if engine.is_draining:
                raise Refused(Ending.DRAIN)
            if not engine.has_room_for(admission.user):
                raise Refused(Ending.TOO_MANY)
            connection = connection_for(admission)
            try:
                await engine.join_all(connection)
            except BaseException:
                engine.exit(connection)
                raise
            return connection
    except Refused as refused:
        ending = refused.ending
    except Exception:
        logger.exception("A connection could not be admitted.")
        ending = Ending.FAULT
    metrics.refused.labels(ending.name.lower()).inc()
    raise Refused(ending)
