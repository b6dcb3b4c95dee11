"""
The last offset of a channel in this process, and what a publication's offset says about it. Pure.

Offsets are dense, so whether something is missing is arithmetic: deliver n+1, drop what is not newer, and for
anything beyond fill the hole from the history first.
"""

import enum


class Verdict(enum.Enum):
    DELIVER = "deliver"
    DROP = "drop"
    # Something is missing, or another history is spoken of: ask the history.
    FILL = "fill"


class Position:
    __slots__ = ("_announced", "epoch", "is_doubted", "offset")

    def __init__(self, *, offset: int, epoch: str) -> None:
        self.offset = offset
        self.epoch = epoch
        # Whether somebody has spoken of another epoch.
        self.is_doubted = False
        # The highest offset that was announced, whether or not it has arrived.
        self._announced = offset

    @property
    def is_behind(self) -> bool:
        return self.is_doubted or self._announced > self.offset

    def judge(self, offset: int, epoch: str) -> Verdict:
        """DELIVER moves the position on; the others leave it."""
        if self._is_of_another_history(epoch):
            return Verdict.FILL
        self._announced = max(self._announced, offset)
        if offset <= self.offset:
            return Verdict.DROP
        if offset > self.offset + 1:
            return Verdict.FILL
        self.offset = offset
        return Verdict.DELIVER

    def judge_head(self, offset: int, epoch: str) -> Verdict:
        """FILL when the history is further than this process or is another one, else DROP."""
        if self._is_of_another_history(epoch):
            return Verdict.FILL
        self._announced = max(self._announced, offset)
        return Verdict.FILL if offset > self.offset else Verdict.DROP

    def move_to(self, offset: int, epoch: str) -> None:
        """What the history itself says: go on from there, whatever was missed."""
        self.offset = self._announced = offset
        self.epoch = epoch
        self.is_doubted = False

    def give_up(self) -> None:
        """The history does not have what was announced: go on from where it ends."""
        self._announced = self.offset
        self.is_doubted = False

    def _is_of_another_history(self, epoch: str) -> bool:
        if epoch == self.epoch:
            return False
        if self.epoch:
            self.is_doubted = True
            return True
        # Without an epoch there was no history yet, so nothing of this one was heard: it starts at 1.
        self.epoch = epoch
        return False
