"""Files over HTTP: in by pieces or at once, out to whoever may read them, and never as something that runs."""

import asyncio
import json
import pathlib
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.handlers.asgi import ASGIHandler
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import path
from rest_framework_simplejwt.tokens import AccessToken

from teahouse.accounts.models import User
from teahouse.chat.api import files as views
from teahouse.chat.conf import conf
from teahouse.chat.files import storage
from teahouse.chat.models import File, Membership, Message, Room
from tests.accounts.problems import assert_problem
from tests.chat.files import pictures
from tests.chat.services.test_files import post, room_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

urlpatterns = [
    path("api/rooms/<int:room_id>/files", views.RoomFilesView.as_view()),
    path("api/rooms/<int:room_id>/uploads/<str:client_key>", views.UploadView.as_view()),
    path("api/files/<int:file_id>", views.FileView.as_view()),
    path("api/files/<int:file_id>/thumbnail", views.ThumbnailView.as_view()),
]
TEXT = "application/octet-stream"


@pytest.fixture(autouse=True)
def data(tmp_path: pathlib.Path, settings: Any) -> pathlib.Path:
    settings.TEAHOUSE_DATA = str(tmp_path)
    return tmp_path


@pytest.fixture
def room(alice: User) -> Room:
    return room_of(alice)


def client_of(user: User | None) -> Client:
    headers = {} if user is None else {"authorization": f"Bearer {AccessToken.for_user(user)}"}
    return Client(enforce_csrf_checks=True, headers={"host": "localhost", **headers})


def upload(
    user: User | None,
    room: Room,
    content: bytes = b"tea",
    *,
    content_type: str = TEXT,
    headers: Any = None,
    **query: str,
) -> Any:
    query = {"client_key": "1", "name": "a.txt", **query}
    return client_of(user).post(
        f"/api/rooms/{room.pk}/files?{urlencode(query)}", content, content_type=content_type, headers=headers
    )


def uploaded(user: User, room: Room, content: bytes = b"tea", **query: str) -> int:
    response = upload(user, room, content, **query)
    assert 201 == response.status_code, response.content
    return int(response.json()["id"])


def get(user: User | None, path: str, **headers: str) -> Any:
    return client_of(user).get(f"/api/{path}", headers={name.replace("_", "-"): headers[name] for name in headers})


def body(response: Any) -> bytes:
    """Read as the server does: off an async iterator."""

    async def read(parts: AsyncIterator[bytes]) -> bytes:
        return b"".join([part async for part in parts])

    assert isinstance(response, StreamingHttpResponse)
    assert response.is_async
    return asyncio.run(read(response.streaming_content))  # type: ignore[arg-type]


# In.


def test_an_upload_answers_with_the_file(alice: User, room: Room) -> None:
    response = upload(alice, room, "茶".encode(), name="茶.txt")

    assert 201 == response.status_code
    assert {"id": File.objects.get().pk, "name": "茶.txt", "type": "text/plain", "size": 3} == response.json()


def test_an_image_answers_with_its_size_and_its_thumbnails(alice: User, room: Room) -> None:
    answer = upload(alice, room, pictures.still("PNG", (960, 480)), content_type="image/png").json()

    assert ("image/png", 960, 480) == (answer["type"], answer["width"], answer["height"])
    assert {"width": 480, "height": 240} == answer["thumbnail"]


def test_uploading_again_with_its_key_is_harmless(alice: User, room: Room) -> None:
    first, second = (upload(alice, room) for _ in range(2))

    assert (201, first.json()) == (second.status_code, second.json())
    assert_problem(upload(alice, room, b"coffee"), 409, code=1031, slug="key_conflict")


@pytest.mark.parametrize("content_type", ["image/png", "application/json", "application/x-www-form-urlencoded", ""])
def test_the_header_of_the_client_says_nothing(alice: User, room: Room, content_type: str) -> None:
    assert "text/plain" == upload(alice, room, b"a=" + b"b" * 2_000_000, content_type=content_type).json()["type"]


def test_a_form_is_not_taken(alice: User, room: Room) -> None:
    assert_problem(upload(alice, room, content_type="multipart/form-data; boundary=x"), 415)


