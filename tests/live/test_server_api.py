"""The server API as the `cent` package of Centrifugo uses it, with real native clients that listen."""

import asyncio
import json
import pathlib
import shutil
import socket
import time
from collections.abc import Iterator
from typing import Any

import cent
import httpx
import pytest

from tests.live.native import Native, native_as
from tests.live.server import Server, running
from tests.services import wait_until

KEY = "a-key-of-the-site"
NAMESPACES = {
    "news": {
        "kind": "kept",
        "may_subscribe": "anyone",
        "may_publish": "subscribers",
        "presence": True,
        "may_read_presence": "subscribers",
    },
    "plain": {"may_subscribe": "signed_in"},
    "small": {"max_publication_bytes": 100},
}
SETTINGS = {"TEAHOUSE_API_KEY": KEY, "TEAHOUSE_NAMESPACES": json.dumps(NAMESPACES)}
_APPLICATION = "teahouse.site.asgi:application"
_SERVERS: dict[str, tuple[str, ...]] = {
    "teahouse": (),
    "uvicorn": ("uvicorn", _APPLICATION, "--host", "127.0.0.1", "--port", "{port}"),
    "daphne": ("daphne", "-b", "127.0.0.1", "-p", "{port}", _APPLICATION),
    "hypercorn": ("hypercorn", "-b", "127.0.0.1:{port}", _APPLICATION),
}


def listening(house: Server, name: str, *channels: str) -> Native:
    native = native_as(house, name)
    for channel in channels:
        assert "error" not in native.ask("subscribe", channel=channel)
    return native


def heard(native: Native) -> Any:
    """The data of the next publication."""
    return native.published()["data"]


