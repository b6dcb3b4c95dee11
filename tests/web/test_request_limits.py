"""Bodies are bounded before Django sees them, and so is how many requests it has at once."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from teahouse.web.request_limits import RequestLimits

DISCONNECT: dict[str, Any] = {"type": "http.disconnect"}


class Request:
    """One request over ASGI, and what was answered. `say` what the client sends; without more it stays silent."""

    def __init__(self, path: str = "/", method: str = "POST", **headers: str) -> None:
        self.scope: Any = {
            "type": "http",
            "path": path,
            "method": method,
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        }
        self.sent: list[Any] = []
        self.asked = 0
        self._events: asyncio.Queue[Any] = asyncio.Queue()

    def say(self, *events: Any) -> "Request":
        for event in events:
            self._events.put_nowait(event)
        return self

    def part(self, body: bytes, *, more: bool = False) -> "Request":
        return self.say({"type": "http.request", "body": body, "more_body": more})

    async def receive(self) -> Any:
        self.asked += 1
        return await self._events.get()

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int | None:
        return self.sent[0]["status"] if self.sent else None

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])


class Django:
    """Answers 299 with the body it was given; those whose path is `/slow` once `go_on` was called."""

    def __init__(self) -> None:
        self.inside: list[str] = []
        self.most_inside = 0
        self.events: list[Any] = []
        self.go_on = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.inside.append(scope["path"])
        self.most_inside = max(self.most_inside, len(self.inside))
        try:
            event = await receive()
            self.events.append(event)
            if scope["path"] == "/slow":
                await self.go_on.wait()
            if scope["path"] == "/fault":
                raise LookupError
            await send({"type": "http.response.start", "status": 299, "headers": []})
            await send({"type": "http.response.body", "body": event["body"]})
        finally:
            self.inside.remove(scope["path"])


def run(test: Callable[[Django], Awaitable[None]]) -> None:
    async def body() -> None:
        await asyncio.wait_for(test(Django()), 20)

    asyncio.run(body())


def limits(django: Django, **options: Any) -> RequestLimits:
    return RequestLimits(django, most_body_bytes=100, places=2, apart=["/healthz"], **options)


def call(layer: RequestLimits, request: Request) -> "asyncio.Task[None]":
    return asyncio.ensure_future(layer(request.scope, request.receive, request.send))


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([b""], id="none"),
        pytest.param([b"x" * 100], id="as much as there may be"),
        pytest.param([b"a" * 50, b"", b"b" * 50], id="in parts"),
    ],
)
def test_a_body_is_passed_on_whole(parts: list[bytes]) -> None:
    async def test(django: Django) -> None:
        request = Request()
        for number, part in enumerate(parts):
            request.part(part, more=number + 1 < len(parts))
        await call(limits(django), request)

        assert 299 == request.status
        assert [{"type": "http.request", "body": b"".join(parts), "more_body": False}] == django.events

    run(test)


def test_what_comes_after_the_body_is_passed_on_too() -> None:
    async def test(django: Django) -> None:
        heard: list[Any] = []

        async def application(scope: Any, receive: Any, send: Any) -> None:
            heard.extend([await receive(), await receive()])

        request = Request().part(b"a").say(DISCONNECT)
        await RequestLimits(application, most_body_bytes=1)(request.scope, request.receive, request.send)

        assert [b"a", None] == [event.get("body") for event in heard]

    run(test)


@pytest.mark.parametrize(
    ("headers", "parts", "asked"),
    [
        pytest.param({"content_length": "101"}, [], 0, id="declared"),
        pytest.param({"content_length": "300000000"}, [b"x" * 90], 0, id="declared and begun"),
        pytest.param({"content_length": "10"}, [b"x" * 101], 1, id="more than declared"),
        pytest.param({"transfer_encoding": "chunked"}, [b"x" * 60] * 9, 2, id="in chunks"),
        pytest.param({"content_length": "9" * 5_000}, [b"x" * 101], 1, id="declared in a number that is none"),
    ],
)
def test_a_body_that_is_too_large_is_refused_without_reading_on(
    headers: dict[str, str], parts: list[bytes], asked: int
) -> None:
    async def test(django: Django) -> None:
        request = Request(**headers)
        for part in parts:
            request.part(part, more=True)
        await call(limits(django), request)

        assert (413, asked, []) == (request.status, request.asked, django.events)
        assert b"application/problem+json" == request.headers[b"content-type"]
        assert b"close" == request.headers[b"connection"]
        body = request.sent[1]["body"]
        assert str(len(body)).encode() == request.headers[b"content-length"]
        assert (413, "Request Entity Too Large") == (json.loads(body)["status"], json.loads(body)["title"])

    run(test)


def test_a_body_that_does_not_come_is_given_up() -> None:
    async def test(django: Django) -> None:
        request = Request().part(b"x", more=True)
        await call(limits(django, body_seconds=0.01), request)

        assert (408, b"close", []) == (request.status, request.headers[b"connection"], django.events)
        assert "0.01 seconds" in json.loads(request.sent[1]["body"])["detail"]

    run(test)


def test_who_leaves_before_the_body_is_complete_is_not_answered() -> None:
    async def test(django: Django) -> None:
        request = Request().part(b"x", more=True).say(DISCONNECT)
        await call(limits(django), request)

        assert ([], []) == (request.sent, django.events)

    run(test)


def test_so_many_are_let_in_at_once_and_the_others_in_turn() -> None:
    async def test(django: Django) -> None:
        layer = limits(django)
        requests = [Request("/slow").part(b"") for _ in range(5)]
        calls = [call(layer, request) for request in requests]
        await settle()
        assert 2 == len(django.inside)
        django.go_on.set()
        await asyncio.gather(*calls)

        assert [299] * 5 == [request.status for request in requests]
        assert 2 == django.most_inside

    run(test)


def test_a_body_that_is_still_coming_takes_no_place() -> None:
    async def test(django: Django) -> None:
        layer = limits(django)
        waiting = [call(layer, Request().part(b"x", more=True)) for _ in range(10)]
        await settle()
        request = Request(method="GET").part(b"")
        await call(layer, request)

        assert 299 == request.status
        for task in waiting:
            task.cancel()

    run(test)


def test_whether_it_is_alive_is_answered_while_all_others_wait() -> None:
    async def test(django: Django) -> None:
        layer = limits(django)
        calls = [call(layer, Request("/slow").part(b"")) for _ in range(5)]
        await settle()
        request = Request("/healthz", "GET").part(b"")
        await call(layer, request)
        large = Request("/healthz", content_length="101")
        await call(layer, large)

        assert (299, 413) == (request.status, large.status)
        django.go_on.set()
        await asyncio.gather(*calls)

    run(test)


@pytest.mark.parametrize("ending", ["disconnect", "cancel"])
def test_who_leaves_while_waiting_never_gets_in_and_leaves_the_place_to_others(ending: str) -> None:
    async def test(django: Django) -> None:
        layer = limits(django)
        busy = [call(layer, Request("/slow").part(b"")) for _ in range(2)]
        await settle()
        gone = Request("/gone").part(b"")
        leaving = call(layer, gone)
        staying = Request("/stays").part(b"")
        waiting = call(layer, staying)
        await settle()
        if ending == "disconnect":
            gone.say(DISCONNECT)
            await leaving
        else:
            leaving.cancel()
        await settle()
        django.go_on.set()
        await asyncio.gather(*busy, waiting)

        assert ([], 299) == (gone.sent, staying.status)
        assert 3 == len(django.events)
        # No place got lost: as many as before may be inside.
        django.go_on.clear()
        again = [call(layer, Request("/slow").part(b"")) for _ in range(5)]
        await settle()
        assert 2 == len(django.inside)
        django.go_on.set()
        await asyncio.gather(*again)

    run(test)


def test_who_leaves_as_a_place_becomes_free_does_not_keep_it() -> None:
    async def test(django: Django) -> None:
        layer = limits(django)
        busy = [call(layer, Request("/slow").part(b"")) for _ in range(2)]
        await settle()
        gone = [Request("/gone").part(b"") for _ in range(4)]
        leaving = [call(layer, request) for request in gone]
        await settle()
        for request in gone:
            request.say(DISCONNECT)
        django.go_on.set()
        await asyncio.gather(*busy, *leaving)
        django.go_on.clear()
        again = [call(layer, Request("/slow").part(b"")) for _ in range(5)]
        await settle()

        assert 2 == len(django.inside)
        django.go_on.set()
        await asyncio.gather(*again)

    run(test)


def test_a_fault_gives_its_place_back() -> None:
    async def test(django: Django) -> None:
        layer = limits(django)
        for _ in range(3):
            with pytest.raises(LookupError):
                await call(layer, Request("/fault").part(b""))
        request = Request().part(b"")
        await call(layer, request)

        assert 299 == request.status

    run(test)


class Reader(Django):
    """Reads the whole body as it comes, and answers 299 with how long it was."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.inside.append(scope["path"])
        self.most_inside = max(self.most_inside, len(self.inside))
        try:
            length, more = 0, True
            while more:
                event = await receive()
                self.events.append(event)
                length, more = length + len(event["body"]), event["more_body"]
            await send({"type": "http.response.start", "status": 299, "headers": []})
            await send({"type": "http.response.body", "body": str(length).encode()})
        finally:
            self.inside.remove(scope["path"])


