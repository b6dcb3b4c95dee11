"""One connection of the article's protocol: heartbeat and limits, and the envelope on its way in."""

from teahouse.realtime.wire.classic import codec
from teahouse.realtime.wire.codes import Ending
from teahouse.realtime.wire.session import Session


class ClassicSession(Session[codec.Envelope]):
    """Whatever is no envelope is counted and passed over: the connection stays open and silent."""

    def receive_text(self, text: str) -> None:
        if self.ending is not None:
            return
        if self._is_too_big(text):
            self.close(Ending.FRAME_TOO_BIG)
            return
        # The client leaves when this answer takes a second, so nothing comes before it.
        if text == "ping" or text.strip() == "ping":
            self._frames.append("pong")
            return
        try:
            envelope = codec.decode(text)
        except codec.BadFrame:
            self.ignored["not an envelope"] += 1
            return
        if envelope.type == "ping":
            self._frames.append("pong")
            return
        self._accept(envelope, len(text))
