"""
Demo people on a server under test, as the rows of the chat see them: they ask over HTTP, and their devices are native
connections that keep what they hear. What is asked and what is to be heard, the tests say.
"""

import collections
import contextlib
import time
import types
import uuid
from typing import Any, Self, TypeAlias

import httpx

from tests.live.native import PEOPLE, Frame, Native, connection_token, door
from tests.live.server import Server

Answer: TypeAlias = dict[str, Any]


def new_key() -> str:
    return uuid.uuid4().hex


def in_room(room: int) -> str:
    """Its channel."""
    return f"room:{room}"


class People:
    """Of one server, for one test: their devices are closed at its end."""

    def __init__(self, house: Server) -> None:
        self.house = house
        self.stack = contextlib.ExitStack()
        self.http = self.stack.enter_context(httpx.Client(base_url=house.address, timeout=20))
        self.admin, self.alice, self.bob, self.carol, self.dave = (
            Person(self, name, number) for name, number in PEOPLE.items()
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None
    ) -> None:
        self.stack.close()


class Person:
    """`get`, `post` and the others take the path below `/api/` and the other fields, and give what a done one says."""

    def __init__(self, people: People, name: str, number: int, bearer: dict[str, str] | None = None) -> None:
        self.id = number
        self.name = name
        self._people = people
        self._bearer = bearer

    @property
    def channel(self) -> str:
        return f"user:{self.id}"

    @property
    def bearer(self) -> dict[str, str]:
        return self._bearer or self._people.house.bearer(self.name)

    def ask(self, method: str, path: str, /, *, headers: Any = None, **fields: Any) -> httpx.Response:
        """The fields are in the query of a GET, else in the body."""
        where: Any = {"params" if method == "GET" else "json": fields}
        return self._people.http.request(method, f"/api/{path}", headers=self.bearer | (headers or {}), **where)

    def send_file(self, room: int, content: bytes, /, *, headers: Any = None, **query: str) -> httpx.Response:
        """With a `client_key` and a `name`: all of it, or what `headers` say that it is."""
        headers = self.bearer | (headers or {})
        return self._people.http.post(f"/api/rooms/{room}/files", content=content, params=query, headers=headers)

    def get(self, path: str, /, **fields: Any) -> Answer:
        return self._done("GET", path, fields)

    def post(self, path: str, /, **fields: Any) -> Answer:
        return self._done("POST", path, fields)

    def put(self, path: str, /, **fields: Any) -> Answer:
        return self._done("PUT", path, fields)

    def patch(self, path: str, /, **fields: Any) -> Answer:
        return self._done("PATCH", path, fields)

    def delete(self, path: str, /, **fields: Any) -> Answer:
        return self._done("DELETE", path, fields)

    def _done(self, method: str, path: str, fields: dict[str, Any]) -> Answer:
        response = self.ask(method, path, **fields)
        assert response.status_code in (200, 201), (method, path, response.status_code, response.text)
        answer: Answer = response.json()
        return answer

    def refused(self, method: str, path: str, /, **fields: Any) -> tuple[int, str]:
        """The status and the slug of the problem details that answer it."""
        response = self.ask(method, path, **fields)
        assert response.status_code >= 400, (method, path, response.status_code, response.text)
        assert "application/problem+json" == response.headers["content-type"]
        problem = response.json()
        assert response.status_code == problem["status"]
        return response.status_code, problem.get("slug", "")

    def room(self, *others: "Person", kind: str = "private", **settings: Any) -> int:
        """The id of a new room of this person, its owner, and these."""
        key = new_key()
        people = [other.id for other in others]
        made = self.post("rooms", client_key=key, kind=kind, name=f"room {key}", people=people)
        room: int = made["room"]["id"]
        if settings:
            self.patch(f"rooms/{room}", **settings)
        return room

    def send(self, room: int, body: str, /, **more: Any) -> Answer:
        return self.post(f"rooms/{room}/messages", client_key=new_key(), body=body, **more)

    def refused_sending(self, room: int, body: str = "hi", /, **more: Any) -> tuple[int, str]:
        return self.refused("POST", f"rooms/{room}/messages", client_key=new_key(), body=body, **more)

    def may_send(self, room: int) -> bool:
        """Tries it."""
        fields = {"client_key": new_key(), "body": "may I?"}
        return self.ask("POST", f"rooms/{room}/messages", **fields).status_code == 201

    def upload(self, room: int, content: bytes, name: str, **headers: str) -> Answer:
        """What is answered to a file that is taken, whole."""
        response = self.send_file(room, content, headers=headers, client_key=new_key(), name=name)
        assert 201 == response.status_code, response.text
        file: Answer = response.json()
        return file

    def synced(self, room: int) -> Answer:
        """The room as `sync` shows it now."""
        (found,) = [one for one in self.get("sync")["rooms"] if one["room"]["id"] == room]
        answer: Answer = found
        return answer

    def device(self, **connect: Any) -> "Device":
        """One more, connected; it hears all that its person hears."""
        native = self._people.stack.enter_context(door(self._people.house))
        subscribed = native.connect(connection_token(self._people.house, user=str(self.id)), **connect)["subs"]
        return Device(self, native, subscribed)


