"""
What a request may cost before Django sees it: an ASGI layer that reads the body, which Django would keep on the disk
however long it is, and lets only so many requests in at once, since Django gives each a thread of its own. Uploads of
files are passed on as they come, and counted.

Refusals are problem details (RFC 9457). Files (`static_files.py`) and sockets do not come through here.
"""

import asyncio
import re
from collections.abc import Collection
from http import HTTPStatus
from typing import Any, cast

import msgspec
from asgiref.typing import (
    ASGI3Application,
    ASGIReceiveCallable,
    ASGIReceiveEvent,
    ASGISendCallable,
    ASGISendEvent,
    HTTPScope,
)

# For paths that answer while everything else waits: enough, since they are quick.
_PLACES_APART = 4
# Uploads at once. Django keeps what has come of each on the disk, and gives it a thread once it is all there.
_PLACES_FOR_UPLOADS = 16
# An upload that is slower than this for long is ended: it has a place.
_FEWEST_BYTES_A_SECOND = 8192
_UPLOAD_PATH = re.compile(r"/api/rooms/\d+/files")


class _Refused(Exception):
    def __init__(self, status: int, detail: str) -> None:
        self.status = status
        self.detail = detail


class _Gone(Exception):
    """The client has left; nobody is there to answer."""


class RequestLimits:
    """
    413 for a body of more than `most_body_bytes`, declared or counted, without reading on; 408 for one that takes
    longer than `body_seconds`. Of all others at most `places` are with `next_application`; the rest wait for as long
    as their clients do. Paths in `apart` have places of their own. Who is sent a body in parts gives the place back
    with the first: Django's thread is done with it.

    Uploads may have `most_upload_bytes`, when the request brings something to sign in with; what it is worth is for
    Django to say.
    """

    def __init__(
        self,
        next_application: ASGI3Application,
        *,
        most_body_bytes: int,
        most_upload_bytes: int = 0,
        body_seconds: float = 30,
        places: int = 32,
        apart: Collection[str] = (),
    ) -> None:
        self._next = next_application
        self._most_body_bytes = most_body_bytes
        self._most_upload_bytes = most_upload_bytes
        self._body_seconds = body_seconds
        self._places_for_uploads = asyncio.Semaphore(_PLACES_FOR_UPLOADS)
        self._places = asyncio.Semaphore(places)
        self._places_apart = asyncio.Semaphore(_PLACES_APART)
        self._apart = frozenset(apart)

    async def __call__(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if self._most_upload_bytes and _is_upload(scope):
            await self._upload(scope, receive, send)
            return
        try:
            body = await self._body(scope, receive)
        except _Gone:
            return
        except _Refused as refused:
            await _answer(send, refused)
            return
        places = self._places_apart if scope["path"] in self._apart else self._places
        if not await _has_entered(places, receive):
            return
        place = _Place(places)
        try:
            await self._next(scope, _replayed(body, receive), place.given_back_by(send))
        finally:
            place.give_back()

    async def _upload(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        has_answered = False

        async def answer(event: ASGISendEvent) -> None:
            nonlocal has_answered
            has_answered = True
            await send(event)

        try:
            if _declared_bytes(scope) > self._most_upload_bytes:
                raise self._too_large(self._most_upload_bytes)
            async with asyncio.timeout(self._body_seconds):
                await self._places_for_uploads.acquire()
        except TimeoutError:
            await _answer(send, _Refused(503, "Too many upload at the moment."))
            return
        except _Refused as refused:
            await _answer(send, refused)
            return
        try:
            await self._next(scope, self._counted(receive), answer)
        except _Refused as refused:
            if not has_answered:
                await _answer(send, refused)
        finally:
            self._places_for_uploads.release()

    def _counted(self, receive: ASGIReceiveCallable) -> ASGIReceiveCallable:
        """Raises _Refused in whoever reads, for a body that is too long or too slow."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._body_seconds
        received = 0
        is_whole = False

        async def counted() -> ASGIReceiveEvent:
            nonlocal received, is_whole
            if is_whole:
                return await receive()
            try:
                async with asyncio.timeout_at(deadline + received / _FEWEST_BYTES_A_SECOND):
                    event = await receive()
            except TimeoutError:
                raise _Refused(408, "The body comes too slowly.") from None
            if event["type"] == "http.request":
                received += len(event.get("body", b""))
                is_whole = not event.get("more_body", False)
                if received > self._most_upload_bytes:
                    raise self._too_large(self._most_upload_bytes)
            return event

        return counted

    async def _body(self, scope: HTTPScope, receive: ASGIReceiveCallable) -> bytes:
        if _declared_bytes(scope) > self._most_body_bytes:
            raise self._too_large(self._most_body_bytes)
        body = bytearray()
        try:
            async with asyncio.timeout(self._body_seconds):
                while True:
                    event = await receive()
                    if event["type"] != "http.request":
                        raise _Gone
                    body += event.get("body", b"")
                    if len(body) > self._most_body_bytes:
                        raise self._too_large(self._most_body_bytes)
                    if not event.get("more_body", False):
                        return bytes(body)
        except TimeoutError:
            raise _Refused(408, f"The body did not come within {self._body_seconds:g} seconds.") from None

    def _too_large(self, most_bytes: int) -> _Refused:
        return _Refused(413, f"A body may have {most_bytes} bytes.")


class _Place:
    """One that was taken; given back once."""

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places: asyncio.Semaphore | None = places

    def give_back(self) -> None:
        if self._places is not None:
            self._places.release()
            self._places = None

    def given_back_by(self, send: ASGISendCallable) -> ASGISendCallable:
        async def sent(event: ASGISendEvent) -> None:
            if event["type"] == "http.response.body" and event.get("more_body", False):
                self.give_back()
            await send(event)

        return sent


def _is_upload(scope: HTTPScope) -> bool:
    if scope["method"] != "POST" or _UPLOAD_PATH.fullmatch(scope["path"]) is None:
        return False
    return any(name in (b"authorization", b"cookie") for name, _ in scope["headers"])


def _declared_bytes(scope: HTTPScope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            try:
                return int(value)
            except ValueError:
                break
    return 0


async def _has_entered(places: asyncio.Semaphore, receive: ASGIReceiveCallable) -> bool:
    """Wait for a place. False when the client has left meanwhile."""
    if not places.locked():
        return await places.acquire()
    entering = asyncio.ensure_future(places.acquire())
    # With its body read, all that can still come from a client is that it has left.
    leaving = asyncio.ensure_future(_next_event(receive))
    has_entered = False
    try:
        await asyncio.wait((entering, leaving), return_when=asyncio.FIRST_COMPLETED)
        has_entered = entering.done() and not leaving.done()
    finally:
        leaving.cancel()
        if not has_entered and not entering.cancel():
            places.release()
    return has_entered


async def _next_event(receive: ASGIReceiveCallable) -> ASGIReceiveEvent:
    return await receive()


def _replayed(body: bytes, receive: ASGIReceiveCallable) -> ASGIReceiveCallable:
    is_read = False

    async def replay() -> ASGIReceiveEvent:
        nonlocal is_read
        if is_read:
            return await receive()
        is_read = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


async def _answer(send: ASGISendCallable, refused: _Refused) -> None:
    body = msgspec.json.encode(
        {
            "type": "about:blank",
            "title": HTTPStatus(refused.status).phrase,
            "status": refused.status,
            "detail": refused.detail,
        }
    )
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        # The rest of the body is not read, so nothing else can come over this connection.
        (b"connection", b"close"),
    ]
    await send(cast(Any, {"type": "http.response.start", "status": refused.status, "headers": headers}))
    await send({"type": "http.response.body", "body": body, "more_body": False})
