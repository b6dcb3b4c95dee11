"""Floods of POST /emulation: they are answered so fast and no faster, and nobody else waits for it."""

import contextlib
import http.client
import json
import pathlib
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.live.native import NAMESPACES, connection_token, native_as
from tests.live.server import Server, running
from tests.live.streams import Stream
from tests.services import wait_until

_FLOODERS = 20
_SECONDS = 2.0


@pytest.fixture
def streaming_house(data: pathlib.Path) -> Iterator[Server]:
    with running(data, TEAHOUSE_NAMESPACES=json.dumps(NAMESPACES)) as house:
        yield house


class _Flooder:
    """Asks for the same again as soon as it is answered, over a connection that is kept."""

    def __init__(self, house: Server, body: bytes) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", house.port, timeout=5)
        self._body = body
        self._has_ended = False
        self.statuses: list[int] = []
        self._thread = threading.Thread(target=self._flood, daemon=True)
        self._thread.start()

    def _flood(self) -> None:
        while not self._has_ended:
            self._http.request("POST", "/emulation", self._body)
            answer = self._http.getresponse()
            answer.read()
            self.statuses.append(answer.status)

    def close(self) -> None:
        self._has_ended = True
        self._thread.join(10)
        self._http.close()


def _request(session: str, node: str, *commands: str) -> bytes:
    return json.dumps({"session": session, "node": node, "data": "\n".join(commands)}).encode()


@pytest.mark.parametrize("kind", ["garbage", "no session", "a session of its own"])
def test_a_flood_takes_turns_and_nobody_else_waits(streaming_house: Server, kind: str) -> None:
    house = streaming_house
    with contextlib.ExitStack() as stack:
        alice, bob = (stack.enter_context(_stream_as(house, user)) for user in ("2", "3"))
        _read_on(alice)
        carol = stack.enter_context(native_as(house, "carol"))
        body, status = {
            "garbage": (b"x", 400),
            "no session": (_request("s", alice.node, "{}"), 404),
            "a session of its own": (
                _request(alice.session, alice.node, '{"id":9,"unsubscribe":{"channel":"plain:1"}}'),
                204,
            ),
        }[kind]
        flooders = [stack.enter_context(contextlib.closing(_Flooder(house, body))) for _ in range(_FLOODERS)]
        wait_until(lambda: all(flooder.statuses for flooder in flooders))
        before, began = _answered(flooders), time.monotonic()
        waits = []
        while time.monotonic() < began + _SECONDS:
            asked = time.monotonic()
            carol.ask("unsubscribe", channel="plain:1")
            bob.ask("unsubscribe", channel="plain:1")
            assert 200 == house.http("GET", "/healthz").status_code
            waits.append(time.monotonic() - asked)
        answered = _answered(flooders) - before

        # 256 in a second, and those that may come at once at its beginning.
        assert answered < 128 + 256 * (time.monotonic() - began) + _FLOODERS
        assert {status} == {each for flooder in flooders for each in flooder.statuses}
        assert sorted(waits)[len(waits) // 2] < 0.5
    assert "Traceback" not in house.log


def _stream_as(house: Server, user: str) -> Stream:
    stream = Stream(house.address, token=connection_token(house, user=user))
    stream.begin()
    return stream


def _read_on(stream: Stream) -> None:
    """Who does not read is ended as slow."""

    def read() -> None:
        with contextlib.suppress(httpx.HTTPError, httpx.StreamError, EOFError, ValueError):
            while True:
                stream.next_frame()

    threading.Thread(target=read, daemon=True).start()


def _answered(flooders: list[_Flooder]) -> int:
    return sum(len(flooder.statuses) for flooder in flooders)
