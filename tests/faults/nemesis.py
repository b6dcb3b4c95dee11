"""All kinds of faults by name, and any two of them at once."""

from collections.abc import Iterable

from tests.faults.fault import Fault, Scene, name_of
from tests.faults.faults_of_cables import (
    CutPeople,
    CutPostgres,
    CutRedis,
    NarrowPeople,
    PostgresHearsNothing,
    PostgresSaysNothing,
    ResetPeople,
    ServerHearsNothing,
    ServerSaysNothing,
    SilentPeople,
    SilentPostgres,
    SilentRedis,
    SlowPeople,
    SlowPostgres,
    SlowRedis,
    StalledReaders,
)
from tests.faults.faults_of_clocks import ClockBack, ClockForward, ClockJumps
from tests.faults.faults_of_processes import (
    Deploy,
    FullDisk,
    KillAll,
    KillWorker,
    PauseEverything,
    StopWorker,
    TerminateWorker,
)
from tests.faults.faults_of_services import (
    FlushRedis,
    KillBackend,
    KillPostgres,
    KillRedis,
    RestartPostgres,
    RestartRedis,
    StopPostgres,
    StopRedis,
)
from tests.faults.houses import HouseKind
from tests.faults.pages.faults_of_tabs import TAB_KINDS


class TwoAtOnce(Fault):
    """Any two of the others."""

    seconds = (2.0, 5.0)

    async def begin(self, scene: Scene) -> None:
        singles = [kind for kind in scene.kinds if kind is not TwoAtOnce]
        self._faults = [kind() for kind in scene.random.sample(singles, 2)]
        for fault in self._faults:
            await fault.begin(scene)

    async def end(self, scene: Scene) -> None:
        for fault in self._faults:
            await fault.end(scene)

    @property
    def description(self) -> str:
        return " + ".join(name_of(type(fault)) for fault in self._faults)


KINDS: tuple[type[Fault], ...] = (
    KillWorker,
    KillAll,
    TerminateWorker,
    StopWorker,
    PauseEverything,
    Deploy,
    KillRedis,
    StopRedis,
    FlushRedis,
    RestartRedis,
    CutRedis,
    SilentRedis,
    SlowRedis,
    KillPostgres,
    StopPostgres,
    RestartPostgres,
    KillBackend,
    CutPostgres,
    SilentPostgres,
    PostgresHearsNothing,
    PostgresSaysNothing,
    SlowPostgres,
    FullDisk,
    CutPeople,
    ResetPeople,
    SilentPeople,
    ServerHearsNothing,
    ServerSaysNothing,
    SlowPeople,
    NarrowPeople,
    StalledReaders,
    ClockForward,
    ClockBack,
    ClockJumps,
    TwoAtOnce,
)


def kinds_for(house: HouseKind, *, with_pages: bool = False) -> list[type[Fault]]:
    """Those of tabs where there are pages."""
    kinds = (*KINDS, *TAB_KINDS) if with_pages else KINDS
    return [kind for kind in kinds if house in kind.houses]


def kinds_named(names: Iterable[str]) -> list[type[Fault]]:
    """Raises KeyError."""
    by_name = {name_of(kind): kind for kind in (*KINDS, *TAB_KINDS)}
    return [by_name[name] for name in names]
