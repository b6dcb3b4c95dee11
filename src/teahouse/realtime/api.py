"""
What Django code calls: push to those who listen, end connections, ask who is there. From any thread or task, inside
and outside of a transaction, in a process that serves connections and in one that does not.

Each function has a twin for coroutines, with an `a` in front. The ones without wait for up to five seconds and may not
be called on the event loop. Inside a transaction (of the default database) they act once it has committed, and a
rollback undoes them; what they raise then comes out of the block that commits, when the data is already safe.
`on_commit=False` acts at once.
"""

import asyncio
import concurrent.futures
import secrets
import time
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from django.db import transaction
from django.utils.functional import Promise

from teahouse.realtime import elsewhere, tokens
from teahouse.realtime.application import Head, Publication
from teahouse.realtime.broker.base import (
    BrokerAway,
    Do,
    DoDisconnect,
    DoSubscribe,
    DoUnsubscribe,
    Ended,
    Order,
    Published,
    Target,
)
from teahouse.realtime.conf import conf
from teahouse.realtime.engine import Engine, NotPublishable, UnknownChannel, running_engine
from teahouse.realtime.namespaces import is_name
from teahouse.realtime.store.base import Terms
from teahouse.realtime.wire.codes import CLOSE_CODES, MOST_REASON_BYTES, Ending, Unsubscribed

__all__ = [
    "BrokerAway",
    "Head",
    "NotPublishable",
    "Publication",
    "UnknownChannel",
    "abroadcast",
    "adisconnect",
    "announce",
    "apublish",
    "asignal",
    "asubscribe",
    "aunsubscribe",
    "awho_is_present",
    "broadcast",
    "connection_token",
    "disconnect",
    "end_unwelcome",
    "publish",
    "signal",
    "subscribe",
    "subscription_token",
    "unsubscribe",
    "who_is_present",
]

_WAIT_SECONDS = 5.0

T = TypeVar("T")


# Publishing.


def publish(
    channel: str,
    data: object,
    *,
    tags: Mapping[str, str] | None = None,
    idempotency_key: str = "",
    on_commit: bool = True,
) -> Head | None:
    """
    Push `data` (anything that JSON has a word for) to all who listen to `channel`.

    The new head of the channel: Head(0, "") in a plain one; None inside a transaction, when it is not known yet.
    With an `idempotency_key`, again within five minutes changes nothing (kept channels).

    Raises:
        UnknownChannel: no namespace has such channels.
        NotPublishable: the channel is an application's own.
        BrokerAway: Redis has not taken it; who listens may or may not have heard it.
        TypeError: for data that is no JSON, and tags that are no texts.
    """
    publication = _publication(channel, data, tags)
    return _now_or_later(
        lambda: _run(
            lambda engine: engine.publish(publication, _terms(engine, channel, idempotency_key)),
            lambda: elsewhere.publish(conf(), publication, idempotency_key),
        ),
        on_commit=on_commit,
    )


async def apublish(
    channel: str, data: object, *, tags: Mapping[str, str] | None = None, idempotency_key: str = ""
) -> Head:
    publication = _publication(channel, data, tags)
    return await _arun(
        lambda engine: engine.publish(publication, _terms(engine, channel, idempotency_key)),
        lambda: elsewhere.publish(conf(), publication, idempotency_key),
    )


def broadcast(
    channels: Sequence[str], data: object, *, tags: Mapping[str, str] | None = None, on_commit: bool = True
) -> list[Head] | None:
    """
    As `publish`, into each of the channels; `data` is encoded once. The heads, in the order of the channels.

    The first failure is raised when all have been tried.
    """
    publications = _publications(channels, data, tags)
    return _now_or_later(
        lambda: _run(
            lambda engine: _all(engine, publications),
            lambda: [elsewhere.publish(conf(), publication, "") for publication in publications],
        ),
        on_commit=on_commit,
    )


async def abroadcast(channels: Sequence[str], data: object, *, tags: Mapping[str, str] | None = None) -> list[Head]:
    publications = _publications(channels, data, tags)
    return await _arun(
        lambda engine: _all(engine, publications),
        lambda: [elsewhere.publish(conf(), publication, "") for publication in publications],
    )


def signal(channel: str, data: object, *, on_commit: bool = True) -> None:
    """Show `data` to those who listen now, in any kind of channel; nobody is told later. Raises as `publish` does."""
    publication = _publication(channel, data, None)
    _now_or_later(
        lambda: _run(
            lambda engine: engine.signal(publication),
            lambda: elsewhere.carry(conf(), Published(publication=publication)),
        ),
        on_commit=on_commit,
    )


