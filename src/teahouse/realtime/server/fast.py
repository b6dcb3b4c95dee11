"""
The engine's doors as a WebSocket protocol class of uvicorn: `--ws teahouse.realtime.server.fast:FastWebSocket`.

This class shakes hands and is gone: from then on a connection is a `FastClassic` or a `FastNative` and nothing else,
no task, no queue, no ASGI message. Paths that are not the engine's go to uvicorn's own class, and so to the site's
ProtocolTypeRouter.
"""

import asyncio
import base64
import hashlib
import logging
from typing import Any, NamedTuple, cast

import uvicorn
from asgiref.typing import WebSocketScope

from teahouse.realtime import metrics
from teahouse.realtime.application import Refused
from teahouse.realtime.engine import Engine, running_engine
from teahouse.realtime.server.admission import admit
from teahouse.realtime.server.fast_classic import FastClassic
from teahouse.realtime.server.fast_connection import closed_at_once
from teahouse.realtime.server.fast_native import FastNative
from teahouse.realtime.server.handshake import codec_for, header, origin_of_scope_is_allowed
from teahouse.realtime.server.origins import REFUSAL
from teahouse.realtime.server.uvicorn_seam import PlainWebSocket, ServerState, scheme_of

logger = logging.getLogger(__name__)

_CLASSIC_PATHS = frozenset((b"/infra/ws", b"/infra/ws/"))
_NATIVE_PATHS = frozenset((b"/connection/websocket", b"/connection/websocket/"))
_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class FastWebSocket(asyncio.Protocol):
    """One handshake (RFC 6455 §4.2)."""

    __slots__ = ("_app_state", "_config", "_is_asked", "_is_over", "_server_state", "_task", "_transport")

    def __init__(
        self, config: uvicorn.Config, server_state: ServerState, app_state: dict[str, Any], _loop: object = None
    ) -> None:
        self._config = config
        self._server_state = server_state
        self._app_state = app_state
        self._transport = cast(asyncio.Transport, None)
        self._task: asyncio.Task[None] | None = None
        self._is_asked = False
        self._is_over = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._server_state.connections.add(self)  # type: ignore[arg-type]

    def connection_lost(self, error: Exception | None) -> None:
        self._is_over = True
        self._server_state.connections.discard(self)
        if self._task is not None:
            self._task.cancel()

    def eof_received(self) -> None:
        return None  # The transport closes itself.

    def shutdown(self) -> None:
        """uvicorn asks this of everything that is still connected when it ends."""
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        if self._is_asked:
            return
        self._is_asked = True
        # uvicorn hands over the whole request in one piece; its HTTP side has parsed and limited it.
        head = data.partition(b"\r\n\r\n")[0].split(b"\r\n")
        method, target, _ = head[0].split(b" ", 2)
        headers = [(name.strip().lower(), value) for name, _, value in (line.partition(b":") for line in head[1:])]
        handshake = _handshake_of(self._config, self._transport, method, target, headers)
        if handshake is None:
            self._hand_over(data)
        else:
            # uvicorn makes us the transport's protocol as soon as we return.
            asyncio.get_running_loop().call_soon(self._answer, handshake)

    @classmethod
    def shake_hands(
        cls,
        config: uvicorn.Config,
        server_state: ServerState,
        transport: asyncio.Transport,
        method: bytes,
        target: bytes,
        headers: list[tuple[bytes, bytes]],
    ) -> bool:
        """
        Take over a connection whose request has been parsed (names of headers in small letters). False, and nothing
        has happened, when the path is not one of the engine's.
        """
        handshake = _handshake_of(config, transport, method, target, headers)
        if handshake is None:
            return False
        self = cls(config, server_state, {})
        self._is_asked = True
        self.connection_made(transport)
        transport.set_protocol(self)
        self._answer(handshake)
        return True

    def _answer(self, handshake: "_Handshake") -> None:
        if self._is_over or self._transport.is_closing():
            return
        engine, scope = handshake.engine, handshake.scope
        key = header(scope, b"sec-websocket-key") or ""
        if handshake.method != b"GET" or not _is_key(key):
            self._refuse(b"400 Bad Request")
        elif header(scope, b"sec-websocket-version") != "13":
            self._refuse(b"426 Upgrade Required", b"sec-websocket-version: 13\r\n")
        elif not origin_of_scope_is_allowed(scope, engine.conf):
            metrics.refused.labels("origin").inc()
            logger.warning(REFUSAL, header(scope, b"origin"))
            self._refuse(b"403 Forbidden")
        elif handshake.is_native:
            self._open_native(engine, scope, key)
        else:
            # Whatever comes early waits in the kernel.
            self._transport.pause_reading()
            self._task = asyncio.get_running_loop().create_task(self._admit(engine, scope["query_string"], key))

    # The native door: the token comes in the first frame.

    def _open_native(self, engine: Engine, scope: WebSocketScope, key: str) -> None:
        codec, subprotocol = codec_for(scope)
        self._accept(key, b"Sec-WebSocket-Protocol: %b\r\n" % subprotocol.encode() if subprotocol else b"")
        connection = FastNative(engine, self._transport, self._server_state, codec)
        self._become(connection)
        connection.open()

    # The classic door: the token is in the address, and is looked at first.

    async def _admit(self, engine: Engine, query: bytes, key: str) -> None:
        refused = None
        connection = None
        try:
            connection = await admit(
                engine, query, lambda admission: FastClassic(engine, self._transport, self._server_state, admission)
            )
        except Refused as error:
            refused = error.ending
        self._task = None
        if self._transport.is_closing():
            if connection is not None:
                engine.exit(connection)
            return
        self._accept(key)
        if connection is not None:
            self._become(connection)
            connection.open()
        elif refused is not None:
            # A code sent before the handshake is done reaches the browser only as 1006, so accept, then close.
            self._become(closed_at_once(engine, self._transport, self._server_state, refused.classic, refused.sentence))
        self._transport.resume_reading()

    def _accept(self, key: str, more: bytes = b"") -> None:
        accept = base64.b64encode(hashlib.sha1(key.encode() + _MAGIC, usedforsecurity=False).digest())
        self._transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n" + more + b"\r\n"
        )

    def _become(self, connection: asyncio.Protocol) -> None:
        self._is_over = True
        self._server_state.connections.discard(self)
        self._server_state.connections.add(connection)  # type: ignore[arg-type]
        self._transport.set_protocol(connection)

    def _hand_over(self, data: bytes) -> None:
        self._is_over = True
        self._server_state.connections.discard(self)
        plain = PlainWebSocket(self._config, self._server_state, self._app_state)
        plain.connection_made(self._transport)
        # uvicorn makes us the transport's protocol as soon as we return.
        asyncio.get_running_loop().call_soon(self._transport.set_protocol, plain)
        plain.data_received(data)

    def _refuse(self, status: bytes, headers: bytes = b"") -> None:
        self._is_over = True
        self._transport.write(
            b"HTTP/1.1 " + status + b"\r\n" + headers + b"content-length: 0\r\nconnection: close\r\n\r\n"
        )
        self._transport.close()


class _Handshake(NamedTuple):
    engine: Engine
    is_native: bool
    method: bytes
    scope: WebSocketScope


def _handshake_of(
    config: uvicorn.Config,
    transport: asyncio.Transport,
    method: bytes,
    target: bytes,
    headers: list[tuple[bytes, bytes]],
) -> _Handshake | None:
    """None when it is not for the engine."""
    path, _, query = target.partition(b"?")
    engine = running_engine()
    is_native = path in _NATIVE_PATHS
    if engine is None or not (is_native or path in _CLASSIC_PATHS):
        return None
    headers = [(name, value.strip()) for name, value in headers]
    scope = {"headers": headers, "scheme": scheme_of(config, transport, headers), "query_string": query}
    return _Handshake(engine, is_native, method, cast(WebSocketScope, scope))


def _is_key(key: str) -> bool:
    try:
        return len(base64.b64decode(key, validate=True)) == 16
    except ValueError:  # Also for what is not ASCII.
        return False
