"""What clients of http_stream and SSE send beside their streams: in order, to their own session, and nothing else."""

import contextlib
import json
from typing import Any

import httpx
import pytest

from tests.live.native import channel_in, connection_token
from tests.live.server import Server
from tests.live.streams import BINARY, Stream, stream_as


def test_commands_over_many_connections_are_done_in_the_order_they_came(native_house: Server) -> None:
    channel = channel_in("kept")
    with stream_as(native_house) as alice, contextlib.ExitStack() as stack:
        alice.ask("subscribe", channel=channel)
        others = [stack.enter_context(httpx.Client(base_url=native_house.address)) for _ in range(10)]
        for number in range(100):
            frame = json.dumps({"id": 100 + number, "publish": {"channel": channel, "data": number}})
            assert 204 == alice.emulate(frame, over=others[number % 10])

        assert list(range(100)) == [alice.published()["data"] for _ in range(100)]


def test_a_session_needs_nothing_but_its_name_and_its_name_is_its_own(native_house: Server) -> None:
    with stream_as(native_house, "2") as alice, stream_as(native_house, "3") as bob:
        assert alice.session != bob.session
        name, _, signature = alice.session.partition(".")
        # 16 random bytes, and what shows that they are of this site.
        assert (22, 32) == (len(name), len(signature))
        frame = json.dumps({"id": 5, "rpc": {"method": "x"}})
        for session, node in (
            ("", alice.node),
            ("x", alice.node),
            (alice.session[:-1], alice.node),
            (name, alice.node),
            (f"{name}.{bob.session.partition('.')[2]}", alice.node),
            (alice.session, ""),
            (alice.session, "0123456789abcdef"),
            ("名字", "名字"),
        ):
            assert 404 == alice.emulate(frame, session=session, node=node), (session, node)
        assert 204 == alice.emulate(frame)
        assert "error" in alice.answer(5, "rpc")


@pytest.mark.parametrize(
    ("options", "status"),
    [
        pytest.param({"content": b""}, 400, id="nothing"),
        pytest.param({"content": b"[]"}, 400, id="no object"),
        pytest.param({"content": b"{}"}, 404, id="no session"),
        pytest.param({"json": {"session": 1, "node": "", "data": ""}}, 400, id="a number for a name"),
        pytest.param({"json": {"session": "", "node": "", "data": {}}}, 400, id="commands that are no text"),
        pytest.param({"content": b'{"session":"\\ud800"}'}, 400, id="half a character"),
        pytest.param({"content": b"[" * 60_000}, 400, id="deep"),
        pytest.param({"content": b"\xff" * 9, "headers": BINARY}, 400, id="no protobuf"),
        pytest.param({"content": b" " * 65_536}, 400, id="as large as it may be"),
        pytest.param({"content": b" " * 65_537}, 413, id="declared too large"),
        pytest.param({"content": iter([b" " * 30_000] * 3)}, 413, id="counted too large"),
    ],
)
def test_what_is_no_request_is_refused(fast_native_house: Server, options: dict[str, Any], status: int) -> None:
    answer = fast_native_house.http("POST", "/emulation", **options)

    assert status == answer.status_code
    assert status == answer.json()["status"]
    assert "application/problem+json" == answer.headers["content-type"]


@pytest.mark.parametrize("path", ["/connection/http_stream", "/connection/sse"])
def test_what_is_too_large_opens_no_stream(fast_native_house: Server, path: str) -> None:
    for content in (b" " * 65_537, iter([b" " * 30_000] * 3)):
        assert 413 == fast_native_house.http("POST", path, content=content).status_code


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/connection/http_stream", "POST"),
        ("HEAD", "/connection/sse", "GET, POST"),
        ("PUT", "/connection/sse/", "GET, POST"),
        ("GET", "/emulation", "POST"),
    ],
)
def test_other_methods_are_refused(fast_native_house: Server, method: str, path: str, allowed: str) -> None:
    answer = fast_native_house.http(method, path)

    assert 405 == answer.status_code
    assert allowed == answer.headers["allow"]


def test_commands_in_an_address_are_in_no_log(native_house: Server) -> None:
    token = connection_token(native_house, user="2")
    with Stream(native_house.address, "sse", token=token) as alice:
        alice.begin()

    assert token.split(".")[1] not in native_house.log
    assert token.split(".")[2] not in native_house.log
