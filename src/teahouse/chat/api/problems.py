"""What each refusal of the chat is over HTTP: problem details (RFC 9457) with the refusal's code and slug."""

import http
import logging
import math
from typing import Any, NamedTuple

from django.db import InterfaceError, OperationalError

from teahouse.chat import errors
from teahouse.chat.refusals import TRY_AGAIN, refusal_of

CONTENT_TYPE = "application/problem+json"
_RETRY_AFTER_SECONDS = 1
_UNKNOWN = "Nobody knows whether it is done. Send it again with the same client key."

_logger = logging.getLogger(__name__)


class Problem(NamedTuple):
    """`more` are the members beside those of RFC 9457: `code`, `slug`, and `errors` by field."""

    status: int
    detail: str
    headers: dict[str, str]
    more: dict[str, Any]

    def members(self) -> dict[str, Any]:
        return {
            "type": "about:blank",
            "title": http.HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            **self.more,
        }


class BadField(errors.BadArgument):
    """A field that is not right. `place` is where: `body`, `files[1]`."""

    def __init__(self, place: str, text: str) -> None:
        super().__init__(f"{place}: {text}")
        self.place = place
        self.text = text


def problem_of(error: Exception) -> Problem | None:
    """None for what is no refusal of the chat's. A database that does not answer is noted in the log."""
    if isinstance(error, errors.ChatError):
        refusal = refusal_of(error)
        more: dict[str, Any] = {"code": refusal.code, "slug": error.slug}
        if isinstance(error, BadField):
            more["errors"] = {error.place: [error.text]}
        headers = {}
        if isinstance(error, errors.TooSoon):
            headers["Retry-After"] = str(max(1, math.ceil(error.seconds)))
        return Problem(refusal.status, error.detail, headers, more)
    if isinstance(error, errors.TryAgain | OperationalError | InterfaceError):
        if not isinstance(error, errors.TryAgain):
            _logger.warning("The database did not answer: %s", error)
        headers = {"Retry-After": str(_RETRY_AFTER_SECONDS)}
        return Problem(TRY_AGAIN.status, _UNKNOWN, headers, {"code": TRY_AGAIN.code, "slug": "try_again"})
    return None
