"""
The sessions of http_stream and SSE: what their clients send comes in requests of its own, at any process, and is
brought here to the stream it belongs to. Which requests may come is in `streams.py`, the streams in `asgi_stream.py`.
"""

import asyncio
import enum
import hmac
import secrets
from typing import Protocol

import msgspec

from teahouse.realtime.broker.base import Answer, Emulated
from teahouse.realtime.engine import Engine
from teahouse.realtime.parts import seal_from

# Clients give a command up after five seconds.
_ANSWER_SECONDS = 5.0


class Outcome(enum.Enum):
    TAKEN = "taken"
    # There is no such session, or not any more.
    GONE = "gone"
    # The session has too much waiting.
    FULL = "full"
    # The process that has the session says nothing: it may have taken it or not.
    UNANSWERED = "unanswered"


class Stream(Protocol):
    def offer(self, frame: bytes) -> asyncio.Future[Outcome]:
        """Its commands are done behind those of earlier calls. Done once they are taken, or will not be."""


class Emulation:
    """Of one engine. Used on the loop."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._streams: dict[str, Stream] = {}
        self._seal = seal_from(engine.conf)
        engine.take_emulated = self._take

    def open(self, stream: Stream) -> str:
        """
        The session's id, which nobody can guess: it is all that `/emulation` asks for. It is signed, too, so that what
        strangers make up is known at any process, and costs the others nothing.
        """
        name = secrets.token_urlsafe(16)
        session = f"{name}.{self._signature(self.engine.node, name)}"
        self._streams[session] = stream
        return session

    def close(self, session: str) -> None:
        """Again is harmless."""
        self._streams.pop(session, None)

    async def bring(self, node: str, session: str, frame: bytes) -> Outcome:
        """To the session, at whichever process. Requests are taken in the order in which this was called."""
        if node == self.engine.node:
            return await self._offered(session, frame)
        if self.engine.is_alone or not self._is_signed(node, session):
            return Outcome.GONE
        hint = Emulated(node=node, session=session, data=frame, id=secrets.token_hex(8), answer_to=self.engine.node)
        answer = await self.engine.survey.answer_to(hint, seconds=_ANSWER_SECONDS)
        return Outcome.UNANSWERED if answer is None else msgspec.json.decode(answer, type=Outcome)

    def _offered(self, session: str, frame: bytes) -> asyncio.Future[Outcome]:
        stream = self._streams.get(session)
        if stream is not None:
            return stream.offer(frame)
        gone: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        gone.set_result(Outcome.GONE)
        return gone

    def _take(self, hint: Emulated) -> None:
        """What came in at another process."""

        def answer(offered: asyncio.Future[Outcome]) -> None:
            data = msgspec.json.encode(offered.result())
            self.engine.announce(Answer(id=hint.id, to=hint.answer_to, node=self.engine.node, data=data))

        self._offered(hint.session, hint.data).add_done_callback(answer)

    def _is_signed(self, node: str, session: str) -> bool:
        name, _, signature = session.partition(".")
        return hmac.compare_digest(signature.encode(), self._signature(node, name).encode())

    def _signature(self, node: str, name: str) -> str:
        return self._seal.sign(f"session {node} {name}".encode()).hex()
