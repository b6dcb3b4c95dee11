"""Who is sent where, and what a page is allowed to load."""

import pathlib

import pytest
from django.test import Client

from teahouse.accounts.models import User
from teahouse.web import manifest
from teahouse.web.headers import POLICY
from tests.accounts.conftest import alice

__all__ = ["alice"]

pytestmark = pytest.mark.django_db

_MANIFEST = (
    '{"src/classic/main.ts":{"file":"assets/classic.js","css":["assets/classic.css"],"imports":["v"]},'
    '"src/accounts/main.ts":{"file":"assets/accounts.js"},"v":{"file":"assets/vue.js"}}'
)


@pytest.fixture(autouse=True)
def _built_client(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A built client of our own, so that these tests do not need npm."""
    (tmp_path / "manifest.json").write_text(_MANIFEST)
    monkeypatch.setattr(manifest, "FOLDER", tmp_path)
    manifest._entry.cache_clear()


@pytest.fixture
def client() -> Client:
    return Client(headers={"host": "localhost"})


def target_of(client: Client, path: str) -> str | int:
    response = client.get(path)
    return response.headers.get("Location", response.status_code)


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/", "/setup"),
        ("/rooms/1", "/setup"),
        ("/classic", "/setup"),
        ("/classic/", "/setup"),
        ("/sign-in", "/setup"),
        ("/invite/0a1b", "/setup"),
        ("/setup", 200),
    ],
)
def test_the_very_first_visitor_is_sent_to_the_setup(client: Client, path: str, target: str | int) -> None:
    assert target == target_of(client, path)


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/", "/sign-in?next=%2F"),
        ("/rooms/1/20", "/sign-in?next=%2Frooms%2F1%2F20"),
        ("/classic", "/sign-in?next=%2Fclassic"),
        ("/classic/", "/sign-in?next=%2Fclassic%2F"),
        ("/sign-in", 200),
        ("/invite/0a1b", 200),
        ("/setup", "/"),
    ],
)
def test_who_is_not_signed_in_is_sent_to_the_sign_in(client: Client, alice: User, path: str, target: str | int) -> None:
    assert target == target_of(client, path)


@pytest.mark.parametrize(
    ("path", "target"), [("/classic", 200), ("/classic/", 200), ("/invite/0a1b", 200), ("/setup", "/")]
)
def test_who_is_signed_in_sees_the_page(client: Client, alice: User, path: str, target: str | int) -> None:
    client.force_login(alice)

    assert target == target_of(client, path)


def test_who_was_deactivated_since_is_not_signed_in(client: Client, alice: User) -> None:
    client.force_login(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert "/sign-in?next=%2Fclassic" == target_of(client, "/classic")


def test_a_page_loads_its_entry_and_what_that_needs(client: Client, alice: User) -> None:
    client.force_login(alice)
    page = client.get("/classic").content.decode()

    assert '<script type="module" src="/static/teahouse/assets/classic.js">' in page
    assert '<link rel="modulepreload" href="/static/teahouse/assets/vue.js">' in page
    assert '<link rel="stylesheet" href="/static/teahouse/assets/classic.css">' in page
    assert "Teahouse 茶馆" in page


@pytest.mark.parametrize(
    ("accepted", "language"), [("zh-CN,zh;q=0.9", "zh-hans"), ("en", "en"), ("fr", "en"), ("", "en")]
)
def test_a_page_says_its_language(client: Client, accepted: str, language: str) -> None:
    page = client.get("/setup", headers={"accept-language": accepted}).content.decode()

    assert f'<html lang="{language}">' in page


@pytest.mark.parametrize("path", ["/setup", "/classic", "/api/setup", "/admin/login/", "/none"])
def test_every_answer_says_what_may_be_loaded(client: Client, path: str) -> None:
    headers = client.get(path).headers

    assert POLICY == headers["Content-Security-Policy"]
    assert ("DENY", "nosniff", "same-origin") == (
        headers["X-Frame-Options"],
        headers["X-Content-Type-Options"],
        headers["Referrer-Policy"],
    )


@pytest.mark.parametrize("path", ["/invite/0a1b", "/sign-in?next=/invite/0a1b"])
def test_a_page_with_a_secret_in_its_address_tells_it_to_nobody(client: Client, alice: User, path: str) -> None:
    response = client.get(path)

    assert "no-referrer" == response.headers["Referrer-Policy"]
    assert "0a1b" not in response.content.decode()


def test_the_policy_lets_nothing_in_from_elsewhere() -> None:
    assert "default-src 'self'" in POLICY
    assert "frame-ancestors 'none'" in POLICY
    assert "unsafe" not in POLICY
    assert "http" not in POLICY


def test_a_page_is_asked_for_again_each_time(client: Client) -> None:
    assert "no-cache" == client.get("/setup").headers["Cache-Control"]


def test_a_client_that_was_not_built_is_said_so(client: Client, tmp_path: pathlib.Path) -> None:
    (tmp_path / "manifest.json").unlink()
    response = client.get("/setup")

    assert 503 == response.status_code
    assert "npm run build" in response.content.decode()


def test_the_favicon_is_one_of_the_files(client: Client) -> None:
    assert "/static/teahouse/favicon.svg" == target_of(client, "/favicon.ico")
