"""What Django code calls: tell connections of something, or end them. Any thread, inside and outside a transaction."""

import contextlib
import logging

from django.db import transaction

from teahouse.realtime.application import Publication
from teahouse.realtime.broker.base import Disconnect, Hint, Published
from teahouse.realtime.conf import conf
from teahouse.realtime.engine import running_engine, seal_from

logger = logging.getLogger(__name__)

__all__ = ["Publication", "disconnect", "publish"]


def publish(publication: Publication) -> None:
    """
    Tell whoever listens to `publication.channel`, once the current transaction has committed; a rollback tells nobody.

    It is a hint: whoever misses it finds the publication in the channel's history. Telling twice is harmless.
    """
    transaction.on_commit(lambda: _tell(Published(publication=publication)))


def disconnect(*, user_id: int | None = None, sid: str | None = None) -> None:
    """
    End the connections of a person, or of one login session, in every process, once the transaction has committed.

    Without Redis, and from a process that serves nobody, it takes until the next check (`welcome_check_seconds`).
    """
    transaction.on_commit(lambda: _tell(Disconnect(user_id=user_id, sid=sid)))


def _tell(hint: Hint) -> None:
    if (engine := running_engine()) is not None:
        engine.publish(hint)
        return
    current = conf()
    if current.redis_url is None:
        return
    # Imported where it is needed: a site without Redis starts faster.
    import redis

    from teahouse.realtime.broker.redis import publish_once

    with contextlib.suppress(redis.RedisError):
        publish_once(current.redis_url, prefix=current.redis_prefix, seal=seal_from(current), hint=hint)
