"""Errors over HTTP as problem details (RFC 9457), whatever raised them."""

from typing import Any

import msgspec
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views import defaults
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from teahouse.accounts.backends import TooBusy
from teahouse.accounts.services import AlreadySetUp
from teahouse.chat.api.problems import CONTENT_TYPE, Problem, problem_of

_API = "/api/"


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER. None, and so a 500 without details, for what nobody foresaw."""
    if (refused := problem_of(error)) is not None:
        return _problem(refused.status, refused.detail, refused.headers, **refused.more)
    if isinstance(error, AlreadySetUp):
        return _problem(409, _("The owner's account is there already. Sign in."))
    if isinstance(error, TooBusy):
        return _problem(503, str(error), {"Retry-After": str(error.retry_after_seconds)})
    if isinstance(error, RequestDataTooBig):
        return _problem(413, _("The body is larger than this server takes."))
    response = exception_handler(error, context)
    if response is None:
        return None
    headers = {name: value for name, value in response.items() if name != "Content-Type"}
    if isinstance(error, NotAuthenticated | AuthenticationFailed):
        # DRF makes it 403 where a view's first authentication has no challenge; our pages tell the two apart.
        response.status_code = 401
        headers.setdefault("WWW-Authenticate", 'Bearer realm="teahouse"')
    if isinstance(error, ValidationError):
        return _problem(400, _("Some fields are not right."), headers, errors=_by_field(error.detail))
    detail = response.data.get("detail", "") if isinstance(response.data, dict) else ""
    if isinstance(error, Http404 | PermissionDenied):
        detail = ""
    return _problem(response.status_code, str(detail), headers)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Django's handler404: a problem below `/api/`, Django's page elsewhere."""
    return _bare_problem(404) if request.path.startswith(_API) else defaults.page_not_found(request, exception)


def fault(request: HttpRequest) -> HttpResponseBase:
    """Django's handler500, after the log was told: nothing of what failed is said."""
    return _bare_problem(500) if request.path.startswith(_API) else defaults.server_error(request)


def _bare_problem(status: int) -> HttpResponse:
    members = Problem(status, "", {}, {}).members()
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(msgspec.json.encode(members), status=status, headers=headers, content_type=CONTENT_TYPE)


def _problem(status: int, detail: str, headers: dict[str, str] | None = None, **more: Any) -> Response:
    found = Problem(status, detail, {"Cache-Control": "no-store", **(headers or {})}, more)
    return Response(found.members(), status=status, headers=found.headers, content_type=CONTENT_TYPE)


def _by_field(detail: Any) -> dict[str, list[str]]:
    if not isinstance(detail, dict):
        return {"non_field_errors": [str(entry) for entry in detail]}
    return {
        field: [str(text) for text in texts] if isinstance(texts, list) else [str(texts)]
        for field, texts in detail.items()
    }
