"""Whatever is raised, what is answered says no more than it should."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions

from teahouse.accounts.backends import TooBusy
from teahouse.accounts.services import AlreadySetUp
from teahouse.site.problems import problem


def answered(error: Exception) -> tuple[int, dict[str, Any]]:
    response = problem(error, {})
    assert response is not None
    assert "application/problem+json" == response.content_type
    assert response.status_code == response.data["status"]
    assert "about:blank" == response.data["type"]
    return response.status_code, response.data


@pytest.mark.parametrize(
    ("error", "status", "title", "detail"),
    [
        pytest.param(exceptions.NotFound("nothing"), 404, "Not Found", "nothing", id="ours"),
        pytest.param(Http404("no Notice matches"), 404, "Not Found", "", id="Django's 404 names tables"),
        pytest.param(PermissionDenied("because"), 403, "Forbidden", "", id="Django's 403"),
        pytest.param(exceptions.PermissionDenied("because"), 403, "Forbidden", "because", id="DRF's 403"),
        pytest.param(exceptions.NotAuthenticated("who?"), 401, "Unauthorized", "who?", id="nobody"),
        pytest.param(exceptions.AuthenticationFailed("no"), 401, "Unauthorized", "no", id="somebody else"),
        pytest.param(AlreadySetUp(), 409, "Conflict", "The owner's account is there already. Sign in.", id="set up"),
        pytest.param(TooBusy("later"), 503, "Service Unavailable", "later", id="too many sign in"),
        pytest.param(exceptions.ParseError("broken"), 400, "Bad Request", "broken", id="broken JSON"),
    ],
)
def test_an_error_is_a_problem(error: Exception, status: int, title: str, detail: str) -> None:
    assert (status, {"type": "about:blank", "title": title, "status": status, "detail": detail}) == answered(error)


def test_a_body_that_is_too_large_is_one_too() -> None:
    assert 413 == answered(RequestDataTooBig("Request body exceeded settings.X"))[0]


@pytest.mark.parametrize(
    ("detail", "errors"),
    [
        pytest.param({"title": ["too long", "too dull"]}, {"title": ["too long", "too dull"]}, id="by field"),
        pytest.param(["wrong"], {"non_field_errors": ["wrong"]}, id="as a whole"),
        pytest.param("wrong", {"non_field_errors": ["wrong"]}, id="a text"),
    ],
)
def test_fields_that_are_not_right_are_listed(detail: Any, errors: dict[str, list[str]]) -> None:
    status, data = answered(exceptions.ValidationError(detail))

    assert (400, errors) == (status, data["errors"])


def test_how_long_to_wait_is_kept_as_a_header() -> None:
    for error, status, seconds in ((exceptions.Throttled(wait=30), 429, "30"), (TooBusy(), 503, "5")):
        response = problem(error, {})

        assert response is not None
        assert (status, seconds) == (response.status_code, response["Retry-After"])


def test_who_is_nobody_is_told_how_to_become_somebody() -> None:
    response = problem(exceptions.NotAuthenticated(), {})

    assert response is not None
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_what_nobody_foresaw_is_no_problem_of_this_kind() -> None:
    assert problem(ZeroDivisionError("secret"), {}) is None
