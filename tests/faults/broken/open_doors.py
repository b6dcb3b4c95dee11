"""Whoever asks for a channel may hear it."""

from teahouse.chat.realtime import ChatApplication
from teahouse.realtime.application import Admission
from tests.faults.broken.seams import replace


def apply() -> None:
    def may_subscribe(self: ChatApplication, admission: Admission, channel: str) -> bool:
        return True

    replace(ChatApplication, "may_subscribe", may_subscribe)
