"""
What people do with the Python SDK, against a server under test; the same as `scenarios.mjs`, and run in the same way.

It runs in an environment of its own (`requirements.txt`), so it imports nothing of ours.
"""

import asyncio
import json
import sys
import urllib.request
from collections.abc import Awaitable, Callable
from typing import Any

from centrifuge import CentrifugeError, Client, ClientEventHandler, ReplyError, StreamPosition, SubscriptionEventHandler

SCENARIO, CODEC = sys.argv[1:]
GIVEN: dict[str, Any] = {}


def encode(value: Any) -> Any:
    return json.dumps(value).encode() if CODEC == "protobuf" else value


def decode(data: Any) -> Any:
    return json.loads(data) if CODEC == "protobuf" else data


def say(word: str) -> None:
    print(word, flush=True)


async def told() -> str:
    return (await asyncio.to_thread(sys.stdin.readline)).strip()


async def connection_token() -> str:
    def ask() -> str:
        request = urllib.request.Request(
            f"{GIVEN['address']}/api/auth/connection-token", method="POST", headers={"Authorization": GIVEN["bearer"]}
        )
        with urllib.request.urlopen(request) as answer:
            token: str = json.load(answer)["token"]
            return token

    return await asyncio.to_thread(ask)


class Events(ClientEventHandler):
    def __init__(self) -> None:
        self.disconnected: asyncio.Queue[Any] = asyncio.Queue()
        # Of the server's own subscription to `user:3`.
        self.subscribed: asyncio.Queue[Any] = asyncio.Queue()
        self.rang: asyncio.Queue[Any] = asyncio.Queue()

    async def on_disconnected(self, ctx: Any) -> None:
        self.disconnected.put_nowait(ctx)

    async def on_subscribed(self, ctx: Any) -> None:
        if ctx.channel == "user:3":
            self.subscribed.put_nowait(ctx)

    async def on_publication(self, ctx: Any) -> None:
        if ctx.channel == "user:3" and (publication := decode(ctx.pub.data))["kind"] == "message.rang":
            self.rang.put_nowait(publication)


class Heard(SubscriptionEventHandler):
    def __init__(self) -> None:
        self.publications: asyncio.Queue[Any] = asyncio.Queue()
        self.joins: asyncio.Queue[Any] = asyncio.Queue()
        self.subscribed: asyncio.Queue[Any] = asyncio.Queue()
        self.unsubscribed: asyncio.Queue[Any] = asyncio.Queue()

    async def on_publication(self, ctx: Any) -> None:
        self.publications.put_nowait(decode(ctx.pub.data))

    async def on_join(self, ctx: Any) -> None:
        self.joins.put_nowait(ctx.info)

    async def on_subscribed(self, ctx: Any) -> None:
        self.subscribed.put_nowait(ctx)

    async def on_unsubscribed(self, ctx: Any) -> None:
        self.unsubscribed.put_nowait(ctx)


def client(get_token: Callable[[], Awaitable[str]] = connection_token) -> Client:
    return Client(
        f"{GIVEN['address'].replace('http', 'ws')}/connection/websocket",
        events=Events(),
        get_token=get_token,
        use_protobuf=CODEC == "protobuf",
        min_reconnect_delay=0.05,
        max_reconnect_delay=0.3,
    )


async def code_of(answer: Awaitable[Any]) -> int:
    try:
        await answer
    except ReplyError as error:
        return error.code
    except CentrifugeError as error:
        raise AssertionError(repr(error)) from error
    return 0


async def everyday() -> None:
    alice, bob = client(), client()
    channel, heard = GIVEN["channel"], Heard()
    subscription = alice.new_subscription(channel, events=heard, join_leave=True)
    await alice.connect()
    await bob.connect()
    await subscription.subscribe()
    await subscription.ready()
    await bob.ready()
    assert (await heard.joins.get()).user == "2"
    for number in (1, 2, 3):
        await bob.publish(channel, encode({"number": number, "text": "茶"}))
    assert [await heard.publications.get() for _ in range(3)] == [{"number": n, "text": "茶"} for n in (1, 2, 3)]

    page = await subscription.history(limit=2, since=StreamPosition(offset=1, epoch=""))
    assert [(entry.offset, decode(entry.data)["number"]) for entry in page.publications] == [(2, 2), (3, 3)]
    assert page.offset == 3
    backwards = await subscription.history(limit=-1, reverse=True)
    assert [entry.offset for entry in backwards.publications] == [3, 2, 1]
    assert [info.user for info in (await subscription.presence()).clients.values()] == ["2"]
    stats = await subscription.presence_stats()
    assert (stats.num_clients, stats.num_users) == (1, 1)
    assert await code_of(alice.rpc("x", encode({}))) == 104
    assert await code_of(alice.publish("strict:1", encode(1))) == 103
    refused = alice.new_subscription("strict:1", events=(closed := Heard()))
    await refused.subscribe()
    assert (await closed.unsubscribed.get()).code == 103

    for _ in range(10):
        await subscription.unsubscribe()
        await subscription.subscribe()
    await subscription.ready()
    for _ in range(5):
        await alice.disconnect()
        await alice.connect()
    await alice.ready()
    await subscription.ready()
    await bob.publish(channel, encode("after the loops"))
    assert await heard.publications.get() == "after the loops"

    await alice.disconnect()
    await bob.publish(channel, encode("missed"))
    await alice.connect()
    assert await heard.publications.get() == "missed"
    await alice.disconnect()
    await bob.disconnect()


async def refresh() -> None:
    asked, asked_for_channel = 0, 0
    renewed, channel_renewed = asyncio.Event(), asyncio.Event()

    async def next_token() -> str:
        nonlocal asked
        asked += 1
        if asked > 1:
            renewed.set()
        token: str = GIVEN["tokens"][min(asked, 2) - 1]
        return token

    async def next_channel_token(_: str) -> str:
        nonlocal asked_for_channel
        asked_for_channel += 1
        if asked_for_channel > 1:
            channel_renewed.set()
        token: str = GIVEN["channelTokens"][min(asked_for_channel, 2) - 1]
        return token

    alice = client(next_token)
    heard = Heard()
    subscription = alice.new_subscription(GIVEN["channel"], events=heard, get_token=next_channel_token)
    await alice.connect()
    await subscription.subscribe()
    await subscription.ready()
    await renewed.wait()
    await channel_renewed.wait()
    assert (await alice.history(GIVEN["readable"], limit=0)).publications == []
    assert (alice.state.value, subscription.state.value) == ("connected", "subscribed")
    assert heard.subscribed.qsize() == 1
    await alice.disconnect()


async def restart() -> None:
    bob = client()
    kept = Heard()
    await bob.new_subscription(GIVEN["channel"], events=kept).subscribe()
    await bob.connect()
    await kept.subscribed.get()
    await bob.events.subscribed.get()
    say("subscribed")
    lost, recovered = await kept.subscribed.get(), await bob.events.subscribed.get()
    assert (lost.was_recovering, lost.recovered) == (True, False)
    assert (recovered.was_recovering, recovered.recovered) == (True, True)
    say(" ".join([json.dumps(await bob.events.rang.get(), ensure_ascii=False) for _ in range(2)]))
    say("back")
    # This SDK also says so when it is about to come back.
    codes = [(await bob.events.disconnected.get()).code for _ in range(2)]
    assert codes == [3001, 3503], codes


async def main() -> None:
    GIVEN.update(json.loads(await told()))
    await asyncio.wait_for({"everyday": everyday, "refresh": refresh, "restart": restart}[SCENARIO](), 20)


asyncio.run(main())
