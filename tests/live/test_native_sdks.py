"""The SDKs of JavaScript and Python against our server; `tests/sdk` has what they do."""

import contextlib
import json
import pathlib
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.live.native import NAMESPACES, channel_in, connection_token, subscription_token
from tests.live.server import Server, running
from tests.services import missing, process

_FOLDER = pathlib.Path(__file__).parent.parent / "sdk"
_CLIENTS = [("js", "json"), ("js", "protobuf"), ("python", "json"), ("python", "protobuf")]
CLIENTS = pytest.mark.parametrize(("sdk", "codec"), _CLIENTS, ids=["-".join(client) for client in _CLIENTS])


def _command(sdk: str) -> list[str]:
    if sdk == "js":
        node = shutil.which("node")
        if node is None or not (_FOLDER / "node_modules" / "centrifuge").is_dir():
            missing("the JavaScript SDK (npm ci in tests/sdk)")
        return [str(node), str(_FOLDER / "scenarios.mjs")]
    python = _FOLDER / ".venv" / "bin" / "python"
    if not python.exists():
        missing("the Python SDK (tests/sdk/requirements.txt in tests/sdk/.venv)")
    return [str(python), str(_FOLDER / "scenarios.py")]


class Scenario:
    """A client that is doing something, in a process of its own."""

    def __init__(self, child: "subprocess.Popen[bytes]") -> None:
        self._child = child

    def tell(self, word: str) -> None:
        assert self._child.stdin is not None
        self._child.stdin.write(f"{word}\n".encode())
        self._child.stdin.flush()

    def said(self) -> str:
        assert self._child.stdout is not None
        line = self._child.stdout.readline().decode().strip()
        assert line, self._complaint()
        return line

    def ends_well(self) -> None:
        assert self._child.wait(25) == 0, self._complaint()

    def _complaint(self) -> str:
        assert self._child.stderr is not None
        self._child.kill()
        return self._child.stderr.read().decode()[-4_000:]


@contextlib.contextmanager
def _doing(scenario: str, sdk: str, codec: str, **given: Any) -> Iterator[Scenario]:
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with process(*_command(sdk), scenario, codec, cwd=_FOLDER, **pipes) as child:
        client = Scenario(child)
        client.tell(json.dumps(given))
        yield client


@CLIENTS
def test_an_everyday_client(fast_native_house: Server, sdk: str, codec: str) -> None:
    _live_a_day(fast_native_house, sdk, codec)


# Without the Python SDK in JSON: it sends an empty Sec-WebSocket-Protocol, which other servers may refuse.
@pytest.mark.parametrize(("sdk", "codec"), [("js", "json"), ("js", "protobuf"), ("python", "protobuf")])
def test_an_everyday_client_of_any_asgi_server(consumer_native_house: Server, sdk: str, codec: str) -> None:
    _live_a_day(consumer_native_house, sdk, codec)


def _live_a_day(house: Server, sdk: str, codec: str) -> None:
    given = {"address": house.address, "bearer": house.bearer("alice")["Authorization"]}
    with _doing("everyday", sdk, codec, channel=channel_in("everything"), **given) as client:
        client.ends_well()
    assert "Traceback" not in house.log


@CLIENTS
def test_a_client_renews_its_tokens_in_time_and_stays(fast_native_house: Server, sdk: str, codec: str) -> None:
    house, channel = fast_native_house, channel_in("strict")
    tokens = [connection_token(house, user="2", seconds=seconds) for seconds in (2, 300)]
    channel_tokens = [subscription_token(house, user="2", channel=channel, seconds=seconds) for seconds in (2, 300)]
    given = {"address": house.address, "channel": channel, "readable": channel_in("kept")}
    with _doing("refresh", sdk, codec, tokens=tokens, channelTokens=channel_tokens, **given) as client:
        client.ends_well()


def test_clients_come_back_after_a_restart_with_what_they_missed(data: pathlib.Path) -> None:
    with running(data, TEAHOUSE_NAMESPACES=json.dumps(NAMESPACES)) as house, contextlib.ExitStack() as stack:
        access = house.tokens("bob")["access"]
        given = {"address": house.address, "bearer": f"Bearer {access}", "channel": "kept:a"}
        clients = [stack.enter_context(_doing("restart", *client, **given)) for client in _CLIENTS]
        for client in clients:
            assert "subscribed" == client.said()
        house.stop()
        house.start()
        # Who is back before this hears it live, all others recover it.
        with house.connect_as("alice") as alice, house.connect_as("bob") as page:
            for text in ("first", "second"):
                alice.say(text, 3)
                assert text == page.next()["text"]
        for client in clients:
            publications = client.said()
            assert publications.index("first") < publications.index("second")
            assert "back" == client.said()
        house.http("POST", "/api/auth/logout", headers={"Authorization": f"Bearer {access}"})
        for client in clients:
            client.ends_well()
        assert "Traceback" not in house.log
