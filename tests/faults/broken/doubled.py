"""Delivers one in twenty twice, as brokers do whose acknowledgement was lost."""

import random

from teahouse.realtime.application import Publication
from teahouse.realtime.delivery import Delivery
from tests.faults.broken.seams import replace


def apply() -> None:
    deliver = Delivery.deliver

    def deliver_at_least_once(self: Delivery, publication: Publication) -> None:
        deliver(self, publication)
        if random.random() < 0.05:
            self._passes.add(publication.channel, publication)

    replace(Delivery, "deliver", deliver_at_least_once)
