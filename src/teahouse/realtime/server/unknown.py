"""A socket asked for at a path where there is none: refused with HTTP 404, not with a traceback."""

import asyncio
import contextlib

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, WebSocketScope


async def unknown_path(scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    await receive()
    if "websocket.http.response" in (scope.get("extensions") or {}):
        await send({"type": "websocket.http.response.start", "status": 404, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b"", "more_body": False})
        # uvicorn says that we have forgotten the handshake when we return before the connection has ended.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await receive()
                await receive()
    else:
        await send({"type": "websocket.close", "code": 1000, "reason": None})
