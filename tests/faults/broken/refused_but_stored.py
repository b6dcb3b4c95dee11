"""Finds out too late that it did not want to: the refusal is final, and the message is there."""

import random
from collections.abc import Sequence

from teahouse.chat import errors
from teahouse.chat.log.entries import Batch, Outcome
from teahouse.chat.services.sending import SendMessage
from tests.faults.broken.seams import replace


def apply() -> None:
    take_all = SendMessage.take_all.__func__  # type: ignore[attr-defined]

    def take_and_refuse(kind: type[SendMessage], entries: Sequence[SendMessage], batch: Batch) -> list[Outcome]:
        outcomes: list[Outcome] = take_all(kind, entries, batch)
        return [Outcome(refusal=errors.NotAllowed()) if random.random() < 0.05 else outcome for outcome in outcomes]

    replace(SendMessage, "take_all", classmethod(take_and_refuse))
