"""What is measured of a house, each in raw figures."""

import asyncio
import functools
import json
import random
import time
from typing import Any

from bench.fanout.machine import cores, cost
from bench.log.chatters import Chatter, Tally, connected
from bench.log.houses import House
from bench.report import milliseconds

_WARM_UP_SECONDS = 1.5
_BACK_AT_ONCE = 256


async def acknowledged(house: House, *, is_hot: bool, seconds: float, window: int) -> dict[str, Any]:
    """64 senders in 16 rooms (or in one), each with `window` unanswered: as many as the house takes."""
    tally = Tally()
    chatters = await _senders(house, tally, is_hot=is_hot, window=window)
    for chatter in chatters:
        chatter.start()
    await asyncio.sleep(_WARM_UP_SECONDS)
    tally.begin()
    before, began = cost([house.pid], cores().server), time.perf_counter()
    await asyncio.sleep(seconds)
    took, after = time.perf_counter() - began, cost([house.pid], cores().server)
    figures = {
        "acknowledged_per_second": round(tally.acked / took),
        "pushed_per_second": round(tally.pushed / took),
        "acknowledged_after_ms": milliseconds(tally.acked_after),
        "server_busy": round((after.cpu_seconds - before.cpu_seconds) / took, 3),
        "core_busy": round((after.core_seconds - before.core_seconds) / took, 3),
        "refused": tally.refused,
    }
    await _close(chatters)
    return figures


async def time_to_acknowledgement(house: House, *, per_second: float, seconds: float) -> dict[str, Any]:
    """64 senders in 16 rooms, at moments of their own: so many messages a second in all."""
    tally = Tally()
    chatters = await _senders(house, tally, is_hot=False, window=0)
    source = random.Random(7)
    await _at_rate(lambda: source.choice(chatters).say(), per_second, _WARM_UP_SECONDS, source)
    tally.begin()
    await _at_rate(lambda: source.choice(chatters).say(), per_second, seconds, source)
    await asyncio.sleep(1)
    figures = {"per_second": round(tally.acked / seconds), "acknowledged_after_ms": milliseconds(tally.acked_after)}
    await _close(chatters)
    return figures


async def seen(house: House, *, per_second: float, seconds: float) -> dict[str, Any]:
    """All members of the first room listen, one after the other says something: from sending to each one's seeing."""
    tally = Tally()
    room = house.people.rooms[0]
    chatters = [
        await connected(
            house.port, functools.partial(house.chatter, tally, token=token, room=room, name=f"v{place}", sees=True)
        )
        for place, token in enumerate(house.people.tokens)
    ]
    source = random.Random(7)
    await _at_rate(lambda: source.choice(chatters).say(), per_second, _WARM_UP_SECONDS, source)
    await asyncio.sleep(0.5)
    tally.begin()
    await _at_rate(lambda: source.choice(chatters).say(), per_second, seconds, source)
    await asyncio.sleep(1)
    figures = {
        "members": len(chatters),
        "sent": tally.acked,
        "seen": len(tally.seen_after),
        "seen_after_ms": milliseconds(tally.seen_after),
    }
    await _close(chatters)
    return figures


async def positions(house: House, tokens: list[str]) -> list[dict[str, tuple[int, str]]]:
    """Where each of these people is in their channels: what a client knows when its server goes away."""
    found = []
    for token in tokens:
        chatter = await connected(house.port, functools.partial(house.chatter, Tally(), token=token, room=0, name=""))
        subs = json.loads(chatter.ready.result())["connect"]["subs"]
        found.append({channel: (sub.get("offset", 0), sub.get("epoch", "")) for channel, sub in subs.items()})
        chatter.transport.abort()
    return found


async def back_at_the_head(house: House, known: list[dict[str, tuple[int, str]]]) -> dict[str, Any]:
    """All people come back at once, each from where they were; one classic connection goes on with its heartbeat."""
    tally, began = Tally(), time.perf_counter()
    heartbeat = asyncio.create_task(_heartbeat(house))
    at_once = asyncio.Semaphore(_BACK_AT_ONCE)
    back: list[float] = []
    chatters: list[Chatter] = []
    unrecovered = publications = size = 0

    async def come_back(place: int) -> None:
        nonlocal unrecovered, publications, size
        async with at_once:

            def make() -> Chatter:
                chatter = house.chatter(tally, token=house.people.tokens[place], room=0, name="")
                chatter.positions = known[place]
                return chatter

            chatter = await connected(house.port, make)
        chatters.append(chatter)
        answer = chatter.ready.result()
        back.append(time.perf_counter() - began)
        size += len(answer)
        publications += answer.count(b'"kind":"message.posted"')
        unrecovered += len(known[place]) - answer.count(b'"recovered":true')
        # Only the figures are needed from here on, and all answers together are hundreds of MiB.
        chatter.ready = asyncio.get_running_loop().create_future()

    await asyncio.gather(*(come_back(place) for place in range(len(known))))
    heartbeat.cancel()
    answered = await heartbeat
    await _close(chatters)
    return {
        "clients": len(known),
        "all_back_after_seconds": round(max(back), 2),
        "half_back_after_seconds": round(sorted(back)[len(back) // 2], 2),
        "recovered_publications": publications,
        "not_recovered": unrecovered,
        "mebibytes": round(size / 2**20),
        "heartbeat_answered_after_ms": milliseconds(answered),
    }


async def _heartbeat(house: House) -> list[float]:
    """The article's ping, ten times a second: how long each took to be answered."""
    from websockets.asyncio.client import connect

    answered: list[float] = []
    async with connect(f"ws://127.0.0.1:{house.port}/infra/ws?token={house.people.classic_token}") as socket:
        try:
            while True:
                began = time.perf_counter()
                await socket.send("ping")
                while await socket.recv() != "pong":
                    pass
                answered.append(time.perf_counter() - began)
                await asyncio.sleep(0.1)
        except asyncio.CancelledError:
            return answered


async def _senders(house: House, tally: Tally, *, is_hot: bool, window: int) -> list[Chatter]:
    people, each = house.people, len(house.people.tokens) // 16
    stamp = int(time.time() * 1000)
    return [
        await connected(
            house.port,
            functools.partial(
                house.chatter,
                tally,
                token=token,
                room=people.rooms[-1] if is_hot else people.rooms[place // each],
                name=f"{stamp}-{place}",
                window=window,
            ),
        )
        for place, token in enumerate(people.tokens)
    ]


async def _at_rate(act: Any, per_second: float, seconds: float, source: random.Random) -> None:
    """At random moments: what comes does not wait for what came before."""
    loop = asyncio.get_running_loop()
    end = next_at = loop.time()
    end += seconds
    while next_at < end:
        next_at += source.expovariate(per_second)
        wait = next_at - loop.time()
        if wait > 0.0005:
            await asyncio.sleep(wait)
        act()


async def _close(chatters: list[Chatter]) -> None:
    for chatter in chatters:
        chatter.stop()
    await asyncio.sleep(0.3)
    for chatter in chatters:
        chatter.transport.abort()
