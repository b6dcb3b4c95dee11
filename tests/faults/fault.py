"""What a kind of fault is: it begins, lasts for a while and ends. The kinds are in `faults_of_*.py`."""

import abc
import random
from collections.abc import Sequence
from typing import ClassVar

import psutil

from tests.faults.devices import Device
from tests.faults.houses import House, HouseKind
from tests.faults.pages.tab import Tab

BOTH: frozenset[HouseKind] = frozenset({"sqlite", "postgres"})
MANY: frozenset[HouseKind] = frozenset({"postgres"})


class Scene:
    """Where a fault happens, and to whom; `kinds` are those that may happen there at all."""

    def __init__(
        self,
        house: House,
        devices: Sequence[Device],
        choice: random.Random,
        *,
        kinds: Sequence["type[Fault]"],
        tabs: Sequence[Tab] = (),
    ) -> None:
        self.house = house
        self.devices = list(devices)
        self.tabs = list(tabs)
        self.kinds = list(kinds)
        self.random = choice


class Fault(abc.ABC):
    """
    `seconds` is how long it lasts: at least, at most. Neither `begin` nor `end` waits for the house to be well again;
    the run does.
    """

    houses: ClassVar[frozenset[HouseKind]] = BOTH
    seconds: ClassVar[tuple[float, float]] = (1.0, 3.0)

    @abc.abstractmethod
    async def begin(self, scene: Scene) -> None: ...

    async def end(self, scene: Scene) -> None:
        scene.house.heal()
        await scene.house.see_that_it_runs()

    @property
    def description(self) -> str:
        """Once it has begun."""
        return name_of(type(self))


def name_of(kind: type[Fault]) -> str:
    """`KillWorker` is `kill_worker`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in kind.__name__).lstrip("_")


def send(pid: int, sign: int) -> None:
    try:
        psutil.Process(pid).send_signal(sign)
    except psutil.NoSuchProcess:
        return
