"""A WebSocket of a test, whatever is spoken on it: opened, closed, and its end waited for."""

import types
from typing import Any, Self

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect


class Connection:
    """Uncompressed, and whatever has come is kept until it is read."""

    def __init__(self, url: str, **options: Any) -> None:
        self.socket: ClientConnection = connect(
            url, compression=None, proxy=None, legacy=True, max_queue=None, **options
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.socket.close()

    def closed(self, seconds: float = 5) -> int:
        """Wait for the end; its close code (1006 without a close frame)."""
        try:
            while True:
                self.socket.recv(seconds)
        except ConnectionClosed as error:
            return error.rcvd.code if error.rcvd is not None else 1006
