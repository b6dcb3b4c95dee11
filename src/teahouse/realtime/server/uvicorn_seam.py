"""
Every place where we reach into uvicorn: its options as we need them, a server that drains, workers of it, and names
for what its HTTP protocol knows.

uvicorn's version is pinned to one minor release because of this file.
"""

import asyncio
import contextlib
import functools
import gc
import multiprocessing.connection
import pickle
import signal
import socket
import sys
from collections.abc import Iterator
from typing import Any

import httptools
import uvicorn
import uvicorn.supervisors.multiprocess
from uvicorn._types import ASGI3Application
from uvicorn.middleware.proxy_headers import _TrustedHosts
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.utils import get_local_addr, get_remote_addr, is_ssl
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol as PlainWebSocket
from uvicorn.server import ServerState
from uvicorn.supervisors import Multiprocess

from teahouse.realtime.conf import Conf
from teahouse.realtime.server.drain import drain

__all__ = ["PlainWebSocket", "ServerState"]

_BACKLOG = 4096
# Python's own is 700, 10, 10: a collection of the young for every thirty connections that come.
_COLLECTOR = (20_000, 20, 50)
# A peer that acknowledges nothing for so long is gone, whatever the kernel would still try (RFC 5482).
_UNACKNOWLEDGED_MILLISECONDS = 30_000


def options(conf: Conf) -> dict[str, Any]:
    """What uvicorn.Config takes, for every way of starting it."""
    return {
        "http": "teahouse.realtime.server.http:BoundedHttp",
        "ws": "teahouse.realtime.server.fast:FastWebSocket",
        "ws_max_size": conf.limits.max_frame_bytes,
        # Compression costs more memory a connection than all the rest.
        "ws_per_message_deflate": False,
        "ws_ping_interval": conf.ping_interval_seconds,
        "ws_ping_timeout": conf.ping_timeout_seconds,
        "timeout_graceful_shutdown": 15,
        "lifespan": "on",
        "server_header": False,
        "log_config": None,
        "access_log": False,
    }


def scheme_of(config: uvicorn.Config, transport: asyncio.BaseTransport, headers: list[tuple[bytes, bytes]]) -> str:
    """ws or wss, as uvicorn's ProxyHeadersMiddleware would say: a trusted proxy's word counts, nobody else's."""
    for name, value in headers if config.proxy_headers else ():
        if name == b"x-forwarded-proto" and value in (b"http", b"https", b"ws", b"wss"):
            peer = transport.get_extra_info("peername")
            if peer and peer[0] in _trusted(str(config.forwarded_allow_ips)):
                return value.decode().replace("http", "ws")
    return "ws" if transport.get_extra_info("ssl_object") is None else "wss"


@functools.lru_cache(maxsize=8)
def _trusted(hosts: str) -> _TrustedHosts:
    return _TrustedHosts(hosts)


class BadRequest(Exception):
    """What came is no HTTP/1.1, or a callback of the parser has refused it."""


