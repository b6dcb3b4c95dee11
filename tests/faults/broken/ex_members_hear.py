"""Who is put out of a room goes on hearing it as long as they stay connected."""

import msgspec

from teahouse.realtime.application import Publication
from teahouse.realtime.rights import Rights
from tests.faults.broken.seams import replace


def apply() -> None:
    obey = Rights.obey

    def obey_half(self: Rights, publication: Publication) -> None:
        obey(self, msgspec.structs.replace(publication, leavers=(), closes=""))

    replace(Rights, "obey", obey_half)
