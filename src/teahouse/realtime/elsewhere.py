"""
What `api.py` does in a process that serves no connections: a management command, a task, a WSGI site.

With Redis it reaches those that do. Without, there is nobody to reach: what has a history is found there, and the rest
is refused rather than lost without a word.
"""

import collections
import contextlib
import logging
from collections.abc import Callable, Iterable, Sequence

from django.utils.module_loading import import_string

from teahouse.realtime.application import Application, ClientInfo, Head, Publication
from teahouse.realtime.broker.base import BrokerAway, Hint, Published
from teahouse.realtime.conf import Conf
from teahouse.realtime.engine import running_engine
from teahouse.realtime.namespaces import Namespace, Namespaces
from teahouse.realtime.publishing import NotPublishable, UnknownChannel
from teahouse.realtime.store.base import Terms

logger = logging.getLogger(__name__)

NOTHING_YET = Head(0, "")


def publish(conf: Conf, publication: Publication, idempotency_key: str) -> Head:
    """As `api.publish`. Waits up to 2 s; raises BrokerAway also where there is no broker."""
    namespace = _namespace_of(conf, publication.channel)
    if namespace.kind == "logged":
        raise NotPublishable(publication.channel)
    if namespace.kind == "plain":
        carry(conf, Published(publication=publication))
        return NOTHING_YET
    url = _redis_url_of(conf)
    # Imported where it is needed, here and below: a site without Redis starts faster.
    from teahouse.realtime.redis_parts import append_once

    terms = Terms(size=namespace.history_size, seconds=namespace.history_seconds, idempotency_key=idempotency_key)
    kept = append_once(conf, url, publication, terms)
    if kept.publication is not None:
        # Who misses this finds it in the history.
        with contextlib.suppress(BrokerAway):
            carry(conf, Published(publication=kept.publication))
    return kept.head


def publish_all(conf: Conf, publications: Sequence[Publication]) -> list[Head]:
    """One after the other. The first failure is raised when all have been tried."""
    heads, failures = [], []
    for publication in publications:
        try:
            heads.append(publish(conf, publication, ""))
        except (UnknownChannel, NotPublishable, BrokerAway) as failure:
            failures.append(failure)
    if failures:
        raise failures[0]
    return heads


def signal(conf: Conf, publication: Publication) -> None:
    """Raises UnknownChannel, BrokerAway."""
    _namespace_of(conf, publication.channel)
    carry(conf, Published(publication=publication))


def carry(conf: Conf, hint: Hint) -> None:
    """To the processes that serve. Raises BrokerAway."""
    url = _redis_url_of(conf)
    from teahouse.realtime.redis_parts import publish_once

    publish_once(conf, url, hint)


def hint(conf: Conf, hint: Hint) -> None:
    """Tell of what is true without it; from any process. Never raises."""
    if (engine := running_engine()) is not None:
        engine.announce(hint)
    else:
        with contextlib.suppress(BrokerAway):
            carry(conf, hint)


def tell(conf: Conf, publications: Sequence[Publication], then: Sequence[Callable[[], None]]) -> None:
    """Of what is true without it; then do the rest. From any process and any thread. Never raises."""
    if (engine := running_engine()) is not None:
        try:
            engine.loop.call_soon_threadsafe(engine.tell, publications, then)
        except RuntimeError:
            # The loop has ended: nobody is left who listens here.
            logger.debug("%d publications were told to nobody here.", len(publications))
        else:
            return
    else:
        # The first one that Redis does not take is the last one: the others would wait as long for the same.
        with contextlib.suppress(BrokerAway):
            for publication in publications:
                carry(conf, Published(publication=publication))
    for act in then:
        act()


def who_is_present(conf: Conf, channel: str) -> dict[str, int]:
    """Raises UnknownChannel, BrokerAway."""
    _namespace_of(conf, channel)
    url = _redis_url_of(conf)
    from teahouse.realtime.redis_parts import present_once

    return people_in(present_once(conf, url, channel).values())


def head_of(conf: Conf, channel: str) -> Head:
    """Raises UnknownChannel; BrokerAway for a kept channel; for a logged one what the application raises."""
    namespace = _namespace_of(conf, channel)
    if namespace.kind == "plain":
        return NOTHING_YET
    if namespace.kind == "logged":
        application: Application = import_string(conf.application)()
        return application.heads([channel]).get(channel, NOTHING_YET)
    url = _redis_url_of(conf)
    from teahouse.realtime.redis_parts import head_once

    return head_once(conf, url, channel)


def people_in(connections: Iterable[ClientInfo]) -> dict[str, int]:
    """Users, each with the number of their connections."""
    return dict(collections.Counter(info.user for info in connections))


def _namespace_of(conf: Conf, channel: str) -> Namespace:
    namespace = Namespaces(conf.namespaces).of(channel)
    if namespace is None:
        raise UnknownChannel(channel)
    return namespace


def _redis_url_of(conf: Conf) -> str:
    if conf.redis_url is None:
        raise BrokerAway(
            "This process serves nobody, and without Redis it reaches no other one: "
            'set "redis_url" in TEAHOUSE_REALTIME (in Teahouse\'s own site, REDIS_URL).'
        )
    return conf.redis_url
