"""How items read on the wire."""

import msgspec

from teahouse.realtime.application import Publication
from teahouse.realtime.encoding import Item, NativeEncoding
from teahouse.realtime.passes import Batch
from teahouse.realtime.wire.centrifuge.codec import JSON
from teahouse.realtime.wire.centrifuge.protobuf import PROTOBUF


def test_what_cannot_be_encoded_is_left_out_and_nothing_else() -> None:
    bad = Publication(channel="room:1", offset=1, epoch="e1", data=b"1", tags={"name": "\ud800"})
    for encoding in (NativeEncoding(JSON), NativeEncoding(PROTOBUF)):
        batch = Batch[Item](bad.channel, [bad, msgspec.structs.replace(bad, tags=None)])
        assert 1 == len(batch.messages(encoding))
