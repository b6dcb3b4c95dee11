"""
What `api.py` does in a process that serves no connections: a management command, a task, a WSGI site.

With Redis it reaches those that do. Without, there is nobody to reach: what has a history is found there, and the rest
is refused rather than lost without a word.
"""

import collections
import contextlib
from collections.abc import Iterable

from teahouse.realtime.application import ClientInfo, Head, Publication
from teahouse.realtime.broker.base import BrokerAway, Hint, Published
from teahouse.realtime.conf import Conf
from teahouse.realtime.engine import NotPublishable, UnknownChannel, running_engine
from teahouse.realtime.namespaces import Namespaces
from teahouse.realtime.store.base import Terms

_ALONE = "This process serves nobody and REDIS_URL is not set: nobody would hear it."


def publish(conf: Conf, publication: Publication, idempotency_key: str) -> Head:
    """As `api.publish`. Waits up to 2 s; raises BrokerAway also where there is no broker."""
    namespace = Namespaces(conf.namespaces).of(publication.channel)
    if namespace is None:
        raise UnknownChannel(publication.channel)
    if namespace.kind == "logged":
        raise NotPublishable(publication.channel)
    if namespace.kind == "plain":
        carry(conf, Published(publication=publication))
        return Head(0, "")
    if conf.redis_url is None:
        raise BrokerAway(_ALONE)
    from teahouse.realtime.redis_parts import append_once

    terms = Terms(size=namespace.history_size, seconds=namespace.history_seconds, idempotency_key=idempotency_key)
    kept = append_once(conf, conf.redis_url, publication, terms)
    if kept.publication is not None:
        # Who misses this finds it in the history.
        with contextlib.suppress(BrokerAway):
            carry(conf, Published(publication=kept.publication))
    return kept.head


def carry(conf: Conf, hint: Hint) -> None:
    """To the processes that serve. Raises BrokerAway."""
    if conf.redis_url is None:
        raise BrokerAway(_ALONE)
    # Imported where it is needed: a site without Redis starts faster.
    from teahouse.realtime.redis_parts import publish_once

    publish_once(conf, conf.redis_url, hint)


def hint(conf: Conf, hint: Hint) -> None:
    """Tell of what is true without it; from any process. Never raises."""
    if (engine := running_engine()) is not None:
        engine.announce(hint)
    else:
        with contextlib.suppress(BrokerAway):
            carry(conf, hint)


def who_is_present(conf: Conf, channel: str) -> dict[str, int]:
    if Namespaces(conf.namespaces).of(channel) is None:
        raise UnknownChannel(channel)
    if conf.redis_url is None:
        raise BrokerAway(_ALONE)
    from teahouse.realtime.redis_parts import present_once

    return people_in(present_once(conf, conf.redis_url, channel).values())


def people_in(connections: Iterable[ClientInfo]) -> dict[str, int]:
    """Users, each with the number of their connections."""
    return dict(collections.Counter(info.user for info in connections))
