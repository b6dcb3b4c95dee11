"""Where the history of a channel is: with the application (logged), in the store (kept), nowhere (plain)."""

from collections.abc import Iterable, Sequence

from teahouse.realtime.application import Application, Head, Publication
from teahouse.realtime.namespaces import Namespaces
from teahouse.realtime.pool import Pool
from teahouse.realtime.store.base import Page, Store

_NOTHING_YET = Head(0, "")


class History:
    """Raises whatever the application raises, and BrokerAway for kept channels."""

    def __init__(self, *, application: Application, store: Store, pool: Pool, namespaces: Namespaces) -> None:
        self._application = application
        self._store = store
        self._pool = pool
        self._namespaces = namespaces

    def has(self, channel: str) -> bool:
        namespace = self._namespaces.of(channel)
        return namespace is not None and namespace.has_history

    def size_of(self, channel: str) -> int | None:
        """How many publications are kept of it; None: as many as the application says."""
        namespace = self._namespaces.of(channel)
        return namespace.history_size if namespace is not None and namespace.kind == "kept" else None

    def kind_of(self, channel: str) -> str | None:
        return self._namespaces.kind_of(channel)

    def apart(self, channels: Iterable[str]) -> list[list[str]]:
        """By where their history is: while one place is away, the other may not be."""
        by_kind: dict[str | None, list[str]] = {}
        for channel in channels:
            by_kind.setdefault(self.kind_of(channel), []).append(channel)
        return list(by_kind.values())

    async def heads(self, channels: Sequence[str]) -> dict[str, Head]:
        """Of those that have a history; a logged one in which nothing has happened yet may be missing."""
        by_kind: dict[str | None, list[str]] = {}
        for channel in channels:
            by_kind.setdefault(self._namespaces.kind_of(channel), []).append(channel)
        heads: dict[str, Head] = {}
        if logged := by_kind.get("logged"):
            heads.update(await self._pool.run(self._application.heads, logged))
        if kept := by_kind.get("kept"):
            heads.update(await self._store.heads(kept))
        return heads

    async def after(self, channel: str, offset: int, limit: int) -> list[Publication]:
        """The oldest `limit` past `offset` that are still there, oldest first."""
        if self._namespaces.kind_of(channel) == "logged":
            return await self._pool.run(self._application.publications_after, channel, offset, limit)
        return (await self._store.page(channel, after=offset, limit=limit)).publications

    async def page(self, channel: str, *, after: int | None, limit: int, reverse: bool) -> Page:
        """As `Store.page`."""
        if self._namespaces.kind_of(channel) == "kept":
            return await self._store.page(channel, after=after, limit=limit, reverse=reverse)
        head = (await self.heads([channel])).get(channel, _NOTHING_YET)
        if not limit:
            return Page(publications=[], head=head)
        if not reverse:
            return Page(publications=await self.after(channel, after or 0, limit), head=head)
        # Offsets are dense, so the ones before are found by counting.
        before = head.offset + 1 if after is None else min(after, head.offset + 1)
        begin = max(0, before - 1 - limit)
        found = await self.after(channel, begin, before - 1 - begin) if before > 1 else []
        found.reverse()
        return Page(publications=found, head=head)

    async def remove(self, channel: str) -> None:
        await self._store.remove(channel)
