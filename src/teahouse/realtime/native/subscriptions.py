"""The subscriptions of one native connection, and until when they last. Pure; time is an argument."""

import time

import msgspec

# How long after its end a token may still be replaced by a new one.
GRACE_SECONDS = 25.0


class Subscription(msgspec.Struct, kw_only=True, gc=False):
    """Of one connection to one channel. `expires_at` is of the wall clock, None is never."""

    is_live: bool = False
    is_servers: bool = False
    hears_presence: bool = False
    chan_info: bytes = b""
    expires_at: float | None = None


class Subscriptions(dict[str, Subscription]):
    """
    By channel, in the order in which they were begun. Those are changed by `add` and `remove` only.

    `client_side_count` is how many of them the client has asked for: counting them at each command would take too long.
    None of them ends before `first_end`, of the wall clock; None is never.
    """

    __slots__ = ("client_side_count", "first_end")

    def __init__(self) -> None:
        super().__init__()
        self.client_side_count = 0
        self.first_end: float | None = None

    def add(self, channel: str, subscription: Subscription) -> None:
        """There is none to the channel; it is not live yet."""
        self[channel] = subscription
        if not subscription.is_servers:
            self.client_side_count += 1

    def has(self, channel: str, subscription: Subscription) -> bool:
        """While one waits to be live it may be taken away, and another one of the same channel put in its place."""
        return self.get(channel) is subscription

    def remove(self, channel: str) -> Subscription | None:
        """None when there was none."""
        subscription = self.pop(channel, None)
        if subscription is not None and not subscription.is_servers:
            self.client_side_count -= 1
        return subscription

    def note_end(self, expires_at: float | None) -> None:
        """One of them ends then; None is never."""
        self.first_end = earlier(self.first_end, expires_at)

    def expired(self, now: float) -> list[str]:
        """Those whose end, and the time after it, has passed. Whoever asks takes them away."""
        if self.first_end is None or now < self.first_end + GRACE_SECONDS:
            return []
        ends = {channel: one.expires_at for channel, one in self.items() if one.expires_at is not None}
        expired = [channel for channel, end in ends.items() if now >= end + GRACE_SECONDS]
        self.first_end = min((end for channel, end in ends.items() if channel not in expired), default=None)
        return expired


def earlier(one: float | None, other: float | None) -> float | None:
    """None is never."""
    if one is None or other is None:
        return one if other is None else other
    return min(one, other)


def seconds_left(expires_at: float) -> int:
    """At least 1: a `ttl` of 0 would be left out on the wire."""
    return max(1, round(expires_at - time.time()))
