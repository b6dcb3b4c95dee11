"""The service worker and the web app manifest."""

import base64
import hashlib
import json
import pathlib

import pytest
from django.test import Client

from teahouse.web import manifest
from teahouse.web.headers import POLICY

PUBLIC = pathlib.Path(__file__).parents[2] / "client" / "public"


@pytest.fixture(autouse=True)
def folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "sw.js").write_text("self.x = VERSION\n")
    monkeypatch.setattr(manifest, "FOLDER", tmp_path)
    return tmp_path


@pytest.fixture
def client() -> Client:
    return Client(headers={"host": "localhost"})


def test_the_service_worker_is_at_the_root_and_asked_for_again_each_time(client: Client) -> None:
    response = client.get("/sw.js")

    assert (200, "text/javascript; charset=utf-8", "no-cache") == (
        response.status_code,
        response.headers["Content-Type"],
        response.headers["Cache-Control"],
    )
    assert response.content.decode().endswith("\nself.x = VERSION\n")


def test_a12_another_build_is_another_service_worker(client: Client, folder: pathlib.Path) -> None:
    first = client.get("/sw.js").content
    assert first == client.get("/sw.js").content

    (folder / "manifest.json").write_text('{"a":{"file":"assets/a-2.js"}}')

    assert first != client.get("/sw.js").content


@pytest.mark.parametrize("missing", ["sw.js", "manifest.json"])
def test_without_a_built_client_there_is_no_service_worker(client: Client, folder: pathlib.Path, missing: str) -> None:
    (folder / missing).unlink()

    assert 503 == client.get("/sw.js").status_code


@pytest.mark.parametrize(("language", "name"), [("zh-CN", "茶馆"), ("en", "Teahouse")])
def test_the_manifest_names_the_app_in_the_language_of_who_asks(client: Client, language: str, name: str) -> None:
    response = client.get("/manifest.webmanifest", headers={"accept-language": language})
    said = json.loads(response.content)

    assert "application/manifest+json" == response.headers["Content-Type"]
    assert (name, "/", "standalone") == (said["name"], said["start_url"], said["display"])


def test_each_icon_of_the_manifest_is_a_file_of_the_size_it_says(client: Client) -> None:
    icons = json.loads(client.get("/manifest.webmanifest").content)["icons"]

    assert {"any", "maskable"} == {icon["purpose"] for icon in icons}
    for icon in icons:
        file = (PUBLIC / pathlib.PurePosixPath(icon["src"]).name).read_bytes()
        width, height = int.from_bytes(file[16:20]), int.from_bytes(file[20:24])
        assert icon["sizes"] == f"{width}x{height}"


def test_a7_a_page_sets_its_theme_before_anything_else_is_loaded(
    client: Client, folder: pathlib.Path, django_user_model: type, db: None
) -> None:
    (folder / "manifest.json").write_text('{"src/accounts/main.ts":{"file":"assets/a.js","css":["assets/a.css"]}}')
    manifest._entry.cache_clear()
    page = client.get("/setup").content.decode()

    inline = page.split("<script>")[1].split("</script>")[0]
    assert "localStorage" in inline
    assert f"'sha256-{base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()}'" in POLICY
    assert page.index(inline) < page.index("stylesheet")
    assert '<link rel="manifest" href="/manifest.webmanifest">' in page
    assert "apple-touch-icon" in page
