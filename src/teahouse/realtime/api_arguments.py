"""
What Django code gives to `api.py`, looked at before anything is done with it, and made into what travels. Pure: what
is wrong is raised where it was written, not in another process.
"""

from collections.abc import Collection, Mapping, Sequence

import msgspec
from django.utils.functional import Promise

from teahouse.realtime.application import Publication
from teahouse.realtime.broker.base import DoDisconnect, DoUnsubscribe, Target
from teahouse.realtime.namespaces import is_name
from teahouse.realtime.publishing import UnknownChannel
from teahouse.realtime.wire.codes import CLOSE_CODES, MOST_REASON_BYTES, Unsubscribed


def publication_of(channel: str, data: object, tags: Mapping[str, str] | None = None) -> Publication:
    """Raises UnknownChannel, TypeError."""
    return publications_of([channel], data, tags)[0]


def publications_of(channels: Sequence[str], data: object, tags: Mapping[str, str] | None) -> list[Publication]:
    encoded, texts = _encoded(data), _texts(tags)
    return [Publication(channel=name_of(channel), data=encoded, tags=texts) for channel in channels]


def name_of(channel: str) -> str:
    """Raises UnknownChannel for what can be no name."""
    if not is_name(channel):
        raise UnknownChannel(f"{channel!r} is no name of a channel: 1 to 255 characters of ASCII.")
    return channel


def id_of(user: object) -> str:
    """Of a person, or of their id: the id as text."""
    return user if isinstance(user, str) else str(getattr(user, "pk", user))


def target_of(user: object, client: str) -> Target:
    return Target(user=id_of(user), client=client)


def disconnection(code: int, reason: str, spare: Collection[str]) -> DoDisconnect:
    """Raises ValueError: what does not fit a close frame would leave connections half closed, in other processes."""
    if code not in CLOSE_CODES:
        raise ValueError(f"{code} is no code to close with: 3000 to 4999.")
    if len(reason.encode()) > MOST_REASON_BYTES:
        raise ValueError(f"A reason may have {MOST_REASON_BYTES} bytes.")
    return DoDisconnect(code=code, reason=reason, spare=tuple(spare))


def unsubscription(channel: str) -> DoUnsubscribe:
    """Raises UnknownChannel."""
    return DoUnsubscribe(channel=name_of(channel), code=Unsubscribed.SERVER, reason="server unsubscribe")


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
