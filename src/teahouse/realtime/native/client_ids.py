"""Names of native connections."""

import os


class _RandomBytes:
    """The kernel's, fetched for many at once: each call of it gives other threads the interpreter's lock."""

    def __init__(self) -> None:
        self._bytes = b""
        self._pid = 0

    def take(self, count: int) -> bytes:
        if len(self._bytes) < count or self._pid != os.getpid():
            # What a parent process has fetched, its other children have too.
            self._bytes, self._pid = os.urandom(4096), os.getpid()
        taken, self._bytes = self._bytes[:count], self._bytes[count:]
        return taken


_random_bytes = _RandomBytes()


def new_client_id() -> str:
    """A UUID of version 4."""
    digits = _random_bytes.take(16).hex()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
