"""
A native client in a thread of its own that does what the SDKs do by themselves: it answers pings, comes back after
codes that say so, subscribes again from where it was, and keeps all that it hears.
"""

import collections
import random
import threading
import time
from types import TracebackType
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.live.native import Frame, Native
from tests.services import wait_until

_LOOK_SECONDS = 0.05
_AGAIN_SECONDS = 0.2


class Listener:
    """
    By channel: `heard` are publications in the order in which they came, recovered ones included; `answers` what each
    subscribe command was answered; `taken` the codes with which the server took the subscription away. `endings` are
    the close codes of its connections (1006: none, 0: we gave up), `ended_at` when each of them came.
    """

    def __init__(self, port: int, token: str, *channels: str) -> None:
        self.heard: dict[str, list[Frame]] = {channel: [] for channel in channels}
        self.answers: dict[str, list[Frame]] = {channel: [] for channel in channels}
        self.taken: collections.defaultdict[str, list[int]] = collections.defaultdict(list)
        self.endings: list[int] = []
        self.ended_at: list[float] = []
        self.client = ""
        self.local_port = 0
        self.fault: BaseException | None = None
        self._url = f"ws://127.0.0.1:{port}"
        self._token = token
        self._positions: dict[str, tuple[int, str]] = {}
        # Those that are to be subscribed, and when to try.
        self._due: dict[str, float] = {}
        self._has_stopped = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()

    def __enter__(self) -> "Listener":
        wait_until(self.is_listening, what="subscribed to all channels")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._has_stopped.set()
        self._thread.join(10)

    def is_listening(self) -> bool:
        """Connected and subscribed to everything."""
        if self.fault is not None:
            raise RuntimeError("the listener has failed") from self.fault
        return bool(self.client) and not self._due and all(self.answers.values())

    def data(self, channel: str) -> list[Any]:
        return [publication["data"] for publication in self.heard[channel]]

    def offsets(self, channel: str) -> list[int]:
        return [publication["offset"] for publication in self.heard[channel]]

    def hears(self, channel: str, expected: list[Any], *, seconds: float = 5) -> None:
        """Within so long it has heard just this there, in this order, since it was made."""
        wait_until(
            lambda: len(self.heard[channel]) >= len(expected),
            seconds=seconds,
            what=f"{len(expected)} publications in {channel}",
        )
        assert expected == self.data(channel)

    # In its thread.

    def _live(self) -> None:
        try:
            while not self._has_stopped.is_set() and self._is_to_come_back():
                self._connect()
                # As the SDKs: not all at the same moment.
                self._has_stopped.wait(random.uniform(0.02, 0.3))
        except Exception as error:
            self.fault = error

    def _is_to_come_back(self) -> bool:
        return not self.endings or self.endings[-1] < 3500 or 4000 <= self.endings[-1] < 4500

    def _connect(self) -> None:
        try:
            with Native(self._url, open_timeout=10) as native:
                self.local_port = native.socket.local_address[1]
                # Those that the server subscribes by itself are recovered with the connect command.
                known = {
                    channel: {"recover": True, "offset": offset, "epoch": epoch}
                    for channel, (offset, epoch) in self._positions.items()
                }
                subs = native.connect(self._token, **({"subs": known} if known else {})).get("subs", {})
                for channel in self.heard:
                    if channel in subs:
                        self._take_answer(channel, subs[channel])
                self._due = dict.fromkeys((channel for channel in self.heard if channel not in subs), 0.0)
                self.client = native.client
                while not self._has_stopped.is_set():
                    self._subscribe_due(native)
                    self._take_next(native)
        except ConnectionClosed as error:
            self._note_end(1006 if error.rcvd is None else error.rcvd.code)
        except (OSError, InvalidHandshake):
            if self.client:
                # An answer did not come in time; otherwise nobody is there yet.
                self._note_end(0)
        finally:
            self.client = ""

    def _note_end(self, code: int) -> None:
        self.endings.append(code)
        self.ended_at.append(time.monotonic())

    def _subscribe_due(self, native: Native) -> None:
        for channel in [channel for channel, due in self._due.items() if due <= time.monotonic()]:
            request: dict[str, Any] = {"channel": channel}
            if channel in self._positions:
                offset, epoch = self._positions[channel]
                request |= {"recover": True, "offset": offset, "epoch": epoch}
            answer = native.ask("subscribe", **request)
            if "error" in answer:
                assert answer["error"].get("temporary"), answer
                self._due[channel] = time.monotonic() + _AGAIN_SECONDS
                continue
            self._take_answer(channel, answer)
            del self._due[channel]

    def _take_answer(self, channel: str, answer: Frame) -> None:
        self.answers[channel].append(answer)
        if answer.get("recoverable"):
            self._positions[channel] = (answer.get("offset", 0), answer.get("epoch", ""))
        for publication in answer.get("publications", []):
            self._take_publication(channel, publication)

    def _take_next(self, native: Native) -> None:
        try:
            reply = native.next(_LOOK_SECONDS)
        except TimeoutError:
            return
        if reply == {}:
            native.send({})
        elif "pub" in (push := reply.get("push", {})) and self._is_for(push["channel"]):
            self._take_publication(push["channel"], push["pub"])
        elif "unsubscribe" in push:
            self._take_back(push["channel"], push["unsubscribe"]["code"])

    def _is_for(self, channel: str) -> bool:
        """What the chat's own channels say is for those only who have asked for them."""
        return channel in self.heard or channel.partition(":")[0] not in ("room", "user", "site")

    def _take_publication(self, channel: str, publication: Frame) -> None:
        self.heard.setdefault(channel, []).append(publication)
        if channel in self._positions and "offset" in publication:
            self._positions[channel] = (publication["offset"], self._positions[channel][1])

    def _take_back(self, channel: str, code: int) -> None:
        self.taken[channel].append(code)
        if code >= 2500:
            self._due[channel] = 0.0