UPLOAD = "/api/rooms/1/files"


def test_an_upload_is_passed_on_as_it_comes() -> None:
    async def test(_: Django) -> None:
        reader = Reader()
        request = Request(UPLOAD, cookie="sessionid=a").part(b"x" * 150, more=True)
        task = call(limits(reader, most_upload_bytes=300), request)
        await settle()
        assert [150] == [len(event["body"]) for event in reader.events]
        request.part(b"x" * 150)
        await task

        assert (299, b"300") == (request.status, request.sent[1]["body"])

    run(test)


@pytest.mark.parametrize(
    ("path", "method", "headers"),
    [
        pytest.param(UPLOAD, "POST", {}, id="without anything to sign in with"),
        pytest.param(UPLOAD, "PUT", {"cookie": "a=b"}, id="another method"),
        pytest.param(UPLOAD + "/", "POST", {"cookie": "a=b"}, id="another path"),
        pytest.param("/x" + UPLOAD, "POST", {"cookie": "a=b"}, id="a path that only ends like it"),
    ],
)
def test_what_is_no_upload_keeps_to_the_limit_of_bodies(path: str, method: str, headers: dict[str, str]) -> None:
    async def test(django: Django) -> None:
        request = Request(path, method, **headers).part(b"x" * 101, more=True)
        await call(limits(django, most_upload_bytes=300), request)

        assert 413 == request.status

    run(test)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="that says nothing"),
        pytest.param({"content_length": "10"}, id="that says too little"),
        pytest.param({"content_length": "301"}, id="that says so"),
    ],
)
def test_an_upload_that_is_too_long_is_refused(headers: dict[str, str]) -> None:
    async def test(_: Django) -> None:
        request = Request(UPLOAD, cookie="a=b", **headers)
        request.part(b"x" * 200, more=True).part(b"x" * 101, more=True)
        await call(limits(Reader(), most_upload_bytes=300), request)

        assert 413 == request.status

    run(test)


