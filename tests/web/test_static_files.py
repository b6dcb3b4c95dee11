"""Files over ASGI: whole, packed, unchanged, and none from outside of the static folders."""

import asyncio
import gzip
import os
import pathlib
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

import pytest
from asgiref.typing import HTTPScope
from django.contrib.staticfiles import finders

from teahouse.web.static_files import StaticFiles

SCRIPT = b"console.log('\xe8\x8c\xb6')\n" * 50


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


async def _next_application(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"Django"})


@pytest.fixture
def files() -> StaticFiles:
    return StaticFiles(_next_application)


@pytest.fixture
def folder(tmp_path: pathlib.Path, settings: Any) -> Iterator[pathlib.Path]:
    """A static folder beside a file that is not to be served."""
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "app.js").write_bytes(SCRIPT)
    (folder / "app.js.gz").write_bytes(gzip.compress(SCRIPT))
    (folder / "app.js.br").write_bytes(b"brotli")
    (folder / "assets" / "app-DRfhRvF0.js").write_bytes(SCRIPT)
    (folder / "logo.svg").write_bytes(b"<svg/>")
    (folder / ".stamp").write_text("stamp")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("config")
    (folder / "data.bin").write_bytes(b"\x00\xff")
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "static-secret").mkdir()
    (tmp_path / "static-secret" / "secret.txt").write_text("secret")
    settings.STATICFILES_DIRS = [folder]
    finders.get_finder.cache_clear()
    yield folder
    finders.get_finder.cache_clear()


def asked(files: StaticFiles, path: str, method: str = "GET", **headers: str) -> Answer:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope: Any = {
        "type": "http",
        "path": path,
        "method": method,
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(files(cast(HTTPScope, scope), receive, send))
    start, *bodies = sent
    names = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], names, b"".join(message["body"] for message in bodies))


def test_a_file_is_sent_whole_with_what_a_browser_needs_to_know(files: StaticFiles, folder: pathlib.Path) -> None:
    answer = asked(files, "/static/app.js")

    assert (200, SCRIPT) == (answer.status, answer.body)
    assert str(len(SCRIPT)) == answer.headers["content-length"]
    assert answer.headers["content-type"] in (
        "text/javascript; charset=utf-8",
        "application/javascript; charset=utf-8",
    )
    assert ("no-cache", "nosniff") == (answer.headers["cache-control"], answer.headers["x-content-type-options"])
    assert "accept-encoding" == answer.headers["vary"]
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/static/logo.svg", "image/svg+xml; charset=utf-8"),
        ("/static/data.bin", "application/octet-stream"),
        ("/static/admin/css/base.css", "text/css; charset=utf-8"),
    ],
)
def test_a_file_has_its_kind(files: StaticFiles, folder: pathlib.Path, path: str, kind: str) -> None:
    assert (200, kind) == (asked(files, path).status, asked(files, path).headers["content-type"])


def test_a_file_with_a_hash_in_its_name_is_kept_for_ever(files: StaticFiles, folder: pathlib.Path) -> None:
    assert "immutable" in asked(files, "/static/assets/app-DRfhRvF0.js").headers["cache-control"]


def test_head_is_get_without_the_body(files: StaticFiles, folder: pathlib.Path) -> None:
    get, head = asked(files, "/static/app.js"), asked(files, "/static/app.js", "HEAD")

    assert (get.status, get.headers, b"") == head


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [
        pytest.param("gzip, deflate, br", "br", id="a browser"),
        pytest.param("gzip", "gzip", id="gzip only"),
        pytest.param("br;q=1.0, gzip;q=0.8", "br", id="with weights"),
        pytest.param("gzip;q=0.5", "gzip", id="with a low weight"),
        pytest.param("br;q=0, gzip", "gzip", id="no brotli"),
        pytest.param("br; q=0.0, gzip", "gzip", id="no brotli, written otherwise"),
        pytest.param("gzip;q=0", None, id="no gzip"),
        pytest.param("identity", None, id="as it is"),
        pytest.param("", None, id="nothing said"),
        pytest.param("zstd, xbr, gzipped", None, id="others"),
    ],
)
def test_who_takes_a_packed_file_gets_it(
    files: StaticFiles, folder: pathlib.Path, accept: str, encoding: str | None
) -> None:
    bodies = {"br": b"brotli", "gzip": gzip.compress(SCRIPT), None: SCRIPT}
    answer = asked(files, "/static/app.js", accept_encoding=accept)

    assert encoding == answer.headers.get("content-encoding")
    assert len(answer.body) == int(answer.headers["content-length"])
    if encoding != "gzip":
        assert bodies[encoding] == answer.body
    else:
        assert SCRIPT == gzip.decompress(answer.body)


