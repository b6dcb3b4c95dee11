"""A cable between a server and its Redis that a test can cut: a TCP relay in threads of this process."""

import contextlib
import select
import selectors
import socket
import struct
import threading
from collections.abc import Iterator

_AT_ONCE = 65_536
_BACKLOG = 128
_MOST_FILLERS = 8
_HANDSHAKE_SECONDS = 0.05
_RESET = struct.pack("ii", 1, 0)


class Cable:
    """
    Listens on `port` and passes bytes to and from `target_port`. While it is cut, whoever connects is reset; while it
    is silent, nothing comes through and nobody is told, as if a firewall dropped every packet.
    """

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._ends: set[socket.socket] = set()
        self._is_cut = False
        self._passes = threading.Event()
        self._passes.set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        # Closing alone does not wake whoever accepts.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._cut()

    @contextlib.contextmanager
    def cut(self) -> Iterator[None]:
        self._cut()
        try:
            yield
        finally:
            self._is_cut = False

    @contextlib.contextmanager
    def silent(self) -> Iterator[None]:
        """What was sent meanwhile arrives afterwards, as TCP sends it again; also to an end that has been given up."""
        self._passes.clear()
        fillers = self._fill_backlog()
        try:
            yield
        finally:
            for filler in fillers:
                filler.close()
            self._listener.listen(_BACKLOG)
            self._passes.set()

    def _fill_backlog(self) -> list[socket.socket]:
        """The kernel shakes hands for us until its queue is full, and from then on it drops every SYN."""
        self._listener.listen(0)
        fillers = []
        for _ in range(_MOST_FILLERS):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
            fillers.append(filler)
            if not select.select([], [filler], [], _HANDSHAKE_SECONDS)[1]:
                return fillers
        raise AssertionError("the queue of connections does not fill")

    def _cut(self) -> None:
        with self._lock:
            self._is_cut = True
            ends = list(self._ends)
        for end in ends:
            # Who relays is told by this, and resets both.
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._passes.wait()
                near, _ = self._listener.accept()
                threading.Thread(target=self._relay, args=(near,), daemon=True).start()

    def _relay(self, near: socket.socket) -> None:
        self._passes.wait()
        with near, contextlib.suppress(OSError):
            near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            if self._is_cut:
                return
            with socket.create_connection(("127.0.0.1", self._target_port), 5) as far:
                far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                self._pass_on(near, far)

    def _pass_on(self, near: socket.socket, far: socket.socket) -> None:
        with self._lock:
            if self._is_cut:
                return
            self._ends |= {near, far}
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(near, selectors.EVENT_READ, far)
                selector.register(far, selectors.EVENT_READ, near)
                while True:
                    for key, _ in selector.select():
                        self._passes.wait()
                        source, to = key.fileobj, key.data
                        assert isinstance(source, socket.socket)
                        if not (data := source.recv(_AT_ONCE)):
                            return
                        to.sendall(data)
        finally:
            with self._lock:
                self._ends -= {near, far}