def test_an_upload_that_stops_coming_is_ended() -> None:
    async def test(_: Django) -> None:
        request = Request(UPLOAD, cookie="a=b").part(b"x", more=True)
        await call(limits(Reader(), most_upload_bytes=300, body_seconds=0.01), request)

        assert 408 == request.status

    run(test)


def test_uploads_take_no_places_of_others() -> None:
    async def test(django: Django) -> None:
        layer = limits(django, most_upload_bytes=300)
        waiting = [call(layer, Request(UPLOAD, cookie="a=b")) for _ in range(5)]
        await settle()
        request = Request().part(b"")
        await call(layer, request)

        assert 299 == request.status
        for task in waiting:
            task.cancel()

    run(test)


def test_who_is_sent_a_body_in_parts_gives_the_place_back() -> None:
    async def test(_: Django) -> None:
        go_on = asyncio.Event()

        async def streaming(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 299, "headers": []})
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
            await go_on.wait()
            await send({"type": "http.response.body", "body": b""})

        layer = RequestLimits(streaming, most_body_bytes=100, places=2)
        requests = [Request("/api/files/1", "GET").part(b"") for _ in range(5)]
        tasks = [call(layer, request) for request in requests]
        await settle()
        assert [2] * 5 == [len(request.sent) for request in requests]
        go_on.set()
        await asyncio.gather(*tasks)

    run(test)
