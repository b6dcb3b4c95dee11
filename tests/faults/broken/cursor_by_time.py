"""Reads the history, which it does for everybody who comes back, from the second of what was seen last."""

import datetime

from teahouse.chat.log import history
from teahouse.chat.models import PublicationRecord
from teahouse.realtime.application import Publication
from teahouse.realtime.window import Windows
from tests.faults.broken.seams import replace


def apply() -> None:
    publications_after = history.publications_after

    def publications_later(name: str, offset: int, *, limit: int) -> list[Publication]:
        found = publications_after(name, offset, limit=limit)
        seen = PublicationRecord.objects.filter(channel__name=name, offset=offset).first()
        if seen is None:
            return found
        next_second = seen.at.replace(microsecond=0) + datetime.timedelta(seconds=1)
        later = PublicationRecord.objects.filter(channel__name=name, at__gte=next_second)
        offsets = set(later.values_list("offset", flat=True))
        return [publication for publication in found if publication.offset in offsets]

    def nothing_in_memory(self: Windows, channel: str, offset: int) -> None:
        return None

    replace(history, "publications_after", publications_later)
    replace(Windows, "after", nothing_in_memory)
