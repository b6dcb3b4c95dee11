"""The server API over an engine in memory. With real clients and servers it is in `tests/live/test_server_api.py`."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from teahouse.realtime.application import ClientInfo
from teahouse.realtime.broker.base import (
    BrokerAway,
    DoDisconnect,
    DoRefresh,
    DoSubscribe,
    DoUnsubscribe,
    Hint,
    Order,
    Target,
)
from teahouse.realtime.broker.memory import MemoryBroker
from teahouse.realtime.conf import Conf
from teahouse.realtime.engine import Engine
from teahouse.realtime.namespaces import Namespace
from teahouse.realtime.server.http_api import MOST_BODY_BYTES, ServerAPI
from tests.realtime.fakes import NotingBroker, engine_with

KEY = "a-key-of-the-site"
CONF = Conf(
    application="",
    key="k" * 32,
    namespaces={
        "news": Namespace(kind="kept", history_size=3, presence=True),
        "plain": Namespace(max_publication_bytes=10),
        "room": Namespace(kind="logged"),
    },
)

Call = Callable[..., Awaitable[httpx.Response]]
Test = Callable[[Engine, Call], Awaitable[None]]


async def _site(scope: Any, receive: Any, send: Any) -> None:
    """What stands behind: it says which path it was asked for."""
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": scope["path"].encode()})


def run(test: Test, *, broker: MemoryBroker | NotingBroker | None = None, body_seconds: float = 30) -> None:
    async def over_http() -> None:
        engine = engine_with(broker or MemoryBroker(), conf=CONF)

        async def started() -> Engine:
            return engine

        api = ServerAPI(_site, key=KEY, engine=started, body_seconds=body_seconds)
        await engine.start()
        transport = httpx.ASGITransport(app=api)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://house/api/") as client:

            async def call(method: str, params: Any = None, **options: Any) -> httpx.Response:
                options.setdefault("headers", {"X-API-Key": KEY})
                if "content" not in options:
                    options["content"] = json.dumps({} if params is None else params)
                return await client.post(method, **options)

            try:
                await test(engine, call)
            finally:
                await engine.stop()

    asyncio.run(asyncio.wait_for(over_http(), 20))


def ask(method: str, params: Any, *, broker: MemoryBroker | NotingBroker | None = None) -> Any:
    """The answer to one call of a fresh house."""
    answers: list[Any] = []

    async def test(_: Engine, call: Call) -> None:
        response = await call(method, params)
        assert 200 == response.status_code
        answers.append(response.json())

    run(test, broker=broker)
    return answers[0]


def error_of(method: str, params: Any) -> int:
    answer = ask(method, params)
    assert {"error"} == answer.keys()
    assert answer["error"]["message"]
    code: int = answer["error"]["code"]
    return code


# The door.


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"X-API-Key": KEY}, id="of its own"),
        pytest.param({"Authorization": f"apikey {KEY}"}, id="authorization"),
        pytest.param({"Authorization": f"ApiKey  {KEY} "}, id="scheme in any case"),
    ],
)
def test_the_key_is_taken_from_either_header(headers: dict[str, str]) -> None:
    async def test(_: Engine, call: Call) -> None:
        response = await call("info", headers=headers)

        assert 200 == response.status_code
        assert "application/json" == response.headers["content-type"]

    run(test)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="none"),
        pytest.param({"X-API-Key": KEY + "x"}, id="another"),
        pytest.param({"X-API-Key": KEY[:-1]}, id="part of it"),
        pytest.param({"X-API-Key": "", "Authorization": ""}, id="empty"),
        pytest.param({"Authorization": f"Bearer {KEY}"}, id="another scheme"),
        pytest.param({"X-API-Key": "wrong-but-there", "Authorization": f"apikey {KEY}"}, id="two that differ"),
    ],
)
def test_without_the_key_nothing_is_done(headers: dict[str, str]) -> None:
    broker = NotingBroker()

    async def test(_: Engine, call: Call) -> None:
        response = await call("publish", {"channel": "plain:a", "data": 1}, headers=headers)

        assert 401 == response.status_code
        assert "apikey" == response.headers["www-authenticate"]
        assert {"error": {"code": 101, "message": "unauthorized"}} == response.json()

    run(test, broker=broker)
    assert [] == broker.hints


def test_a_key_in_the_address_counts_for_nothing() -> None:
    async def test(_: Engine, call: Call) -> None:
        assert 401 == (await call(f"info?api_key={KEY}", headers={})).status_code

    run(test)


@pytest.mark.parametrize("path", ["users", "notices", "auth/token", "publish/", "nope", "rpc", "", "Publish"])
def test_other_paths_are_the_sites(path: str) -> None:
    async def test(_: Engine, call: Call) -> None:
        response = await call(path)

        assert (299, f"/api/{path}") == (response.status_code, response.text)

    run(test)


def test_other_verbs_are_the_sites() -> None:
    async def test(engine: Engine, _: Call) -> None:
        async def started() -> Engine:
            return engine

        transport = httpx.ASGITransport(app=ServerAPI(_site, key=KEY, engine=started))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://house") as client:
            for verb in ("GET", "PUT", "OPTIONS", "DELETE"):
                assert 299 == (await client.request(verb, "/api/publish")).status_code

    run(test)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="cut off"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"null", id="null"),
        pytest.param(b'{"channel": 1}', id="another type"),
        pytest.param(b'{"channel": "a"} x', id="something behind it"),
        pytest.param(b'{"channel": "\xff"}', id="no UTF-8"),
        pytest.param(b'{"channel": "plain:a", "data": ' + b"[" * 100_000, id="very deep"),
        pytest.param(b'{"version": -1}', id="a negative version"),
    ],
)
def test_what_is_no_json_of_the_right_shape_is_a_bad_request(body: bytes) -> None:
    async def test(_: Engine, call: Call) -> None:
        response = await call("publish", content=body)

        assert 400 == response.status_code
        assert {"error": {"code": 107, "message": "bad request"}} == response.json()

    run(test)


@pytest.mark.parametrize("is_declared", [True, False])
@pytest.mark.parametrize("key", [KEY, "wrong"])
def test_a_body_of_more_than_a_mebibyte_is_refused(key: str, is_declared: bool) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b"x" * 65_536

    async def test(_: Engine, call: Call) -> None:
        content = b"x" * (MOST_BODY_BYTES + 1) if is_declared else pieces()
        response = await call("publish", content=content, headers={"X-API-Key": key})

        assert 413 == response.status_code
        assert "close" == response.headers["connection"]

    run(test)


@pytest.mark.parametrize("key", [KEY, "wrong"])
def test_a_length_of_thousands_of_digits_is_refused_as_too_long(key: str) -> None:
    async def test(_: Engine, call: Call) -> None:
        response = await call("publish", content=b"{}", headers={"X-API-Key": key, "content-length": "9" * 5_000})
        assert 413 == response.status_code

    run(test)


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async def never() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    async def test(_: Engine, call: Call) -> None:
        assert 408 == (await call("publish", content=never())).status_code

    run(test, body_seconds=0.05)


# Publishing.


@pytest.mark.parametrize(
    ("data", "heard"),
    [
        pytest.param('{"b":1, "a": 1.0, "é": "\\u00e9"}', '{"b":1, "a": 1.0, "é": "\\u00e9"}', id="as it is"),
        pytest.param('{\n "a":\r\n\t[1]\n}', '{ "a":\t[1]}', id="on one line"),
        pytest.param('"a\\nb"', '"a\\nb"', id="an escaped line break"),
        pytest.param("null", "null", id="null"),
        pytest.param("1e2", "1e2", id="a number as it is written"),
    ],
)
def test_data_stays_byte_for_byte_but_for_line_breaks(data: str, heard: str) -> None:
    broker = NotingBroker()

    async def test(_: Engine, call: Call) -> None:
        await call("publish", content=f'{{"data": {data}, "channel": "room2"}}'.encode())
        await call("publish", content=f'{{"data": {data}, "channel": "news:a"}}'.encode())
        await call("publish", {"channel": "news:a", "b64data": base64.b64encode(data.encode()).decode()})

    run(test, broker=broker)
    assert [heard, heard] == [publication.data.decode() for publication in broker.publications]


def test_a_kept_channel_tells_where_it_is_and_a_plain_one_nothing() -> None:
    async def test(_: Engine, call: Call) -> None:
        plain = await call("publish", {"channel": "plain:a", "data": 1})
        kept = await call("publish", {"channel": "news:a", "data": 1, "tags": {"to": "all"}})
        history = await call("history", {"channel": "news:a", "limit": 1})

        assert {"result": {}} == plain.json()
        assert 1 == kept.json()["result"]["offset"]
        assert {
            "publications": [{"data": 1, "offset": 1, "tags": {"to": "all"}}],
            "offset": 1,
            "epoch": kept.json()["result"]["epoch"],
        } == history.json()["result"]

    run(test)


def test_the_same_key_publishes_once_and_an_old_version_not_at_all() -> None:
    async def test(_: Engine, call: Call) -> None:
        async def offset_after(**options: Any) -> int:
            result = (await call("publish", {"channel": "news:a", "data": 1, **options})).json()["result"]
            offset: int = result["offset"]
            return offset

        assert 1 == await offset_after(idempotency_key="once")
        assert 2 == await offset_after(version=7)
        assert 1 == await offset_after(idempotency_key="once")
        assert 2 == await offset_after(version=6)
        assert 3 == await offset_after(version=6, version_epoch="another")

    run(test)


def test_what_skips_the_history_is_shown_and_not_kept() -> None:
    broker = NotingBroker()

    async def test(_: Engine, call: Call) -> None:
        response = await call("publish", {"channel": "news:a", "data": 1, "skip_history": True})
        history = await call("history", {"channel": "news:a", "limit": 1})

        assert {"result": {}} == response.json()
        assert [] == history.json()["result"]["publications"]

    run(test, broker=broker)
    assert [0] == [publication.offset for publication in broker.publications]


_A = {"channel": "plain:a", "data": 1}


@pytest.mark.parametrize(
    ("code", "params"),
    [
        pytest.param(107, {}, id="nothing"),
        pytest.param(107, {"data": 1}, id="no channel"),
        pytest.param(107, {"channel": "", "data": 1}, id="an empty channel"),
        pytest.param(107, {"channel": "plain:é", "data": 1}, id="no name"),
        pytest.param(107, {"channel": "plain:" + "a" * 250, "data": 1}, id="a long name"),
        pytest.param(102, {"channel": "other:a", "data": 1}, id="no namespace"),
        pytest.param(108, {"channel": "room:1", "data": 1}, id="logged"),
        pytest.param(108, {"channel": "room:1", "data": 1, "skip_history": True}, id="a signal in a logged one"),
        pytest.param(107, {"channel": "plain:a"}, id="no data"),
        pytest.param(107, _A | {"data": "too long here"}, id="too much data"),
        pytest.param(107, _A | {"b64data": "!"}, id="no base64"),
        pytest.param(107, _A | {"b64data": "//4="}, id="base64 of no JSON"),
        pytest.param(107, _A | {"idempotency_key": "k" * 256}, id="a long key"),
    ],
)
def test_what_cannot_be_published_is_told_by_a_code(code: int, params: Any) -> None:
    assert code == error_of("publish", params)


def test_a_null_is_as_good_as_a_missing_field() -> None:
    params = {"tags": None, "b64data": None, "skip_history": None, "idempotency_key": None, "version": None}
    assert {"result": {}} == ask("publish", _A | params)


def test_a_broadcast_answers_for_each_channel_in_its_place() -> None:
    answer = ask("broadcast", {"channels": ["plain:a", "other:a", "news:a", "room:1", ""], "data": 1})

    plain, other, news, room, nowhere = answer["result"]["responses"]
    assert {"result": {}} == plain
    assert {"error": {"code": 102, "message": "unknown channel"}} == other
    assert 1 == news["result"]["offset"]
    assert [108, 107] == [room["error"]["code"], nowhere["error"]["code"]]
    assert 107 == error_of("broadcast", {"channels": [], "data": 1})
    assert 107 == error_of("broadcast", {"channels": ["plain:a"]})


class _AwayBroker(NotingBroker):
    async def carry(self, hint: Hint) -> None:
        raise BrokerAway("nobody there")


def test_a_broker_that_is_away_is_our_fault() -> None:
    internal = {"error": {"code": 100, "message": "internal server error"}}
    assert internal == ask("publish", _A, broker=_AwayBroker())
    assert {"result": {"responses": [internal]}} == ask(
        "broadcast", {"channels": ["plain:a"], "data": 1}, broker=_AwayBroker()
    )
    assert internal == ask("disconnect", {"user": "1"}, broker=_AwayBroker())


# Orders.


@pytest.mark.parametrize(
    ("method", "params", "do"),
    [
        pytest.param(
            "subscribe",
            {
                "channel": "news:a",
                "info": {"a": 1},
                "data": [1],
                "expire_at": 2_000_000_000,
                "recover_since": {"offset": 3, "epoch": "e"},
                "override": {"presence": {"value": True}},
            },
            DoSubscribe(
                channel="news:a",
                info=b'{"a": 1}',
                data=b"[1]",
                expires_at=2_000_000_000,
                since_offset=3,
                since_epoch="e",
            ),
            id="subscribe",
        ),
        pytest.param(
            "subscribe",
            {"channel": "room:1", "info": None, "b64info": "WzFd", "b64data": "e30=", "data": 1},
            DoSubscribe(channel="room:1", info=b"[1]", data=b"{}"),
            id="subscribe to a logged channel, in base64",
        ),
        pytest.param(
            "unsubscribe",
            {"channel": "news:a"},
            DoUnsubscribe(channel="news:a", code=2000, reason="server unsubscribe"),
            id="unsubscribe",
        ),
        pytest.param("disconnect", {}, DoDisconnect(code=3503, reason="force disconnect"), id="disconnect"),
        pytest.param(
            "disconnect",
            {"whitelist": ["c2"], "disconnect": {"code": 4000, "reason": "later"}},
            DoDisconnect(code=4000, reason="later", spare=("c2",)),
            id="disconnect with a code",
        ),
        pytest.param("refresh", {"expire_at": 2_000_000_000}, DoRefresh(expires_at=2_000_000_000), id="refresh"),
        pytest.param("refresh", {"expired": True}, DoRefresh(is_expired=True), id="expired"),
        pytest.param("refresh", {}, DoRefresh(), id="never expires"),
    ],
)
def test_an_order_goes_to_every_process(method: str, params: Any, do: Any) -> None:
    broker = NotingBroker()

    assert {"result": {}} == ask(method, {"user": "7", "client": "c", "session": "s", **params}, broker=broker)
    (order,) = broker.hints
    assert isinstance(order, Order)
    assert (Target(user="7", client="c", session="s"), do) == (order.target, order.do)


@pytest.mark.parametrize(
    ("code", "method", "params"),
    [
        pytest.param(107, "subscribe", {"user": "1"}, id="subscribe to nothing"),
        pytest.param(102, "subscribe", {"user": "1", "channel": "other:a"}, id="subscribe to no channel"),
        pytest.param(107, "subscribe", {"channel": "news:a"}, id="subscribe nobody"),
        pytest.param(107, "subscribe", {"user": "1", "channel": "news:a", "b64data": "e"}, id="subscribe, no base64"),
        pytest.param(107, "unsubscribe", {"user": "1"}, id="unsubscribe from nothing"),
        pytest.param(102, "unsubscribe", {"user": "1", "channel": "other:a"}, id="unsubscribe from no channel"),
        pytest.param(107, "disconnect", {}, id="disconnect nobody"),
        pytest.param(107, "disconnect", {"user": "1", "disconnect": {"code": 1000}}, id="a low code"),
        pytest.param(107, "disconnect", {"user": "1", "disconnect": {"code": 5000}}, id="a high code"),
        pytest.param(
            107, "disconnect", {"user": "1", "disconnect": {"code": 4000, "reason": "é" * 62}}, id="a long reason"
        ),
        pytest.param(107, "refresh", {}, id="refresh nobody"),
    ],
)
def test_what_cannot_be_ordered_is_told_by_a_code(code: int, method: str, params: Any) -> None:
    assert code == error_of(method, params)


# Asking.


def test_presence_shows_who_is_there() -> None:
    async def test(engine: Engine, call: Call) -> None:
        engine.presence.arrive("news:a", ClientInfo("7", "c1", conn_info=b'{"name":"a"}'))
        engine.presence.arrive("news:a", ClientInfo("7", "c2"))

        present = (await call("presence", {"channel": "news:a"})).json()["result"]["presence"]
        stats = (await call("presence_stats", {"channel": "news:a"})).json()
        nobody = (await call("presence", {"channel": "news:b"})).json()
        assert {
            "c1": {"user": "7", "client": "c1", "conn_info": {"name": "a"}},
            "c2": {"user": "7", "client": "c2"},
        } == present
        assert {"result": {"num_clients": 2, "num_users": 1}} == stats
        assert {"result": {"presence": {}}} == nobody

    run(test)


def test_the_history_is_read_from_either_end_and_removed() -> None:
    async def test(_: Engine, call: Call) -> None:
        async def offsets(**options: Any) -> list[int]:
            result = (await call("history", {"channel": "news:a", **options})).json()["result"]
            assert 4 == result["offset"]
            return [publication["offset"] for publication in result["publications"]]

        for number in range(4):
            epoch = (await call("publish", {"channel": "news:a", "data": number})).json()["result"]["epoch"]

        assert [] == await offsets() == await offsets(limit=0)
        assert [2, 3, 4] == await offsets(limit=-1) == await offsets(limit=10_000)
        assert [2] == await offsets(limit=1)
        assert [4, 3] == await offsets(limit=2, reverse=True)
        assert [4] == await offsets(limit=5, since={"offset": 3, "epoch": epoch})
        assert [2] == await offsets(limit=5, since={"offset": 3, "epoch": ""}, reverse=True)
        assert {"result": {}} == (await call("history_remove", {"channel": "news:a"})).json()
        assert [] == await offsets(limit=-1)

    run(test)


@pytest.mark.parametrize(
    ("code", "method", "params"),
    [
        pytest.param(107, "presence", {}, id="presence nowhere"),
        pytest.param(102, "presence", {"channel": "other:a"}, id="presence in no channel"),
        pytest.param(108, "presence", {"channel": "plain:a"}, id="presence is not kept"),
        pytest.param(108, "presence_stats", {"channel": "plain:a"}, id="presence is not counted"),
        pytest.param(107, "history", {"limit": 1}, id="history of nothing"),
        pytest.param(108, "history", {"channel": "plain:a"}, id="no history"),
        pytest.param(107, "history", {"channel": "news:a", "limit": -2}, id="a negative limit"),
        pytest.param(107, "history", {"channel": "news:a", "since": {}, "reverse": True}, id="back from nowhere"),
        pytest.param(112, "history", {"channel": "news:a", "since": {"offset": 1, "epoch": "x"}}, id="another epoch"),
        pytest.param(108, "history_remove", {"channel": "plain:a"}, id="nothing to remove"),
        pytest.param(108, "history_remove", {"channel": "room:1"}, id="an application's history"),
    ],
)
def test_what_cannot_be_asked_is_told_by_a_code(code: int, method: str, params: Any) -> None:
    assert code == error_of(method, params)


def test_info_tells_of_this_process_and_channels_of_none_that_nobody_hears() -> None:
    async def test(engine: Engine, call: Call) -> None:
        (node,) = (await call("info")).json()["result"]["nodes"]
        assert (engine.node, 0, 0) == (node["uid"], node["num_clients"], node["num_channels"])
        assert {"result": {"channels": {}}} == (await call("channels", {"pattern": "news:*"})).json()

    run(test)


# Batches.


@pytest.mark.parametrize("parallel", [None, True, False])
def test_a_batch_answers_in_the_order_of_its_commands(parallel: bool | None) -> None:
    answer = ask(
        "batch",
        {
            "parallel": parallel,
            "commands": [
                {"publish": {"channel": "news:a", "data": 1}},
                {"publish": {"channel": "other:a", "data": 1}},
                {"history": {"channel": "news:b"}},
                {"rpc": {"method": "x"}},
                {"presence": {"channel": "news:a"}},
                {"unsubscribe": {"channel": "news:a", "user": "1"}},
                None,
            ],
        },
    )

    assert ["publish", "error", "history", "error", "presence", "unsubscribe", "error"] == [
        key for reply in answer["replies"] for key in reply
    ]
    assert [102, 104, 107] == [reply["error"]["code"] for reply in answer["replies"] if "error" in reply]
    assert 1 == answer["replies"][0]["publish"]["offset"]


class _SlowBroker(NotingBroker):
    """Keeps how many hints it was given at once."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0

    async def carry(self, hint: Hint) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.001)
        self.now -= 1


