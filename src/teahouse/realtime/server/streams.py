"""
The native door for networks that break WebSockets: `/connection/http_stream`, `/connection/sse` and `/emulation`, an
ASGI layer in front of the site. It reads requests and refuses; streams are in `asgi_stream.py`, sessions in
`emulation.py`.

Refusals are problem details (RFC 9457). Nothing here asks for a cookie: the connect command has a token.
"""

import asyncio
import logging
import time
import urllib.parse
from collections.abc import Sequence
from http import HTTPStatus

import msgspec
from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, HTTPScope

from teahouse.realtime import metrics
from teahouse.realtime.engine import started_engine
from teahouse.realtime.server.asgi_stream import BINARY, EVENTS, LINES, ASGIStream, Kind
from teahouse.realtime.server.emulation import Emulation, Outcome
from teahouse.realtime.server.handshake import header, origin_of_scope_is_allowed, own_host
from teahouse.realtime.server.origins import REFUSAL
from teahouse.realtime.wire.centrifuge.codec import BadFrame
from teahouse.realtime.wire.centrifuge.frames import EmulationRequest
from teahouse.realtime.wire.centrifuge.protobuf import emulation_request
from teahouse.realtime.wire.centrifuge.protobuf_fields import BinaryEmulationRequest

logger = logging.getLogger(__name__)

_METHODS = {
    "/connection/http_stream": ("POST",),
    "/connection/sse": ("GET", "POST"),
    "/emulation": ("POST",),
}
_BODY_SECONDS = 15.0
_MOST_DIGITS = 18
_PREFLIGHT_SECONDS = 300
# Refusals that are answered at once and in a second after that; more of them wait for their turn, if not for longer
# than a while. Whoever floods waits behind themselves, and nobody waits whose request is good.
_REFUSED_AT_ONCE = 128
_REFUSED_PER_SECOND = 256
_REFUSED_WAIT_SECONDS = 1.0
_STATUSES = {
    Outcome.GONE: (404, "There is no such session, or not any more."),
    Outcome.FULL: (429, "Too much of this session waits to be done."),
    Outcome.UNANSWERED: (504, "The process that has the session did not answer."),
}

_Headers = list[tuple[bytes, bytes]]


class _Refused(Exception):
    def __init__(self, status: int, detail: str, *headers: tuple[bytes, bytes]) -> None:
        self.status = status
        self.detail = detail
        self.headers = headers


class _Gone(Exception):
    """The client has left; nobody is there to answer."""


class _Refusals:
    """How long the next one waits. Connections ask for one thing after the other, so it is the flood that is slowed."""

    def __init__(self) -> None:
        self._taken_until = 0.0

    def seconds_to_wait(self, now: float) -> float:
        begin = max(self._taken_until, now - _REFUSED_AT_ONCE / _REFUSED_PER_SECOND)
        if begin >= now + _REFUSED_WAIT_SECONDS:
            # What does not wait longer takes no turn either, or those who come after a flood would pay for it.
            return _REFUSED_WAIT_SECONDS
        self._taken_until = begin + 1 / _REFUSED_PER_SECOND
        return max(0.0, self._taken_until - now)


