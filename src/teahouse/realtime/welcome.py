"""
Who is not welcome any more: the application is asked, and only what it answers ends a connection. When it is asked is
the business of `clock.py` and of the engine, to which a hint may come.
"""

import logging
from collections.abc import Sequence

from teahouse.realtime.application import Admission, Application
from teahouse.realtime.hub import Connection
from teahouse.realtime.pool import Pool
from teahouse.realtime.wire.codes import Ending

logger = logging.getLogger(__name__)


class Welcome:
    """`check_seconds` is how often all connections are to be looked at."""

    def __init__(self, *, application: Application, pool: Pool, check_seconds: float) -> None:
        self.check_seconds = check_seconds
        self._application = application
        self._pool = pool

    async def end_unwelcome(self, connections: Sequence[Connection]) -> None:
        """Never raises: when nothing can be asked, nothing ends."""
        admissions = {connection.admission for connection in connections if connection.admission is not None}
        if not admissions:
            return
        ended = await self._ended_of(list(admissions))
        for connection in connections:
            if connection.admission in ended:
                connection.close(Ending.SIGNED_OUT)

    async def _ended_of(self, admissions: list[Admission]) -> set[Admission]:
        try:
            return set(await self._pool.run(self._application.ended, admissions))
        except Exception as error:
            if len(admissions) == 1 or not isinstance(error, ValueError):
                logger.exception("Whether connections are still welcome could not be asked.")
                return set()
        # One that cannot be asked about must not keep the others from it.
        half = len(admissions) // 2
        return await self._ended_of(admissions[:half]) | await self._ended_of(admissions[half:])