@pytest.mark.parametrize(("parallel", "at_once"), [(False, 1), (True, 10)])
def test_the_commands_of_a_batch_wait_for_each_other_unless_it_is_parallel(parallel: bool, at_once: int) -> None:
    broker = _SlowBroker()

    assert 10 == len(ask("batch", {"commands": [{"publish": _A}] * 10, "parallel": parallel}, broker=broker)["replies"])
    assert at_once == broker.most


def test_a_batch_publishes_in_its_order() -> None:
    async def test(_: Engine, call: Call) -> None:
        commands = [{"publish": {"channel": "news:a", "data": number}} for number in range(600)]
        replies = (await call("batch", {"commands": commands})).json()["replies"]

        assert list(range(1, 601)) == [reply["publish"]["offset"] for reply in replies]

    run(test)


def test_an_empty_batch_has_no_replies() -> None:
    assert {"replies": []} == ask("batch", {}) == ask("batch", {"commands": []})


def test_a_batch_of_the_wrong_shape_is_not_begun() -> None:
    broker = NotingBroker()

    async def test(_: Engine, call: Call) -> None:
        commands = [{"publish": _A}, {"publish": {"channel": 1}}]
        assert 400 == (await call("batch", {"commands": commands})).status_code

    run(test, broker=broker)
    assert [] == broker.hints
