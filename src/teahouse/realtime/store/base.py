"""The port of the stores of kept channels."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from teahouse.realtime.application import Head, Publication

IDEMPOTENCY_SECONDS = 300.0
# A channel's epoch and offset, after its last publication.
FORGET_SECONDS = 30 * 86_400.0
# Of chance in an epoch: 12 characters.
EPOCH_BYTES = 9


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """How a publication is kept: its channel keeps `size` of them, for `seconds` after the last one."""

    size: int
    seconds: float
    # Publishing again with the same key within five minutes gives the first answer and changes nothing.
    idempotency_key: str = ""
    # One that is not newer than the last one's version (within `version_epoch`) is passed over. 0: no version.
    version: int = 0
    version_epoch: str = ""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it. `publication` has its offset and epoch; None when it was passed over as old or repeated."""

    head: Head
    publication: Publication | None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of the history, and where it ends now."""

    publications: list[Publication]
    head: Head


class Store(Protocol):
    """
    A channel's epoch is there before its first publication, for those who ask for it until then, and lives until the
    store forgets the channel: long after the last publication, and soon where there was none, since anybody may ask for
    any name.

    Every method raises BrokerAway within two seconds when the store cannot be reached.
    """

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def append(self, publication: Publication, terms: Terms) -> Kept:
        """`publication` comes without offset and epoch. Telling listeners is the caller's business."""

    async def heads(self, channels: Sequence[str]) -> dict[str, Head]:
        """
        Of every one of them: a channel where nothing happened yet has the offset 0 and an epoch, which stays if its
        head is asked for again within two minutes.
        """

    async def page(self, channel: str, *, after: int | None, limit: int, reverse: bool = False) -> Page:
        """
        At most `limit` publications: past the offset `after`, oldest first; with `reverse` those before `after`,
        newest first. None is the beginning, with `reverse` the end. A limit of 0 asks for the head only.
        """

    async def remove(self, channel: str) -> None:
        """Forget its publications. Offsets go on from where they are, in the same epoch."""
