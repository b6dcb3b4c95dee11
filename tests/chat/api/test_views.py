"""Notices over HTTP: everyone reads, admins write."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from rest_framework_simplejwt.tokens import AccessToken

from teahouse.accounts.models import User
from teahouse.chat.models import Notice
from teahouse.chat.services.notices import publish_notice
from tests.accounts.problems import assert_problem
from tests.chat.conftest import Wire

pytestmark = pytest.mark.django_db


def client_of(user: User | None) -> Client:
    """A program with an access token, or with none."""
    headers = {} if user is None else {"authorization": f"Bearer {AccessToken.for_user(user)}"}
    return Client(enforce_csrf_checks=True, headers={"host": "localhost", **headers})


def post(user: User | None, path: str, **data: object) -> Any:
    return client_of(user).post(f"/api/{path}", json.dumps(data), content_type="application/json")


def test_an_admin_publishes_a_notice(admin: User, wire: Wire) -> None:
    with wire.committed():
        response = post(admin, "notices", title="系统维护", content="今晚", type=2)

    notice = Notice.objects.get()
    push = notice.pushes.get()
    assert 201 == response.status_code
    assert {
        "id": notice.pk,
        "title": "系统维护",
        "content": "今晚",
        "type": 2,
        "push_id": push.pk,
        "pushed_at": push.at.isoformat(),
        "created_at": notice.created_at.isoformat(),
    } == response.json()
    assert 1 == len(wire.publications)
    assert wire.matches_history()


def test_a_title_is_enough(admin: User) -> None:
    assert ("a", "", 1) == tuple(
        post(admin, "notices", title=" a ").json()[key] for key in ("title", "content", "type")
    )


def test_sending_it_again_with_its_client_key_is_harmless(admin: User, wire: Wire) -> None:
    with wire.committed():
        first, second = (post(admin, "notices", title="a", client_key="1") for _ in range(2))

    assert (201, 201) == (first.status_code, second.status_code)
    assert first.json() == second.json()
    assert 1 == len(wire.publications)
    assert_problem(post(admin, "notices", title="b", client_key="1"), 409)
    assert 1 == Notice.objects.count()


@pytest.mark.parametrize(
    ("data", "field"),
    [
        pytest.param({}, "title", id="nothing"),
        pytest.param({"title": ""}, "title", id="an empty title"),
        pytest.param({"title": "  "}, "title", id="a blank title"),
        pytest.param({"title": None}, "title", id="title null"),
        pytest.param({"title": ["a"]}, "title", id="a title that is a list"),
        pytest.param({"title": "茶" * 201}, "title", id="a title of 201 characters"),
        pytest.param({"title": "a\0b"}, "title", id="a NUL"),
        pytest.param({"title": "\ud800"}, "title", id="half a surrogate pair"),
        pytest.param({"title": "a", "content": "x" * 20_001}, "content", id="content of 20,001 characters"),
        pytest.param({"title": "a", "content": None}, "content", id="content null"),
        pytest.param({"title": "a", "type": 0}, "type", id="type 0"),
        pytest.param({"title": "a", "type": 3}, "type", id="type 3"),
        pytest.param({"title": "a", "type": "notice"}, "type", id="type a word"),
        pytest.param({"title": "a", "client_key": "k" * 65}, "client_key", id="a client key of 65 characters"),
        pytest.param({"title": "a", "client_key": ""}, "client_key", id="an empty client key"),
    ],
)
def test_what_is_no_notice_is_told_by_its_field(admin: User, data: dict[str, object], field: str) -> None:
    response = post(admin, "notices", **data)

    assert_problem(response, 400)
    assert [field] == list(response.json()["errors"])
    assert not Notice.objects.exists()


def test_the_longest_of_everything_fits(admin: User) -> None:
    response = post(admin, "notices", title="茶" * 200, content="🍵" * 20_000, client_key="~" * 64)

    assert 201 == response.status_code
    assert ("茶" * 200, "🍵" * 20_000) == (response.json()["title"], response.json()["content"])


@pytest.mark.parametrize("path", ["notices", "notices/1/push"])
def test_others_may_not_publish_or_push_and_nobody_is_told_who_they_are(alice: User, wire: Wire, path: str) -> None:
    with wire.committed():
        assert_problem(post(alice, path, title="a"), 403)
        assert_problem(post(None, path, title="a"), 401)
    assert [] == wire.publications
    assert not Notice.objects.exists()


def test_being_staff_is_not_enough_and_the_permission_is(admin: User, alice: User) -> None:
    notice = publish_notice(author=admin, title="a", content="")
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    for path in ("notices", f"notices/{notice.pk}/push"):
        assert_problem(post(alice, path, title="b"), 403)

    alice.user_permissions.add(Permission.objects.get(codename="add_notice"))
    assert 201 == post(alice, "notices", title="b").status_code
    assert 200 == post(alice, f"notices/{notice.pk}/push").status_code


def test_an_admin_by_cookie_needs_a_csrf_token(admin: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)

    assert_problem(client.post("/api/notices", "{}", content_type="application/json"), 403)


def test_a_notice_is_pushed_again_under_another_push_id(admin: User, wire: Wire) -> None:
    first = post(admin, "notices", title="a").json()
    with wire.committed():
        second = post(admin, f"notices/{first['id']}/push").json()

    assert second["push_id"] > first["push_id"]
    assert {**first, "push_id": 0, "pushed_at": ""} == {**second, "push_id": 0, "pushed_at": ""}
    assert 1 == len(wire.publications)


@pytest.mark.parametrize("notice_id", ["999999", "0", "9" * 30])
def test_a_notice_that_is_not_there_cannot_be_pushed(admin: User, notice_id: str) -> None:
    assert_problem(post(admin, f"notices/{notice_id}/push"), 404)


# Reading.


def test_everyone_reads_notices_and_nobody_reads_none(admin: User, alice: User) -> None:
    publish_notice(author=admin, title="a", content="")

    assert ["a"] == [notice["title"] for notice in client_of(alice).get("/api/notices").json()["results"]]
    assert_problem(client_of(None).get("/api/notices"), 401)


def pages_of(user: User, limit: str) -> list[list[str]]:
    pages, query = [], f"?limit={limit}"
    while True:
        page = client_of(user).get(f"/api/notices{query}").json()
        pages.append([notice["title"] for notice in page["results"]])
        if page["next"] is None:
            return pages
        query = f"?limit={limit}&before={page['next']}"


def test_notices_come_in_pages_the_last_pushed_first(admin: User, alice: User) -> None:
    for title in "abcde":
        publish_notice(author=admin, title=title, content="")

    assert [["e", "d"], ["c", "b"], ["a"]] == pages_of(alice, "2")
    assert [list("edcba")] == pages_of(alice, "5")
    assert [list("edcba")] == pages_of(alice, "")


@pytest.mark.parametrize(("limit", "size"), [("", 50), ("60", 60), ("200", 200)])
def test_a_page_has_so_many_notices_at_most(admin: User, alice: User, limit: str, size: int) -> None:
    for number in range(205):
        publish_notice(author=admin, title=f"{number}", content="")

    assert size == len(pages_of(alice, limit)[0])
    assert 205 == sum(len(page) for page in pages_of(alice, limit))


@pytest.mark.parametrize(
    "query",
    ["before=x", "before=-1", "before=" + "9" * 19, "limit=1.5", "limit=0", "limit=201"],
    ids=lambda query: query[:12],
)
def test_a_page_that_there_is_not_is_told(alice: User, query: str) -> None:
    response = client_of(alice).get(f"/api/notices?{query}")

    assert_problem(response, 400)
    assert [query.split("=")[0]] == list(response.json()["errors"])
