"""Never looks whether a client key was there before."""

from teahouse.chat.services import sending_rows
from tests.faults.broken.seams import forget_unique_keys, replace


def apply() -> None:
    forget_unique_keys()
    replace(sending_rows, "known", lambda _: {})
