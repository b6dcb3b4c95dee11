"""
The client's and the admin's files, from memory, before Django is asked: an ASGI layer. GET and HEAD.

A file is read when it is asked for the first time. `.br` and `.gz` beside a file are sent to who takes them.
"""

import hashlib
import mimetypes
import pathlib
import re
from typing import Any

import msgspec
from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation

_PREFIX = "/static/"
# Names that hold a hash of what is in the file.
_HASHED = re.compile(r"-[\w-]{8,}\.\w+$")
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
# RFC 9110 §12.4.2: a weight of 0 is "not acceptable".
_REFUSED = re.compile(r"\s*q=0(\.0*)?\s*")
_MOST_FILES = 2_000


class _File(msgspec.Struct, frozen=True):
    bodies: dict[str, bytes]
    headers: list[tuple[bytes, bytes]]
    etag: bytes
    changed_at: int


class StaticFiles:
    def __init__(self, next_application: ASGI3Application) -> None:
        self._next = next_application
        self._files: dict[str, _File] = {}

    async def __call__(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        path = scope["path"]
        if not path.startswith(_PREFIX) or scope["method"] not in ("GET", "HEAD"):
            await self._next(scope, receive, send)
            return
        file = self._file(path.removeprefix(_PREFIX))
        if file is None:
            await _answer(send, 404, [(b"content-type", b"text/plain")], b"Not found\n")
            return
        asked = {key: value for key, value in scope["headers"] if key in (b"if-none-match", b"accept-encoding")}
        if file.etag in asked.get(b"if-none-match", b""):
            await _answer(send, 304, file.headers, b"")
            return
        encoding = _accepted(asked.get(b"accept-encoding", b"").decode("latin-1"), file)
        body = file.bodies[encoding]
        headers = [*file.headers, (b"content-length", str(len(body)).encode())]
        if encoding:
            headers.append((b"content-encoding", encoding.encode()))
        await _answer(send, 200, headers, b"" if scope["method"] == "HEAD" else body)

    def _file(self, name: str) -> _File | None:
        known = self._files.get(name)
        try:
            # The finders look only into the apps' own folders and refuse to leave them.
            found = finders.find(name) if _may_be_asked_for(name) else None
        except SuspiciousFileOperation:
            return None
        if not isinstance(found, str) or not pathlib.Path(found).is_file():
            return None
        changed_at = pathlib.Path(found).stat().st_mtime_ns
        if known is None or known.changed_at != changed_at:
            if len(self._files) >= _MOST_FILES:
                self._files.clear()
            known = self._files[name] = _read(pathlib.Path(found), changed_at)
        return known


def _may_be_asked_for(name: str) -> bool:
    # Names that begin with a dot are what tools keep for themselves; Django's collectstatic passes over them too.
    return "\0" not in name and not name.endswith("/") and not any(part[:1] == "." for part in name.split("/"))


def _read(path: pathlib.Path, changed_at: int) -> _File:
    bodies = {"": path.read_bytes()}
    for encoding, ending in _ENCODINGS:
        packed = path.with_name(path.name + ending)
        if packed.is_file():
            bodies[encoding] = packed.read_bytes()
    etag = f'"{hashlib.blake2b(bodies[""], digest_size=12).hexdigest()}"'.encode()
    kind, _ = mimetypes.guess_type(path.name)
    kind = kind or "application/octet-stream"
    if kind.startswith("text/") or kind in ("application/javascript", "image/svg+xml"):
        kind += "; charset=utf-8"
    age = "public, max-age=31536000, immutable" if _HASHED.search(path.name) else "no-cache"
    headers = [
        (b"content-type", kind.encode()),
        (b"cache-control", age.encode()),
        (b"etag", etag),
        (b"vary", b"accept-encoding"),
        (b"x-content-type-options", b"nosniff"),
    ]
    return _File(bodies=bodies, headers=headers, etag=etag, changed_at=changed_at)


def _accepted(header: str, file: _File) -> str:
    parts = (part.partition(";") for part in header.split(","))
    accepted = {name.strip() for name, _, weight in parts if not _REFUSED.fullmatch(weight)}
    return next((name for name, _ in _ENCODINGS if name in accepted and name in file.bodies), "")


async def _answer(send: ASGISendCallable, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    start: Any = {"type": "http.response.start", "status": status, "headers": headers, "trailers": False}
    await send(start)
    await send({"type": "http.response.body", "body": body, "more_body": False})