async def asignal(channel: str, data: object) -> None:
    publication = _publication(channel, data, None)
    await _arun(
        lambda engine: engine.signal(publication),
        lambda: elsewhere.carry(conf(), Published(publication=publication)),
    )


# Connections.


def disconnect(
    user: object,
    *,
    client: str = "",
    code: int = Ending.FORCE_DISCONNECT.native,
    reason: str = "force disconnect",
    spare: Collection[str] = (),
    on_commit: bool = True,
) -> None:
    """
    End the connections of a user (the person, or their id), in every process; or one of them, by its `client` id.

    `code` says whether clients come back: 3000 to 3499 and 4000 to 4499 they do, 3500 to 3999 and 4500 to 4999 they do
    not. `spare` are client ids that stay. Nothing keeps the user from connecting again: that is the application's to
    refuse. Classic connections end with 4003. Raises BrokerAway; ValueError for another code, and for a reason of more
    than 123 bytes.
    """
    order = _order(user, client, _disconnection(code, reason, spare))
    _now_or_later(lambda: _order_now(order), on_commit=on_commit)


async def adisconnect(
    user: object,
    *,
    client: str = "",
    code: int = Ending.FORCE_DISCONNECT.native,
    reason: str = "force disconnect",
    spare: Collection[str] = (),
) -> None:
    await _aorder_now(_order(user, client, _disconnection(code, reason, spare)))


def subscribe(user: object, channel: str, *, client: str = "", on_commit: bool = True) -> None:
    """Have the native connections of a user, as they are now, hear a channel. Again changes nothing."""
    order = _order(user, client, DoSubscribe(channel=_name(channel)))
    _now_or_later(lambda: _order_now(order), on_commit=on_commit)


async def asubscribe(user: object, channel: str, *, client: str = "") -> None:
    await _aorder_now(_order(user, client, DoSubscribe(channel=_name(channel))))


def unsubscribe(user: object, channel: str, *, client: str = "", on_commit: bool = True) -> None:
    """The opposite. The client is told and does not subscribe again by itself; whether it may is for the namespace."""
    order = _order(user, client, _unsubscription(channel))
    _now_or_later(lambda: _order_now(order), on_commit=on_commit)


async def aunsubscribe(user: object, channel: str, *, client: str = "") -> None:
    await _aorder_now(_order(user, client, _unsubscription(channel)))


def who_is_present(channel: str) -> dict[str, int]:
    """
    The users who listen to `channel` now, in any process, each with the number of their connections; "" are strangers.

    Only for namespaces with `presence`, else empty. Raises UnknownChannel, BrokerAway.
    """
    return _run(lambda engine: _present(engine, channel), lambda: elsewhere.who_is_present(conf(), channel))


async def awho_is_present(channel: str) -> dict[str, int]:
    return await _arun(lambda engine: _present(engine, channel), lambda: elsewhere.who_is_present(conf(), channel))


# Tokens, for pages and programs that connect on the native door.


def connection_token(
    user: object,
    *,
    lifetime_seconds: float = 300,
    info: object = None,
    channels: Sequence[str] = (),
    sid: str | None = None,
) -> str:
    """
    For the `token` or `getToken` of a client: it connects as this user (the person, or their id).

    `info` is JSON that others see in presence and with what the client publishes; `channels` are heard from the start.
    A client needs another one before the end of this one.
    """
    return tokens.connection_token(
        conf().tokens, user=_id_of(user), lifetime_seconds=lifetime_seconds, info=info, channels=channels, sid=sid
    )


def subscription_token(user: object, channel: str, *, lifetime_seconds: float = 300, info: object = None) -> str:
    """For a client's subscription to a channel that needs one: `may_subscribe="token"`, or a name with `$` in front."""
    return tokens.subscription_token(
        conf().tokens, user=_id_of(user), channel=_name(channel), lifetime_seconds=lifetime_seconds, info=info
    )


# For applications that keep a log or know people.


def announce(publication: Publication) -> None:
    """
    Tell whoever listens to a logged channel of a publication, once the current transaction has committed.

    It is a hint: whoever misses it finds the publication in the channel's history. It never raises, and telling twice
    is harmless.
    """
    transaction.on_commit(lambda: elsewhere.hint(conf(), Published(publication=publication)))


def end_unwelcome(*, user: str | None = None, sid: str | None = None) -> None:
    """
    Have the connections of a user, or of one login session, looked at once the transaction has committed: those of whom
    `Application.ended` says so end, in every process.

    Without Redis, and from a process that serves nobody, it takes until the next check (`welcome_check_seconds`).
    """
    transaction.on_commit(lambda: elsewhere.hint(conf(), Ended(user=user, sid=sid)))


# How it is done.