def test_a_file_without_packed_ones_is_sent_as_it_is(files: StaticFiles, folder: pathlib.Path) -> None:
    answer = asked(files, "/static/logo.svg", accept_encoding="gzip, br")

    assert (b"<svg/>", False) == (answer.body, "content-encoding" in answer.headers)


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}'], ids=["alone", "weak", "one of a list"])
def test_who_has_it_already_is_told_so(files: StaticFiles, folder: pathlib.Path, form: str) -> None:
    etag = asked(files, "/static/app.js").headers["etag"]
    answer = asked(files, "/static/app.js", if_none_match=form.format(etag))

    assert (304, b"") == (answer.status, answer.body)
    assert "content-length" not in answer.headers
    assert etag == answer.headers["etag"]


def test_who_has_another_one_gets_it(files: StaticFiles, folder: pathlib.Path) -> None:
    assert 200 == asked(files, "/static/app.js", if_none_match='"other"').status


def test_a_file_that_was_changed_is_read_again(files: StaticFiles, folder: pathlib.Path) -> None:
    old = asked(files, "/static/app.js").headers["etag"]
    (folder / "app.js").write_bytes(b"new")
    os.utime(folder / "app.js", ns=(1, 1))
    answer = asked(files, "/static/app.js")

    assert (b"new", True) == (answer.body, answer.headers["etag"] != old)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/static/none.js", id="no such file"),
        pytest.param("/static/", id="nothing"),
        pytest.param("/static/assets", id="a folder"),
        pytest.param("/static/assets/", id="a folder with a slash"),
        pytest.param("/static/.", id="a dot"),
        pytest.param("/static/..", id="two dots"),
        pytest.param("/static/../secret.txt", id="one up"),
        pytest.param("/static/assets/../../secret.txt", id="down and two up"),
        pytest.param("/static/../static-secret/secret.txt", id="a folder that begins alike"),
        pytest.param("/static/../../../../../../etc/passwd", id="many up"),
        pytest.param("/static//etc/passwd", id="from the root"),
        pytest.param("/static/..\\secret.txt", id="a backslash"),
        pytest.param("/static/%2e%2e/secret.txt", id="encoded twice"),
        pytest.param("/static/app.js\0.txt", id="a NUL"),
        pytest.param("/static/app.js/", id="a file with a slash"),
        pytest.param("/static/app.js/x", id="below a file"),
        pytest.param("/static/" + "a" * 5_000, id="a long name"),
        pytest.param("/static/" + "a/" * 2_000 + "b", id="a deep name"),
        pytest.param("/static/\udcff", id="no UTF-8"),
        pytest.param("/static/\ud800", id="half a surrogate pair"),
        pytest.param("/static/茶.js", id="Chinese"),
        pytest.param("/static/.stamp", id="a name that begins with a dot"),
        pytest.param("/static/.git/config", id="a folder that begins with a dot"),
        pytest.param("/static/assets/./app-DRfhRvF0.js", id="a dot on the way"),
    ],
)
def test_anything_else_is_not_found(files: StaticFiles, folder: pathlib.Path, path: str) -> None:
    answer = asked(files, path)

    assert (404, b"Not found\n") == (answer.status, answer.body)


def test_a_whole_path_of_this_machine_is_not_found(files: StaticFiles, folder: pathlib.Path) -> None:
    absolute = str(folder.parent / "secret.txt")

    assert 404 == asked(files, f"/static/{absolute}").status


@pytest.mark.parametrize(
    ("path", "method"),
    [
        pytest.param("/", "GET", id="another path"),
        pytest.param("/static", "GET", id="without the slash"),
        pytest.param("/staticx/app.js", "GET", id="a path that begins alike"),
        pytest.param("/x/static/app.js", "GET", id="a path that ends alike"),
        pytest.param("/static/app.js", "POST", id="another method"),
    ],
)
def test_what_is_no_file_is_djangos(files: StaticFiles, folder: pathlib.Path, path: str, method: str) -> None:
    assert (299, b"Django") == (asked(files, path, method).status, asked(files, path, method).body)
