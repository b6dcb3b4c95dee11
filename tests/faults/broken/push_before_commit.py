"""Tells everybody first and commits then, which sometimes fails."""

import random
from collections.abc import Sequence

from django.db import Error, OperationalError, transaction

from teahouse.chat.log import batches, writer
from teahouse.realtime.api import announce_all
from tests.faults.broken.seams import replace


def apply() -> None:
    def store(items: Sequence[writer._Item], lock_milliseconds: int = 0) -> writer._Storing:
        try:
            with transaction.atomic(durable=True):
                stored = batches.store([item.entry for item in items])
                announce_all(stored.batch.publications)
                if random.random() < 0.05:
                    raise OperationalError("could not serialize access")
        except Error:
            writer._tell([(item, None) for item in items], [])
            return writer._Storing.DONE
        for act in stored.batch.afterwards:
            act()
        writer._tell(list(zip(items, stored.outcomes, strict=True)), [])
        return writer._Storing.DONE

    replace(writer, "_store", store)
