"""Refusals as problem details."""

import pytest
from django.db import InterfaceError, OperationalError

from teahouse.chat import errors
from teahouse.chat.api.problems import BadField, problem_of
from teahouse.chat.api.refusal_codes import codes_by_slug


@pytest.mark.parametrize(
    ("error", "status", "more", "headers"),
    [
        pytest.param(errors.NotAMember(), 404, {"code": 1011, "slug": "not_a_member"}, {}, id="not found"),
        pytest.param(errors.Muted("until tea"), 403, {"code": 1021, "slug": "muted"}, {}, id="not allowed"),
        pytest.param(errors.KeyConflict(), 409, {"code": 1031, "slug": "key_conflict"}, {}, id="a conflict"),
        pytest.param(errors.Gone(), 410, {"code": 1017, "slug": "gone"}, {}, id="gone"),
        pytest.param(errors.TooSoon(2.1), 429, {"code": 1041, "slug": "too_soon"}, {"Retry-After": "3"}, id="wait"),
        pytest.param(
            errors.TooSoon(0.0), 429, {"code": 1041, "slug": "too_soon"}, {"Retry-After": "1"}, id="wait a moment"
        ),
        pytest.param(
            BadField("files[0]", "too large"),
            400,
            {"code": 1002, "slug": "bad_argument", "errors": {"files[0]": ["too large"]}},
            {},
            id="a field",
        ),
    ],
)
def test_a_refusal_is_a_problem(
    error: Exception, status: int, more: dict[str, object], headers: dict[str, str]
) -> None:
    problem = problem_of(error)

    assert problem is not None
    assert (status, more, headers) == (problem.status, problem.more, problem.headers)
    assert {"type", "title", "status", "detail"} | set(more) == set(problem.members())


@pytest.mark.parametrize("error", [errors.TryAgain(), OperationalError("secret host"), InterfaceError("secret")])
def test_what_nobody_knows_says_to_send_it_again(error: Exception) -> None:
    problem = problem_of(error)

    assert problem is not None
    assert (503, "1", 1000) == (problem.status, problem.headers["Retry-After"], problem.more["code"])
    assert "secret" not in problem.detail
    assert "client key" in problem.detail


def test_a_bug_is_no_problem_of_this_kind() -> None:
    assert problem_of(ZeroDivisionError()) is None


def test_every_refusal_has_a_code_of_its_own() -> None:
    codes = codes_by_slug()

    assert len(codes) == len(set(codes.values()))
    assert {"try_again", "bad_body", "too_soon"} < set(codes)
    assert all(1000 <= code < 2000 for code in codes.values())
