"""
A client of the Centrifuge protocol for tests, in JSON and in protobuf: commands go out as dicts, replies come in as
dicts. It answers no ping by itself and waits for nothing but the next frame.
"""

import collections
import itertools
import json
import time
from typing import Any

import jwt
from google.protobuf.message import Message

from tests.live.connection import Connection
from tests.live.server import Server
from tests.realtime.wire.centrifuge.client_proto import message_class

# Of the servers under test, beside those of the chat.
NAMESPACES: dict[str, dict[str, Any]] = {
    "plain": {"may_subscribe": "anyone", "may_publish": "anyone"},
    "signed": {"may_subscribe": "signed_in", "may_publish": "signed_in"},
    "listeners": {"may_subscribe": "anyone", "may_publish": "subscribers"},
    # Nobody subscribes without a token or publishes at all.
    "strict": {},
    # Functions of a user and a channel: ids of users are before any name, in the order of characters.
    "yes": {"may_subscribe": "operator.lt"},
    "no": {"may_subscribe": "operator.gt"},
    "tiny": {"may_subscribe": "anyone", "may_publish": "anyone", "max_publication_bytes": 100},
    "kept": {
        "kind": "kept",
        "may_subscribe": "anyone",
        "may_publish": "anyone",
        "may_read_history": "anyone",
        "history_size": 1000,
    },
    "small": {
        "kind": "kept",
        "may_subscribe": "anyone",
        "may_publish": "anyone",
        "may_read_history": "subscribers",
        "history_size": 2,
    },
    "secret": {"kind": "kept", "may_subscribe": "anyone", "presence": True},
    "seen": {
        "may_subscribe": "anyone",
        "may_publish": "anyone",
        "presence": True,
        "may_read_presence": "subscribers",
        "join_leave": True,
    },
    "everything": {
        "kind": "kept",
        "may_subscribe": "anyone",
        "may_publish": "anyone",
        "may_read_history": "anyone",
        "presence": True,
        "may_read_presence": "anyone",
        "join_leave": True,
    },
    "told": {"may_subscribe": "anyone", "may_publish": "anyone", "presence": True, "push_join_leave": True},
}

PATH = "/connection/websocket"
# What holds JSON; a dict here, text on the wire of protobuf.
_EMBEDDED = ("data", "conn_info", "chan_info")

Frame = dict[str, Any]


class Native(Connection):
    def __init__(self, url: str, *, protobuf: bool = False, query: str = "", **options: Any) -> None:
        if protobuf and not query:
            options.setdefault("subprotocols", ["centrifuge-protobuf"])
        super().__init__(f"{url}{PATH}{query}", **options)
        self._begin(is_protobuf=protobuf)

    def _begin(self, *, is_protobuf: bool) -> None:
        self.is_protobuf = is_protobuf
        self.client = ""
        self._next_id = 0
        self._heard: collections.deque[Frame] = collections.deque()

    # Out.

    def send(self, *commands: Frame) -> None:
        """All in one frame; `{}` is a pong."""
        self.send_raw(protobuf_of(*commands) if self.is_protobuf else "\n".join(map(json.dumps, commands)))

    def send_raw(self, frame: str | bytes) -> None:
        self.socket.send(frame)

    def command(self, method: str, /, **request: Any) -> Frame:
        """One with an id of its own."""
        self._next_id += 1
        return {"id": self._next_id, method: request}

    def say(self, method: str, /, **request: Any) -> int:
        """The id of the command."""
        self.send(self.command(method, **request))
        return self._next_id

    def ask(self, method: str, /, **request: Any) -> Frame:
        """What answers it: the result, or `{"error": ...}`. Pushes that come before it are kept for `push`."""
        return self.answer(self.say(method, **request), method)

    def answer(self, command_id: int, method: str) -> Frame:
        before: list[Frame] = []
        while (reply := self.next()).get("id") != command_id:
            before.append(reply)
        self._heard.extendleft(reversed(before))
        if "error" in reply:
            return {"error": reply["error"]}
        assert {"id", method} == set(reply), reply
        result: Frame = reply[method]
        return result

    def refused(self, method: str, /, **request: Any) -> int:
        """The code of the error that answers it."""
        answer = self.ask(method, **request)
        assert "error" in answer, answer
        code: int = answer["error"]["code"]
        return code

    def connect(self, token: str = "", **request: Any) -> Frame:
        """The result of a connect command that is taken."""
        result = self.ask("connect", **({"token": token} if token else {}), **request)
        assert "error" not in result, result
        self.client = result["client"]
        return result

    # In.

    def next(self, seconds: float = 5) -> Frame:
        """The next reply, push, or ping (`{}`), whatever frame it came in."""
        if not self._heard:
            self._heard.extend(self.next_frame(seconds))
        return self._heard.popleft()

    def next_frame(self, seconds: float = 5) -> list[Frame]:
        frame = self.socket.recv(seconds)
        if self.is_protobuf:
            assert isinstance(frame, bytes)
            return replies_in(frame)
        assert isinstance(frame, str)
        return [json.loads(line) for line in frame.split("\n")]

    def push(self, seconds: float = 5) -> Frame:
        """The next push; pings and replies before it are passed over."""
        while "push" not in (reply := self.next(seconds)):
            pass
        push: Frame = reply["push"]
        return push

    def published(self, seconds: float = 5) -> Frame:
        """The next publication, with its channel; joins and leaves before it are passed over."""
        while "pub" not in (push := self.push(seconds)):
            pass
        return {"channel": push["channel"], **push["pub"]}

    def nothing_before(self, channel: str) -> list[Frame]:
        """What has been pushed until a publication of our own in `channel`, where we may publish, comes back."""
        self.say("publish", channel=channel, data="the end")
        heard: list[Frame] = []
        while (push := self.push()).get("pub", {}).get("data") != "the end" or push["channel"] != channel:
            heard.append(push)
        return heard


