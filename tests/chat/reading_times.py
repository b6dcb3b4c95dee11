"""Read positions whose second never ends by itself: what waits is told by `finish`, inside the test's transaction."""

from collections.abc import Iterator

import pytest

from teahouse.chat.log import writer
from teahouse.chat.services import reading, showing
from teahouse.chat.services.reading import MoveRead
from teahouse.chat.services.reading_pace import Place, ReadPace
from teahouse.chat.signals import TYPING_SECONDS, Pace


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def paced(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Iterator[ReadPace]:
    """The clock of the pace; what it tells is written here and now, and not by the writer's thread."""
    pace = ReadPace(_tell, clock=clock)
    monkeypatch.setattr(reading, "_pace", pace)
    monkeypatch.setattr(showing, "_pace", Pace(TYPING_SECONDS, clock=clock))
    yield pace
    pace.forget()


def _tell(place: Place) -> None:
    user, room = place
    writer.write(MoveRead(actor_id=user, room_id=room, number=0, how="tell"))
