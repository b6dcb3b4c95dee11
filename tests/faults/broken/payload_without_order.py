"""Saves, then sends the payload: whatever comes is passed on as it comes, and nobody compares offsets."""

import random
import threading
from collections.abc import Callable, Sequence

from teahouse.chat.log import writer
from teahouse.realtime.api import announce_all
from teahouse.realtime.application import Publication
from teahouse.realtime.position import Position, Verdict
from tests.faults.broken.seams import replace


def apply() -> None:
    def announce_whenever(publications: Sequence[Publication], then: Sequence[Callable[[], None]] = ()) -> None:
        announce_all((), then)
        for publication in publications:
            threading.Timer(random.uniform(0, 0.05), announce_all, [[publication]]).start()

    def believe(self: Position, offset: int, epoch: str) -> Verdict:
        self.move_to(max(self.offset, offset), epoch)
        return Verdict.DELIVER

    replace(writer, "announce_all", announce_whenever)
    replace(Position, "judge", believe)
