"""
`python -m bench.page.sending '{"port": ..., "tokens": [...], "room": ..., "per_second": 100, "seconds": 60}'`: people
who send to a room at an even pace, in turn; prints how many were acknowledged and refused, and how late.
"""

import asyncio
import json
import sys
import time
from typing import Any

from bench.log.chatters import Chatter, Tally, connected
from bench.page.texts import text_of
from bench.report import percentile

_PATIENCE_SECONDS = 30


class _Sender(Chatter):
    def message(self, number: int) -> bytes:
        data = {"room": self.room, "client_key": f"{self.name}-{number}", "body": text_of(number)}
        return json.dumps({"id": number, "rpc": {"method": "message.send", "data": data}}).encode()


async def _send(asked: dict[str, Any]) -> dict[str, Any]:
    tally = Tally()
    run = time.monotonic_ns()
    senders = [
        await connected(
            asked["port"],
            lambda token=token, place=place: _Sender(  # type: ignore[misc]
                tally, token=token, room=asked["room"], name=f"{run}-{place}"
            ),
        )
        for place, token in enumerate(asked["tokens"])
    ]
    count = round(asked["per_second"] * asked["seconds"])
    began = time.perf_counter()
    late = 0.0
    for number in range(count):
        due = began + number / asked["per_second"]
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        late = max(late, time.perf_counter() - due)
        senders[number % len(senders)].say()
    patience = time.perf_counter() + _PATIENCE_SECONDS
    while tally.acked + sum(tally.refused.values()) < count and time.perf_counter() < patience:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    answered = time.perf_counter() - began
    for sender in senders:
        sender.transport.close()
    return {
        "sent": count,
        "acknowledged": tally.acked,
        "refused": tally.refused,
        "late_ms": round(late * 1000, 1),
        "seconds": round(answered, 2),
        "acknowledged_after_ms": {
            "p50": round(percentile(tally.acked_after, 0.5) * 1000, 1),
            "p99": round(percentile(tally.acked_after, 0.99) * 1000, 1),
        },
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_send(json.loads(sys.argv[1])))))
