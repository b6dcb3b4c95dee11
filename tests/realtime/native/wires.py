"""The transport of a native connection, in memory."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, cast

from teahouse.realtime.broker.memory import MemoryBroker
from teahouse.realtime.conf import Conf
from teahouse.realtime.encoding import Item
from teahouse.realtime.engine import Engine
from teahouse.realtime.native.connection import Native
from teahouse.realtime.passes import Batch
from teahouse.realtime.wire.centrifuge.codec import JSON
from teahouse.realtime.wire.codes import Ending
from tests.realtime.fakes import Listener, MemoryApplication, engine_with, until


class Wire(Listener):
    """`messages` are what its client has read, in their order."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.admission = None
        self.messages: list[Any] = []
        self.native = Native(engine, cast(Any, self), JSON)
        self._encoding = engine.json_encoding
        self._commands = 0

    # The server's side.

    def channels(self) -> Sequence[str]:
        return self.native.channels()

    def deliver(self, batches: Sequence[Batch[Item]]) -> None:
        self.send(b"\n".join(message for batch in batches for message in batch.messages(self._encoding)))

    def lose(self, channel: str) -> None:
        self.native.lose(channel)

    def send(self, payload: bytes) -> None:
        self.messages += [json.loads(line) for line in payload.splitlines()]

    def end(self, code: int, reason: str) -> None:
        pass

    def go_on(self) -> None:
        pass

    def close(self, ending: Ending) -> None:
        super().close(ending)
        self.native.leave()

    # The client's side.

    async def connected(self) -> "Wire":
        self.native.engine.enter(cast(Any, self))
        await self.ask("connect")
        return self

    async def ask(self, method: str, **params: Any) -> Any:
        """The answer to one command."""
        (answer,) = await self.ask_all((method, params))
        return answer

    async def ask_all(self, *commands: tuple[str, dict[str, Any]]) -> list[Any]:
        """The answers to those of one frame."""
        ids = self.say(*commands)
        await until(lambda: {message.get("id") for message in self.messages} >= set(ids))
        return [message for message in self.messages if message.get("id") in ids]

    def say(self, *commands: tuple[str, dict[str, Any]]) -> list[int]:
        """Their ids."""
        ids = list(range(self._commands + 1, self._commands + 1 + len(commands)))
        self._commands += len(commands)
        lines = [json.dumps({"id": id_, method: params}) for id_, (method, params) in zip(ids, commands, strict=True)]
        self.native.receive("\n".join(lines))
        return ids


@contextlib.asynccontextmanager
async def started(conf: Conf, application: MemoryApplication | None = None) -> AsyncIterator[Engine]:
    engine = engine_with(MemoryBroker(), conf=conf, application=application)
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 30))
