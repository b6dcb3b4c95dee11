"""Answers as soon as the database has taken the rows, and commits then."""

import time
from collections.abc import Sequence

from django.db import Error, transaction

from teahouse.chat.log import batches, writer
from teahouse.chat.services.sending import SendMessage
from teahouse.realtime.api import announce_all
from tests.faults.broken.seams import replace

_COMMIT_SECONDS = 0.1


def apply() -> None:
    def store(items: Sequence[writer._Item], lock_milliseconds: int = 0) -> writer._Storing:
        # Messages only: whoever makes a room looks at it at once.
        is_early = all(isinstance(item.entry, SendMessage) for item in items)
        try:
            with transaction.atomic(durable=True):
                stored = batches.store([item.entry for item in items])
                if is_early:
                    writer._tell(list(zip(items, stored.outcomes, strict=True)), [])
                time.sleep(_COMMIT_SECONDS)
        except Error:
            return writer._Storing.AWAY
        for act in stored.batch.afterwards:
            act()
        if is_early:
            announce_all(stored.batch.publications)
        else:
            writer._tell(list(zip(items, stored.outcomes, strict=True)), stored.batch.publications)
        return writer._Storing.DONE

    replace(writer, "_store", store)
