"""Who is not welcome any more is ended, in an engine over an application in memory, and nobody else."""

from collections.abc import Sequence

import msgspec
import pytest

from teahouse.realtime.application import Admission
from teahouse.realtime.broker.base import Ended
from teahouse.realtime.wire.codes import Ending
from tests.realtime.engines import CONF, run, started
from tests.realtime.fakes import Listener, MemoryApplication, until

pytestmark = pytest.mark.usefixtures("_patient")


def test_a_disconnect_ends_the_connections_of_a_person_whom_the_application_does_not_want(
    application: MemoryApplication,
) -> None:
    async def test() -> None:
        async with started(application, conf=msgspec.structs.replace(CONF, welcome_check_seconds=3_600)) as engine:
            meant, other = Listener("site", user="1"), Listener("site", user="2")
            await engine.join_all(meant)
            await engine.join_all(other)
            application.gone |= {"1", "2"}
            engine.announce(Ended(user="1"))

            await until(lambda: meant.endings)
            assert [[Ending.SIGNED_OUT], []] == [meant.endings, other.endings]

    run(test())


def test_a_disconnect_that_is_forged_or_late_ends_nothing(application: MemoryApplication) -> None:
    async def test() -> None:
        async with started(application) as engine:
            welcome, gone = Listener("site", user="1"), Listener("site", user="2")
            await engine.join_all(welcome)
            await engine.join_all(gone)
            engine.announce(Ended(user="1"))
            application.gone.add("2")

            await until(lambda: gone.endings)
            assert [] == welcome.endings

    run(test())


def test_who_is_not_welcome_any_more_is_found_without_being_told(application: MemoryApplication) -> None:
    async def test() -> None:
        async with started(application) as engine:
            meant, other = Listener("site", user="1"), Listener("site", user="2")
            await engine.join_all(meant)
            await engine.join_all(other)
            # Asking may fail now and then.
            application.failures = 2
            application.gone.add("1")

            await until(lambda: meant.endings)
            assert Ending.SIGNED_OUT == meant.endings[0]
            assert [] == other.endings

    run(test())


def test_one_of_whom_nothing_can_be_asked_keeps_nobody_from_being_asked(
    application: MemoryApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = application.ended

    def picky(admissions: Sequence[Admission]) -> list[Admission]:
        if any(admission.user == "odd" for admission in admissions):
            raise ValueError("a string literal cannot contain NUL")
        return ended(admissions)

    monkeypatch.setattr(application, "ended", picky)

    async def test() -> None:
        async with started(application) as engine:
            listeners = {user: Listener("site", user=user) for user in ("1", "2", "odd", "3")}
            for listener in listeners.values():
                await engine.join_all(listener)
            application.gone |= {"1", "3"}

            await until(lambda: listeners["1"].endings and listeners["3"].endings)
            assert [] == listeners["2"].endings == listeners["odd"].endings

    run(test())
