"""
Everybody in a house: five people with two devices each, an ear at the classic door, rooms to talk in, somebody who is
let into a room and put out of it again and again, and somebody who listens at doors.
"""

import asyncio
import contextlib
import random
from collections.abc import Sequence

from tests.faults.accounts import Account, HttpFailed
from tests.faults.classic_ear import ClassicEar
from tests.faults.devices import Complaint, Device
from tests.faults.houses import House
from tests.faults.notebook import Notebook
from tests.faults.pages.tab import Tab
from tests.faults.people import Person
from tests.faults.record import Acked, Event, History, MembershipChanged
from tests.faults.wire import CommandFailed, Frame, Gone, Wire

_NAMES = {"admin": 1, "alice": 2, "bob": 3, "carol": 4, "dave": 5}
_CLOSED = ("alice", "bob", "carol")
_GUEST = "dave"
_HOST = "alice"
_DEVICES = 2
_SET_UP_SECONDS = 30.0


class Crowd:
    """
    `lobby` is everybody's; in `closed` are three of them; of `open` dave is a member now and then, at alice's word.
    """

    def __init__(self, house: House, notebook: Notebook, choice: random.Random, *, per_second: float) -> None:
        self._house = house
        self._notebook = notebook
        self._random = choice
        self._per_second = per_second
        self._accounts: dict[str, Account] = {}
        self._people: dict[str, Person] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._chatter: list[asyncio.Task[None]] = []
        self._is_over = asyncio.Event()
        # When dave was let in or put out, and which of the two.
        self._changes: list[tuple[float, bool]] = []
        self.tabs: list[Tab] = []
        self.lobby = 0
        self.closed = 0
        self.open = 0

    @property
    def devices(self) -> list[Device]:
        return [device for person in self._people.values() for device in person.devices]

    @property
    def complaints(self) -> list[Complaint]:
        return [complaint for device in self.devices for complaint in device.complaints]

    async def come_in(self) -> None:
        """Everybody is signed in and connected, and begins to talk."""
        for name, number in _NAMES.items():
            self._accounts[name] = Account(name, number, self._house.address)
            await self._accounts[name].sign_in()
        await self._make_rooms()
        for name in _NAMES:
            rooms = [self.lobby, self.closed, self.open] if name in _CLOSED else [self.lobby]
            outsiders = [] if name in _CLOSED else [self.closed]
            self._people[name] = Person(
                self._accounts[name],
                self._notebook,
                random.Random(self._random.random()),
                devices=_DEVICES,
                rooms=rooms,
                outsiders=outsiders,
            )
        ear = ClassicEar(self._accounts["admin"], self._notebook, self.lobby)
        self._tasks = [asyncio.create_task(device.live()) for device in self.devices]
        self._tasks.append(asyncio.create_task(ear.live()))
        async with asyncio.timeout(_SET_UP_SECONDS):
            for device in self.devices:
                await device.connected()
        self._chatter = [
            asyncio.create_task(person.chatter(self._per_second / len(_NAMES), self._is_over))
            for person in self._people.values()
        ]
        self._chatter.append(asyncio.create_task(self._let_in_and_put_out()))
        self._tasks.append(asyncio.create_task(self._listen_at_doors()))
        self._chatter.append(asyncio.create_task(self._come_and_go()))

    async def say(self) -> Acked:
        """Something in the lobby, by somebody, as soon as it is possible."""
        return await self._people["admin"].insist(self.lobby)

    async def have_heard(self, said: Acked) -> None:
        """Returns when every device that is not away of its own will has heard the lobby up to there."""
        channel = f"room:{self.lobby}"
        for device in self.devices:
            await device.reached(channel, said.offset)

    async def fall_silent(self, seconds: float) -> None:
        """Nothing new is said; what is under way is answered. Raises TimeoutError."""
        self._is_over.set()
        async with asyncio.timeout(seconds):
            await asyncio.gather(*self._chatter)

    async def leave(self) -> None:
        for task in (*self._chatter, *self._tasks):
            task.cancel()
        await asyncio.gather(*self._chatter, *self._tasks, return_exceptions=True)
        for account in self._accounts.values():
            await account.close()

    async def look_back(self) -> None:
        """Nothing: devices have heard what they have heard."""

    def events(self, histories: Sequence[History]) -> Sequence[Event]:
        """For the record, beside what was noted meanwhile."""
        return self.memberships(histories)

    def memberships(self, histories: Sequence[History]) -> list[MembershipChanged]:
        """Who was in which room from where on, for the record."""
        changes = [_member(_NAMES[name], f"room:{self.lobby}") for name in _NAMES]
        for room in (self.closed, self.open):
            changes += [_member(_NAMES[name], f"room:{room}") for name in _CLOSED]
        history = next(history for history in histories if history.channel == f"room:{self.open}")
        guest = _NAMES[_GUEST]
        told = [
            (stored.offset, stored.kind == "member.joined")
            for stored in history.publications
            if stored.kind in ("member.joined", "member.left") and stored.person == guest
        ]
        times = {True: [at for at, is_in in self._changes if is_in], False: []}
        for offset, is_in in told:
            # The nth time that it was let in is the nth that it was asked for; anything else would be a leak.
            at = times[is_in].pop(0) if times[is_in] else 0.0
            changes.append(
                MembershipChanged(at=at, person=guest, channel=f"room:{self.open}", offset=offset, is_member=is_in)
            )
        return changes

    # Inside.

    async def _make_rooms(self) -> None:
        host = self._accounts[_HOST]
        self.lobby = await lobby_of(self._accounts["admin"])
        people = [_NAMES[name] for name in _CLOSED if name != _HOST]
        for name in ("closed", "open"):
            asked = {"kind": "private", "name": name, "client_key": f"faults-{name}", "people": people}
            made = await host.request("POST", "/api/rooms", asked)
            setattr(self, name, made["room"]["id"])

    async def _invite(self, user: int) -> None:
        await self._accounts[_HOST].request("POST", f"/api/rooms/{self.open}/members", {"people": [user]})

    async def _put_out(self, user: int) -> None:
        await self._accounts[_HOST].request("DELETE", f"/api/rooms/{self.open}/members/{user}")

    async def _let_in_and_put_out(self) -> None:
        is_in = False
        while not self._is_over.is_set():
            self._changes.append((self._notebook.now(), not is_in))
            while True:
                try:
                    change = self._put_out if is_in else self._invite
                    await change(_NAMES[_GUEST])
                    break
                except HttpFailed as failed:
                    if failed.is_for_good:
                        # It was done, and the answer was lost.
                        break
                    await asyncio.sleep(0.3)
            is_in = not is_in
            guest = self._people[_GUEST]
            (guest.rooms.append if is_in else guest.rooms.remove)(self.open)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._is_over.wait(), self._random.uniform(1, 3))

    async def _come_and_go(self) -> None:
        while not self._is_over.is_set():
            await self._random.choice(self.devices).go_away(self._random.uniform(0.5, 3))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._is_over.wait(), self._random.uniform(0.2, 1))

    async def _listen_at_doors(self) -> None:
        """Asks for channels that are not theirs; being given one is for the checker to find."""
        while True:
            device = self._random.choice(self._people[_GUEST].devices)
            channel = self._random.choice([f"room:{self.closed}", f"user:{_NAMES[_HOST]}"])
            try:
                wire = await device.connected()
                answer = await wire.ask("subscribe", {"channel": channel}, seconds=5)
                device.begin(channel, answer)
            except CommandFailed as failed:
                self._notebook.rejected(device.name, channel, failed.code)
            except (Gone, TimeoutError):
                pass
            await asyncio.sleep(0.5)


async def lobby_of(account: Account) -> int:
    """The only room of somebody who has none of their own. Raises Gone, CommandFailed, HttpFailed."""
    heard: list[Frame] = []
    wire = await Wire.open(f"{account.sockets}/connection/websocket", heard.append, seconds=_SET_UP_SECONDS)
    try:
        await wire.connect(await account.connection_token(), {}, heard.append, seconds=_SET_UP_SECONDS)
    finally:
        await wire.close()
    return next(int(channel.removeprefix("room:")) for channel in heard[0]["subs"] if channel.startswith("room:"))


def _member(person: int, channel: str) -> MembershipChanged:
    return MembershipChanged(at=0, person=person, channel=channel, offset=0, is_member=True)
