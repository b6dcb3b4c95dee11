"""One round: a fresh house, people in it, some faults one after the other, quiet, and the verdict."""

import asyncio
import pathlib
import random
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from tests.faults.checker import judge
from tests.faults.crowd import Crowd
from tests.faults.devices import Complaint, Device
from tests.faults.fault import Fault, Scene, name_of
from tests.faults.figures import Figures, Recovery, figures_of
from tests.faults.houses import House, HouseKind
from tests.faults.index import Violation
from tests.faults.nemesis import kinds_for
from tests.faults.notebook import Notebook
from tests.faults.pages.guests import Guests
from tests.faults.pages.tab import Tab
from tests.faults.record import Acked, Event, History, Quiet

_WELL_SECONDS = 60.0
_QUIET_SECONDS = 60.0
_BAD_TOKEN = 3500
# Of what devices take in, a person at a page writes and reads a tenth.
_SLOWER = 0.1

Say = Callable[[str], None]


class Company(Protocol):
    """Who is in a house, as `Crowd` and `Guests` are."""

    @property
    def devices(self) -> list[Device]: ...
    @property
    def complaints(self) -> list[Complaint]: ...

    tabs: list[Tab]

    async def come_in(self) -> None: ...
    async def say(self) -> Acked: ...
    async def have_heard(self, said: Acked) -> None: ...
    async def fall_silent(self, seconds: float) -> None: ...
    async def look_back(self) -> None: ...
    def events(self, histories: Sequence[History]) -> Sequence[Event]: ...
    async def leave(self) -> None: ...


class Verdict(msgspec.Struct, kw_only=True):
    """`trouble` is what went wrong beside the promises: somebody sent away, or a house that does not get well."""

    house: HouseKind
    violations: list[Violation]
    trouble: list[str]
    recoveries: list[Recovery]
    figures: Figures
    log: str

    @property
    def is_good(self) -> bool:
        return not self.violations and not self.trouble


async def play(
    kind: HouseKind,
    faults: Sequence[type[Fault]],
    *,
    seed: int,
    say: Say,
    per_second: float = 25.0,
    broken: str | None = None,
    client: pathlib.Path | None = None,
    with_pages: bool = False,
    calm_seconds: float = 1.0,
) -> tuple[Verdict, list[Event]]:
    """
    `broken` is the name of a patch in `tests.faults.broken`, `client` a folder with another build of the client.
    `with_pages` has people at real pages in the place of most of the simulated ones, who are slower.
    """
    choice = random.Random(seed)
    notebook = Notebook()
    house = House(kind, broken=broken, client=client)
    crowd: Company = (
        Guests(house, notebook, choice, per_second=per_second * _SLOWER)
        if with_pages
        else Crowd(house, notebook, choice, per_second=per_second)
    )
    recoveries: list[Recovery] = []
    trouble: list[str] = []
    watching: asyncio.Task[None] | None = None
    try:
        await house.open()
        await crowd.come_in()
        watching = asyncio.create_task(house.watch())
        kinds = kinds_for(kind, with_pages=with_pages)
        scene = Scene(house, crowd.devices, choice, kinds=kinds, tabs=crowd.tabs)
        try:
            for fault in faults:
                await asyncio.sleep(calm_seconds)
                recoveries.append(await _suffer(fault(), scene, crowd, notebook, say))
            await asyncio.sleep(calm_seconds)
            await crowd.fall_silent(_QUIET_SECONDS)
            await _everyone_at_the_head(house, crowd)
            await crowd.look_back()
        except TimeoutError as error:
            trouble.append(str(error) or "it does not get well again")
        histories = await asyncio.to_thread(house.histories)
        for history in histories:
            notebook.note(history)
        for event in crowd.events(histories):
            notebook.note(event)
        notebook.note(Quiet(at=notebook.now(), devices=[device.name for device in crowd.devices]))
        log = "\n".join([house.server.log, *(hindrance for tab in crowd.tabs for hindrance in tab.hindrances)])
        trouble += [complaint.text for complaint in crowd.complaints if not _is_understood(complaint, recoveries)]
    finally:
        if watching is not None:
            watching.cancel()
        await crowd.leave()
        await house.close()
    verdict = Verdict(
        house=kind,
        violations=await asyncio.to_thread(judge, notebook.events),
        trouble=trouble,
        recoveries=recoveries,
        figures=figures_of(notebook.events),
        log=log,
    )
    return verdict, notebook.events


def _is_understood(complaint: Complaint, recoveries: Sequence[Recovery]) -> bool:
    """Tokens are not good any more, or not yet, where the clock has moved by an hour."""
    return complaint.code == _BAD_TOKEN and any("clock" in recovery.what for recovery in recoveries)


async def _suffer(fault: Fault, scene: Scene, crowd: Company, notebook: Notebook, say: Say) -> Recovery:
    """Raises TimeoutError when the house does not get well in time."""
    kind = name_of(type(fault))
    number = notebook.fault_begins(kind)
    scene.house.is_left_alone = True
    await fault.begin(scene)
    await asyncio.sleep(scene.random.uniform(*fault.seconds))
    # Starting again what has ended is a part of getting well.
    notebook.fault_ends(number, kind)
    began = notebook.now()
    await fault.end(scene)
    scene.house.is_left_alone = False
    async with asyncio.timeout(_WELL_SECONDS):
        said = await crowd.say()
        acknowledged = notebook.now() - began
        await crowd.have_heard(said)
    recovery = Recovery(kind, fault.description, acknowledged, notebook.now() - began)
    say(f"  {scene.house.kind}: {recovery.what}: {recovery.acknowledged:.1f} s, {recovery.heard:.1f} s")
    return recovery


async def _everyone_at_the_head(house: House, crowd: Company) -> None:
    """Raises TimeoutError."""
    async with asyncio.timeout(_QUIET_SECONDS):
        while True:
            heads = {history.channel: history.head for history in await asyncio.to_thread(house.histories)}
            if all(device.is_at(heads) for device in crowd.devices):
                return
            await asyncio.sleep(0.2)
