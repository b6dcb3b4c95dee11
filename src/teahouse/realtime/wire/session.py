"""
What one connection may do and owes, whatever its protocol: the Sans-I/O core that the servers drive.

Fed with what happened, asked what to do about it. Waiting, buffers and sockets belong to the servers.
"""

import collections
from typing import Generic, TypeVar

import msgspec

from teahouse.realtime.wire.codes import Ending

Command = TypeVar("Command")


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    max_frame_bytes: int = 65_536
    max_fragments: int = 256
    # What a connection may have sent us that is not done yet; beyond it the server stops reading.
    max_waiting_commands: int = 64
    max_waiting_chars: int = 262_144
    # On the native door: how long a connection may stay without its first command, how many channels a client may
    # subscribe to and how many the server may give it, and what a reconnect gets of what it missed.
    stale_seconds: float = 10
    max_subscriptions: int = 128
    max_server_subscriptions: int = 2_000
    max_recovered: int = 300
    max_recovered_bytes: int = 262_144


class Session(Generic[Command]):
    """One connection from accept to close. `expires_at` and every `now` are seconds of one monotonic clock."""

    def __init__(self, *, limits: Limits, expires_at: float | None = None) -> None:
        self.limits = limits
        self.ending: Ending | None = None
        # Frames that were no command, by what was wrong with them.
        self.ignored: collections.Counter[str] = collections.Counter()
        self._expires_at = expires_at
        self._frames: list[str] = []
        self._commands: list[tuple[Command, int]] = []
        self._waiting_commands = 0
        self._waiting_chars = 0

    # Input: what happened.

    def receive_text(self, text: str) -> None:
        raise NotImplementedError

    def receive_bytes(self, data: bytes) -> None:
        self.close(Ending.BINARY_FRAME)

    def tick(self, now: float) -> None:
        if self._expires_at is not None and now >= self._expires_at:
            self.close(Ending.TOKEN_EXPIRED)

    def close(self, ending: Ending) -> None:
        """The first reason stays; closing again changes nothing."""
        if self.ending is None:
            self.ending = ending

    def command_done(self, size_chars: int) -> None:
        self._waiting_commands -= 1
        self._waiting_chars -= size_chars

    # Output: what to do about it.

    def frames_to_send(self) -> list[str]:
        frames, self._frames = self._frames, []
        return frames

    def commands(self) -> list[tuple[Command, int]]:
        """New commands with their size in characters; call `command_done(size)` once for each, in any order."""
        commands, self._commands = self._commands, []
        return commands

    @property
    def is_full(self) -> bool:
        """Whether reading should pause until commands are done."""
        return (
            self._waiting_commands >= self.limits.max_waiting_commands
            or self._waiting_chars >= self.limits.max_waiting_chars
        )

    # For the protocols.

    def _is_too_big(self, text: str) -> bool:
        # A character has at most 4 bytes, so most frames are judged without encoding them.
        limit = self.limits.max_frame_bytes
        return len(text) > limit or (
            len(text) * 4 > limit and len(text.encode("utf-8", errors="surrogatepass")) > limit
        )

    def _accept(self, command: Command, size_chars: int) -> None:
        self._waiting_commands += 1
        self._waiting_chars += size_chars
        self._commands.append((command, size_chars))
