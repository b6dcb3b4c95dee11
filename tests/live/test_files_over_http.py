"""Files over a real server: how they come in, what they are then, who gets them back, and when they are gone."""

import io
import pathlib
import random
import socket
from collections.abc import Iterator

import httpx
import pytest
from PIL import Image

from tests.chat.files import pictures
from tests.live.chatting import Answer, People, Person, in_room, new_key
from tests.live.server import Server, running
from tests.services import wait_until

PIECE = 512 * 1024
SETTINGS = """
from teahouse.site.settings import *
TEAHOUSE_CHAT = {**TEAHOUSE_CHAT, "max_file_bytes": 1500, "user_quota_bytes": 3000, "room_quota_bytes": 2000}
"""


@pytest.fixture
def people(house: Server) -> Iterator[People]:
    with People(house) as people:
        yield people


# In.


def test_an_upload_that_is_cut_off_goes_on_from_what_is_there(people: People) -> None:
    alice = people.alice
    room, key = alice.room(), new_key()
    content = random.Random(4).randbytes(3 * PIECE + 100)
    assert {"received_bytes": 0} == alice.get(f"rooms/{room}/uploads/{key}")
    assert (202, {"received_bytes": PIECE}) == told(send_piece(alice, room, key, content, 0, PIECE))

    cut_off(people.house, alice, room, key, content, PIECE, 2 * PIECE)
    there = alice.get(f"rooms/{room}/uploads/{key}")["received_bytes"]
    assert PIECE <= there < 2 * PIECE
    behind = send_piece(alice, room, key, content, there + 1, 2 * PIECE)
    assert (409, there) == (behind.status_code, behind.json()["received_bytes"])
    # One that was there already replaces itself.
    for first in (there, there, 0):
        assert (202, {"received_bytes": 2 * PIECE}) == told(send_piece(alice, room, key, content, first, 2 * PIECE))
    last = send_piece(alice, room, key, content, 2 * PIECE, len(content))

    assert (201, len(content)) == (last.status_code, last.json()["size"])
    # Whoever did not hear that answer asks again, with whichever piece.
    for first, end in ((2 * PIECE, len(content)), (0, PIECE)):
        assert told(last) == told(send_piece(alice, room, key, content, first, end))
    assert 409 == send_piece(alice, room, key, content[:-1], 0, PIECE).status_code
    complete = {"received_bytes": len(content), "file": last.json()}
    assert complete == alice.get(f"rooms/{room}/uploads/{key}")
    assert content == alice.ask("GET", f"files/{last.json()['id']}").content


def send_piece(person: Person, room: int, key: str, content: bytes, first: int, end: int) -> httpx.Response:
    headers = {"Content-Range": f"bytes {first}-{end - 1}/{len(content)}"}
    return person.send_file(room, content[first:end], headers=headers, client_key=key, name="tea.bin")


def told(response: httpx.Response) -> tuple[int, Answer]:
    return response.status_code, response.json()


