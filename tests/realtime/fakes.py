"""What stands outside of the engine, in memory: connections, an application with its history, a broker that notes."""

import asyncio
import time
from collections.abc import Callable, Sequence

from teahouse.realtime.application import Admission, Application, BaseApplication, Head, Publication
from teahouse.realtime.broker.base import Broker, Hint, Published
from teahouse.realtime.conf import Conf
from teahouse.realtime.encoding import Item
from teahouse.realtime.engine import Engine
from teahouse.realtime.parts import Parts
from teahouse.realtime.passes import Batch
from teahouse.realtime.presence.memory import MemoryPresence
from teahouse.realtime.store.memory import MemoryStore
from teahouse.realtime.wire.classic.codec import Envelope
from teahouse.realtime.wire.codes import Ending

EPOCH = "e1"


async def until(condition: Callable[[], object], *, seconds: float = 10) -> None:
    """Returns once `condition` is true; it is asked every 5 ms."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "that did not happen in time"
        await asyncio.sleep(0.005)


def admission(user: str = "1", *channels: str, sid: str | None = None) -> Admission:
    return Admission(user=user, sid=sid, token_id=None, issued_at=0, expires_at=None, channels=channels)


def publication(offset: int, *, channel: str = "room:1", epoch: str = EPOCH) -> Publication:
    return Publication(channel=channel, offset=offset, epoch=epoch, data=f"{channel}@{offset}".encode())


def published(offset: int, *, channel: str = "room:1", epoch: str = EPOCH) -> Published:
    return Published(publication=publication(offset, channel=channel, epoch=epoch))


class Listener:
    """A connection that keeps what it was given."""

    due_at = 0.0
    unsent_bytes = 0

    def __init__(self, *channels: str, user: str = "1", sid: str | None = None) -> None:
        self.admission: Admission | None = admission(user, *channels, sid=sid)
        self._channels = channels
        self.frames: list[str] = []
        self.endings: list[Ending] = []
        self.ticks: list[float] = []

    def channels(self) -> Sequence[str]:
        return self._channels

    def deliver(self, batches: Sequence[Batch[Item]]) -> None:
        self.frames += [
            item.data.decode() for batch in batches for item in batch.items if isinstance(item, Publication)
        ]

    def close(self, ending: Ending) -> None:
        self.endings.append(ending)

    def tick(self, now: float) -> None:
        self.ticks.append(now)


class MemoryApplication(BaseApplication):
    """Each channel's history is a list; whoever is in `gone` is not welcome any more."""

    def __init__(self) -> None:
        self.history: dict[str, list[Publication]] = {}
        self.gone: set[str] = set()
        # Called when a page of the history was read and is not handed over yet, in a thread.
        self.on_read: Callable[[], None] = lambda: None
        # How many of the next calls of the history fail.
        self.failures = 0
        self.reads = 0

    def commit(self, *offsets: int, channel: str = "room:1") -> None:
        self.history.setdefault(channel, []).extend(publication(offset, channel=channel) for offset in offsets)

    def admit_classic(self, token: str | None) -> Admission:
        return admission()

    def run_classic(self, admission: Admission, envelope: Envelope, command_key: str) -> str | None:
        return None

    def heads(self, channels: Sequence[str]) -> dict[str, Head]:
        self._maybe_fail()
        return {name: Head(self.history[name][-1].offset, EPOCH) for name in channels if self.history.get(name)}

    def publications_after(self, channel: str, offset: int, limit: int) -> list[Publication]:
        self.reads += 1
        self._maybe_fail()
        page = [entry for entry in self.history.get(channel, ()) if entry.offset > offset][:limit]
        self.on_read()
        return page

    def ended(self, admissions: Sequence[Admission]) -> list[Admission]:
        self._maybe_fail()
        return [admission for admission in admissions if admission.user in self.gone]

    def _maybe_fail(self) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the database is away")


class NotingBroker:
    """Keeps what is published and carries it nowhere."""

    is_local = True
    lag_seconds = 0.0

    def __init__(self) -> None:
        self.hints: list[Hint] = []

    @property
    def publications(self) -> list[Publication]:
        return [hint.publication for hint in self.hints if isinstance(hint, Published)]

    async def start(self, node: str, receive: Callable[[Hint], None], reconnected: Callable[[], None]) -> None:
        pass

    async def stop(self) -> None:
        pass

    def publish(self, hint: Hint) -> None:
        self.hints.append(hint)

    def publish_all(self, hints: Sequence[Published]) -> None:
        self.hints += hints

    async def carry(self, hint: Hint) -> None:
        self.hints.append(hint)

    async def subscribe(self, channel: str) -> None:
        pass

    def unsubscribe(self, channel: str) -> None:
        pass

    def is_up(self) -> bool:
        return True


def engine_with(broker: Broker, *, conf: Conf | None = None, application: Application | None = None) -> Engine:
    """Not started; store and presence are in memory."""
    return Engine(
        conf=conf or Conf(application="", key="k" * 32),
        application=application or MemoryApplication(),
        parts=Parts(broker=broker, store=MemoryStore(), presence=MemoryPresence()),
    )


def loop_of_now() -> asyncio.AbstractEventLoop:
    """For an engine that is not started: what is handed to its loop is done at once, in the caller's thread."""

    class Now(asyncio.AbstractEventLoop):
        def call_soon_threadsafe(self, callback: Callable[..., object], *args: object, **_: object) -> asyncio.Handle:
            callback(*args)
            return asyncio.Handle(callback, args, self)

        def get_debug(self) -> bool:
            return False

    return Now()
