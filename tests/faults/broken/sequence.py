"""Offsets from a sequence, as databases have them: who rolls back does not give them back."""

import random
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import OperationalError

from teahouse.chat.log import batches
from teahouse.chat.log.entries import Entry, Head
from tests.faults.broken.seams import replace


def apply() -> None:
    store, locked_heads = batches.store, batches.locked_heads
    last: dict[str, int] = {}

    def heads_of_sequences(names: Iterable[str]) -> dict[str, Head]:
        heads = locked_heads(names)
        for name, head in heads.items():
            head.last_offset = max(head.last_offset, last.get(name, 0))
        return heads

    def store_or_deadlock(entries: Sequence[Entry[Any]]) -> batches.Stored:
        stored = store(entries)
        last.update({name: head.last_offset for name, head in stored.batch.heads.items()})
        if random.random() < 0.1:
            raise OperationalError("deadlock detected")
        return stored

    replace(batches, "locked_heads", heads_of_sequences)
    replace(batches, "store", store_or_deadlock)
