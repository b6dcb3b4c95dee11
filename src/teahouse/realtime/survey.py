"""Questions that every process answers for itself: which channels have listeners, and how a process is."""

import asyncio
import fnmatch
import secrets
import socket
import time
from typing import TYPE_CHECKING

import msgspec

from teahouse import __version__
from teahouse.realtime.broker.base import Answer, Emulated, Question

if TYPE_CHECKING:
    from teahouse.realtime.engine import Engine

_ANSWER_SECONDS = 1.0
_QUIET_SECONDS = 0.2


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """One process. `uptime` is seconds."""

    uid: str
    name: str
    version: str
    num_clients: int
    num_users: int
    num_subs: int
    num_channels: int
    uptime: int


class Survey:
    def __init__(self, engine: "Engine") -> None:
        self._engine = engine
        self._began = time.monotonic()
        self._answers: dict[str, dict[str, bytes]] = {}
        self._heard: dict[str, asyncio.Event] = {}

    async def channels(self, pattern: str) -> dict[str, int]:
        """Channels with listeners anywhere, each with its connections; `pattern` as in a shell, "" is all."""
        counts: dict[str, int] = {}
        for data in (await self._ask("channels", pattern)).values():
            for channel, count in msgspec.json.decode(data, type=dict[str, int]).items():
                counts[channel] = counts.get(channel, 0) + count
        return counts

    async def nodes(self) -> list[Node]:
        return [msgspec.json.decode(data, type=Node) for data in (await self._ask("info", "")).values()]

    async def answer_to(self, hint: Emulated, *, seconds: float) -> bytes | None:
        """What the process answers that `hint` is for; None when it does not within `seconds`."""
        answers = self._answers[hint.id] = {}
        heard = self._heard[hint.id] = asyncio.Event()
        try:
            self._engine.announce(hint)
            await asyncio.wait_for(heard.wait(), seconds)
        except TimeoutError:
            return None
        finally:
            del self._answers[hint.id], self._heard[hint.id]
        return next(iter(answers.values()))

    def receive(self, hint: Question | Answer) -> None:
        if isinstance(hint, Answer):
            if hint.id in self._answers:
                self._answers[hint.id][hint.node] = hint.data
                self._heard[hint.id].set()
        elif hint.node != self._engine.node:
            data = self._own(hint.about, hint.pattern)
            self._engine.announce(Answer(id=hint.id, to=hint.node, node=self._engine.node, data=data))

    async def _ask(self, about: str, pattern: str) -> dict[str, bytes]:
        answers = {self._engine.node: self._own(about, pattern)}
        if self._engine.is_alone:
            return answers
        question = Question(id=secrets.token_hex(8), node=self._engine.node, about=about, pattern=pattern)
        self._answers[question.id] = answers
        heard = self._heard[question.id] = asyncio.Event()
        try:
            # Nobody knows how many there are: wait until no more come.
            self._engine.announce(question)
            end = time.monotonic() + _ANSWER_SECONDS
            while time.monotonic() < end:
                heard.clear()
                try:
                    await asyncio.wait_for(heard.wait(), _QUIET_SECONDS)
                except TimeoutError:
                    break
        finally:
            del self._answers[question.id], self._heard[question.id]
        return answers

    def _own(self, about: str, pattern: str) -> bytes:
        hub = self._engine.hub
        shown = [channel for channel in hub.channel_names() if channel.isprintable()]
        if about == "channels":
            wanted = fnmatch.filter(shown, pattern) if pattern else shown
            return msgspec.json.encode({channel: hub.count_in(channel) for channel in wanted})
        return msgspec.json.encode(
            Node(
                uid=self._engine.node,
                name=socket.gethostname(),
                version=__version__,
                num_clients=len(hub.connections),
                num_users=hub.users_count(),
                num_subs=sum(hub.count_in(channel) for channel in shown),
                num_channels=len(shown),
                uptime=int(time.monotonic() - self._began),
            )
        )
