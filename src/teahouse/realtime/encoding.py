"""How what happens in a channel reads on each protocol. Publications and presence changes in, bytes out."""

import logging
from collections.abc import Callable, Sequence
from typing import TypeAlias

import msgspec

from teahouse.realtime.application import ClientInfo, Publication
from teahouse.realtime.wire import framing
from teahouse.realtime.wire.centrifuge import frames
from teahouse.realtime.wire.centrifuge.codec import Codec

logger = logging.getLogger(__name__)


class Presence(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody has come to a channel, or gone."""

    channel: str
    info: ClientInfo
    has_come: bool


Item: TypeAlias = Publication | Presence


class ClassicEncoding:
    """The article's envelopes, each a frame of its own. `frame_of` is the application's."""

    def __init__(self, frame_of: Callable[[Publication], str | None]) -> None:
        self._frame_of = frame_of

    def message(self, item: Item) -> bytes | None:
        if not isinstance(item, Publication):
            return None
        try:
            frame = self._frame_of(item)
        except Exception:
            logger.exception("A publication of %s could not be encoded.", item.channel)
            return None
        return None if frame is None else frame.encode()

    def websocket(self, messages: Sequence[bytes]) -> bytes:
        return b"".join([framing.text_frame(message) for message in messages])


class NativeEncoding:
    """Pushes of the Centrifuge protocol, all in one frame."""

    def __init__(self, codec: Codec) -> None:
        self.codec = codec

    def message(self, item: Item) -> bytes | None:
        try:
            return self.codec.encode(frames.Reply(push=_push(item)))
        except Exception:
            # An application's history may hold anything.
            logger.exception("What happened in %s could not be encoded.", item.channel)
            return None

    def websocket(self, messages: Sequence[bytes]) -> bytes:
        payload = self.codec.join(messages)
        return framing.text_frame(payload) if self.codec.is_text else framing.binary_frame(payload)


def pub_of(publication: Publication) -> frames.Pub:
    publisher = publication.publisher
    return frames.Pub(
        data=msgspec.Raw(publication.data),
        info=None if publisher is None else info_of(publisher),
        offset=publication.offset,
        tags=publication.tags,
    )


def info_of(info: ClientInfo) -> frames.ClientInfo:
    return frames.ClientInfo(
        user=info.user,
        client=info.client,
        conn_info=msgspec.Raw(info.conn_info) if info.conn_info else msgspec.UNSET,
        chan_info=msgspec.Raw(info.chan_info) if info.chan_info else msgspec.UNSET,
    )


def _push(item: Item) -> frames.Push:
    if isinstance(item, Publication):
        return frames.Push(channel=item.channel, pub=pub_of(item))
    if item.has_come:
        return frames.Push(channel=item.channel, join=frames.Joined(info_of(item.info)))
    return frames.Push(channel=item.channel, leave=frames.Left(info_of(item.info)))
