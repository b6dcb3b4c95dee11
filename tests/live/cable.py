"""A cable between a server and its Redis that a test can cut: a TCP relay in threads of this process."""

import contextlib
import selectors
import socket
import struct
import threading
from collections.abc import Iterator

_AT_ONCE = 65_536
_RESET = struct.pack("ii", 1, 0)


class Cable:
    """Listens on `port` and passes bytes to and from `target_port`; while it is cut, whoever connects is reset."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._ends: set[socket.socket] = set()
        self._is_cut = False
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
                near, _ = self._listener.accept()
                threading.Thread(target=self._relay, args=(near,), daemon=True).start()

    def _relay(self, near: socket.socket) -> None:
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
                        source, to = key.fileobj, key.data
                        assert isinstance(source, socket.socket)
                        if not (data := source.recv(_AT_ONCE)):
                            return
                        to.sendall(data)
        finally:
            with self._lock:
                self._ends -= {near, far}
