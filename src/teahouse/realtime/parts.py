"""What a process shares with others, made from the settings: broker, store and presence, in memory or in Redis."""

import hashlib

import msgspec

from teahouse.realtime.broker.base import Broker, Seal
from teahouse.realtime.broker.memory import MemoryBroker
from teahouse.realtime.conf import Conf
from teahouse.realtime.presence.base import Presence
from teahouse.realtime.presence.memory import MemoryPresence
from teahouse.realtime.store.base import Store
from teahouse.realtime.store.memory import MemoryStore


class Parts(msgspec.Struct, kw_only=True):
    broker: Broker
    store: Store
    presence: Presence


def seal_from(conf: Conf) -> Seal:
    return Seal(hashlib.sha256(conf.key.encode()).digest())


def parts_from(conf: Conf) -> Parts:
    if conf.redis_url is None:
        return Parts(broker=MemoryBroker(), store=MemoryStore(), presence=MemoryPresence())
    # Imported where it is needed: a site without Redis starts faster.
    from teahouse.realtime.redis_parts import redis_parts

    return redis_parts(conf, conf.redis_url)
