"""
The port: what the engine asks the site that uses it. The engine calls nothing else of anybody's.

Every method is synchronous and may use the database: the engine calls them in a pool of threads, never on the
event loop, except `classic_frame`, which is called on the loop and must not wait.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from teahouse.realtime.wire.classic.codec import Envelope
from teahouse.realtime.wire.codes import Ending


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened in a channel. `data` is JSON; `offset` counts from 1 without gaps, within `epoch`."""

    channel: str
    offset: int
    epoch: str
    data: bytes


class Head(msgspec.Struct, frozen=True):
    """The newest offset of a channel (0 when nothing happened yet) and the life of its history."""

    offset: int
    epoch: str


class Admission(msgspec.Struct, frozen=True, kw_only=True):
    """
    Who a connection belongs to, and what it hears.

    `sid` is the login session, None for tokens that name none; `token_id` the token's own name; `issued_at` and
    `expires_at` are seconds since 1970, an `expires_at` of None is never.
    """

    user_id: int
    sid: str | None
    token_id: str | None
    issued_at: float
    expires_at: float | None
    channels: tuple[str, ...]


class Refused(Exception):
    """The connection may not be: it is closed with `ending`."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.sentence)
        self.ending = ending


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

    def heads(self, channels: Sequence[str]) -> dict[str, Head]:
        """The heads of those channels that have a history here."""

    def publications_after(self, channel: str, offset: int, limit: int) -> list[Publication]:
        """The oldest `limit` publications past `offset`, oldest first."""

    def ended(self, admissions: Sequence[Admission]) -> list[Admission]:
        """Those whose person, login session or token is not welcome any more. Asked every few seconds."""