def test_by_cookie_the_token_of_the_header_counts_and_the_body_is_not_read_for_it(alice: User, room: Room) -> None:
    client = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    client.force_login(alice)
    form = "application/x-www-form-urlencoded"
    url = f"/api/rooms/{room.pk}/files?client_key=1"
    client.cookies["csrftoken"] = "a" * 32

    assert_problem(client.post(url, b"x" * 2_000_000, content_type=form), 403)
    response = client.post(url, b"x" * 2_000_000, content_type=form, headers={"x-csrftoken": "a" * 32})
    assert (201, 2_000_000) == (response.status_code, response.json()["size"])


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"client_key": ""}, id="an empty key"),
        pytest.param({"client_key": "a" * 65}, id="a key of 65 characters"),
        pytest.param({"client_key": "茶"}, id="a key that is not ASCII"),
        pytest.param({"client_key": "a\n"}, id="a key with an end of line"),
        pytest.param({"name": "a\0.txt"}, id="a name with a NUL"),
        pytest.param({"name": "a" * 1001}, id="a name of 1,001 characters"),
    ],
)
def test_fields_that_are_not_right_are_named(alice: User, room: Room, query: dict[str, str]) -> None:
    response = upload(alice, room, **query)

    assert_problem(response, 400)
    assert list(query) == list(response.json()["errors"])


def test_an_upload_in_pieces_says_how_far_it_is(alice: User, room: Room) -> None:
    first = upload(alice, room, b"tea", headers={"content-range": "bytes 0-2/8"})
    assert (202, {"received_bytes": 3}) == (first.status_code, first.json())
    assert {"received_bytes": 3} == get(alice, f"rooms/{room.pk}/uploads/1").json()

    misplaced = upload(alice, room, b"se", headers={"content-range": "bytes 6-7/8"})
    assert (409, 3) == (misplaced.status_code, misplaced.json()["received_bytes"])

    last = upload(alice, room, b"house", headers={"content-range": "bytes 3-7/8"})
    assert (201, 8) == (last.status_code, last.json()["size"])
    assert {"received_bytes": 8, "file": last.json()} == get(alice, f"rooms/{room.pk}/uploads/1").json()


def test_of_an_upload_that_never_began_nothing_is_here(alice: User, bob: User, room: Room) -> None:
    assert {"received_bytes": 0} == get(alice, f"rooms/{room.pk}/uploads/1").json()
    assert_problem(get(bob, f"rooms/{room.pk}/uploads/1"), 404)


def test_a_content_range_that_is_none_is_refused(alice: User, room: Room) -> None:
    assert_problem(upload(alice, room, headers={"content-range": "bytes 0-2/*"}), 400)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        pytest.param(pictures.png_that_claims(50_000, 50_000), 415, id="a bomb"),
        pytest.param(b"x" * 3000, 413, id="too large"),
    ],
)
def test_refusals_leave_nothing(
    alice: User, room: Room, settings: Any, data: pathlib.Path, content: bytes, status: int
) -> None:
    settings.TEAHOUSE_CHAT = {"max_file_bytes": 2000}
    conf.cache_clear()
    try:
        assert_problem(upload(alice, room, content), status)
    finally:
        conf.cache_clear()
    assert [] == [found for found in data.rglob("*") if found.is_file()]


@pytest.mark.parametrize("who", ["nobody", "a stranger"])
def test_only_members_come_in(alice: User, bob: User, room: Room, who: str) -> None:
    user, status = (None, 401) if who == "nobody" else (bob, 404)
    file_id = uploaded(alice, room)

    assert_problem(upload(user, room, client_key="2"), status)
    for where in (f"rooms/{room.pk}/files", f"files/{file_id}", f"files/{file_id}/thumbnail"):
        assert_problem(get(user, where), status)


def test_a_foreign_file_and_one_that_is_not_look_the_same(alice: User, bob: User, room: Room) -> None:
    file_id = uploaded(alice, room)

    foreign, missing = get(bob, f"files/{file_id}"), get(bob, "files/999999")

    assert (404, 404) == (foreign.status_code, missing.status_code)
    assert foreign.content == missing.content
    assert_problem(get(bob, f"files/{2**70}"), 404)


# Out.


