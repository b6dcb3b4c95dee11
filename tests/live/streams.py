"""
A client of http_stream and SSE for tests: as `tests.live.native.Native`, but commands go out by POST /emulation.
"""

import contextlib
import json
import socket
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
from google.protobuf.internal.decoder import _DecodeVarint  # type: ignore[attr-defined]

from tests.live.native import Frame, Native, connection_token, protobuf_of, replies_in
from tests.live.server import Server
from tests.realtime.wire.centrifuge.client_proto import message_class

KINDS = ("http_stream", "protobuf", "sse", "sse by POST")
BINARY = {"Content-Type": "application/octet-stream"}
_PATHS = {"sse": "/connection/sse", "sse by POST": "/connection/sse"}


class Stream(Native):
    """
    Open, with the connect command on its way; `begin` waits for the answer. `frame` takes the place of that command.
    Nothing is waited for longer than ten seconds.
    """

    def __init__(
        self,
        address: str,
        kind: str = "http_stream",
        *,
        frame: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **connect: Any,
    ) -> None:
        # Nothing of a socket's is wanted.
        self._begin(is_protobuf=kind == "protobuf")
        self.is_sse = kind.startswith("sse")
        self.session = self.node = ""
        self.http = httpx.Client(base_url=address, timeout=10)
        self._rest = b""
        first = self._encoded(self.command("connect", **connect)) if frame is None else frame
        options: dict[str, Any] = {"params": {"cf_connect": first}} if kind == "sse" else {"content": first}
        more = BINARY if self.is_protobuf else {}
        request = self.http.build_request(
            "GET" if kind == "sse" else "POST",
            _PATHS.get(kind, "/connection/http_stream"),
            headers={**more, **(headers or {})},
            **options,
        )
        self.response = self.http.send(request, stream=True)
        self._chunks: Iterator[bytes] = self.response.iter_raw() if self.response.status_code == 200 else iter(())

    def begin(self) -> Frame:
        """The result of the connect command."""
        result = self.answer(1, "connect")
        assert "error" not in result, result
        self.client, self.session, self.node = result["client"], result["session"], result["node"]
        return result

    def close(self) -> None:
        self.response.close()
        self.http.close()

    def port(self) -> int:
        """Of this end of the connection."""
        raw: socket.socket = self.response.extensions["network_stream"].get_extra_info("socket")
        return int(raw.getsockname()[1])

    # Out.

    def send_raw(self, frame: str | bytes) -> None:
        assert self.emulate(frame) == 204

    def emulate(self, frame: str | bytes, *, over: httpx.Client | None = None, **other: str) -> int:
        """The status. `session` and `node` may be others."""
        named = {"session": self.session, "node": self.node, **other}
        answer = (over or self.http).post("/emulation", **emulation(frame, **named))
        return answer.status_code

    def _encoded(self, *commands: Frame) -> str | bytes:
        return protobuf_of(*commands) if self.is_protobuf else "\n".join(map(json.dumps, commands))

    # In.

    def next_frame(self, seconds: float = 5) -> list[Frame]:
        """The replies of what comes next. Raises EOFError at the end, httpx.ReadTimeout, httpx.RemoteProtocolError."""
        while not (replies := self._complete()):
            try:
                self._rest += next(self._chunks)
            except StopIteration:
                assert self._rest == b""
                raise EOFError from None
        return replies

    def disconnected(self) -> Frame:
        """The last push, behind which the stream ends in good order."""
        while "disconnect" not in (push := self.push()):
            pass
        with contextlib.suppress(EOFError):
            raise AssertionError(f"this came behind the end: {self.next()}")
        ending: Frame = push["disconnect"]
        return ending

    def _complete(self) -> list[Frame]:
        if self.is_protobuf:
            size = _complete_bytes(self._rest)
            replies, self._rest = replies_in(self._rest[:size]), self._rest[size:]
            return replies
        if self.is_sse:
            *events, self._rest = self._rest.removeprefix(b"\r\n").split(b"\n\n")
            assert all(event.startswith(b"data: ") and b"\n" not in event for event in events)
            return [json.loads(event.removeprefix(b"data: ")) for event in events]
        *lines, self._rest = self._rest.split(b"\n")
        return [json.loads(line) for line in lines]


def stream_as(house: Server, user: str = "2", kind: str = "http_stream", **options: Any) -> Stream:
    """A user's, past its connect command."""
    stream = Stream(house.address, kind, token=connection_token(house, user=user), **options)
    stream.begin()
    return stream


def emulation(frame: str | bytes, *, session: str, node: str) -> dict[str, Any]:
    """What httpx posts to /emulation."""
    if isinstance(frame, str):
        return {"json": {"session": session, "node": node, "data": frame}}
    request: Any = message_class("EmulationRequest")(session=session, node=node, data=frame)
    return {"content": request.SerializeToString(), "headers": BINARY}


def _complete_bytes(data: bytes) -> int:
    at = 0
    with contextlib.suppress(IndexError):
        while at < len(data):
            size, begin = _DecodeVarint(data, at)
            if begin + size > len(data):
                break
            at = begin + size
    return at
