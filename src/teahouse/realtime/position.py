"""
The last offset of a channel in this process, and what a publication's offset says about it. Pure.

Offsets are dense, so whether something is missing is arithmetic: deliver n+1, drop what is not newer, and for
anything beyond fill the hole from the history first.
"""

import enum


class Verdict(enum.Enum):
    DELIVER = "deliver"
    DROP = "drop"
    FILL = "fill"


class Position:
    def __init__(self, *, offset: int, epoch: str) -> None:
        self.offset = offset
        self.epoch = epoch
        # The highest offset that was announced, whether or not it has arrived.
        self._announced = offset

    @property
    def is_behind(self) -> bool:
        return self._announced > self.offset

    def judge(self, offset: int, epoch: str) -> Verdict:
        """DELIVER moves the position on; the others leave it. A new epoch is another history: it starts here."""
        if epoch != self.epoch:
            # Without an epoch there was no history yet, so nothing of this one was heard: it starts at 1.
            if self.epoch:
                self.offset = self._announced = offset - 1
            self.epoch = epoch
        self._announced = max(self._announced, offset)
        if offset <= self.offset:
            return Verdict.DROP
        if offset > self.offset + 1:
            return Verdict.FILL
        self.offset = offset
        return Verdict.DELIVER

    def judge_head(self, offset: int, epoch: str) -> Verdict:
        """FILL when the history is further than this process, else DROP. A new epoch: it starts at its head."""
        if epoch != self.epoch:
            if self.epoch:
                self.offset = self._announced = offset
            self.epoch = epoch
        self._announced = max(self._announced, offset)
        return Verdict.FILL if offset > self.offset else Verdict.DROP

    def give_up(self) -> None:
        """The history does not have what was announced: go on from where it ends."""
        self._announced = self.offset
