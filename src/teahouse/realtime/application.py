"""
The port: what the engine asks the site that uses it. The engine calls nothing else of anybody's.

Every method is synchronous and may use the database: the engine calls them in a pool of threads, never on the
event loop, except `classic_frame`, which is called on the loop and must not wait. `BaseApplication` answers
everything as a site without a chat of its own would; derive from it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeAlias

import msgspec

from teahouse.realtime.wire.classic.codec import Envelope
from teahouse.realtime.wire.codes import Ending


class ClientInfo(msgspec.Struct, frozen=True, gc=False):
    """One connection as others see it: `user` is "" for strangers, `client` its own id; both infos are JSON or b""."""

    user: str
    client: str
    conn_info: bytes = b""
    chan_info: bytes = b""


class Publication(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """
    Something that happened in a channel. `data` is JSON without line breaks between its tokens.

    `offset` counts from 1 without gaps, within `epoch`; 0 and "" where there is no history: in plain channels and for
    signals. `publisher` is the client that published it, if one did.

    In logged channels it may also change who hears what, for as long as connections last: the users `leavers` hear
    this channel up to here; who hears it also hears the channel `opens` from here on, as a server-side subscription,
    and does not hear `closes` any more. One that `forgets` has changed what was published before: whoever recovers that
    later gets it from the history.
    """

    channel: str
    offset: int = 0
    epoch: str = ""
    data: bytes
    publisher: ClientInfo | None = None
    tags: dict[str, str] | None = None
    leavers: tuple[str, ...] = ()
    opens: str = ""
    closes: str = ""
    forgets: bool = False


class Head(msgspec.Struct, frozen=True):
    """The newest offset of a channel (0 when nothing happened yet) and the life of its history."""

    offset: int
    epoch: str


class Admission(msgspec.Struct, frozen=True, kw_only=True):
    """
    Who a connection belongs to, and what it hears from its first moment on.

    `user` is the person's id as text, "" for a stranger. `sid` is the login session, None for tokens that name none;
    `token_id` the token's own name; `issued_at` and `expires_at` are seconds since 1970, an `expires_at` of None is
    never.
    """

    user: str
    sid: str | None = None
    token_id: str | None = None
    issued_at: float = 0
    expires_at: float | None = None
    channels: tuple[str, ...] = ()


# Channels that a connection hears; with each, where given, the first offset that it may recover.
Heard: TypeAlias = Sequence[str] | Mapping[str, int]


class Refused(Exception):
    """The connection may not be: it is closed with `ending`."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.sentence)
        self.ending = ending


class CommandError(Exception):
    """A command failed for a reason that its sender should know: `code` is 400 to 1999, `message` for programs."""

    def __init__(self, code: int, message: str, *, is_temporary: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.is_temporary = is_temporary


class UnknownMethod(Exception):
    """`run` has no command of this name."""


class Application(Protocol):
    def admit_classic(self, token: str | None) -> Admission:
        """Raises Refused. Must not write."""

    def run_classic(self, admission: Admission, envelope: Envelope, command_key: str) -> str | None:
        """
        Do what a client asks for; None, or why it was passed over (a short constant text, for counting).

        `command_key` names this one command: calling again with it does the thing once.
        """

    def classic_frame(self, publication: Publication) -> str | None:
        """The frame that tells a classic connection of it, or None when the article's protocol has no word for it."""

    def connecting(self, admissions: Sequence[Admission]) -> list[Heard | Ending]:
        """
        For each of those whose connection token is good: the channels to hear from the start, or why it may not be.

        Many that come at once are asked about at once; of each it is asked again a moment after it has connected, for
        what changed meanwhile. Must not write.
        """

    def may_subscribe(self, admission: Admission, channel: str) -> bool:
        """Asked for channels of namespaces with `may_subscribe="application"`."""

    def has_methods(self) -> bool:
        """Whether there is anything that `run` could do: without it clients are told "not available"."""

    def run(self, admission: Admission, method: str, data: bytes, command_key: str) -> bytes:
        """
        A client's `rpc`: JSON in (b"" for none), JSON out.

        `command_key` as for `run_classic`. Raises UnknownMethod, CommandError.
        """

    def start(
        self, admission: Admission, method: str, data: bytes, done: Callable[[bytes | CommandError | None], None]
    ) -> bool:
        """
        As `run`, for what waits for nothing but the log: called on the loop, must not wait. False leaves it to `run`.

        `done` is called once, later and on the loop: with the answer, with what refuses it, or with None when it is not
        known whether it is done. What is started by one connection is done in its order.
        """

    def begin(self) -> None:
        """The process begins to serve, on a database that may be away. Must not wait for it."""

    def finish(self) -> None:
        """The process ends: do to its end what was started. It may take some seconds."""

    def take(self, admission: Admission, data: bytes) -> bool:
        """What a client sent without wanting an answer; False when nobody takes it, which ends the connection."""

    def heads(self, channels: Sequence[str]) -> Mapping[str, Head]:
        """The heads of those logged channels that have a history here."""

    def publications_after(self, channel: str, offset: int, limit: int) -> list[Publication]:
        """The oldest `limit` publications past `offset`, oldest first."""

    def ended(self, admissions: Sequence[Admission]) -> list[Admission]:
        """Those whose person, login session or token is not welcome any more. Asked every few seconds."""


class BaseApplication:
    """A site that pushes and asks nothing: its connection tokens say who may come, its namespaces what they may."""

    def admit_classic(self, token: str | None) -> Admission:
        raise Refused(Ending.BAD_TOKEN)

    def run_classic(self, admission: Admission, envelope: Envelope, command_key: str) -> str | None:
        return "unknown type"

    def classic_frame(self, publication: Publication) -> str | None:
        return None

    def connecting(self, admissions: Sequence[Admission]) -> list[Heard | Ending]:
        return [() for _ in admissions]

    def may_subscribe(self, admission: Admission, channel: str) -> bool:
        return False

    def has_methods(self) -> bool:
        return False

    def run(self, admission: Admission, method: str, data: bytes, command_key: str) -> bytes:
        raise UnknownMethod

    def start(
        self, admission: Admission, method: str, data: bytes, done: Callable[[bytes | CommandError | None], None]
    ) -> bool:
        return False

    def begin(self) -> None:
        pass

    def finish(self) -> None:
        pass

    def take(self, admission: Admission, data: bytes) -> bool:
        return False

    def heads(self, channels: Sequence[str]) -> Mapping[str, Head]:
        return {}

    def publications_after(self, channel: str, offset: int, limit: int) -> list[Publication]:
        return []

    def ended(self, admissions: Sequence[Admission]) -> list[Admission]:
        return []
