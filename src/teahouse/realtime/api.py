"""
What Django code calls: push to those who listen, end connections, ask who is there. From any thread or task, inside
and outside of a transaction, in a process that serves connections and in one that does not.

Each function that waits has a twin for coroutines, with an `a` in front, which acts at once, whatever transaction is
open, and otherwise does and raises the same. The ones without wait for up to five seconds, then raise BrokerAway; in a
process that serves they may not be called in a thread with an event loop (RuntimeError). Inside a transaction (of the
default database) they act once it has committed, and a rollback undoes them; what they raise then comes out of the
block that commits, when the data is already safe. `on_commit=False` acts at once. What is wrong with an argument is
raised at once in any case.

A channel's name has 1 to 255 characters of ASCII. A user is the person (their `pk` is taken) or their id. In a process
that serves nobody, all of it goes through Redis and takes up to two seconds for each channel; without Redis it raises
BrokerAway.
"""

from collections.abc import Callable, Collection, Mapping, Sequence

from django.db import transaction

from teahouse.realtime import bridge, elsewhere, errands, tokens
from teahouse.realtime.api_arguments import (
    disconnection,
    id_of,
    name_of,
    publication_of,
    publications_of,
    target_of,
    unsubscription,
)
from teahouse.realtime.application import Head, Publication
from teahouse.realtime.broker.base import BrokerAway, DoSubscribe, Ended, Published
from teahouse.realtime.conf import conf
from teahouse.realtime.publishing import NotPublishable, UnknownChannel
from teahouse.realtime.wire.codes import Ending