# Of a server.


def door(house: Server, **options: Any) -> Native:
    """A connection that has not said who it is."""
    return Native(f"ws://127.0.0.1:{house.port}", **options)


def native_as(house: Server, name: str, *, protobuf: bool = False, **connect: Any) -> Native:
    """A demo person's connection, past its connect command."""
    native = door(house, protobuf=protobuf)
    native.connect(connection_token(house, user=str(PEOPLE[name])), **connect)
    return native


PEOPLE = {"admin": 1, "alice": 2, "bob": 3, "carol": 4, "dave": 5}

_numbers = itertools.count(1)


def channel_in(namespace: str) -> str:
    """One of its own for a test."""
    return f"{namespace}:{next(_numbers)}"


# Tokens, made with the site's own key.


def connection_token(house: Server, *, user: str | None = None, seconds: float = 300, **claims: Any) -> str:
    return _signed(house, "teahouse-connection", {"sub": user, **claims}, seconds)


def subscription_token(house: Server, *, channel: str, user: str | None, seconds: float = 300, **claims: Any) -> str:
    return _signed(house, "teahouse-subscription", {"sub": user, "channel": channel, **claims}, seconds)


def _signed(house: Server, audience: str, claims: Frame, seconds: float) -> str:
    now = int(time.time())
    given = {"aud": audience, "iat": now, "exp": now + seconds, **claims}
    key = (house.data / "keys" / "connection-key").read_text().strip()
    return jwt.encode({name: value for name, value in given.items() if value is not None}, key, algorithm="HS256")


# Protobuf, by Google's library.


def protobuf_of(*commands: Frame) -> bytes:
    """Commands as one frame."""
    return b"".join(_delimited(_filled(message_class("Command")(), command)) for command in commands)


def _delimited(message: Message) -> bytes:
    from google.protobuf.internal.encoder import _VarintBytes  # type: ignore[attr-defined]

    data = message.SerializeToString()
    size: bytes = _VarintBytes(len(data))
    return size + data


def _filled(message: Any, values: Frame) -> Any:
    message.SetInParent()
    for name, value in values.items():
        if name in _EMBEDDED:
            setattr(message, name, value if isinstance(value, bytes) else json.dumps(value).encode())
        elif name == "subs":
            for channel, request in value.items():
                _filled(message.subs[channel], request)
        elif isinstance(value, dict):
            _filled(getattr(message, name), value)
        else:
            setattr(message, name, value)
    return message


def replies_in(frame: bytes) -> list[Frame]:
    from google.protobuf.internal.decoder import _DecodeVarint  # type: ignore[attr-defined]

    replies = []
    at = 0
    while at < len(frame):
        size, at = _DecodeVarint(frame, at)
        replies.append(_plain(message_class("Reply").FromString(frame[at : at + size])))
        at += size
    return replies


# What JSON says even when it is empty.
_ALWAYS: dict[str, Frame] = {
    "PresenceResult": {"presence": {}},
    "PresenceStatsResult": {"num_clients": 0, "num_users": 0},
    "HistoryResult": {"publications": [], "epoch": "", "offset": 0},
    "ClientInfo": {"user": "", "client": ""},
}


def _plain(message: Message) -> Frame:
    """As the same reply reads in JSON."""
    values: Frame = dict(_ALWAYS.get(message.DESCRIPTOR.name, {}))
    for field, value in message.ListFields():
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            values[field.name] = {
                key: _plain(item) if isinstance(item, Message) else item for key, item in value.items()
            }
        elif isinstance(value, Message):
            values[field.name] = _plain(value)
        elif field.name in _EMBEDDED:
            values[field.name] = json.loads(value)
        elif field.message_type is not None:
            values[field.name] = [_plain(item) for item in value]
        else:
            values[field.name] = value
    return values
