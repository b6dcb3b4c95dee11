"""Memory or Redis."""

from teahouse.realtime.broker.memory import MemoryBroker
from teahouse.realtime.broker.redis import RedisBroker
from teahouse.realtime.conf import Conf
from teahouse.realtime.parts import parts_from
from teahouse.realtime.presence.memory import MemoryPresence
from teahouse.realtime.presence.redis import RedisPresence
from teahouse.realtime.store.memory import MemoryStore
from teahouse.realtime.store.redis import RedisStore


def test_what_is_shared_with_other_processes_follows_from_the_settings() -> None:
    alone = parts_from(Conf(application="", key="k" * 32))
    assert isinstance(alone.broker, MemoryBroker)
    assert isinstance(alone.store, MemoryStore)
    assert isinstance(alone.presence, MemoryPresence)
    shared = parts_from(Conf(application="", key="k" * 32, redis_url="redis://127.0.0.1:1"))
    assert isinstance(shared.broker, RedisBroker)
    assert isinstance(shared.store, RedisStore)
    assert isinstance(shared.presence, RedisPresence)