class Device:
    """
    `heard` is the data of all publications and signals by channel, in their order, recovered ones first; `ended` the
    codes with which the server took subscriptions away.
    """

    def __init__(self, person: Person, native: Native, subscribed: dict[str, Frame]) -> None:
        self.subscribed = subscribed
        self.heard: collections.defaultdict[str, list[Frame]] = collections.defaultdict(list)
        self.ended: dict[str, int] = {}
        self._person = person
        self._native = native
        self._places: collections.Counter[tuple[str, str]] = collections.Counter()
        for channel, answer in subscribed.items():
            self.heard[channel] += [publication["data"] for publication in answer.get("publications", [])]

    def hears(self, channel: str, kind: str, /, *, seconds: float = 5, **says: Any) -> Frame:
        """
        The next one of this kind there that says so, heard already or within so long. Others of the kind before it are
        passed over for good.
        """
        end = time.monotonic() + seconds
        heard = self.heard[channel]
        while True:
            for place in range(self._places[channel, kind], len(heard)):
                self._places[channel, kind] = place + 1
                if heard[place]["kind"] == kind and _says(heard[place], says):
                    return heard[place]
            try:
                self._take_next(max(0.0, end - time.monotonic()))
            except TimeoutError:
                raise AssertionError(f"no {kind} in {channel} that says {says}, but {heard}") from None

    def heard_in(self, channel: str) -> list[Frame]:
        """All that it has heard there until what its person does now comes to it, too."""
        room = self._person.room()
        self.hears(self._person.channel, "room.gained", room=room)
        return self.heard[channel]

    def kinds(self, channel: str) -> list[str]:
        """As `heard_in`."""
        return [data["kind"] for data in self.heard_in(channel)]

    def ends(self, channel: str, *, seconds: float = 5) -> int:
        """Within so long the server takes this subscription away; the code that says why."""
        end = time.monotonic() + seconds
        while channel not in self.ended:
            self._take_next(max(0.0, end - time.monotonic()))
        return self.ended[channel]

    def run(self, method: str, /, **fields: Any) -> Frame:
        """What answers an RPC: `data`, or an `error`."""
        return self._native.ask("rpc", method=method, data=fields)

    def _take_next(self, seconds: float) -> None:
        reply = self._native.next(seconds)
        if reply == {}:
            self._native.send({})
        push = reply.get("push", {})
        if "pub" in push:
            self.heard[push["channel"]].append(push["pub"]["data"])
        elif "unsubscribe" in push:
            self.ended[push["channel"]] = push["unsubscribe"]["code"]


def _says(data: Any, expected: Any) -> bool:
    """Whether all that is expected is in it, at any depth; there may be more."""
    if isinstance(expected, dict):
        return isinstance(data, dict) and all(name in data and _says(data[name], expected[name]) for name in expected)
    return bool(data == expected)
