"""
What happens because time passes: the connections' ticks, comparing with the history, asking who is still welcome. What
each of these does is elsewhere; here is only when.
"""

import asyncio
import logging
import time

from teahouse.realtime import metrics
from teahouse.realtime.broker.base import Broker
from teahouse.realtime.channels import Channels
from teahouse.realtime.hub import Hub
from teahouse.realtime.senders import Senders
from teahouse.realtime.tasks import Tasks
from teahouse.realtime.welcome import Welcome
from teahouse.realtime.wire.centrifuge.session import TICK_SLACK_SECONDS

logger = logging.getLogger(__name__)

_TICK_SECONDS = 1.0
_TICKED_AT_ONCE = 2_000
_COMPARE_SECONDS = 10.0
_COMPARE_ALONE_SECONDS = 2.0
_COMPARE_REST_SECONDS = 0.2


class Clock:
    def __init__(
        self,
        *,
        hub: Hub,
        channels: Channels,
        broker: Broker,
        senders: Senders,
        traffic: metrics.Traffic,
        welcome: Welcome,
    ) -> None:
        self._hub = hub
        self._channels = channels
        self._broker = broker
        self._senders = senders
        self._traffic = traffic
        self._welcome = welcome

    def start(self, tasks: Tasks) -> None:
        """Until these tasks are cancelled."""
        tasks.spawn(self._tick_for_ever())
        tasks.spawn(self._check_welcome_for_ever())
        tasks.spawn(self._compare_for_ever())

    # Ticks.

    async def _tick_for_ever(self) -> None:
        due = time.monotonic()
        while True:
            due += _TICK_SECONDS
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            now = time.monotonic()
            metrics.loop_lag.set(max(0.0, now - due))
            due = max(due, now - _TICK_SECONDS)
            self._traffic.flush()
            metrics.broker_up.set(self._broker.is_up())
            metrics.broker_lag.set(self._broker.lag_seconds)
            self._senders.forget_idle(now)
            metrics.pending_bytes.set(await self._tick_connections(now))

    async def _tick_connections(self, now: float) -> int:
        """What they have not taken, in bytes."""
        pending_bytes = 0
        for number, connection in enumerate(tuple(self._hub.connections)):
            if now + TICK_SLACK_SECONDS >= connection.due_at:
                try:
                    connection.tick(now)
                    pending_bytes += connection.unsent_bytes
                except Exception:
                    # One connection's fault: the others need their heartbeats.
                    logger.exception("A connection's turn has failed.")
            if number % _TICKED_AT_ONCE == _TICKED_AT_ONCE - 1:
                await asyncio.sleep(0)
        return pending_bytes

    # Looking again.

    async def _check_welcome_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._welcome.check_seconds)
            await self._welcome.end_unwelcome(tuple(self._hub.connections))

    async def _compare_for_ever(self) -> None:
        # A hint may have been lost without anybody noticing, and the last one before a crash has no successor that
        # would show the hole.
        loop = asyncio.get_running_loop()
        compared_at = look_at = loop.time()
        while True:
            # Not all of it at once: the broker may go meanwhile. A store that hangs takes nearly as long by itself, and
            # a slow database needs its rest.
            look_at = max(look_at + min(_COMPARE_SECONDS, _COMPARE_ALONE_SECONDS), loop.time() + _COMPARE_REST_SECONDS)
            await asyncio.sleep(look_at - loop.time())
            if not self._broker.is_up() or loop.time() - compared_at >= _COMPARE_SECONDS:
                await self._channels.compare()
                compared_at = loop.time()
