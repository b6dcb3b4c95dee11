"""Reads the history from the minute of what was seen last, not from its offset."""

import datetime

from teahouse.chat.log import history
from teahouse.chat.models import PublicationRecord
from teahouse.realtime.application import Publication
from tests.faults.broken.seams import replace


def apply() -> None:
    publications_after = history.publications_after

    def publications_later(name: str, offset: int, *, limit: int) -> list[Publication]:
        found = publications_after(name, offset, limit=limit)
        seen = PublicationRecord.objects.filter(channel__name=name, offset=offset).first()
        if seen is None:
            return found
        next_minute = seen.at.replace(second=0, microsecond=0) + datetime.timedelta(minutes=1)
        later = PublicationRecord.objects.filter(channel__name=name, at__gte=next_minute)
        offsets = set(later.values_list("offset", flat=True))
        return [publication for publication in found if publication.offset in offsets]

    replace(history, "publications_after", publications_later)
