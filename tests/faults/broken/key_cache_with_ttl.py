"""Keeps client keys in memory for a while, as a cache of idempotency keys does, and not in the database."""

import time

from teahouse.chat.services import sending_rows
from teahouse.chat.services.sending_rows import Asked
from tests.faults.broken.seams import forget_unique_keys, replace

_SECONDS = 0.3


def apply() -> None:
    forget_unique_keys()
    asked_for = sending_rows.asked_for
    first_asked: dict[tuple[int, str], float] = {}

    def asked_for_lately(places: set[tuple[int, int, str | None]]) -> Asked:
        now = time.monotonic()
        asked = asked_for(places)
        for _, user, key in places:
            if key is not None and now - first_asked.setdefault((user, key), now) >= _SECONDS:
                asked.known.pop((user, key), None)
        return asked

    replace(sending_rows, "asked_for", asked_for_lately)
