"""
A simulated device: connected whenever it can be, with a position in each channel that outlives connections, as an app
would have it on its disk. What it hears it notes; what it missed and is not given it loads from the pages.
"""

import asyncio
import random
from collections.abc import Mapping
from typing import NamedTuple

from tests.faults.accounts import Account, HttpFailed
from tests.faults.notebook import Notebook, stored_in
from tests.faults.record import Via
from tests.faults.wire import CommandFailed, Frame, Gone, Wire

_PATH = "/connection/websocket"
_OPEN_SECONDS = 5.0
_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 1.0


class Complaint(NamedTuple):
    """`code` is the close code, if it is about one."""

    code: int
    text: str


class _Place:
    """In one channel. `missing_from` is where the pages that are still to be loaded begin, None when there are none."""

    def __init__(self, offset: int, epoch: str) -> None:
        self.offset = offset
        self.epoch = epoch
        self.missing_from: int | None = None
        self.subscription: int | None = None

    @property
    def position(self) -> int:
        """All up to there has been processed."""
        return self.offset if self.missing_from is None else self.missing_from


class Device:
    def __init__(self, name: str, account: Account, notebook: Notebook, choice: random.Random) -> None:
        self.name = name
        self.account = account
        self.wire: Wire | None = None
        # What was said to it that should never be said to somebody who is welcome.
        self.complaints: list[Complaint] = []
        self._notebook = notebook
        self._random = choice
        self._places: dict[str, _Place] = {}
        self._asked: dict[str, int] = {}
        self._loading: dict[str, asyncio.Task[None]] = {}
        self._is_there = asyncio.Event()
        self._is_moved = asyncio.Event()
        self._pause_seconds = _FIRST_PAUSE_SECONDS
        self._back_at = 0.0

    @property
    def is_connected(self) -> bool:
        return self._is_there.is_set()

    def position(self, channel: str) -> int | None:
        """None where it is not subscribed."""
        place = self._places.get(channel)
        return None if place is None or place.subscription is None else place.position

    async def reached(self, channel: str, offset: int) -> None:
        """Returns when all of the channel up to there has been processed, or nobody expects it."""
        while (self.position(channel) or 0) < offset and not self._is_away:
            self._is_moved.clear()
            await self._is_moved.wait()

    @property
    def _is_away(self) -> bool:
        return asyncio.get_running_loop().time() < self._back_at

    def is_at(self, heads: Mapping[str, int]) -> bool:
        """Connected, and at the end of everything that it is subscribed to."""
        return self.is_connected and all(
            place.position >= heads.get(channel, 0)
            for channel, place in self._places.items()
            if place.subscription is not None
        )

    async def live(self) -> None:
        """Until it is cancelled."""
        try:
            while True:
                try:
                    await self._connection()
                except Gone as gone:
                    self._notebook.closed(self.name, gone.code, gone.reason)
                    self._judge_end(gone)
                except (HttpFailed, CommandFailed) as failed:
                    self._notebook.closed(self.name, 0, f"no token: {failed}")
                away = self._back_at - asyncio.get_running_loop().time()
                await asyncio.sleep(max(away, self._pause_seconds * self._random.uniform(0.5, 1)))
                self._pause_seconds = min(self._pause_seconds * 2, _LONGEST_PAUSE_SECONDS)
        finally:
            for task in self._loading.values():
                task.cancel()

    async def connected(self) -> Wire:
        """The connection, as soon as there is one."""
        while self.wire is None or not self._is_there.is_set():
            await self._is_there.wait()
        return self.wire

    def begin(self, channel: str, answer: Frame) -> None:
        """A subscription that somebody has asked for on this device's connection."""
        self._begin(channel, answer, None)

    async def _connection(self) -> None:
        token = await self.account.connection_token()
        wire = await Wire.open(f"{self.account.sockets}{_PATH}", self._take_push, seconds=_OPEN_SECONDS)
        try:
            subs = {
                channel: {"recover": True, "offset": place.position, "epoch": place.epoch}
                for channel, place in self._places.items()
            }
            self._asked = {channel: place.position for channel, place in self._places.items()}
            try:
                await wire.connect(token, subs, self._take_welcome, seconds=_OPEN_SECONDS)
            except CommandFailed as failed:
                self.account.forget_connection_token()
                raise Gone(0, f"connect: error {failed.code}") from None
            self.wire = wire
            self._pause_seconds = _FIRST_PAUSE_SECONDS
            self._is_there.set()
            await wire.read()
        finally:
            self._is_there.clear()
            for place in self._places.values():
                place.subscription = None
            await wire.close()

    def _judge_end(self, gone: Gone) -> None:
        if 3500 <= gone.code < 4000 or 4500 <= gone.code < 5000:
            self.account.forget_connection_token()
            text = f"{self.name} was told to stay away: {gone.code} {gone.reason}"
            self.complaints.append(Complaint(gone.code, text))

    # Hearing.

    def _take_welcome(self, result: Frame) -> None:
        for channel, answer in result.get("subs", {}).items():
            self._begin(channel, answer, self._asked.get(channel))
            for publication in answer.get("publications", []):
                self._take_publication(channel, publication, "recovered")

    def _begin(self, channel: str, answer: Frame, asked: int | None) -> None:
        offset, epoch = answer.get("offset", 0), answer.get("epoch", "")
        recovered = bool(answer.get("recovered"))
        place = self._places.setdefault(channel, _Place(offset, epoch))
        place.subscription = self._notebook.subscribed(
            self.name,
            self.account.person,
            channel,
            asked=asked,
            offset=offset,
            epoch=epoch,
            recovered=recovered,
        )
        if recovered:
            place.missing_from = None
        elif asked is not None and asked < offset:
            place.missing_from = asked
            self._load(channel, place, asked, offset)
        place.offset, place.epoch = offset, epoch
        self._is_moved.set()

    def _take_push(self, push: Frame) -> None:
        channel = push.get("channel", "")
        if "pub" in push:
            self._take_publication(channel, push["pub"], "pushed")
        elif "subscribe" in push:
            # A room was gained while connected; of one that was lost before, all since then is to be loaded.
            place = self._places.get(channel)
            self._begin(channel, push["subscribe"], place.position if place else None)
        elif "unsubscribe" in push and channel in self._places:
            self._places[channel].subscription = None
            if push["unsubscribe"].get("code", 0) >= 2500 and self.wire is not None:
                # Of a server-side subscription: coming back is how it is heard again.
                self._notebook.rejected(self.name, channel, push["unsubscribe"]["code"])

    def _take_publication(self, channel: str, publication: Frame, via: Via) -> None:
        place = self._places.get(channel)
        offset = publication.get("offset", 0)
        if not offset:
            # A signal, such as somebody's typing: shown and forgotten.
            return
        if place is None or place.subscription is None:
            # The checker says whether it may be.
            subscription = self._notebook.new_subscription()
        else:
            subscription = place.subscription
            place.offset = max(place.offset, offset)
            self._is_moved.set()
        self._notebook.delivered(
            subscription, self.name, self.account.person, channel, via, stored_in(offset, publication["data"])
        )

    # Loading what was missed.

    def _load(self, channel: str, place: _Place, after: int, until: int) -> None:
        if (task := self._loading.get(channel)) is not None:
            task.cancel()
        subscription = place.subscription
        assert subscription is not None
        self._loading[channel] = asyncio.create_task(self._load_pages(channel, place, after, until, subscription))

    async def _load_pages(self, channel: str, place: _Place, after: int, until: int, subscription: int) -> None:
        began = after
        while after < until:
            try:
                page = await self.account.publications(channel, after)
            except HttpFailed as failed:
                if failed.is_for_good:
                    # Not a member any more: there is nothing to load, and the position stays.
                    return
                await asyncio.sleep(self._random.uniform(0.2, 0.5))
                continue
            for offset, data in page:
                stored = stored_in(offset, data)
                self._notebook.delivered(subscription, self.name, self.account.person, channel, "paged", stored)
                after = max(after, stored.offset)
            if not page:
                self.complaints.append(
                    Complaint(0, f"{self.name} found no page of {channel} after {after}, and it ends at {until}")
                )
                return
            if place.missing_from is not None:
                place.missing_from = after
        place.missing_from = None
        self._is_moved.set()
        self._notebook.reloaded(self.name, channel, began, after)

    async def stall(self, seconds: float) -> None:
        """Read nothing for so long."""
        wire = self.wire
        if wire is None or not self.is_connected:
            return
        wire.stall()
        try:
            await asyncio.sleep(seconds)
        finally:
            wire.resume()

    async def go_away(self, seconds: float) -> None:
        """As a telephone in a pocket: no connection for so long, while the others go on."""
        self._back_at = asyncio.get_running_loop().time() + seconds
        self._is_moved.set()
        if self.wire is not None:
            await self.wire.close()