def cut_off(house: Server, person: Person, room: int, key: str, content: bytes, first: int, end: int) -> None:
    """Half of a piece, then nothing more."""
    head = (
        f"POST /api/rooms/{room}/files?client_key={key}&name=tea.bin HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{house.port}\r\n"
        f"Authorization: {person.bearer['Authorization']}\r\n"
        f"Content-Range: bytes {first}-{end - 1}/{len(content)}\r\n"
        f"Content-Length: {end - first}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", house.port), 5) as connection:
        connection.sendall(head.encode() + content[first : (first + end) // 2])


def test_the_same_client_key_again_is_the_same_file(people: People) -> None:
    alice = people.alice
    room, other, key = alice.room(), alice.room(), new_key()

    def send(room: int, content: bytes) -> httpx.Response:
        return alice.send_file(room, content, client_key=key, name="tea.txt")

    first = send(room, b"tea")
    assert (201, first.json()) == told(send(room, b"tea"))
    assert 409 == send(room, b"coffee").status_code
    assert 409 == send(other, b"tea").status_code
    assert b"tea" == alice.ask("GET", f"files/{first.json()['id']}").content


def test_nobody_uploads_who_may_not_write_there(people: People) -> None:
    alice, bob, carol = people.alice, people.bob, people.carol
    room = alice.room(bob)
    alice.put(f"rooms/{room}/members/{bob.id}/role", role="reader")

    for person, status in ((bob, 403), (carol, 404)):
        answer = person.send_file(room, b"tea", client_key=new_key(), name="tea.txt")
        assert status == answer.status_code
        assert "application/problem+json" == answer.headers["content-type"]
    assert 401 == people.http.post(f"/api/rooms/{room}/files?client_key=1", content=b"tea").status_code
    file = alice.upload(room, b"tea", "tea.txt")["id"]
    # Nor does anybody send what is another's.
    alice.put(f"rooms/{room}/members/{bob.id}/role", role="member")
    assert (404, "no_such_file") == bob.refused_sending(room, "", files=[file])


# What they are.


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        pytest.param("cat.png", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0" + bytes(200), None, id="a program"),
        pytest.param("cat.png", b"<!DOCTYPE html><script>alert(1)</script>", "text/plain", id="a page"),
        pytest.param("cat.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "text/plain", id="SVG"),
        pytest.param("cat.txt", b"%PDF-1.7\n%\xe2\xe3", "application/pdf", id="PDF that says it is text"),
        pytest.param("cat.png", b"\x89PNG\r\n\x1a\n" + bytes(100), "application/octet-stream", id="no PNG at all"),
    ],
)
def test_a_file_is_what_its_content_says(people: People, name: str, content: bytes, expected: str | None) -> None:
    alice = people.alice
    file = alice.upload(alice.room(), content, name, **{"Content-Type": "image/png"})
    answer = alice.ask("GET", f"files/{file['id']}")

    assert not file["type"].startswith("image/")
    assert expected in (None, file["type"])
    assert file["type"] == answer.headers["content-type"].partition(";")[0]
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="{name}"')
    assert "nosniff" == answer.headers["x-content-type-options"]
    assert "sandbox" in answer.headers["content-security-policy"]
    assert content == answer.content
    assert "thumbnail" not in file
    assert 404 == alice.ask("GET", f"files/{file['id']}/thumbnail").status_code


def test_an_image_is_made_anew_without_what_the_camera_wrote_and_shown_small(people: People) -> None:
    alice, bob = people.alice, people.bob
    room = alice.room(bob)
    # To be turned by a quarter, by a camera that says where it was.
    exif = pictures.with_exif(6, "taken at the secret teahouse")
    original = pictures.still("JPEG", (960, 480), exif=exif)
    assert b"secret teahouse" in original
    at_bob = bob.device()
    file = alice.upload(room, original, "茶.jpg")

    assert ("image/jpeg", 480, 960) == (file["type"], file["width"], file["height"])
    assert {"width": 240, "height": 480} == file["thumbnail"]
    alice.send(room, "", files=[file["id"]])
    assert [file] == at_bob.hears(in_room(room), "message.posted")["message"]["files"]
    answer = bob.ask("GET", f"files/{file['id']}")
    assert ("image/jpeg", file["size"]) == (answer.headers["content-type"], len(answer.content))
    assert answer.headers["content-disposition"].startswith("inline")
    assert b"secret teahouse" not in answer.content
    with Image.open(io.BytesIO(answer.content)) as image:
        assert ((480, 960), {}) == (image.size, dict(image.getexif()))
    small = bob.ask("GET", f"files/{file['id']}/thumbnail")
    with Image.open(io.BytesIO(small.content)) as image:
        assert ("image/webp", "WEBP", (240, 480)) == (small.headers["content-type"], image.format, image.size)


# Out.


def test_a_file_is_for_who_may_read_its_message(people: People) -> None:
    alice, bob, carol = people.alice, people.bob, people.carol
    room = alice.room(bob, history="since_join")
    file = alice.upload(room, pictures.still("PNG"), "cat.png")
    paths = [f"files/{file['id']}", f"files/{file['id']}/thumbnail"]

    def statuses(person: Person) -> list[int]:
        return [person.ask("GET", path).status_code for path in paths]

    # Before it is in a message, for whoever uploaded it.
    assert ([200, 200], [404, 404]) == (statuses(alice), statuses(bob))
    message = alice.send(room, "a cat", files=[file["id"]])
    assert ([200, 200], [404, 404]) == (statuses(bob), statuses(carol))
    assert [401, 401] == [people.http.get(f"/api/{path}").status_code for path in paths]
    (listed,) = bob.get(f"rooms/{room}/files")["results"]
    assert (file["id"], message["id"], 1) == (listed["id"], listed["message"], listed["number"])
    assert 404 == carol.ask("GET", f"rooms/{room}/files").status_code

    # Nor for who came later, where history begins with joining; nor for who has left.
    alice.post(f"rooms/{room}/members", people=[carol.id])
    assert ([404, 404], []) == (statuses(carol), carol.get(f"rooms/{room}/files")["results"])
    bob.delete(f"rooms/{room}/membership")
    assert [404, 404] == statuses(bob)


def test_parts_of_a_file_are_sent_as_asked(people: People) -> None:
    alice = people.alice
    path = f"files/{alice.upload(alice.room(), b'0123456789', 'ten.txt')['id']}"
    whole = alice.ask("GET", path)
    etag = whole.headers["etag"]

    for asked, expected, content in (
        ("bytes=2-5", "bytes 2-5/10", b"2345"),
        ("bytes=7-", "bytes 7-9/10", b"789"),
        ("bytes=-3", "bytes 7-9/10", b"789"),
        ("bytes=8-99", "bytes 8-9/10", b"89"),
    ):
        answer = alice.ask("GET", path, headers={"Range": asked, "If-Range": etag})
        assert (206, expected, content) == (answer.status_code, answer.headers["content-range"], answer.content), asked
    beyond = alice.ask("GET", path, headers={"Range": "bytes=10-"})
    assert (416, "bytes */10") == (beyond.status_code, beyond.headers["content-range"])
    changed = alice.ask("GET", path, headers={"Range": "bytes=2-5", "If-Range": '"another"'})
    assert (200, whole.content) == (changed.status_code, changed.content)
    known = alice.ask("GET", path, headers={"If-None-Match": etag})
    assert (304, b"") == (known.status_code, known.content)
    head = people.http.head(f"/api/{path}", headers=alice.bearer)
    assert (200, "10", b"") == (head.status_code, head.headers["content-length"], head.content)


# Gone.


def test_with_its_message_a_file_is_gone_for_everybody_and_from_the_disk(people: People) -> None:
    alice, bob = people.alice, people.bob
    room, key = alice.room(bob), new_key()
    content = f"only here: {key}".encode()
    file = alice.send_file(room, content, client_key=key, name="tea.txt").json()["id"]
    message = alice.send(room, "look", files=[file])["id"]
    at_bob = bob.device()
    assert content == bob.ask("GET", f"files/{file}").content
    assert is_on_disk(people.house, content)

    alice.delete(f"messages/{message}")
    assert "files" not in at_bob.hears(in_room(room), "message.deleted")["message"]
    assert [404, 404] == [person.ask("GET", f"files/{file}").status_code for person in (alice, bob)]
    assert [] == bob.get(f"rooms/{room}/files")["results"]
    wait_until(lambda: not is_on_disk(people.house, content), what="the bytes removed")
    assert 409 == alice.send_file(room, content, client_key=key, name="tea.txt").status_code


def is_on_disk(house: Server, content: bytes) -> bool:
    folders = [house.data / name for name in ("files", "uploads")]
    return any(content in path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file())


def test_nobody_and_no_room_has_more_than_their_quota(data: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (tmp_path / "small_quotas.py").write_text(SETTINGS)
    settings = {"DJANGO_SETTINGS_MODULE": "small_quotas", "PYTHONPATH": str(tmp_path)}
    with running(data, **settings) as house, People(house) as people:
        alice, bob = people.alice, people.bob
        full, second, third = (alice.room(bob) for _ in range(3))

        def status(person: Person, room: int, size: int = 1200) -> int:
            return person.send_file(room, b"t" * size, client_key=new_key(), name="tea.txt").status_code

        assert 413 == status(alice, full, 1501)
        file = alice.upload(full, b"t" * 1200, "tea.txt")["id"]
        message = alice.send(full, "", files=[file])["id"]
        # The room's is for all who are in it.
        assert [413, 413, 201] == [status(alice, full), status(bob, full), status(bob, full, 800)]
        assert [201, 413] == [status(alice, second), status(alice, third)]
        assert 201 == status(bob, third)
        # What is deleted does not count, neither for the person nor for the room.
        alice.delete(f"messages/{message}")
        assert [201, 413] == [status(alice, full), status(alice, third)]
