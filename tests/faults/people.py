"""
Simulated people: each has devices that listen and sends messages, again and again under the same client key until it
is known whether they are stored. Some of it over HTTP, some of it wrong on purpose.
"""

import asyncio
import itertools
import random
from collections.abc import Sequence

from tests.faults.accounts import Account, HttpFailed
from tests.faults.devices import Device
from tests.faults.notebook import Notebook
from tests.faults.record import Acked, Outcome, Refused, Unknown
from tests.faults.wire import CommandFailed, Frame, Gone

_ANSWER_SECONDS = 10.0
_MOST_UNDER_WAY = 16
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 2.0

_OVER_HTTP = 0.2
_WRONG = 0.03
_LONG = 0.03
_AGAIN = 0.03
_LONG_CHARS = 6_000
_TOO_LONG_CHARS = 11_000


class NotHeard(Exception):
    """Refused, and should not have been."""


class Person:
    """`rooms` are those to write to; `outsiders` those where this person is none of the members."""

    def __init__(
        self,
        account: Account,
        notebook: Notebook,
        choice: random.Random,
        *,
        devices: int,
        rooms: Sequence[int],
        outsiders: Sequence[int] = (),
    ) -> None:
        self.account = account
        self.rooms = list(rooms)
        self.devices = [
            Device(f"{account.name}-{letter}", account, notebook, random.Random(choice.random()))
            for letter in "abcdefgh"[:devices]
        ]
        self._outsiders = list(outsiders)
        self._notebook = notebook
        self._random = choice
        self._keys = itertools.count(1)
        self._run = f"{choice.randrange(16**6):06x}"
        self._under_way = asyncio.Semaphore(_MOST_UNDER_WAY)
        # Keys that were acknowledged, with what was sent under them.
        self._done: list[tuple[int, str, str]] = []

    async def chatter(self, per_second: float, until: asyncio.Event) -> None:
        """Several messages at once under way, as somebody has who types while the network hangs."""
        async with asyncio.TaskGroup() as group:
            while not until.is_set():
                await self._under_way.acquire()
                task = group.create_task(self.say_something())
                task.add_done_callback(lambda _: self._under_way.release())
                await asyncio.sleep(self._random.expovariate(per_second))

    async def insist(self, room: int) -> Acked:
        """Say something there that may be said, until it is acknowledged."""
        key = self._new_key()
        outcome = await self._say(room, key, f"{key} insists")
        if not isinstance(outcome, Acked):
            raise NotHeard(f"{self.account.name} may not speak in room {room}: {outcome}")
        return outcome

    async def say_something(self) -> None:
        room, key, body = self._next()
        if isinstance(await self._say(room, key, body), Acked):
            self._done.append((room, key, body))

    async def _say(self, room: int, key: str, body: str) -> Acked | Refused:
        pause = _FIRST_PAUSE_SECONDS
        while isinstance(outcome := await self._attempt(room, key, body), Unknown):
            await asyncio.sleep(pause * self._random.uniform(0.5, 1))
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
        return outcome

    def _new_key(self) -> str:
        return f"{self.account.name}-{self._run}-{next(self._keys)}"

    def _next(self) -> tuple[int, str, str]:
        roll = self._random.random()
        room = self._random.choice(self.rooms)
        key = self._new_key()
        if roll < _WRONG:
            return self._something_wrong(room, key)
        if roll < _WRONG + _AGAIN and self._done:
            # As a device does that crashed before it noted the answer.
            return self._random.choice(self._done)
        if roll < _WRONG + _AGAIN + _LONG:
            return room, key, f"{key} " + "长" * self._random.randrange(1, _LONG_CHARS)
        return room, key, f"{key} says 你好 {self._random.randrange(10**6)}"

    def _something_wrong(self, room: int, key: str) -> tuple[int, str, str]:
        wrong = [(room, key, "长" * _TOO_LONG_CHARS), (room, key, " ")]
        wrong += [(outsider, key, f"{key} from outside") for outsider in self._outsiders]
        if self._done:
            done_room, done_key, _ = self._random.choice(self._done)
            wrong.append((done_room, done_key, f"{done_key} with another body"))
        return self._random.choice(wrong)

    async def _attempt(self, room: int, key: str, body: str) -> Outcome:
        device = self._random.choice(self.devices)
        over_http = self._random.random() < _OVER_HTTP
        if not over_http:
            # What cannot be sent waits for the connection, as in an app's outbox.
            await device.connected()
        attempt = self._notebook.sent(device.name, self.account.person, room, key, body)
        outcome = await (self._post(room, key, body) if over_http else self._call(device, room, key, body))
        self._notebook.answered(attempt, outcome)
        return outcome

    async def _call(self, device: Device, room: int, key: str, body: str) -> Outcome:
        request = {"method": "message.send", "data": {"room": room, "client_key": key, "body": body}}
        if device.wire is None:
            return Unknown(reason="not connected")
        try:
            answer = await device.wire.ask("rpc", request, seconds=_ANSWER_SECONDS)
        except Gone as gone:
            return Unknown(reason=f"closed {gone.code}")
        except TimeoutError:
            return Unknown(reason="timeout")
        except CommandFailed as failed:
            if failed.is_temporary or failed.code < 400:
                return Unknown(reason=f"error {failed.code}")
            return Refused(code=failed.code)
        return _acked(answer["data"])

    async def _post(self, room: int, key: str, body: str) -> Outcome:
        try:
            answer = await self.account.request(
                "POST", f"/api/rooms/{room}/messages", {"client_key": key, "body": body}
            )
        except HttpFailed as failed:
            if failed.is_for_good:
                return Refused(code=failed.status)
            return Unknown(reason=f"HTTP {failed.status}")
        return _acked(answer)


def _acked(answer: Frame) -> Acked:
    return Acked(number=answer["number"], offset=answer["offset"], id=answer["id"])