__all__ = [
    "BrokerAway",
    "Head",
    "NotPublishable",
    "Publication",
    "UnknownChannel",
    "abroadcast",
    "achannel_position",
    "adisconnect",
    "announce",
    "announce_all",
    "apublish",
    "asignal",
    "asubscribe",
    "aunsubscribe",
    "awho_is_present",
    "broadcast",
    "channel_position",
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
    Again is another publication; with an `idempotency_key`, again within five minutes changes nothing and gives the
    first head (kept channels).

    Raises:
        UnknownChannel: no namespace has such channels.
        NotPublishable: the channel is an application's own.
        BrokerAway: Redis has not taken it; who listens may or may not have heard it.
        TypeError: for data that is no JSON, and tags that are no texts.
    """
    errand = errands.publish(publication_of(channel, data, tags), idempotency_key)
    return bridge.now_or_later(errand, on_commit=on_commit)


async def apublish(
    channel: str, data: object, *, tags: Mapping[str, str] | None = None, idempotency_key: str = ""
) -> Head:
    """The twin of `publish`."""
    return await bridge.arun(errands.publish(publication_of(channel, data, tags), idempotency_key))


def broadcast(
    channels: Sequence[str], data: object, *, tags: Mapping[str, str] | None = None, on_commit: bool = True
) -> list[Head] | None:
    """
    As `publish`, into each of the channels; `data` is encoded once. The heads, in the order of the channels.

    The first failure is raised when all have been tried.
    """
    return bridge.now_or_later(errands.broadcast(publications_of(channels, data, tags)), on_commit=on_commit)


async def abroadcast(channels: Sequence[str], data: object, *, tags: Mapping[str, str] | None = None) -> list[Head]:
    """The twin of `broadcast`."""
    return await bridge.arun(errands.broadcast(publications_of(channels, data, tags)))


def signal(channel: str, data: object, *, on_commit: bool = True) -> None:
    """
    Show `data` to those who listen now, in any kind of channel; it takes no offset, and nobody is told later.

    Raises UnknownChannel, BrokerAway and TypeError as `publish` does.
    """
    bridge.now_or_later(errands.signal(publication_of(channel, data)), on_commit=on_commit)


async def asignal(channel: str, data: object) -> None:
    """The twin of `signal`."""
    await bridge.arun(errands.signal(publication_of(channel, data)))


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
    End the connections of a user, as they are now, in every process; or one of them, by its `client` id.

    `code` says whether clients come back: 3000 to 3499 and 4000 to 4499 they do, 3500 to 3999 and 4500 to 4999 they do
    not. `spare` are client ids that stay. Nothing keeps the user from connecting again: that is the application's to
    refuse. Classic connections end with 4003. Who is not connected is disconnected already.

    Raises:
        BrokerAway: Redis has not taken it; connections of this process and of others may have ended or not.
        ValueError: for another code, and for a reason of more than 123 bytes.
    """
    errand = errands.order(target_of(user, client), disconnection(code, reason, spare))
    bridge.now_or_later(errand, on_commit=on_commit)


async def adisconnect(
    user: object,
    *,
    client: str = "",
    code: int = Ending.FORCE_DISCONNECT.native,
    reason: str = "force disconnect",
    spare: Collection[str] = (),
) -> None:
    """The twin of `disconnect`."""
    await bridge.arun(errands.order(target_of(user, client), disconnection(code, reason, spare)))


def subscribe(user: object, channel: str, *, client: str = "", on_commit: bool = True) -> None:
    """
    Have the native connections of a user, as they are now, hear a channel; or one of them, by its `client` id. Nobody
    is asked whether they may. A connection that has `max_server_subscriptions` already is closed.

    Again changes nothing, nor does a channel of no namespace. Raises BrokerAway; UnknownChannel for what is no name.
    """
    errand = errands.order(target_of(user, client), DoSubscribe(channel=name_of(channel)))
    bridge.now_or_later(errand, on_commit=on_commit)


async def asubscribe(user: object, channel: str, *, client: str = "") -> None:
    """The twin of `subscribe`."""
    await bridge.arun(errands.order(target_of(user, client), DoSubscribe(channel=name_of(channel))))


def unsubscribe(user: object, channel: str, *, client: str = "", on_commit: bool = True) -> None:
    """
    The opposite, whoever had subscribed. The client is told (code 2000) and does not subscribe again by itself; whether
    it may is for the namespace. Raises as `subscribe` does.
    """
    bridge.now_or_later(errands.order(target_of(user, client), unsubscription(channel)), on_commit=on_commit)


async def aunsubscribe(user: object, channel: str, *, client: str = "") -> None:
    """The twin of `unsubscribe`."""
    await bridge.arun(errands.order(target_of(user, client), unsubscription(channel)))


# Asking.


def who_is_present(channel: str) -> dict[str, int]:
    """
    The users who listen to `channel` now, in any process, each with the number of their connections; "" are strangers.

    Only for namespaces with `presence`, else empty. Raises UnknownChannel, BrokerAway.
    """
    return bridge.run(errands.who_is_present(channel))


async def awho_is_present(channel: str) -> dict[str, int]:
    """The twin of `who_is_present`."""
    return await bridge.arun(errands.who_is_present(channel))


def channel_position(channel: str) -> Head:
    """
    Where the history of `channel` ends now: the offset of its newest publication, 0 when there was none, and the
    epoch. Head(0, "") for a plain channel, which has no history.

    A client that subscribes from there hears everything that comes after it. Inside a transaction it is asked at once
    all the same.

    Raises:
        UnknownChannel: no namespace has such channels.
        BrokerAway: the channel is a kept one, and Redis does not answer.
        Exception: whatever the application raises that keeps a logged channel.
    """
    return bridge.run(errands.head_of(name_of(channel)))


async def achannel_position(channel: str) -> Head:
    """The twin of `channel_position`."""
    return await bridge.arun(errands.head_of(name_of(channel)))


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
    For the `token` or `getToken` of a client: it connects as this user.

    `info` is JSON that others see in presence and with what the client publishes; `channels` are heard from the start,
    whatever their namespaces say. `sid` names a login session, for `end_unwelcome` and `Application.ended`. A client
    needs another one before the end of this one. Needs an `hmac_key`; raises TypeError for an info that is no JSON.
    """
    return tokens.connection_token(
        conf().tokens, user=id_of(user), lifetime_seconds=lifetime_seconds, info=info, channels=channels, sid=sid
    )


def subscription_token(user: object, channel: str, *, lifetime_seconds: float = 300, info: object = None) -> str:
    """
    For a client's subscription to a channel that needs one: `may_subscribe="token"`, or a name with `$` in front.

    It is good for this user and this channel only. Otherwise as `connection_token`; raises UnknownChannel for what is
    no name.
    """
    return tokens.subscription_token(
        conf().tokens, user=id_of(user), channel=name_of(channel), lifetime_seconds=lifetime_seconds, info=info
    )


# For applications that keep a log or know people.


def announce(publication: Publication) -> None:
    """
    Tell whoever listens to a logged channel of a publication, once the current transaction has committed.

    It is a hint: whoever misses it finds the publication in the channel's history. It never raises, and telling twice
    is harmless.
    """
    transaction.on_commit(lambda: elsewhere.hint(conf(), Published(publication=publication)))


def announce_all(publications: Sequence[Publication], then: Sequence[Callable[[], None]] = ()) -> None:
    """
    As `announce`, of what is committed already, and at once; from any thread. `then` is called behind it, on the
    engine's loop, or where there is none here: quick functions that do not raise.
    """
    elsewhere.tell(conf(), publications, then)


def end_unwelcome(*, user: str | None = None, sid: str | None = None) -> None:
    """
    Have the connections of a user, or of one login session, looked at once the transaction has committed: those of whom
    `Application.ended` says so end, in every process. `user` is the id as text. It never raises.

    Without Redis, and from a process that serves nobody, it takes until the next check (`welcome_check_seconds`).
    """
    transaction.on_commit(lambda: elsewhere.hint(conf(), Ended(user=user, sid=sid)))
