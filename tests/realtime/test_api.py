"""What Django code tells the engine is told after the commit, and not at all after a rollback."""

import contextlib
import os
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import transaction

from teahouse.realtime import api
from teahouse.realtime import engine as engine_module
from teahouse.realtime.broker.base import Ended, Hint, Published
from teahouse.realtime.conf import Conf, conf
from teahouse.realtime.parts import seal_from
from tests.realtime.fakes import NotingBroker, engine_with, publication


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Hint]:
    """What this process's engine gave to its broker."""
    broker = NotingBroker()
    engine = engine_with(broker)
    monkeypatch.setattr(engine_module, "_engine", engine)
    return broker.hints


@pytest.mark.django_db(transaction=True)
def test_outside_of_a_transaction_it_is_told_at_once(told: list[Hint]) -> None:
    api.announce(publication(1))
    api.end_unwelcome(user="3")
    api.end_unwelcome(sid="a")

    assert [Published(publication=publication(1)), Ended(user="3"), Ended(sid="a")] == told


@pytest.mark.django_db(transaction=True)
def test_within_a_transaction_it_is_told_in_order_after_the_outermost_commit(told: list[Hint]) -> None:
    with transaction.atomic():
        with transaction.atomic():
            api.announce(publication(1))
        api.announce(publication(2))
        api.end_unwelcome(user="3")
        assert [] == told

    assert [Published(publication=publication(1)), Published(publication=publication(2)), Ended(user="3")] == told


@pytest.mark.django_db(transaction=True)
def test_a_rollback_tells_nobody(told: list[Hint]) -> None:
    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        api.announce(publication(1))
        api.end_unwelcome(user="3")
        raise ZeroDivisionError

    assert [] == told


@pytest.mark.django_db(transaction=True)
def test_a_part_that_was_rolled_back_is_not_told(told: list[Hint]) -> None:
    with transaction.atomic():
        api.announce(publication(1))
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            api.announce(publication(2))
            raise ZeroDivisionError

    assert [Published(publication=publication(1))] == told


@pytest.mark.parametrize("tags", [{"n": 1}, {1: "n"}, {"name": "\ud800"}], ids=repr)
def test_tags_that_are_no_texts_are_refused_before_anybody_hears_of_them(told: list[Hint], tags: Any) -> None:
    with pytest.raises(TypeError):
        api.publish("news", 1, tags=tags, on_commit=False)
    with pytest.raises(TypeError):
        api.broadcast(["news"], 1, tags=tags, on_commit=False)

    assert [] == told


@pytest.mark.parametrize("closing", [{"code": 1000}, {"code": 70_000}, {"reason": "再" * 42}], ids=repr)
def test_what_does_not_fit_a_close_frame_is_refused(told: list[Hint], closing: Any) -> None:
    with pytest.raises(ValueError, match=r"may have|is no code"):
        api.disconnect(3, **closing, on_commit=False)

    assert [] == told


@pytest.fixture
def _no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "_engine", None)


def with_redis(django_settings: Any, url: str | None) -> Conf:
    django_settings.TEAHOUSE_REALTIME = {
        **settings.TEAHOUSE_REALTIME,
        "redis_url": url,
        "redis_prefix": f"test:{os.getpid()}:api",
    }
    conf.cache_clear()
    return conf()


@pytest.fixture
def fresh_conf() -> Iterator[None]:
    yield
    conf.cache_clear()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_no_engine", "fresh_conf")
def test_a_process_that_serves_nobody_tells_the_others_by_redis(settings: Any, redis_url: str) -> None:
    current = with_redis(settings, redis_url)
    with redis.Redis.from_url(redis_url) as client, client.pubsub(ignore_subscribe_messages=True) as listener:
        listener.psubscribe(f"{current.redis_prefix}:*")
        # Its confirmation, which is passed over.
        assert listener.get_message(timeout=5) is None
        with transaction.atomic():
            api.announce(publication(1))
            assert listener.get_message(timeout=0.05) is None
        api.end_unwelcome(sid="a")
        messages = [listener.get_message(timeout=5) for _ in range(2)]

    assert [Published(publication=publication(1)), Ended(sid="a")] == [
        seal_from(current).open(message["data"]) for message in messages if message is not None
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_no_engine", "fresh_conf")
@pytest.mark.parametrize("url", [None, "redis://127.0.0.1:1/0"], ids=["no redis", "redis is away"])
def test_where_nobody_can_be_told_nothing_fails(settings: Any, url: str | None) -> None:
    with_redis(settings, url)
    with transaction.atomic():
        api.announce(publication(1))
        api.end_unwelcome(user="3")
