"""Keeps client keys in memory for a while, as a cache of idempotency keys does, and not in the database."""

import time

from teahouse.chat.services import sending_rows
from teahouse.chat.services.sending_rows import Sent
from tests.faults.broken.seams import forget_unique_keys, replace

_SECONDS = 0.3


def apply() -> None:
    forget_unique_keys()
    known = sending_rows.known
    first_asked: dict[tuple[int, str], float] = {}

    def known_lately(keys: set[tuple[int, str]]) -> dict[tuple[int, str], tuple[bytes, Sent]]:
        now = time.monotonic()
        for key in keys:
            first_asked.setdefault(key, now)
        return known({key for key in keys if now - first_asked[key] < _SECONDS})

    replace(sending_rows, "known", known_lately)
