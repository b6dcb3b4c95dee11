"""
What `api.py` has done, each in two ways: by this process's engine, and in a process that has none (`elsewhere.py`).
Which of them it is and who waits for it is `bridge.py`'s business.
"""

import asyncio
import secrets
import time
from collections.abc import Sequence

from teahouse.realtime import elsewhere
from teahouse.realtime.application import Head, Publication
from teahouse.realtime.bridge import Errand
from teahouse.realtime.broker.base import Do, Order, Target
from teahouse.realtime.conf import conf
from teahouse.realtime.engine import Engine
from teahouse.realtime.publishing import UnknownChannel
from teahouse.realtime.store.base import Terms


def publish(publication: Publication, idempotency_key: str = "") -> Errand[Head]:
    return Errand(
        lambda engine: engine.publish(publication, _terms(engine, publication.channel, idempotency_key)),
        lambda: elsewhere.publish(conf(), publication, idempotency_key),
    )


def broadcast(publications: Sequence[Publication]) -> Errand[list[Head]]:
    return Errand(
        lambda engine: _publish_all(engine, publications), lambda: elsewhere.publish_all(conf(), publications)
    )


def signal(publication: Publication) -> Errand[None]:
    return Errand(lambda engine: engine.signal(publication), lambda: elsewhere.signal(conf(), publication))


def order(target: Target, do: Do) -> Errand[None]:
    return Errand(lambda engine: engine.order(_order(target, do)), lambda: elsewhere.carry(conf(), _order(target, do)))


def who_is_present(channel: str) -> Errand[dict[str, int]]:
    return Errand(lambda engine: _people_in(engine, channel), lambda: elsewhere.who_is_present(conf(), channel))


def head_of(channel: str) -> Errand[Head]:
    return Errand(lambda engine: _head_of(engine, channel), lambda: elsewhere.head_of(conf(), channel))


def _terms(engine: Engine, channel: str, idempotency_key: str) -> Terms | None:
    namespace = engine.namespaces.of(channel)
    if not idempotency_key or namespace is None:
        return None
    return Terms(size=namespace.history_size, seconds=namespace.history_seconds, idempotency_key=idempotency_key)


async def _publish_all(engine: Engine, publications: Sequence[Publication]) -> list[Head]:
    outcomes = await asyncio.gather(*(engine.publish(one) for one in publications), return_exceptions=True)
    heads = []
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
        heads.append(outcome)
    return heads


def _order(target: Target, do: Do) -> Order:
    # Dated when it goes: it is obeyed for so long only, and a transaction may have taken longer.
    return Order(id=secrets.token_hex(8), at=time.time(), target=target, do=do)


async def _people_in(engine: Engine, channel: str) -> dict[str, int]:
    if engine.namespaces.of(channel) is None:
        raise UnknownChannel(channel)
    return elsewhere.people_in((await engine.presence.present(channel)).values())


async def _head_of(engine: Engine, channel: str) -> Head:
    if engine.namespaces.of(channel) is None:
        raise UnknownChannel(channel)
    return (await engine.history.heads([channel])).get(channel, elsewhere.NOTHING_YET)
