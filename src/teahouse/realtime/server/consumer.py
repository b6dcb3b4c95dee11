"""
The engine's doors on any ASGI server: Channels consumers that drive the same sessions. They hold no rule.

They have no channel layer: who hears what is the hub's business. Channels' own dispatch makes a thread hop for every
message and skips the cleaning up when a handler fails, so `__call__` is ours from end to end.
"""

import logging

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, WebSocketScope
from channels.consumer import AsyncConsumer

from teahouse.realtime import metrics
from teahouse.realtime.application import Refused
from teahouse.realtime.engine import started_engine
from teahouse.realtime.server.admission import admit
from teahouse.realtime.server.asgi_classic import ASGIClassic
from teahouse.realtime.server.asgi_connection import close, send_quietly
from teahouse.realtime.server.asgi_native import ASGINative
from teahouse.realtime.server.handshake import codec_for, header, origin_of_scope_is_allowed
from teahouse.realtime.server.origins import REFUSAL
from teahouse.realtime.wire.codes import Ending

logger = logging.getLogger(__name__)


class ClassicConsumer(AsyncConsumer):  # type: ignore[misc]
    """The article's door."""

    async def __call__(self, scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if not await _may_begin(scope, receive, send):
            return
        engine = await started_engine()
        try:
            connection = await admit(
                engine, scope["query_string"], lambda admission: ASGIClassic(engine, admission, send)
            )
        except Refused as refused:
            # A code sent before the handshake is done reaches the browser only as 1006, so accept, then close.
            await send_quietly(send, {"type": "websocket.accept"})
            await close(send, refused.ending.classic, refused.ending.sentence)
        else:
            await connection.live(receive)


class NativeConsumer(AsyncConsumer):  # type: ignore[misc]
    """The Centrifuge protocol's door."""

    async def __call__(self, scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if not await _may_begin(scope, receive, send):
            return
        codec, subprotocol = codec_for(scope)
        engine, pushes_end = await started_engine(), _pushes_end(scope)
        await ASGINative(engine, codec, send, subprotocol=subprotocol, pushes_end=pushes_end).live(receive)


def _pushes_end(scope: WebSocketScope) -> bool:
    """
    The JavaScript SDK comes back after every close frame without a reason, but it obeys a push. Reasons are in the
    specification since 2.3, which daphne does not claim to speak.

    Only to pages: the Python SDK goes by the code alone, and breaks when it is pushed such an end (0.5.0).
    """
    version = tuple(map(int, scope["asgi"].get("spec_version", "2.0").split(".")))
    return version < (2, 3) and header(scope, b"origin") is not None


async def _may_begin(scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> bool:
    event = await receive()
    if event["type"] != "websocket.connect":
        return False
    engine = await started_engine()
    if origin_of_scope_is_allowed(scope, engine.conf):
        return True
    metrics.refused.labels("origin").inc()
    logger.warning(REFUSAL, header(scope, b"origin"))
    await send_quietly(send, {"type": "websocket.close", "code": Ending.BAD_TOKEN.classic})
    return False