def test_a_download_can_run_nothing(alice: User, room: Room) -> None:
    html = b"<!DOCTYPE html><script>alert(1)</script>"
    response = get(alice, f"files/{uploaded(alice, room, html, name='a.html')}")

    assert html == body(response)
    assert {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Disposition": 'attachment; filename="a.html"',
        "Content-Length": str(len(html)),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, max-age=3600, immutable",
        "Accept-Ranges": "bytes",
    }.items() <= dict(response.items()).items()
    assert {"Authorization", "Cookie"} <= set(response["Vary"].split(", "))
    assert not response.cookies


@pytest.mark.parametrize(
    ("content", "inline"),
    [
        pytest.param(pictures.still("PNG"), True, id="PNG"),
        pytest.param(pictures.animated("GIF", 3), True, id="GIF"),
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg"/>', False, id="SVG"),
        pytest.param(b"%PDF-1.7\n", False, id="PDF"),
        pytest.param(b"\x89PNG\r\n\x1a\n<script>", False, id="what only begins like a PNG"),
        pytest.param(pictures.still("TIFF"), False, id="an image that is not made anew"),
    ],
)
def test_only_images_that_were_made_anew_are_inline(alice: User, room: Room, content: bytes, inline: bool) -> None:
    response = get(alice, f"files/{uploaded(alice, room, content)}")

    assert ("inline" if inline else "attachment") == response["Content-Disposition"].partition(";")[0]
    body(response)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("茶 1.txt", "attachment; filename*=utf-8''%E8%8C%B6%201.txt", id="Chinese"),
        pytest.param(
            'a"\r\nSet-Cookie: x=1.html', 'attachment; filename="a\\"Set-Cookie: x=1.html"', id="a header of its own"
        ),
        pytest.param("../../x", 'attachment; filename="x"', id="folders"),
        pytest.param("a\x1b\u202eb", 'attachment; filename="ab"', id="an escape and a direction"),
    ],
)
def test_the_name_cannot_leave_its_header(alice: User, room: Room, name: str, expected: str) -> None:
    response = get(alice, f"files/{uploaded(alice, room, name=name)}")

    assert expected == response["Content-Disposition"]
    body(response)


def test_a_thumbnail_is_a_small_webp(alice: User, room: Room) -> None:
    response = get(alice, f"files/{uploaded(alice, room, pictures.still('JPEG', (960, 480)))}/thumbnail")

    assert ("image/webp", "inline") == (response["Content-Type"], response["Content-Disposition"])
    assert b"WEBP" == body(response)[8:12]


def test_what_is_no_image_has_no_thumbnail(alice: User, room: Room) -> None:
    assert_problem(get(alice, f"files/{uploaded(alice, room)}/thumbnail"), 404)


@pytest.mark.parametrize(
    ("header", "expected", "content_range"),
    [
        pytest.param("bytes=3-", b"house", "bytes 3-7/8", id="from one on"),
        pytest.param("bytes=0-2", b"tea", "bytes 0-2/8", id="the first"),
        pytest.param("bytes=-2", b"se", "bytes 6-7/8", id="the last"),
    ],
)
def test_a_range_is_sent_alone(alice: User, room: Room, header: str, expected: bytes, content_range: str) -> None:
    response = get(alice, f"files/{uploaded(alice, room, b'teahouse')}", range=header)

    assert (206, content_range, str(len(expected))) == (
        response.status_code,
        response["Content-Range"],
        response["Content-Length"],
    )
    assert expected == body(response)


def test_a_range_behind_the_end_is_416(alice: User, room: Room) -> None:
    response = get(alice, f"files/{uploaded(alice, room)}", range="bytes=3-")

    assert (416, "bytes */3") == (response.status_code, response["Content-Range"])


def test_a_range_of_other_bytes_is_the_whole(alice: User, room: Room) -> None:
    response = get(alice, f"files/{uploaded(alice, room)}", range="bytes=0-0", if_range='"another"')

    assert (200, b"tea") == (response.status_code, body(response))


def test_who_has_it_gets_304_as_long_as_they_may_read_it(alice: User, bob: User) -> None:
    room = room_of(alice, bob)
    file_id = uploaded(alice, room)
    post(alice, room, File.objects.get())
    first = get(bob, f"files/{file_id}")
    body(first)

    again = get(bob, f"files/{file_id}", if_none_match=f'W/{first["ETag"]}, "other"')
    assert (304, b"", first["ETag"]) == (again.status_code, again.content, again["ETag"])

    Membership.objects.filter(user=bob).delete()
    assert_problem(get(bob, f"files/{file_id}", if_none_match=first["ETag"]), 404)


