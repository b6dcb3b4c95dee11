"""
The server API over HTTP, as Centrifugo has it: `POST /api/publish` and its like, for whoever holds the site's key. An
ASGI layer in front of the site, whose own paths below `/api/` stay its own. What the methods do is in `api_methods.py`.
"""

import asyncio
import hmac
import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, cast

import msgspec
from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, HTTPScope, Scope

from teahouse.realtime import metrics
from teahouse.realtime.conf import conf
from teahouse.realtime.engine import Engine, started_engine
from teahouse.realtime.server.api_methods import METHODS, call, call_all
from teahouse.realtime.server.api_shapes import Batch, BatchResult, Failed, Response
from teahouse.realtime.wire.codes import Error

MOST_BODY_BYTES = 1_048_576
_BODY_SECONDS = 30.0
_MOST_DIGITS = 18
_PREFIX = "/api/"
# RFC 9110 §11.4: the scheme is of any case.
_BY_SCHEME = re.compile(rb"apikey +(\S+)", re.IGNORECASE)
_JSON = (b"content-type", b"application/json")

_DECODERS: Mapping[str, msgspec.json.Decoder[Any]] = {
    **{name: msgspec.json.Decoder(shape) for name, (shape, _) in METHODS.items()},
    "batch": msgspec.json.Decoder(Batch),
}


class _Gone(Exception):
    """The client has left; nobody is there to answer."""


class _Refused(Exception):
    """Of HTTP: nothing was done. `error` is for the body, whose code says less than the status."""

    def __init__(self, status: int, error: Error, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(error.message)
        self.status = status
        self.error = error
        self.headers = headers


def with_server_api(next_application: ASGI3Application) -> ASGI3Application:
    """The application with the server API in front of it; without an `api_key` the application as it is."""
    key = conf().api_key
    return next_application if key is None else cast(ASGI3Application, ServerAPI(next_application, key=key))


class ServerAPI:
    """
    Takes POST of `/api/<method>` and nothing else. 200 with `{"result": ...}` or `{"error": {"code", "message"}}`; 400
    for what is no JSON of the right shape, 401 without the key, 408 and 413 for a body that takes or is too much.
    """

    def __init__(
        self,
        next_application: ASGI3Application,
        *,
        key: str,
        engine: Callable[[], Coroutine[Any, Any, Engine]] = started_engine,
        body_seconds: float = _BODY_SECONDS,
    ) -> None:
        self._next = next_application
        self._key = key.encode()
        self._engine = engine
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith(_PREFIX):
            await self._next(scope, receive, send)
            return
        name = scope["path"].removeprefix(_PREFIX)
        if name not in _DECODERS:
            await self._next(scope, receive, send)
            return
        try:
            params = await self._params(name, scope, receive)
        except _Gone:
            return
        except _Refused as refused:
            metrics.api_calls.labels(name, f"http_{refused.status}").inc()
            failed = Response(error=Failed(refused.error.code, refused.error.message))
            await _answer(send, refused.status, failed, *refused.headers)
        else:
            await _answer(send, 200, await self._answer_to(name, params))

    async def _params(self, name: str, scope: HTTPScope, receive: ASGIReceiveCallable) -> object:
        is_known = self._has_key(scope)
        # Also of those without the key: closing with something unread is a reset, which hides the answer.
        body = await self._body(scope, receive, is_kept=is_known)
        if not is_known:
            raise _Refused(401, Error.UNAUTHORIZED, (b"www-authenticate", b"apikey"))
        try:
            return _DECODERS[name].decode(body)
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            raise _Refused(400, Error.BAD_REQUEST) from None

    async def _answer_to(self, name: str, params: object) -> Response | BatchResult:
        engine = await self._engine()
        if isinstance(params, Batch):
            return await call_all(engine, params)
        answer = await call(engine, name, params)
        return Response(error=answer) if isinstance(answer, Failed) else Response(result=answer)

    def _has_key(self, scope: HTTPScope) -> bool:
        headers = dict(scope["headers"])
        given = headers.get(b"x-api-key", b"")
        if not given and (found := _BY_SCHEME.fullmatch(headers.get(b"authorization", b"").strip())):
            given = found[1]
        return hmac.compare_digest(given, self._key)

    async def _body(self, scope: HTTPScope, receive: ASGIReceiveCallable, *, is_kept: bool) -> bytes:
        """Read to its end; b"" unless it is kept."""
        # What follows a body that was not read is no request.
        too_large = _Refused(413, Error.LIMIT_EXCEEDED, (b"connection", b"close"))
        if _declared_bytes(scope) > MOST_BODY_BYTES:
            raise too_large
        body, size = bytearray(), 0
        try:
            async with asyncio.timeout(self._body_seconds):
                while True:
                    event = await receive()
                    if event["type"] != "http.request":
                        raise _Gone
                    piece = event.get("body", b"")
                    size += len(piece)
                    if size > MOST_BODY_BYTES:
                        raise too_large
                    if is_kept:
                        body += piece
                    if not event.get("more_body", False):
                        return bytes(body)
        except TimeoutError:
            raise _Refused(408, Error.BAD_REQUEST, (b"connection", b"close")) from None


def _declared_bytes(scope: HTTPScope) -> int:
    declared = dict(scope["headers"]).get(b"content-length", b"")
    # As many digits as an int is read from at all; more are too many bytes.
    return int(declared[:_MOST_DIGITS]) if declared.isdigit() else 0


async def _answer(
    send: ASGISendCallable, status: int, answer: Response | BatchResult, *more_headers: tuple[bytes, bytes]
) -> None:
    body = msgspec.json.encode(answer)
    headers = [
        _JSON,
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        *more_headers,
    ]
    await send(cast(Any, {"type": "http.response.start", "status": status, "headers": headers}))
    await send({"type": "http.response.body", "body": body, "more_body": False})
