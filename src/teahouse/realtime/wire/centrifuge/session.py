"""
What a native connection may say when, and its heartbeat: Sans-I/O, whatever carries the frames.

Which channels it hears and what its commands mean is not known here: commands come out in their order, answers go in.
"""

import enum

import msgspec

from teahouse.realtime.wire.centrifuge.codec import BadFrame, Codec
from teahouse.realtime.wire.centrifuge.frames import Command, ErrorReply, Push, Reply, Request
from teahouse.realtime.wire.codes import Ending, Error
from teahouse.realtime.wire.session import Limits

TICK_SLACK_SECONDS = 0.5


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True):
    """
    In seconds. `jitter` (0 to 1) is another one for each connection: the first ping comes that far into the second
    half of the interval, which spreads the load after many have come back at once.
    """

    interval: int
    timeout: float
    jitter: float


class _State(enum.Enum):
    NEW = enum.auto()
    CONNECTING = enum.auto()
    CONNECTED = enum.auto()
    # The connect command was answered with an error: nothing else may follow.
    REFUSED = enum.auto()


class NativeSession:
    """One connection from accept to close. Every `now` is seconds of one monotonic clock."""

    __slots__ = (
        "_codec", "_commands", "_heartbeat", "_is_pong_due", "_limits", "_messages", "_next_at", "_state",
        "_waiting_commands", "ending",
    )  # fmt: skip

    def __init__(self, *, codec: Codec, limits: Limits, heartbeat: Heartbeat, now: float) -> None:
        self.ending: Ending | None = None
        self._codec = codec
        self._limits = limits
        self._heartbeat = heartbeat
        self._state = _State.NEW
        self._messages: list[bytes] = []
        self._commands: list[tuple[Command, Request]] = []
        self._waiting_commands = 0
        self._is_pong_due = False
        # When something is due: a connect command at first, then a ping or a pong.
        self._next_at = now + limits.stale_seconds

    # Input: what happened.

    def receive(self, frame: str | bytes) -> None:
        """A whole frame of the kind that the codec takes."""
        if self.ending is not None:
            return
        if isinstance(frame, str) is not self._codec.is_text:
            self.close(Ending.BINARY_FRAME if self._codec.is_text else Ending.BAD_REQUEST)
            return
        try:
            commands = self._codec.commands(frame)
        except BadFrame:
            self.close(Ending.BAD_REQUEST)
            return
        for command in commands:
            self._take(command)
            if self.ending is not None:
                return

    def tick(self, now: float) -> None:
        # Whoever ticks does it once a second, so half a second too early is nearer than half a second too late.
        if now + TICK_SLACK_SECONDS < self._next_at or self.ending is not None:
            return
        if self._state is not _State.CONNECTED:
            self.close(Ending.STALE)
        elif self._is_pong_due:
            self.close(Ending.NO_PONG)
        else:
            self._messages.append(self._codec.encode(_PING))
            self._is_pong_due = True
            self._next_at = now + self._heartbeat.timeout

    def close(self, ending: Ending) -> None:
        """The first reason stays; closing again changes nothing."""
        if self.ending is None:
            self.ending = ending

    def connected(self, now: float) -> None:
        """The connect command has been answered well."""
        self._state = _State.CONNECTED
        self._next_at = now + self._heartbeat.interval * (1 + self._heartbeat.jitter) / 2

    def refused(self) -> None:
        self._state = _State.REFUSED

    def command_done(self) -> None:
        self._waiting_commands -= 1

    # Output: what to do about it.

    @property
    def next_at(self) -> float:
        """When `tick` should be called next."""
        return self._next_at

    @property
    def is_connected(self) -> bool:
        return self._state is _State.CONNECTED

    @property
    def is_full(self) -> bool:
        """Whether reading should pause until commands are done."""
        return self._waiting_commands >= self._limits.max_waiting_commands

    def commands(self) -> list[tuple[Command, Request]]:
        """New commands; call `command_done` once for each, in any order."""
        commands, self._commands = self._commands, []
        return commands

    def payload(self) -> bytes:
        """One frame of all that is to be said, b"" for nothing."""
        messages = self._messages
        if not messages:
            return b""
        self._messages = []
        return self._codec.join(messages)

    # For answers.

    def reply(self, reply: Reply) -> None:
        self._messages.append(self._codec.encode(reply))

    def push(self, push: Push) -> None:
        self._messages.append(self._codec.encode(Reply(push=push)))

    def fail(self, command_id: int, error: Error) -> None:
        self.reply(Reply(id=command_id, error=ErrorReply(error.code, error.message, error.is_temporary)))

    def _take(self, command: Command) -> None:
        request = _request_of(command)
        if request is None:
            self._take_pong(command)
        elif (command.connect is not None) is not (self._state is _State.NEW) or self._state is _State.REFUSED:
            # Anything before it, a second one, or anything after it was refused.
            self.close(Ending.BAD_REQUEST)
        elif not command.id and command.send is None:
            self.close(Ending.BAD_REQUEST)
        else:
            if self._state is _State.NEW:
                self._state = _State.CONNECTING
            self._waiting_commands += 1
            self._commands.append((command, request))

    def _take_pong(self, command: Command) -> None:
        if command.id or command.ping is not None or not self._is_pong_due:
            self.close(Ending.BAD_REQUEST)
            return
        self._is_pong_due = False
        self._next_at += self._heartbeat.interval - self._heartbeat.timeout


_PING = Reply()


def _request_of(command: Command) -> Request | None:
    return (
        command.connect
        or command.subscribe
        or command.unsubscribe
        or command.publish
        or command.presence
        or command.presence_stats
        or command.history
        or command.send
        or command.rpc
        or command.refresh
        or command.sub_refresh
    )