class Streams:
    """Answers its own paths and hands all others to `next_application`."""

    def __init__(self, next_application: ASGI3Application) -> None:
        self._next = next_application
        self._emulation: Emulation | None = None
        self._refusals = _Refusals()

    async def __call__(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        path = scope["path"].removesuffix("/")
        if path not in _METHODS:
            await self._next(scope, receive, send)
            return
        emulation = await self._emulation_now()
        headers: _Headers = [(b"vary", b"origin"), (b"cache-control", b"no-store, no-transform")]
        try:
            headers += _cross_origin_headers(scope, emulation)
            if scope["method"] == "OPTIONS":
                await _answer(send, 204, [*headers, *_preflight_headers(path)])
            elif scope["method"] not in _METHODS[path]:
                raise _Refused(405, "Not with this method.", (b"allow", ", ".join(_METHODS[path]).encode()))
            elif path == "/emulation":
                await self._take(emulation, scope, receive)
                await _answer(send, 204, headers)
            else:
                kind, frame = await _beginning_of(path, scope, receive, _most_bytes(emulation))
                headers += _stream_headers(scope)
                await ASGIStream(emulation, kind, send, frame=frame, headers=headers).live(receive)
        except _Refused as refused:
            if seconds := self._refusals.seconds_to_wait(time.monotonic()):
                await asyncio.sleep(seconds)
            await _answer_problem(send, refused, headers)
        except _Gone:
            pass

    async def _emulation_now(self) -> Emulation:
        engine = await started_engine()
        if self._emulation is None or self._emulation.engine is not engine:
            self._emulation = Emulation(engine)
        return self._emulation

    async def _take(self, emulation: Emulation, scope: HTTPScope, receive: ASGIReceiveCallable) -> None:
        request = _request_in(await _body_of(scope, receive, _most_bytes(emulation)), is_binary=_is_binary(scope))
        outcome = await emulation.bring(request.node, request.session, request.data)
        if outcome is not Outcome.TAKEN:
            raise _Refused(*_STATUSES[outcome])


# Requests.


def _most_bytes(emulation: Emulation) -> int:
    return emulation.engine.conf.limits.max_frame_bytes


async def _beginning_of(
    path: str, scope: HTTPScope, receive: ASGIReceiveCallable, most_bytes: int
) -> tuple[Kind, bytes]:
    if path == "/connection/http_stream":
        return (BINARY if _is_binary(scope) else LINES), await _body_of(scope, receive, most_bytes)
    if scope["method"] == "POST":
        return EVENTS, await _body_of(scope, receive, most_bytes)
    frame = _commands_in(scope["query_string"])
    if len(frame) > most_bytes:
        raise _too_large(most_bytes)
    return EVENTS, frame


def _commands_in(query: bytes) -> bytes:
    try:
        values = urllib.parse.parse_qs(query.decode("latin-1"), max_num_fields=50, errors="surrogateescape")
    except ValueError:
        raise _Refused(400, "The query cannot be read.") from None
    return values.get("cf_connect", [""])[0].encode(errors="surrogateescape")


def _is_binary(scope: HTTPScope) -> bool:
    return (header(scope, b"content-type") or "").partition(";")[0].strip().lower() == "application/octet-stream"


def _request_in(body: bytes, *, is_binary: bool) -> BinaryEmulationRequest:
    try:
        if is_binary:
            return emulation_request(body)
        request = msgspec.json.decode(body, type=EmulationRequest)
        return BinaryEmulationRequest(node=request.node, session=request.session, data=request.data.encode())
    except (BadFrame, msgspec.DecodeError, RecursionError, UnicodeError):
        raise _Refused(400, "The body is no emulation request.") from None


async def _body_of(scope: HTTPScope, receive: ASGIReceiveCallable, most_bytes: int) -> bytes:
    declared = header(scope, b"content-length") or ""
    if declared.isdecimal() and (len(declared) > _MOST_DIGITS or int(declared) > most_bytes):
        raise _too_large(most_bytes)
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            while True:
                event = await receive()
                if event["type"] != "http.request":
                    raise _Gone
                body += event.get("body", b"")
                if len(body) > most_bytes:
                    raise _too_large(most_bytes)
                if not event.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        raise _Refused(408, "The body did not come in time.", (b"connection", b"close")) from None


def _too_large(most_bytes: int) -> _Refused:
    # The rest of the body is not read, so nothing else can come over this connection.
    return _Refused(413, f"This may have {most_bytes} bytes.", (b"connection", b"close"))


# Origins: https://fetch.spec.whatwg.org/#http-cors-protocol


def _cross_origin_headers(scope: HTTPScope, emulation: Emulation) -> _Headers:
    if own_host(scope) is None:
        # As Django does; a page of a stranger's name that was made to lead here may send GET without an Origin.
        raise _Refused(400, "This server is not known by the name that was asked for.")
    origin = header(scope, b"origin")
    if not origin_of_scope_is_allowed(scope, emulation.engine.conf):
        metrics.refused.labels("origin").inc()
        logger.warning(REFUSAL, origin)
        raise _Refused(403, "Not from this origin.")
    if origin is None:
        return []
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
    ]


def _preflight_headers(path: str) -> _Headers:
    return [
        (b"access-control-allow-methods", ", ".join(_METHODS[path]).encode()),
        # The others are what libraries that stand in for EventSource send.
        (b"access-control-allow-headers", b"content-type, cache-control, last-event-id"),
        (b"access-control-max-age", str(_PREFLIGHT_SECONDS).encode()),
    ]


# Answers.


def _stream_headers(scope: HTTPScope) -> _Headers:
    headers = [(b"x-accel-buffering", b"no"), (b"x-content-type-options", b"nosniff")]
    if scope["http_version"].startswith("1."):
        # Who is sent elsewhere by a process that ends must not come back over the same connection.
        headers.append((b"connection", b"close"))
    return headers


async def _answer(
    send: ASGISendCallable, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes = b""
) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _answer_problem(send: ASGISendCallable, refused: _Refused, headers: _Headers) -> None:
    body = msgspec.json.encode(
        {
            "type": "about:blank",
            "title": HTTPStatus(refused.status).phrase,
            "status": refused.status,
            "detail": refused.detail,
        }
    )
    about = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
    ]
    await _answer(send, refused.status, [*about, *headers, *refused.headers], body)
