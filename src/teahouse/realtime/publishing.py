"""
What this process says: publications, signals, and the hints that tell of them. How they come to those who listen, here
and in other processes, is the broker's and the channels' business; whose history keeps them, `history.py`'s.
"""

import logging
from collections.abc import Callable, Sequence

from teahouse.realtime import metrics
from teahouse.realtime.application import Head, Publication
from teahouse.realtime.broker.base import Broker, Hint, Order, Published, Removed
from teahouse.realtime.channels import Channels
from teahouse.realtime.history import History
from teahouse.realtime.namespaces import Namespaces
from teahouse.realtime.store.base import Kept, Store, Terms
from teahouse.realtime.window import Windows

logger = logging.getLogger(__name__)


class NotPublishable(Exception):
    """Only the application that keeps the history of a logged channel publishes there."""


class UnknownChannel(Exception):
    """No namespace has channels of this name."""


class Publishing:
    def __init__(
        self,
        *,
        namespaces: Namespaces,
        broker: Broker,
        store: Store,
        history: History,
        channels: Channels,
        windows: Windows,
    ) -> None:
        self._namespaces = namespaces
        self._broker = broker
        self._store = store
        self._history = history
        self._channels = channels
        self._windows = windows

    def announce(self, hint: Hint) -> None:
        """Tell every process of what has happened already. Any thread may call this; it never waits or raises."""
        self._broker.publish(hint)

    def tell(self, publications: Sequence[Publication], then: Sequence[Callable[[], None]]) -> None:
        """On the loop: announce what the application has published, then do the rest."""
        self._broker.publish_all([Published(publication=publication) for publication in publications])
        for act in then:
            try:
                act()
            except Exception:
                logger.exception("What follows a publication failed.")
                metrics.faults.inc()

    def publish_at_once(self, publication: Publication) -> bool:
        """As `publish`, where that needs no waiting: in a plain channel of a lone process."""
        if not self._broker.is_local or self._namespaces.kind_of(publication.channel) != "plain":
            return False
        metrics.publications.inc()
        self._channels.take(publication)
        return True

    async def publish(self, publication: Publication, terms: Terms | None = None) -> Head:
        """
        Publish in a kept or plain channel; the new head, Head(0, "") where there is no history.

        `terms` None takes those of the namespace. Raises NotPublishable, UnknownChannel; BrokerAway when it is
        uncertain whether everybody will hear it.
        """
        namespace = self._namespaces.of(publication.channel)
        if namespace is None:
            raise UnknownChannel(publication.channel)
        if namespace.kind == "logged":
            raise NotPublishable(publication.channel)
        if namespace.kind == "plain":
            await self._broker.carry(Published(publication=publication))
            metrics.publications.inc()
            return Head(0, "")
        kept: Kept = await self._store.append(
            publication, terms or Terms(size=namespace.history_size, seconds=namespace.history_seconds)
        )
        if kept.publication is not None:
            metrics.publications.inc()
            self._broker.publish(Published(publication=kept.publication))
        return kept.head

    async def remove_history(self, channel: str) -> None:
        """
        Of a kept channel: nobody recovers what was published so far. Offsets go on from where they are.

        Raises UnknownChannel, NotPublishable for a logged channel, BrokerAway.
        """
        namespace = self._namespaces.of(channel)
        if namespace is None:
            raise UnknownChannel(channel)
        if namespace.kind == "logged":
            raise NotPublishable(channel)
        await self._history.remove(channel)
        self._windows.forget(channel)
        self._broker.publish(Removed(channel=channel))

    async def signal(self, publication: Publication) -> None:
        """Show it to those who listen now, in any kind of channel, and forget it. Raises UnknownChannel, BrokerAway."""
        if self._namespaces.of(publication.channel) is None:
            raise UnknownChannel(publication.channel)
        await self._broker.carry(Published(publication=publication))

    async def order(self, order: Order) -> None:
        """Have every process do it to its connections. Raises BrokerAway."""
        await self.carry(order)

    async def carry(self, hint: Hint) -> None:
        """Give it to those it is for, as it is. Raises BrokerAway."""
        await self._broker.carry(hint)
