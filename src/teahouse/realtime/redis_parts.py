"""
What processes share in Redis, put together: for those that serve, and, one call at a time, for those that do not.

Imported only where there is a Redis: a site without one starts faster.
"""

from teahouse.realtime.application import ClientInfo, Head, Publication
from teahouse.realtime.broker import redis as broker
from teahouse.realtime.broker.base import Hint
from teahouse.realtime.conf import Conf
from teahouse.realtime.parts import Parts, seal_from
from teahouse.realtime.presence import redis_once as presence
from teahouse.realtime.presence.redis import RedisPresence
from teahouse.realtime.store import redis as store
from teahouse.realtime.store.base import Kept, Terms


def redis_parts(conf: Conf, url: str) -> Parts:
    prefix, seal = conf.redis_prefix, seal_from(conf)
    return Parts(
        broker=broker.RedisBroker(url, prefix=prefix, seal=seal),
        store=store.RedisStore(url, prefix=prefix, seal=seal),
        presence=RedisPresence(url, prefix=prefix, seal=seal, expiry_seconds=conf.presence_expiry_seconds),
    )


def publish_once(conf: Conf, url: str, hint: Hint) -> None:
    """Raises BrokerAway within two seconds, as the next two do."""
    broker.publish_once(url, prefix=conf.redis_prefix, seal=seal_from(conf), hint=hint)


def append_once(conf: Conf, url: str, publication: Publication, terms: Terms) -> Kept:
    return store.append_once(url, prefix=conf.redis_prefix, seal=seal_from(conf), publication=publication, terms=terms)


def head_once(conf: Conf, url: str, channel: str) -> Head:
    return store.head_once(url, prefix=conf.redis_prefix, channel=channel)


def present_once(conf: Conf, url: str, channel: str) -> dict[str, ClientInfo]:
    """The connections in a channel, by client. It asks twice, so it may take four seconds."""
    return presence.present_once(url, prefix=conf.redis_prefix, seal=seal_from(conf), channel=channel)