def _publication(channel: str, data: object, tags: Mapping[str, str] | None) -> Publication:
    return Publication(channel=_name(channel), data=_encoded(data), tags=_texts(tags))


def _publications(channels: Sequence[str], data: object, tags: Mapping[str, str] | None) -> list[Publication]:
    encoded, texts = _encoded(data), _texts(tags)
    return [Publication(channel=_name(channel), data=encoded, tags=texts) for channel in channels]


def _name(channel: str) -> str:
    if not is_name(channel):
        raise UnknownChannel(f"{channel!r} is no name of a channel: 1 to 255 characters of ASCII.")
    return channel


def _encoded(data: object) -> bytes:
    try:
        return msgspec.json.encode(data, enc_hook=_text_of)
    except UnicodeEncodeError as error:
        raise TypeError(f"half a character is nothing that JSON has a word for: {error}") from None


def _texts(tags: Mapping[str, str] | None) -> dict[str, str] | None:
    """Raises TypeError: what is no text here would fail where it is delivered."""
    if not tags:
        return None
    texts = {_text_of(key): _text_of(value) for key, value in tags.items()}
    _encoded(texts)
    return texts


def _text_of(value: object) -> str:
    if isinstance(value, str | Promise):
        return str(value)
    raise TypeError(f"{type(value).__name__} is nothing that JSON has a word for")


def _terms(engine: Engine, channel: str, idempotency_key: str) -> Terms | None:
    namespace = engine.namespaces.of(channel)
    if not idempotency_key or namespace is None:
        return None
    return Terms(size=namespace.history_size, seconds=namespace.history_seconds, idempotency_key=idempotency_key)


def _order(user: object, client: str, do: Do) -> Order:
    return Order(id=secrets.token_hex(8), at=time.time(), target=Target(user=_id_of(user), client=client), do=do)


def _id_of(user: object) -> str:
    return user if isinstance(user, str) else str(getattr(user, "pk", user))


def _disconnection(code: int, reason: str, spare: Collection[str]) -> DoDisconnect:
    # What does not fit a close frame would leave connections half closed, in other processes.
    if code not in CLOSE_CODES:
        raise ValueError(f"{code} is no code to close with: 3000 to 4999.")
    if len(reason.encode()) > MOST_REASON_BYTES:
        raise ValueError(f"A reason may have {MOST_REASON_BYTES} bytes.")
    return DoDisconnect(code=code, reason=reason, spare=tuple(spare))


def _unsubscription(channel: str) -> DoUnsubscribe:
    return DoUnsubscribe(channel=_name(channel), code=Unsubscribed.SERVER, reason="server unsubscribe")


def _order_now(order: Order) -> None:
    _run(lambda engine: engine.order(order), lambda: elsewhere.carry(conf(), order))


async def _aorder_now(order: Order) -> None:
    await _arun(lambda engine: engine.order(order), lambda: elsewhere.carry(conf(), order))


async def _all(engine: Engine, publications: Sequence[Publication]) -> list[Head]:
    outcomes = await asyncio.gather(*(engine.publish(one) for one in publications), return_exceptions=True)
    heads = []
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
        heads.append(outcome)
    return heads


async def _present(engine: Engine, channel: str) -> dict[str, int]:
    if engine.namespaces.of(channel) is None:
        raise UnknownChannel(channel)
    return elsewhere.people_in((await engine.presence.present(channel)).values())


def _now_or_later(act: Callable[[], T], *, on_commit: bool) -> T | None:
    if on_commit and transaction.get_connection().in_atomic_block:
        transaction.on_commit(lambda: _ignore(act()))
        return None
    return act()


def _ignore(_: object) -> None:
    """What comes after a commit has nobody to return anything to."""


def _run(here: Callable[[Engine], Coroutine[Any, Any, T]], there: Callable[[], T]) -> T:
    engine = running_engine()
    if engine is None:
        return there()
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _answer_of(asyncio.run_coroutine_threadsafe(here(engine), engine.loop))
    raise RuntimeError("This waits, and there is an event loop in this thread: use the twin with an `a` in front.")


def _answer_of(future: concurrent.futures.Future[T]) -> T:
    try:
        return future.result(_WAIT_SECONDS)
    except concurrent.futures.TimeoutError:
        raise BrokerAway(f"no answer within {_WAIT_SECONDS:g} s; it may happen all the same") from None


async def _arun(here: Callable[[Engine], Coroutine[Any, Any, T]], there: Callable[[], T]) -> T:
    engine = running_engine()
    if engine is None:
        return await asyncio.to_thread(there)
    if asyncio.get_running_loop() is engine.loop:
        return await here(engine)
    # As in an async view under a WSGI server, or `async_to_sync` in a thread.
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(here(engine), engine.loop))
