"""
HTTP/1.1 in which nothing lasts for ever: `uvicorn --http teahouse.realtime.server.http:BoundedHttp`.

uvicorn's own class waits without end for a request's head, its body, and a peer that takes its answer, and limits the
size of none of them. This one adds times and sizes, and hands WebSockets over without a trace. What is answered is
the application's business; frames are `fast.py`'s.
"""

import asyncio
import collections
import enum
import http
import time
import weakref
from typing import Any

import uvicorn

from teahouse.realtime import metrics
from teahouse.realtime.server.uvicorn_seam import BadRequest, PlainHttp, ServerState, unacknowledged_bytes

# How often the connections are looked at, and so how late an end may be.
_LOOK_SECONDS = 1.0
# A refusal is read before the connection is gone: closing at once, with bytes unread, would be a reset (RFC 9112 §9.6).
_LINGER_SECONDS = 2.0
_LINGER_BYTES = 1_048_576
# Connections of one address that have not asked for anything yet, and how long none of them is counted.
_MOST_NEW = 200
_NEW_SECONDS = 1.0


class _Owed(enum.Enum):
    """What the peer has to send next, and for how long we wait."""

    HEAD = enum.auto()
    BODY = enum.auto()
    NOTHING = enum.auto()


class _Refused(Exception):
    """Raised in a callback of the parser, which ends the parsing."""

    def __init__(self, status: http.HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class BoundedHttp(PlainHttp):
    """
    One HTTP connection to its end, or until it is a WebSocket's.

    The limits are attributes of the class, so that a site may have others in a class of its own.
    """

    # From connecting, or from the first byte of a further request, to the end of its head.
    head_seconds = 10.0
    # For a body: so long, and what it takes at this pace. An application has limits of its own, and words for them.
    body_seconds = 40.0
    body_bytes_per_second = 500
    # How long a peer may take nothing of what we have for it, be it in a tunnel. However slow, one that takes something
    # is not cut.
    unread_seconds = 15.0
    # The request line and the headers. A token in an address has up to 4,096 characters, and a proxy or a page may
    # add cookies: other servers take 8 KiB a line.
    max_head_bytes = 16_384
    max_headers = 100
    # Requests that may wait while one is being answered. Neither browsers nor nginx send any.
    max_pipelined = 16

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._watch = _watch_of(server_state)
        self._owed = _Owed.HEAD
        self._owed_since = 0.0
        self.is_in_message = False
        self._count_from(0)
        # What came in this piece before a message began in it.
        self._before_message = 0
        self._refused: http.HTTPStatus | None = None
        self._refused_at = 0.0
        self._discarded = 0
        self._unsent = 0
        self._unsent_since = 0.0

    # The transport's side.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._owed_since = time.monotonic()
        self._watch.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._watch.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused is not None:
            self._discard(data)
            return
        rest: bytes | None = data
        try:
            while rest:
                self._count(rest)
                rest = self.feed(rest)
                if rest is not None and self.asks_for_a_socket:
                    self._hand_over(early=rest)
                    return
        except BadRequest as error:
            self._refuse(_status_of(error))
            return
        self._judge_size()

    # The parser's side. What is raised here comes out of `feed` as a BadRequest.

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._owed is not _Owed.HEAD:
            self._expect(_Owed.HEAD)
        self.is_in_message = True
        self._count_from(self._before_message)
        self._before_message = 0

    def on_url(self, url: bytes) -> None:
        self._count_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        # Also what follows a body in chunks, which uvicorn adds to the headers without end.
        self._headers += 1
        if self._headers > self.max_headers:
            raise _Refused(http.HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        self._count_head(len(name) + len(value) + 4)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self.asks_for_a_socket:
            self._check_upgrade()
        elif self.is_answering and len(self.pipeline) >= self.max_pipelined:
            raise _Refused(http.HTTPStatus.TOO_MANY_REQUESTS)
        self._expect(_Owed.BODY)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._expect(_Owed.NOTHING)
        self.is_in_message = False
        super().on_message_complete()

    # The watch's side.

    @property
    def owes_a_head(self) -> bool:
        """Whether a request is waited for, with a limit of ours."""
        return self._owed is _Owed.HEAD

    def is_new_for(self, seconds: float, now: float) -> bool:
        """Whether it has asked for nothing in all this time since it connected."""
        return not self.has_asked and self._refused is None and now - self._owed_since > seconds

    def judge(self, now: float) -> None:
        """End the connection if it has taken too long."""
        if self._refused is not None:
            if now - self._refused_at > _LINGER_SECONDS:
                self.cut()
        elif self._is_unread(now):
            self.cut()
        elif self.transport.is_closing():
            return  # As soon as the peer has taken what is left.
        elif self.is_not_reading:
            self._owed_since = now
        elif now - self._owed_since > self.patience_seconds:
            if self.is_in_message:
                self._refuse(http.HTTPStatus.REQUEST_TIMEOUT)
            else:
                self.transport.close()

    def cut(self) -> None:
        self.abandon()
        self.transport.abort()

    # Sizes.

    def _count(self, data: bytes) -> None:
        if self.is_in_message:
            self._received += len(data)
            self._before_message = 0
        else:
            self._before_message = len(data)

    def _count_from(self, received: int) -> None:
        self._received = received
        self._head_bytes = self._headers = self._body_bytes = 0

    def _count_head(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > self.max_head_bytes:
            raise _Refused(http.HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def _judge_size(self) -> None:
        """What the parser still keeps to itself: half a header, or the margins of a body in chunks."""
        if not self.is_in_message:
            if self._owed is _Owed.NOTHING and not self.is_answering:
                # Line breaks before a request: they have ended uvicorn's own waiting for it.
                self._expect(_Owed.HEAD)
        # A chunk of one byte has five around it.
        elif self._received - self._body_bytes > self.max_head_bytes + 8 * self._body_bytes:
            self._refuse(http.HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    # WebSockets.

    def _check_upgrade(self) -> None:
        # RFC 6455 §4.1: at least HTTP/1.1; a request for a socket has no body. And what is being answered would be
        # written into the socket.
        has_body = any(
            name == b"transfer-encoding" or (name == b"content-length" and value.strip(b" 0"))
            for name, value in self.headers
        )
        if has_body or self.is_answering or self.parser.get_http_version() != "1.1":
            raise _Refused(http.HTTPStatus.BAD_REQUEST)

    def _hand_over(self, *, early: bytes) -> None:
        if early:
            # RFC 6455 §4.1: nothing is sent before the handshake is answered.
            self._refuse(http.HTTPStatus.BAD_REQUEST)
            return
        self._watch.remove(self)
        self.hand_over()
        self.let_go()

    # Times.

    def _expect(self, owed: _Owed) -> None:
        self._owed = owed
        self._owed_since = time.monotonic()

    @property
    def patience_seconds(self) -> float:
        """How long what is owed may take in all."""
        if self._owed is _Owed.HEAD:
            return self.head_seconds
        if self._owed is _Owed.BODY:
            return self.body_seconds + self._body_bytes / self.body_bytes_per_second
        # The application works, or uvicorn waits for the next request, with a limit of its own.
        return float("inf")

    def _is_unread(self, now: float) -> bool:
        unsent = self.transport.get_write_buffer_size()
        if unsent:
            # The kernel asks for more only when a third of what it holds is gone, which may be a megabyte.
            unsent += unacknowledged_bytes(self.transport)
        if unsent != self._unsent or unsent == 0:
            # Once it is paused nothing is added, so what changes is being taken.
            self._unsent, self._unsent_since = unsent, now
        return now - self._unsent_since > self.unread_seconds

    # Refusing.

    def _refuse(self, status: http.HTTPStatus) -> None:
        self._refused, self._refused_at = status, time.monotonic()
        metrics.refused.labels(f"http_{status.value}").inc()
        if self.is_answering:
            # An answer to this request would stand in the middle of another's.
            self.cut()
            return
        headers = [*self.server_state.default_headers, (b"content-length", b"0"), (b"connection", b"close")]
        lines = [f"HTTP/1.1 {status.value} {status.phrase}".encode(), *(b"%b: %b" % header for header in headers)]
        self.transport.write(b"\r\n".join((*lines, b"", b"")))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        else:
            self.transport.close()

    def _discard(self, data: bytes) -> None:
        self._discarded += len(data)
        if self._discarded > _LINGER_BYTES:
            self.cut()


class _Watch:
    """
    Looks at the HTTP connections of one server once a second, while there are any: a timer for all of them.
    """

    def __init__(self) -> None:
        # In the order they came.
        self._connections: dict[BoundedHttp, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def add(self, connection: BoundedHttp) -> None:
        self._connections[connection] = None
        if self._timer is None:
            self._look_again()

    def remove(self, connection: BoundedHttp) -> None:
        """Twice is harmless."""
        self._connections.pop(connection, None)

    def _look_again(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(_LOOK_SECONDS, self._look)

    def _look(self) -> None:
        self._timer = None
        now = time.monotonic()
        for connection in tuple(self._connections):
            connection.judge(now)
        self._cut_the_oldest(now)
        if self._connections:
            self._look_again()

    def _cut_the_oldest(self, now: float) -> None:
        """
        Who asks for nothing is cut where one address has too many of them: those that wait longest, so never people
        who share the address with an attacker, whose request comes with the next packet.
        """
        new: dict[str, list[BoundedHttp]] = collections.defaultdict(list)
        for connection in self._connections:
            if connection.is_new_for(_NEW_SECONDS, now) and connection.address is not None:
                new[connection.address].append(connection)
        for connections in new.values():
            for connection in connections[:-_MOST_NEW]:
                connection.cut()


_watches: weakref.WeakKeyDictionary[ServerState, _Watch] = weakref.WeakKeyDictionary()


def _watch_of(server_state: ServerState) -> _Watch:
    return _watches.setdefault(server_state, _Watch())


def _status_of(error: BadRequest) -> http.HTTPStatus:
    reason = error.__cause__.__context__ if error.__cause__ is not None else None
    return reason.status if isinstance(reason, _Refused) else http.HTTPStatus.BAD_REQUEST
