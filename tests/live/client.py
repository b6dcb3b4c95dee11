"""A client of the article's protocol for tests: `say`, `next`, and no fixed waiting anywhere."""

import collections
import json
from typing import Any

from tests.live.connection import Connection

_EVERYONE: Any = object()


class Client(Connection):
    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(url, **options)
        self._heard: collections.deque[str] = collections.deque()

    def abort(self) -> None:
        """End with a TCP reset: no close frame, no FIN."""
        import socket
        import struct

        raw = self.socket.socket
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raw.close()

    def send(self, frame: str | bytes) -> None:
        self.socket.send(frame)

    def say(self, text: Any, to: Any = _EVERYONE) -> None:
        """Send as the article's page does: JSON in JSON. Without `to` the field is missing."""
        content = {"text": text} if to is _EVERYONE else {"text": text, "toUserId": to}
        self.send_content(json.dumps(content, ensure_ascii=False))

    def send_content(self, content: Any, kind: str = "demo-message-send") -> None:
        self.send(json.dumps({"type": kind, "content": content}, ensure_ascii=False))

    def next_text(self, seconds: float = 5) -> str:
        frame = self.socket.recv(seconds)
        assert isinstance(frame, str)
        return frame

    def next(self, seconds: float = 5) -> dict[str, Any]:
        """The next frame that is no pong: its `type`, and its content's fields beside it."""
        text = self._heard.popleft() if self._heard else self.next_text(seconds)
        while text == "pong":
            text = self.next_text(seconds)
        frame = json.loads(text)
        assert set(frame) == {"type", "content"}
        assert isinstance(frame["content"], str)
        content: dict[str, Any] = json.loads(frame["content"])
        return {"frame_type": frame["type"], **content}

    def ping(self, seconds: float = 5) -> None:
        self.send("ping")
        while (text := self.next_text(seconds)) != "pong":
            self._heard.append(text)