@pytest.fixture(scope="module", params=list(_SERVERS))
def served(
    request: pytest.FixtureRequest, _fresh_data: pathlib.Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Shared by the tests of this module, each of which has channels of its own."""
    data = pathlib.Path(shutil.copytree(_fresh_data, tmp_path_factory.mktemp(request.param) / "data"))
    command = _SERVERS[request.param]
    with running(data, *command, **SETTINGS) as house:
        yield house


@pytest.fixture
def api(served: Server) -> cent.Client:
    return cent.Client(f"{served.address}/api", KEY)


def refused(house: Server, *, method: str = "publish", **options: Any) -> httpx.Response:
    options.setdefault("headers", {"X-API-Key": KEY})
    return house.http("POST", f"/api/{method}", **options)


# Publishing.


def test_what_a_backend_publishes_is_heard(served: Server, api: cent.Client) -> None:
    with listening(served, "alice", "news:1", "plain:1") as alice:
        first = api.publish(cent.PublishRequest(channel="news:1", data={"text": "早"}, tags={"a": "b"}))
        second = api.publish(cent.PublishRequest(channel="news:1", data=[2]))
        plain = api.publish(cent.PublishRequest(channel="plain:1", data="three"))

        assert (1, 2, 0) == (first.offset, second.offset, plain.offset)
        assert {"data": {"text": "早"}, "offset": 1, "tags": {"a": "b"}, "channel": "news:1"} == alice.published()
        assert [[2], "three"] == [heard(alice), heard(alice)]


def test_bytes_on_the_wire_are_those_that_were_sent(served: Server) -> None:
    with listening(served, "alice", "plain:bytes") as alice:
        data = b'{"b": 1.0,\n "a":\t"\\u00e9",  "n": 12345678901234567890.5}'
        refused(served, content=b'{"channel": "plain:bytes", "data": ' + data + b"}")
        raw = str(alice.socket.recv(5))

    assert data.replace(b"\n", b"").decode() in raw


def test_publishing_again_with_the_same_key_changes_nothing(served: Server, api: cent.Client) -> None:
    request = cent.PublishRequest(channel="news:once", data=1, idempotency_key="k")
    assert api.publish(request) == api.publish(request)
    assert 1 == api.history(cent.HistoryRequest(channel="news:once")).offset


def test_what_skips_the_history_is_heard_and_not_found_later(served: Server, api: cent.Client) -> None:
    with listening(served, "alice", "news:skip") as alice:
        api.publish(cent.PublishRequest(channel="news:skip", data=1, skip_history=True))

        assert {"data": 1, "channel": "news:skip"} == alice.published()
        assert [] == api.history(cent.HistoryRequest(channel="news:skip", limit=10)).publications


def test_a_broadcast_reaches_each_channel(served: Server, api: cent.Client) -> None:
    with listening(served, "alice", "news:b", "plain:b") as alice:
        result = api.broadcast(cent.BroadcastRequest(channels=["news:b", "no:b", "plain:b"], data={"x": 1}))

        good, bad, plain = result.responses
        assert good.result is not None
        assert 1 == good.result.offset
        assert bad.error is not None
        assert (102, "unknown channel") == (bad.error.code, bad.error.message)
        assert plain.error is None
        assert {"news:b", "plain:b"} == {alice.published()["channel"] for _ in range(2)}


# Connections.


def test_a_user_is_subscribed_and_unsubscribed(served: Server, api: cent.Client) -> None:
    with listening(served, "alice") as alice, listening(served, "alice") as other:
        api.subscribe(
            cent.SubscribeRequest(user="2", channel="news:s", client=alice.client, info={"role": "x"}, data={"hi": 1})
        )
        assert {"hi": 1} == alice.push()["subscribe"]["data"]
        wait_until(lambda: api.presence(cent.PresenceRequest(channel="news:s")).presence)
        (there,) = api.presence(cent.PresenceRequest(channel="news:s")).presence.values()
        assert ("2", alice.client, {"role": "x"}) == (there.user, there.client, there.chan_info)
        api.publish(cent.PublishRequest(channel="news:s", data=1))
        assert 1 == heard(alice)

        api.unsubscribe(cent.UnsubscribeRequest(user="2", channel="news:s"))
        assert 2000 == alice.push()["unsubscribe"]["code"]
        # Of all of them, and only she was subscribed.
        api.subscribe(cent.SubscribeRequest(user="2", channel="news:all"))
        assert ["news:all", "news:all"] == [one.push()["channel"] for one in (alice, other)]


def test_a_subscription_begins_where_it_is_told_to(served: Server, api: cent.Client) -> None:
    for number in range(3):
        api.publish(cent.PublishRequest(channel="news:since", data=number))
    epoch = api.history(cent.HistoryRequest(channel="news:since")).epoch
    with listening(served, "alice") as alice:
        since = cent.StreamPosition(offset=1, epoch=epoch)
        api.subscribe(cent.SubscribeRequest(user="2", channel="news:since", recover_since=since))

        assert "news:since" == alice.push()["channel"]
        assert [1, 2] == [heard(alice), heard(alice)]


def test_a_user_is_disconnected_but_for_those_who_stay(
    served: Server, api: cent.Client, request: pytest.FixtureRequest
) -> None:
    with listening(served, "bob") as gone, listening(served, "bob", "plain:stay") as stays:
        api.disconnect(
            cent.DisconnectRequest(
                user="3", whitelist=[stays.client], disconnect=cent.Disconnect(code=4999, reason="enough")
            )
        )
        assert 4999 == gone.closed()
        # daphne sends no reasons.
        assert gone.socket.close_reason == "enough" or "daphne" in request.node.name
        api.publish(cent.PublishRequest(channel="plain:stay", data=1))
        assert 1 == heard(stays)
        api.disconnect(cent.DisconnectRequest(user="3", client=stays.client))
        assert 3503 == stays.closed()


def test_a_connection_is_told_its_new_end_or_ends(served: Server, api: cent.Client) -> None:
    with listening(served, "carol") as carol:
        api.refresh(cent.RefreshRequest(user="4", expire_at=int(time.time()) + 600))
        assert 590 < carol.push()["refresh"]["ttl"] <= 600
        api.refresh(cent.RefreshRequest(user="4", expired=True))
        assert 3005 == carol.closed()


# Asking.


def test_who_is_there_and_how_many(served: Server, api: cent.Client) -> None:
    with listening(served, "alice", "news:who") as alice, listening(served, "bob", "news:who") as bob:
        wait_until(lambda: len(api.presence(cent.PresenceRequest(channel="news:who")).presence) == 2)
        present = api.presence(cent.PresenceRequest(channel="news:who")).presence
        stats = api.presence_stats(cent.PresenceStatsRequest(channel="news:who"))
        channels = api.channels(cent.ChannelsRequest(pattern="news:w*")).channels
        (node,) = api.info(cent.InfoRequest()).nodes

    assert {alice.client: "2", bob.client: "3"} == {client: info.user for client, info in present.items()}
    assert (2, 2) == (stats.num_clients, stats.num_users)
    assert {"news:who": 2} == {channel: info.num_clients for channel, info in channels.items()}
    assert node.num_clients >= 2
    assert node.num_subs >= 2
    assert node.version


def test_the_history_is_read_and_removed(served: Server, api: cent.Client) -> None:
    with listening(served, "alice", "news:h") as alice:
        alice.ask("publish", channel="news:h", data="mine")
        for number in range(3):
            api.publish(cent.PublishRequest(channel="news:h", data=number))

    head = api.history(cent.HistoryRequest(channel="news:h"))
    assert ([], 4) == (head.publications, head.offset)
    whole = api.history(cent.HistoryRequest(channel="news:h", limit=-1)).publications
    assert ["mine", 0, 1, 2] == [publication.data for publication in whole]
    assert whole[0].info is not None
    assert "2" == whole[0].info.user
    since = cent.StreamPosition(offset=3, epoch=head.epoch)
    back = api.history(cent.HistoryRequest(channel="news:h", limit=1, since=since, reverse=True)).publications
    assert [2] == [publication.offset for publication in back]
    with pytest.raises(cent.CentApiResponseError) as wrong:
        api.history(cent.HistoryRequest(channel="news:h", since=cent.StreamPosition(offset=1, epoch="another")))
    assert 112 == wrong.value.code
    api.history_remove(cent.HistoryRemoveRequest(channel="news:h"))
    assert [] == api.history(cent.HistoryRequest(channel="news:h", limit=-1)).publications


@pytest.mark.parametrize("parallel", [False, True])
def test_a_batch_does_each_of_its_commands(served: Server, api: cent.Client, parallel: bool) -> None:
    channel = f"news:batch-{parallel}"
    with listening(served, "alice", channel) as alice:
        result = api.batch(
            cent.BatchRequest(
                requests=[
                    cent.PublishRequest(channel=channel, data=1),
                    cent.BroadcastRequest(channels=[channel], data=2),
                    cent.PresenceStatsRequest(channel=channel),
                    cent.InfoRequest(),
                    cent.ChannelsRequest(),
                ],
                parallel=parallel,
            )
        )
        assert 5 == len(result.replies)
        assert {1, 2} == {heard(alice), heard(alice)}


def test_the_client_for_coroutines_does_the_same(served: Server) -> None:
    async def test() -> None:
        client = cent.AsyncClient(f"{served.address}/api", KEY)
        try:
            published = await asyncio.gather(
                *(client.publish(cent.PublishRequest(channel="news:async", data=number)) for number in range(50))
            )
            assert set(range(1, 51)) == {result.offset for result in published}
            sent = await client.batch(
                cent.BatchRequest(requests=[cent.BroadcastRequest(channels=["news:async"], data=1)])
            )
            assert 51 == sent.replies[0].responses[0].result.offset
            history = await client.history(cent.HistoryRequest(channel="news:async", limit=100))
            assert 51 == len(history.publications)
            await client.history_remove(cent.HistoryRemoveRequest(channel="news:async"))
            await client.subscribe(cent.SubscribeRequest(user="2", channel="news:async"))
            await client.unsubscribe(cent.UnsubscribeRequest(user="2", channel="news:async"))
            await client.disconnect(cent.DisconnectRequest(user="99"))
            await client.refresh(cent.RefreshRequest(user="99", expired=True))
            assert {} == (await client.presence(cent.PresenceRequest(channel="news:nobody"))).presence
            assert 0 == (await client.presence_stats(cent.PresenceStatsRequest(channel="news:nobody"))).num_clients
            assert {} == (await client.channels(cent.ChannelsRequest(pattern="news:nobody"))).channels
            assert 1 == len((await client.info(cent.InfoRequest())).nodes)
            with pytest.raises(cent.CentApiResponseError):
                await client.publish(cent.PublishRequest(channel="no:thing", data=1))
        finally:
            await client._session.close()

    asyncio.run(test())


# What is refused.


@pytest.mark.parametrize(
    ("code", "channel", "data"),
    [
        (102, "nowhere:1", 1),
        (108, "room:1", 1),
        (107, "small:1", "x" * 100),
        (107, "naïve", 1),
    ],
)
def test_what_cannot_be_published_raises(api: cent.Client, code: int, channel: str, data: Any) -> None:
    with pytest.raises(cent.CentApiResponseError) as wrong:
        api.publish(cent.PublishRequest(channel=channel, data=data))
    assert code == wrong.value.code


def test_a_wrong_key_opens_nothing(served: Server) -> None:
    for _ in range(20):
        stranger = cent.Client(f"{served.address}/api", "another-key-of-another")
        with pytest.raises(cent.CentUnauthorizedError):
            stranger.publish(cent.PublishRequest(channel="news:1", data="x" * 100_000))
    assert 401 == refused(served, headers={}, json={}).status_code


@pytest.mark.parametrize("key", [KEY, "another-key-of-another"])
def test_a_huge_body_is_refused(served: Server, key: str, request: pytest.FixtureRequest) -> None:
    # daphne reads all of it before it asks.
    size, sent = (2_000_000, b"x" * 2_000_000) if "daphne" in request.node.name else (300_000_000, b"")
    with socket.create_connection(("127.0.0.1", served.port), 5) as visitor:
        visitor.sendall(
            f"POST /api/publish HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: {key}\r\n"
            f"Content-Length: {size}\r\n\r\n".encode()
            + sent
        )

        assert visitor.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_a_large_publication_passes_below_the_limit(served: Server, api: cent.Client) -> None:
    with listening(served, "alice", "news:large") as alice:
        api.publish(cent.PublishRequest(channel="news:large", data="x" * 65_000))
        assert 65_000 == len(heard(alice))


def test_garbage_is_a_bad_request(served: Server) -> None:
    assert 400 == refused(served, content=b'{"channel": ').status_code
    assert 400 == refused(served, content=b"\xff\xfe").status_code
    assert 400 == refused(served, json={"channel": ["a"]}).status_code
    with pytest.raises(cent.CentTransportError) as unknown:
        cent.Client(f"{served.address}/api", KEY).connections(cent.ConnectionsRequest(user="1", expression=""))
    assert 404 == unknown.value.status_code


def test_the_paths_of_the_product_stay_its_own(served: Server) -> None:
    assert 200 == served.http("GET", "/api/users", headers=served.bearer("alice")).status_code
    assert 404 == served.http("GET", "/api/publish", headers={"X-API-Key": KEY}).status_code
    assert 404 == refused(served, method="publish/", json={}).status_code
    assert served.metric("teahouse_api_calls_total", method="publish", outcome="ok") > 0


def test_without_a_key_of_the_site_there_is_no_such_path(house: Server) -> None:
    for headers in ({}, {"X-API-Key": ""}, {"X-API-Key": "None"}):
        assert 404 == house.http("POST", "/api/publish", headers=headers, json={}).status_code