class PlainHttp(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 on one connection, as it is: only what it knows and keeps to itself gets a name here."""

    # What the application works on; `cycle` is the newest request, which may wait behind it.
    _running: RequestResponseCycle | None = None
    # Whether the request that is being read asks for a WebSocket, once its headers are there.
    _is_upgrade: bool | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        # As uvicorn's, but for the addresses: a WebSocket needs none, and asking the kernel gives other threads the
        # interpreter's lock each time.
        self.connections.add(self)
        self.transport = transport
        self.flow = FlowControl(transport)
        self.scheme = "https" if is_ssl(transport) else "http"

    @property
    def address(self) -> str | None:
        """The peer's, without its port."""
        if self.client is None:
            self.client = _address_of(self.transport)
        return self.client[0] if self.client else None

    @property
    def is_answering(self) -> bool:
        """Whether a request is being answered, or waits for its turn. Requests are answered in order."""
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def has_asked(self) -> bool:
        """Whether a request has been passed on; a WebSocket's is none."""
        return self.cycle is not None

    @property
    def is_not_reading(self) -> bool:
        """Whether it is our own doing that nothing comes."""
        return self.flow.read_paused

    @property
    def asks_for_a_socket(self) -> bool:
        return self.parser.should_upgrade() and self._should_upgrade()

    def feed(self, data: bytes) -> bytes | None:
        """
        Parse. After a request for an upgrade: what came behind it; the parser is ready for the next request then.

        Raises:
            BadRequest: Feed no more.
        """
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError as error:
            raise BadRequest from error
        except httptools.HttpParserUpgrade as upgrade:
            return data[upgrade.args[0] :]
        return None

    def on_message_begin(self) -> None:
        self._is_upgrade = None
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        if not self.asks_for_a_socket:
            self.server = self.server or get_local_addr(self.transport)
            self.client = self.client or _address_of(self.transport)
            self.scope["server"], self.scope["client"] = self.server, self.client
        super().on_headers_complete()

    def _should_upgrade(self) -> bool:
        # uvicorn asks four times.
        if self._is_upgrade is None:
            self._is_upgrade = super()._should_upgrade()
        return self._is_upgrade

    def hand_over(self) -> None:
        """Make the connection a WebSocket's: at once where its class takes a parsed head, else uvicorn's way."""
        self.connections.discard(self)
        shake_hands = getattr(self.ws_protocol_class, "shake_hands", None)
        head = (self.parser.get_method(), self.url, self.headers)
        if shake_hands is None or not shake_hands(self.config, self.server_state, self.transport, *head):
            self.handle_websocket_upgrade()

    def abandon(self) -> None:
        """What is being answered is told that nobody listens, before it writes to a transport that is gone."""
        for cycle in (self._running, self.cycle):
            if cycle is not None:
                cycle.disconnected = True
                cycle.message_event.set()

    def connection_lost(self, exc: Exception | None) -> None:
        # uvicorn tells the newest request only.
        self.abandon()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def let_go(self) -> None:
        """
        Forget everything, once the connection is somebody else's. The parser holds our methods and we hold it, which
        only the garbage collector would find out, a few KiB a connection later.
        """
        self.parser = self.transport = self.flow = self.cycle = self._running = None  # type: ignore[assignment]
        self.scope = self.headers = None  # type: ignore[assignment]


def _address_of(transport: asyncio.BaseTransport) -> tuple[str, int] | None:
    """The transport still knows it when the peer has reset the connection, which the kernel does not."""
    peer = transport.get_extra_info("peername")
    if isinstance(peer, tuple) and len(peer) >= 2:
        return str(peer[0]), int(peer[1])
    return get_remote_addr(transport)  # type: ignore[arg-type]


class DrainingServer(uvicorn.Server):
    """Stops accepting, sends its connections elsewhere over `drain_seconds`, and only then ends."""

    def __init__(self, config: uvicorn.Config, *, drain_seconds: float) -> None:
        super().__init__(config)
        self._drain_seconds = drain_seconds

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What is there now stays: the collector need not look at it again. Connections are freed without it, and
        # looking at all of them takes longer than others should wait.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_COLLECTOR)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        # Ctrl+C goes to all processes at once: there is nobody to send people to.
        at_once = signal.SIGINT in self._captured_signals
        await drain(seconds=0 if at_once else self._drain_seconds)
        await super().shutdown(sockets)
        # uvicorn would raise the signal again, and what ended in good order would look as if it had been killed.
        self._captured_signals.clear()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError, for instance when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    watch_for_gone_peers(listener)
    listener.set_inheritable(True)
    return listener


def watch_for_gone_peers(listener: socket.socket) -> None:
    """What a listening socket is told here, its connections take over (Linux)."""
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        with contextlib.suppress(OSError):
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNACKNOWLEDGED_MILLISECONDS)


def unacknowledged_bytes(transport: asyncio.BaseTransport) -> int:
    """What the kernel holds for the peer, which has not confirmed it; 0 where the kernel does not say (Windows)."""
    if sys.platform == "win32":
        return 0
    import fcntl
    import termios

    try:
        descriptor = transport.get_extra_info("socket").fileno()
        answer = fcntl.ioctl(descriptor, termios.TIOCOUTQ, bytes(4))
    except (OSError, AttributeError):
        return 0
    return int.from_bytes(answer, sys.byteorder)


def run_one(application: str, *, listener: socket.socket, conf: Conf) -> None:
    """Serve in this process until it is told to end. A lone process drains at once."""
    config = uvicorn.Config(application, **options(conf))
    DrainingServer(config, drain_seconds=0).run(sockets=[listener])


def run_many(application: str, *, listener: socket.socket, workers: int, conf: Conf) -> None:
    """Serve in `workers` processes, restarted when they die and one after the other on SIGHUP."""
    config = uvicorn.Config(application, workers=workers, timeout_worker_healthcheck=30, **options(conf))
    with _processes_that_drain(conf.drain_seconds):
        Multiprocess(config, sockets=[listener]).run()


class _Process(uvicorn.supervisors.multiprocess.Process):
    drain_seconds = 0.0

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "drain_seconds": self.drain_seconds}

    @property
    def server(self) -> uvicorn.Server:
        if self._server is None:
            self._server = DrainingServer(self.config, drain_seconds=self.drain_seconds)
        return self._server

    def _healthcheck(self, timeout: float) -> bool | None:
        """
        As uvicorn's, but a worker that ends instead of answering is not waited for: the supervisor, which has the
        worker's end of the pipe open too, would neither replace it nor hear a signal until the time is over.
        """
        try:
            self.parent_conn.send(b"ping")
            ready = multiprocessing.connection.wait([self.parent_conn, self.process.sentinel], timeout)
            return bool(self.parent_conn.recv()) if self.parent_conn in ready else None
        except (OSError, EOFError, pickle.UnpicklingError):
            return None


@contextlib.contextmanager
def _processes_that_drain(seconds: float) -> Iterator[None]:
    # The supervisor names the class it starts workers from only in its own module.
    module = uvicorn.supervisors.multiprocess
    original, _Process.drain_seconds = module.Process, seconds
    module.Process = _Process  # type: ignore[misc]
    try:
        yield
    finally:
        module.Process = original  # type: ignore[misc]
