"""Errors over HTTP as problem details (RFC 9457), whatever raised them."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from teahouse.accounts.backends import TooBusy
from teahouse.accounts.services import AlreadySetUp


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER. None, and so a 500 without details, for what nobody foresaw."""
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


def _problem(status: int, detail: str, headers: dict[str, str] | None = None, **more: Any) -> Response:
    data = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return Response(data, status=status, headers=headers, content_type="application/problem+json")


def _by_field(detail: Any) -> dict[str, list[str]]:
    if not isinstance(detail, dict):
        return {"non_field_errors": [str(entry) for entry in detail]}
    return {
        field: [str(text) for text in texts] if isinstance(texts, list) else [str(texts)]
        for field, texts in detail.items()
    }