def test_the_files_of_a_deleted_message_are_404_before_their_bytes_are_gone(alice: User, room: Room) -> None:
    file_id = uploaded(alice, room, pictures.still("PNG"))
    message = post(alice, room, File.objects.get())
    Message.objects.filter(pk=message.pk).update(deleted_at=message.created_at)

    assert_problem(get(alice, f"files/{file_id}"), 404)
    assert_problem(get(alice, f"files/{file_id}/thumbnail"), 404)


def test_a_head_has_the_headers_alone(alice: User, room: Room) -> None:
    file_id = uploaded(alice, room)

    response = client_of(alice).head(f"/api/files/{file_id}")

    assert (200, "3", b"") == (response.status_code, response["Content-Length"], b"".join(response))


def test_bytes_that_the_storage_lost_are_404(alice: User, room: Room) -> None:
    file_id = uploaded(alice, room)
    storage.remove(File.objects.get().stored_as)

    assert_problem(get(alice, f"files/{file_id}"), 404)


def test_the_files_of_a_room_come_in_pages(alice: User, room: Room) -> None:
    ids = [uploaded(alice, room, client_key=str(number)) for number in range(3)]
    message = post(alice, room, *File.objects.order_by("pk"))

    page = get(alice, f"rooms/{room.pk}/files?limit=2").json()
    rest = get(alice, f"rooms/{room.pk}/files?limit=2&before={page['next']}").json()

    assert [ids[2], ids[1]] == [file["id"] for file in page["results"]]
    assert ([ids[0]], None) == ([file["id"] for file in rest["results"]], rest["next"])
    assert (message.pk, message.number) == (page["results"][0]["message"], page["results"][0]["number"])


# As a server drives it.


async def over_asgi(method: str, path: str, user: User, *parts: bytes, **headers: str) -> tuple[int, bytes, int]:
    """Status, body, and of how many parts it was. The body is sent in `parts`, and nothing says how long it will be."""
    url, _, query = path.partition("?")
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": url,
        "raw_path": url.encode(),
        "query_string": query.encode(),
        "headers": [
            (b"host", b"localhost"),
            (b"authorization", f"Bearer {AccessToken.for_user(user)}".encode()),
            *((name.encode(), value.encode()) for name, value in headers.items()),
        ],
    }
    events: asyncio.Queue[Any] = asyncio.Queue()
    for part in parts:
        events.put_nowait({"type": "http.request", "body": part, "more_body": True})
    events.put_nowait({"type": "http.request", "body": b"", "more_body": False})
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    handler = ASGIHandler()
    handler.load_middleware(is_async=True)
    await asyncio.wait_for(handler(scope, events.get, send), 30)
    bodies = [message.get("body", b"") for message in sent[1:]]
    return sent[0]["status"], b"".join(bodies), len([part for part in bodies if part])


@pytest.mark.django_db(transaction=True)
def test_a_body_without_a_length_comes_in_and_out_in_parts(alice: User, room: Room) -> None:
    content = bytes(range(256)) * 4096 * 3
    parts = [content[at : at + 65_536] for at in range(0, len(content), 65_536)]

    status, answer, _ = asyncio.run(over_asgi("POST", f"/api/rooms/{room.pk}/files?client_key=1&name=a", alice, *parts))
    file = json.loads(answer)
    assert (201, len(content)) == (status, file["size"])

    status, downloaded, in_parts = asyncio.run(over_asgi("GET", f"/api/files/{file['id']}", alice))
    assert (200, True) == (status, content == downloaded)
    assert in_parts >= 12


@pytest.mark.django_db(transaction=True)
def test_the_limit_holds_for_a_body_that_says_too_small_a_length(
    alice: User, room: Room, settings: Any, data: pathlib.Path
) -> None:
    settings.TEAHOUSE_CHAT = {"max_file_bytes": 100_000}
    conf.cache_clear()
    url = f"/api/rooms/{room.pk}/files?client_key=1&name=a"
    try:
        status, _, _ = asyncio.run(over_asgi("POST", url, alice, *[bytes(65_536)] * 2, **{"content-length": "10"}))
    finally:
        conf.cache_clear()

    assert 413 == status
    assert [] == [found for found in data.rglob("*") if found.is_file()]
