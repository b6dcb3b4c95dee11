"""Faults of browsers: tabs that are loaded anew, closed or crash while they have something on its way; no network."""

import asyncio
from collections.abc import Sequence

from playwright.async_api import Error as PlaywrightError

from tests.faults.fault import Fault, Scene
from tests.faults.pages.tab import Tab


class _OfTabs(Fault):
    """Some tabs are gone from the beginning on, in the midst of writing, and come back by themselves after the end."""

    seconds = (0.2, 1.5)
    most = 2

    async def begin(self, scene: Scene) -> None:
        await self.prepare(scene)
        there = [tab for tab in scene.tabs if tab.is_there]
        self._tabs = scene.random.sample(there, min(len(there), scene.random.randint(1, self.most)))
        for tab in self._tabs:
            tab.is_there = False
        for tab in self._tabs:
            await tab.lock.acquire()
            for _ in range(scene.random.randint(1, 3)):
                try:
                    await tab.say()
                except PlaywrightError:
                    # Where another fault is on at once, there may be no page to write in.
                    break
            await self.strike(tab)

    async def end(self, scene: Scene) -> None:
        await super().end(scene)
        for tab in self._tabs:
            tab.returns(self.back(tab))

    async def prepare(self, scene: Scene) -> None:
        pass

    async def strike(self, tab: Tab) -> None:
        raise NotImplementedError

    async def back(self, tab: Tab) -> None:
        await tab.open()


class ReloadTab(_OfTabs):
    seconds = (0.0, 0.3)

    async def strike(self, tab: Tab) -> None:
        await tab.leave()

    async def back(self, tab: Tab) -> None:
        await tab.come_back()


class ReloadTabInTunnel(ReloadTab):
    """The service worker has the page, and nobody answers it for a while."""

    seconds = (1.0, 5.0)

    async def prepare(self, scene: Scene) -> None:
        scene.house.doors.cut()


class CloseTab(_OfTabs):
    """With messages that have not been sent: they are in its database."""

    async def prepare(self, scene: Scene) -> None:
        scene.house.doors.cut()

    async def strike(self, tab: Tab) -> None:
        await tab.close()


class CrashTab(_OfTabs):
    """Tabs of one person may share a process: those whose page is gone come back too."""

    most = 1

    async def strike(self, tab: Tab) -> None:
        await tab.crash()

    async def end(self, scene: Scene) -> None:
        await super().end(scene)
        for tab in scene.tabs:
            if tab.is_there and tab.has_crashed:
                tab.is_there = False
                await tab.lock.acquire()
                tab.returns(tab.open())


class OfflineBrowser(Fault):
    """What the browser itself knows of, of all tabs of somebody."""

    seconds = (1.0, 6.0)

    async def begin(self, scene: Scene) -> None:
        self._context = scene.random.choice(scene.tabs).context
        await self._context.set_offline(True)

    async def end(self, scene: Scene) -> None:
        await self._context.set_offline(False)
        await super().end(scene)


class HurriedReloads(_OfTabs):
    """Again and again, before it has come to anything: as somebody who has lost patience."""

    async def strike(self, tab: Tab) -> None:
        for _ in range(3):
            await tab.leave()
            await asyncio.sleep(0.15)

    async def back(self, tab: Tab) -> None:
        await tab.come_back()


TAB_KINDS: Sequence[type[Fault]] = (
    ReloadTab,
    ReloadTabInTunnel,
    HurriedReloads,
    CloseTab,
    CrashTab,
    OfflineBrowser,
)
