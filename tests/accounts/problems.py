"""What every error over HTTP looks like."""

import json
from typing import Any

from django.http import HttpResponse


def assert_problem(response: HttpResponse, status: int, **more: Any) -> None:
    """RFC 9457, with nothing in it that is not said here, but for what a refusal of the chat is called."""
    assert status == response.status_code, response.content
    assert "application/problem+json" == response["Content-Type"]
    problem = json.loads(response.content)
    assert ["detail", "status", "title", "type"] == sorted(set(problem) - {"errors", "code", "slug"})
    assert ("about:blank", status, True) == (problem["type"], problem["status"], bool(problem["title"]))
    for name, value in more.items():
        assert value == problem[name]
